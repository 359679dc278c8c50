//! Tests with a fake database of one connection, whose rows are the parameters of the read.

use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};

use atelier_sql::{products, questions, reviews};
use futures_util::FutureExt;
use futures_util::future::join_all;
use tokio::sync::Semaphore;

use super::super::MAX_BATCH;
use super::*;
use crate::model::error::{Error, Failure};
use crate::store::admission::QUEUE_TIMEOUT;

/// The rows of a read: its binds.
type Rows = Vec<i64>;

/// How the fake executes a batch.
type RunBatch = fn(&[Rows]) -> Result<Option<Vec<Rows>>>;

type Answer = Pin<Box<dyn Future<Output = Result<Rows>> + Send>>;

/// Records the reads of each statement.
struct Fake {
    compartment: Compartment,
    statements: Mutex<Vec<Vec<Rows>>>,
    /// A statement takes one, and gives it back.
    running: Semaphore,
    run_batch: RunBatch,
}

impl Fake {
    fn statements(&self) -> MutexGuard<'_, Vec<Vec<Rows>>> {
        self.statements
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reader for Fake {
    type Rows = Rows;

    fn compartment(&self, _: Read) -> &Compartment {
        &self.compartment
    }

    async fn run_one(&self, _permit: Permit, _: Read, binds: Vec<Value>) -> Result<Rows> {
        let binds = batchable(&binds).unwrap_or_default();
        self.statements().push(vec![binds.clone()]);
        let _running = self.running.acquire().await;
        Ok(binds)
    }

    async fn run_batch(
        &self,
        _permit: Permit,
        _: Read,
        _: &str,
        reads: &[Rows],
    ) -> Result<Option<Vec<Rows>>> {
        self.statements().push(reads.to_vec());
        let _running = self.running.acquire().await;
        (self.run_batch)(reads)
    }
}

struct Database {
    fake: Arc<Fake>,
    batcher: Arc<ReadBatcher<Rows>>,
}

impl Database {
    fn open(run_batch: RunBatch) -> Self {
        let fake = Fake {
            compartment: Compartment::alone(1, QUEUE_TIMEOUT),
            statements: Mutex::default(),
            running: Semaphore::new(1),
            run_batch,
        };
        Self {
            fake: Arc::new(fake),
            batcher: Arc::new(ReadBatcher::new(QUEUE_TIMEOUT)),
        }
    }

    /// Holds the only permit.
    fn block(&self) -> Permit {
        let permit = self.fake.compartment.try_acquire();
        permit.expect("the permit is free")
    }

    /// A read under way: it has its permit, or waits for one.
    fn ask(&self, read: Read, binds: &[i64]) -> Answer {
        let (batcher, fake) = (Arc::clone(&self.batcher), Arc::clone(&self.fake));
        let binds = binds.iter().copied().map(Value::from).collect();
        let mut answer: Answer = Box::pin(async move { batcher.read(&fake, read, binds).await });
        assert!((&mut answer).now_or_never().is_none(), "it waits");
        answer
    }

    fn ask_products(&self, ids: impl IntoIterator<Item = i64>) -> Vec<Answer> {
        ids.into_iter()
            .map(|id| self.ask(products::ONE, &[id]))
            .collect()
    }

    fn statements(&self) -> Vec<Vec<Rows>> {
        std::mem::take(&mut self.fake.statements())
    }
}

const ECHO: RunBatch = |reads| Ok(Some(reads.to_vec()));

async fn rows(answers: Vec<Answer>) -> Vec<Rows> {
    let answers = join_all(answers).await;
    answers
        .into_iter()
        .map(|rows| rows.expect("rows"))
        .collect()
}

fn each(ids: impl IntoIterator<Item = i64>) -> Vec<Rows> {
    ids.into_iter().map(|id| vec![id]).collect()
}

/// Lets the tasks come as far as they can: there is one thread, and each step of theirs takes it once.
async fn settle() {
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_read_with_a_free_permit_runs_at_once_and_alone() {
    let database = Database::open(ECHO);
    let one = database
        .batcher
        .read(&database.fake, products::ONE, vec![1.into()]);
    // No other task has to run for it: it is answered when it is first polled.
    assert_eq!(one.now_or_never().expect("ready").expect("rows"), [1]);
    assert_eq!(database.statements(), [[[1]]]);
}

#[tokio::test]
async fn waiting_reads_share_a_statement_and_each_gets_its_rows() {
    let database = Database::open(ECHO);
    let permit = database.block();
    let answers = database.ask_products([5, 3, 5, 9]);
    drop(permit);
    assert_eq!(rows(answers).await, each([5, 3, 5, 9]));
    assert_eq!(database.statements(), [each([5, 3, 5, 9])]);
}

#[tokio::test]
async fn reads_that_arrive_during_a_statement_leave_with_the_next() {
    let database = Database::open(ECHO);
    let running = database.fake.running.acquire().await;
    let mut answers = database.ask_products([1]);
    assert_eq!(database.statements(), [each([1])]);
    answers.extend(database.ask_products([2, 3]));
    drop(running);
    assert_eq!(rows(answers).await, each([1, 2, 3]));
    assert_eq!(database.statements(), [each([2, 3])]);
}

#[tokio::test]
async fn reads_of_another_kind_are_another_statement() {
    let database = Database::open(ECHO);
    let permit = database.block();
    let mut answers = database.ask_products([1, 2]);
    answers.push(database.ask(products::STYLES, &[1]));
    answers.push(database.ask(products::STYLES, &[2]));
    drop(permit);
    assert_eq!(rows(answers).await, each([1, 2, 1, 2]));
    assert_eq!(database.statements(), [each([1, 2]), each([1, 2])]);
}

#[tokio::test]
async fn statements_grow_with_the_queue_up_to_a_bound() {
    let database = Database::open(ECHO);
    let permit = database.block();
    let answers = database.ask_products(0..2_000);
    drop(permit);
    assert_eq!(rows(answers).await, each(0..2_000));
    let sizes: Vec<_> = database.statements().iter().map(Vec::len).collect();
    assert_eq!(sizes, [32, 64, 128, 256, MAX_BATCH, MAX_BATCH, 496]);
}

#[tokio::test]
async fn pages_that_are_large_or_deep_leave_alone() {
    let database = Database::open(ECHO);
    let permit = database.block();
    let mut answers = vec![];
    for binds in [
        [1, 0, 100],
        [2, 0, 101],
        [3, 101, 5],
        [4, 100, 5],
        [5, -1, 5],
    ] {
        answers.push(database.ask(reviews::LIST_NEWEST, &binds));
    }
    // The maximum of answers below a question says nothing about how many there are.
    for product in [6, 7] {
        answers.push(database.ask(questions::LIST, &[product, 0, 5, 9_999]));
    }
    drop(permit);
    join_all(answers).await;
    let mut batches = database.statements();
    batches.retain(|reads| reads.len() > 1);
    batches.sort();
    let reviews = vec![vec![1, 0, 100], vec![4, 100, 5]];
    let questions = vec![vec![6, 0, 5, 9_999], vec![7, 0, 5, 9_999]];
    assert_eq!(batches, [reviews, questions]);
}

#[tokio::test]
async fn cancelled_caller_does_not_cancel_batch() {
    let database = Database::open(ECHO);
    let permit = database.block();
    let running = database.fake.running.acquire().await;
    let mut answers = database.ask_products(0..5);
    // The one that started the leader, and another.
    drop(answers.remove(0));
    drop(answers.remove(1));
    drop(permit);
    // The statement is running when one more leaves.
    settle().await;
    drop(answers.remove(0));
    drop(running);
    assert_eq!(rows(answers).await, each([3, 4]));
    assert_eq!(database.statements(), [each([1, 3, 4])]);
}

#[tokio::test]
async fn abandoned_reads_are_not_executed() {
    let database = Database::open(ECHO);
    let permit = database.block();
    let answers = database.ask_products(0..3);
    drop((permit, answers));
    settle().await;
    assert_eq!(Arc::strong_count(&database.fake), 1, "the leader has ended");
    assert_eq!(database.statements(), Vec::<Vec<Rows>>::new());
    assert_eq!(database.batcher.queue_length(), 0);
    assert!(database.fake.compartment.try_acquire().is_some());
}

#[tokio::test]
async fn a_failed_statement_fails_every_read_in_it() {
    let unavailable: RunBatch = |_| Err(Error::Unavailable(Failure::new("gone")));
    let internal: RunBatch = |_| Err(Error::Internal(Failure::new("gone")));
    for (run_batch, is_unavailable) in [(unavailable, true), (internal, false)] {
        let database = Database::open(run_batch);
        let permit = database.block();
        let answers = database.ask_products(0..3);
        drop(permit);
        for answer in join_all(answers).await {
            let error = answer.expect_err("a failure");
            assert_eq!(error.to_string(), "gone");
            let unavailable = matches!(error, Error::Unavailable(_));
            assert_eq!(unavailable, is_unavailable, "{error:?}");
        }
    }
}

#[tokio::test]
async fn a_statement_with_too_many_rows_is_repeated_in_halves() {
    let database = Database::open(|reads| Ok((reads.len() < 3).then(|| reads.to_vec())));
    let permit = database.block();
    let answers = database.ask_products(0..5);
    drop(permit);
    assert_eq!(rows(answers).await, each(0..5));
    let statements = [each(0..5), each(0..2), each(2..5), each([2]), each(3..5)];
    assert_eq!(database.statements(), statements);
}

/// The clock stands still but for what the test adds.
#[tokio::test(start_paused = true)]
async fn each_read_waits_for_its_own_queue_timeout() {
    let database = Database::open(ECHO);
    let permit = database.block();
    let early = database.ask_products([1, 2]);
    settle().await;
    tokio::time::advance(QUEUE_TIMEOUT / 2).await;
    let late = database.ask_products([3, 4]);
    tokio::time::advance(QUEUE_TIMEOUT / 2 + Duration::from_millis(1)).await;
    settle().await;
    for refused in early {
        let refused = refused.now_or_never().expect("its time is over");
        let error = refused.expect_err("no permit came free");
        assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
    }
    drop(permit);
    assert_eq!(rows(late).await, each([3, 4]));
    assert_eq!(database.statements(), [each([3, 4])]);

    // After all were refused, the next read is served as ever.
    let permit = database.block();
    let refused = database.ask_products([5]);
    settle().await;
    tokio::time::advance(QUEUE_TIMEOUT + Duration::from_millis(1)).await;
    assert!(join_all(refused).await[0].is_err());
    let again = database.ask_products([6]);
    drop(permit);
    assert_eq!(rows(again).await, each([6]));
}
