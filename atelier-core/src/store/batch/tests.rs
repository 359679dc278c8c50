//! Over a database of one connection, which answers by telling what it was asked.

use std::pin::Pin;
use std::time::Duration;

use atelier_sql::{products, questions, reviews};
use futures_util::FutureExt;
use futures_util::future::join_all;
use tokio::sync::Semaphore;

use super::*;

/// The rows of a question: its binds.
type Rows = Vec<i64>;

/// How many questions are answered in one statement.
type Together = fn(&[Rows]) -> Result<Option<Vec<Rows>>>;

type Answer = Pin<Box<dyn Future<Output = Result<Rows>> + Send>>;

/// What it was asked in each statement, and how it answers many at once.
struct Fake {
    gate: Gate,
    statements: Mutex<Vec<Vec<Rows>>>,
    /// A statement takes one, and gives it back.
    running: Semaphore,
    together: Together,
}

impl Reader for Fake {
    type Rows = Rows;

    fn gate(&self, _: Read) -> &Gate {
        &self.gate
    }

    async fn alone(&self, _: Read, binds: Vec<Value>) -> Result<Rows> {
        let binds = small(&binds).unwrap_or_default();
        self.statements
            .lock()
            .expect("whole")
            .push(vec![binds.clone()]);
        let _running = self.running.acquire().await;
        Ok(binds)
    }

    async fn together(&self, _: Read, _: &str, questions: &[Rows]) -> Result<Option<Vec<Rows>>> {
        self.statements
            .lock()
            .expect("whole")
            .push(questions.to_vec());
        let _running = self.running.acquire().await;
        (self.together)(questions)
    }
}

struct Shop {
    fake: Arc<Fake>,
    batches: Arc<Batches<Rows>>,
}

impl Shop {
    fn open(together: Together) -> Self {
        let fake = Fake {
            gate: Gate::new(1),
            statements: Mutex::default(),
            running: Semaphore::new(1),
            together,
        };
        Self {
            fake: Arc::new(fake),
            batches: Arc::default(),
        }
    }

    /// A question that is under way: it has its connection, or waits for one.
    fn asks(&self, read: Read, binds: &[i64]) -> Answer {
        let (batches, fake) = (Arc::clone(&self.batches), Arc::clone(&self.fake));
        let binds = binds.iter().copied().map(Value::from).collect();
        let mut answer: Answer = Box::pin(async move { batches.read(&fake, read, binds).await });
        assert!((&mut answer).now_or_never().is_none(), "it waits");
        answer
    }

    fn ask_products(&self, ids: impl IntoIterator<Item = i64>) -> Vec<Answer> {
        let mut answers = vec![];
        for id in ids {
            answers.push(self.asks(products::ONE, &[id]));
        }
        answers
    }

    fn statements(&self) -> Vec<Vec<Rows>> {
        std::mem::take(&mut self.fake.statements.lock().expect("whole"))
    }
}

const ECHO: Together = |questions| Ok(Some(questions.to_vec()));

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
async fn with_a_free_connection_a_read_goes_at_once_and_alone() {
    let shop = Shop::open(ECHO);
    let one = shop.batches.read(&shop.fake, products::ONE, vec![1.into()]);
    // Nobody else has to run for it: it is answered when it is first looked at.
    assert_eq!(one.now_or_never().expect("ready").expect("rows"), [1]);
    assert_eq!(shop.statements(), [[[1]]]);
}

#[tokio::test]
async fn those_who_wait_are_one_statement_and_each_gets_its_rows() {
    let shop = Shop::open(ECHO);
    let place = shop.fake.gate.try_enter();
    let answers = shop.ask_products([5, 3, 5, 9]);
    drop(place);
    assert_eq!(rows(answers).await, each([5, 3, 5, 9]));
    assert_eq!(shop.statements(), [each([5, 3, 5, 9])]);
}

#[tokio::test]
async fn who_asks_while_a_statement_runs_goes_with_the_next() {
    let shop = Shop::open(ECHO);
    let running = shop.fake.running.acquire().await;
    let mut answers = shop.ask_products([1]);
    assert_eq!(shop.statements(), [each([1])]);
    answers.extend(shop.ask_products([2, 3]));
    drop(running);
    assert_eq!(rows(answers).await, each([1, 2, 3]));
    assert_eq!(shop.statements(), [each([2, 3])]);
}

#[tokio::test]
async fn reads_of_another_kind_are_another_statement() {
    let shop = Shop::open(ECHO);
    let place = shop.fake.gate.try_enter();
    let mut answers = shop.ask_products([1, 2]);
    answers.push(shop.asks(products::STYLES, &[1]));
    answers.push(shop.asks(products::STYLES, &[2]));
    drop(place);
    assert_eq!(rows(answers).await, each([1, 2, 1, 2]));
    assert_eq!(shop.statements(), [each([1, 2]), each([1, 2])]);
}

#[tokio::test]
async fn no_statement_grows_beyond_its_bound() {
    let shop = Shop::open(ECHO);
    let place = shop.fake.gate.try_enter();
    let answers = shop.ask_products(0..70);
    drop(place);
    assert_eq!(rows(answers).await, each(0..70));
    let sizes: Vec<_> = shop.statements().iter().map(Vec::len).collect();
    assert_eq!(sizes, [32, 32, 6]);
}

#[tokio::test]
async fn pages_that_are_large_or_deep_go_alone() {
    let shop = Shop::open(ECHO);
    let place = shop.fake.gate.try_enter();
    let mut answers = vec![];
    for binds in [
        [1, 0, 100],
        [2, 0, 101],
        [3, 101, 5],
        [4, 100, 5],
        [5, -1, 5],
    ] {
        answers.push(shop.asks(reviews::LIST_NEWEST, &binds));
    }
    // The most answers of a question say nothing of how many there are.
    for product in [6, 7] {
        answers.push(shop.asks(questions::LIST, &[product, 0, 5, 9_999]));
    }
    drop(place);
    join_all(answers).await;
    let mut together = shop.statements();
    together.retain(|questions| questions.len() > 1);
    let reviews = vec![vec![1, 0, 100], vec![4, 100, 5]];
    let questions = vec![vec![6, 0, 5, 9_999], vec![7, 0, 5, 9_999]];
    assert_eq!(together, [reviews, questions]);
}

#[tokio::test]
async fn who_leaves_takes_nobody_along() {
    let shop = Shop::open(ECHO);
    let place = shop.fake.gate.try_enter();
    let running = shop.fake.running.acquire().await;
    let mut answers = shop.ask_products(0..5);
    // The one whose question began the queue, and another.
    drop(answers.remove(0));
    drop(answers.remove(1));
    drop(place);
    // It is running when one more leaves.
    settle().await;
    drop(answers.remove(0));
    drop(running);
    assert_eq!(rows(answers).await, each([3, 4]));
    assert_eq!(shop.statements(), [each([1, 3, 4])]);
}

#[tokio::test]
async fn when_all_have_left_nothing_is_asked_and_nothing_stays() {
    let shop = Shop::open(ECHO);
    let place = shop.fake.gate.try_enter();
    let answers = shop.ask_products(0..3);
    drop((place, answers));
    settle().await;
    assert_eq!(Arc::strong_count(&shop.fake), 1, "the task is gone");
    assert_eq!(shop.statements(), Vec::<Vec<Rows>>::new());
    assert!(shop.batches.queues().is_empty());
    assert!(shop.fake.gate.try_enter().is_some());
}

#[tokio::test]
async fn a_failure_is_told_to_everybody_who_shared_it() {
    let unavailable: Together = |_| Err(Error::Unavailable(Failure::new("gone")));
    let internal: Together = |_| Err(Error::Internal(Failure::new("gone")));
    for (together, passing) in [(unavailable, true), (internal, false)] {
        let shop = Shop::open(together);
        let place = shop.fake.gate.try_enter();
        let answers = shop.ask_products(0..3);
        drop(place);
        for answer in join_all(answers).await {
            let error = answer.expect_err("a failure");
            assert_eq!(error.to_string(), "gone");
            assert_eq!(matches!(error, Error::Unavailable(_)), passing, "{error:?}");
        }
    }
}

#[tokio::test]
async fn when_the_rows_are_too_many_each_is_asked_alone() {
    let shop = Shop::open(|_| Ok(None));
    let place = shop.fake.gate.try_enter();
    let answers = shop.ask_products(0..3);
    drop(place);
    assert_eq!(rows(answers).await, each(0..3));
    let statements = [each(0..3), each([0]), each([1]), each([2])];
    assert_eq!(shop.statements(), statements);
}

/// The clock stands still but for what the test adds.
#[tokio::test(start_paused = true)]
async fn each_waits_half_a_second_of_its_own() {
    let shop = Shop::open(ECHO);
    let place = shop.fake.gate.try_enter();
    let early = shop.ask_products([1, 2]);
    settle().await;
    tokio::time::advance(Duration::from_millis(200)).await;
    let late = shop.ask_products([3, 4]);
    tokio::time::advance(Duration::from_millis(301)).await;
    settle().await;
    for refused in early {
        let refused = refused.now_or_never().expect("time is over");
        let error = refused.expect_err("no place came free");
        assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
    }
    drop(place);
    assert_eq!(rows(late).await, each([3, 4]));
    assert_eq!(shop.statements(), [each([3, 4])]);

    // When all are refused, the next begins anew.
    let place = shop.fake.gate.try_enter();
    let refused = shop.ask_products([5]);
    settle().await;
    tokio::time::advance(Duration::from_millis(501)).await;
    assert!(join_all(refused).await[0].is_err());
    assert!(shop.batches.queues().is_empty());
    let again = shop.ask_products([6]);
    drop(place);
    assert_eq!(rows(again).await, each([6]));
}
