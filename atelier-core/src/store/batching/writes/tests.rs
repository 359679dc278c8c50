//! Over a database of which each test says what becomes of a statement.

use std::pin::Pin;

use atelier_sql::{questions, reviews};
use futures_util::FutureExt;
use futures_util::future::join_all;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::*;
use crate::store::admission::QUEUE_TIMEOUT;

type Outcome = Pin<Box<dyn Future<Output = Result<Option<Vec<i64>>>> + Send>>;

/// What becomes of a statement that changes these rows.
type Verdict = fn(&[i64]) -> std::result::Result<(), BatchCause>;

/// Records the rows of each statement. The numbers of a write are its row.
struct Fake {
    slots: Arc<Semaphore>,
    statements: Mutex<Vec<Vec<i64>>>,
    /// A statement waits for it.
    running: tokio::sync::RwLock<()>,
    verdict: Verdict,
}

impl Writer for Fake {
    type Slot = Option<OwnedSemaphorePermit>;

    fn is_unreachable(&self) -> bool {
        false
    }

    async fn slot(&self, _: Write) -> Result<Self::Slot> {
        Ok(Arc::clone(&self.slots).acquire_owned().await.ok())
    }

    async fn record(&self, _: &[Topic]) {}

    async fn run(
        &self,
        _: &Self::Slot,
        _: Write,
        changes: &[&[Value]],
    ) -> std::result::Result<Outcomes, BatchError> {
        let rows: Vec<_> = changes
            .iter()
            .filter_map(|binds| binds[0].as_int())
            .collect();
        let verdict = (self.verdict)(&rows);
        if let Ok(mut statements) = self.statements.lock() {
            statements.push(rows.clone());
        }
        let _running = self.running.read().await;
        match verdict {
            Ok(()) => Ok(rows.into_iter().map(|row| Some(vec![row])).collect()),
            Err(cause) => {
                if cause == BatchCause::Blocked {
                    sleep(Duration::from_secs(1)).await;
                }
                let error = Error::Unavailable(Failure::new("failed"));
                Err(BatchError { cause, error })
            }
        }
    }
}

struct Database {
    fake: Arc<Fake>,
    batcher: Arc<WriteBatcher>,
}

impl Database {
    /// A database with one slot.
    fn open(verdict: Verdict) -> Self {
        let fake = Fake {
            slots: Arc::new(Semaphore::new(1)),
            statements: Mutex::default(),
            running: tokio::sync::RwLock::default(),
            verdict,
        };
        Self {
            fake: Arc::new(fake),
            batcher: Arc::new(WriteBatcher::new(QUEUE_TIMEOUT, 2)),
        }
    }

    /// Holds the only slot.
    fn block(&self) -> OwnedSemaphorePermit {
        let slot = Arc::clone(&self.fake.slots).try_acquire_owned();
        slot.expect("the slot is free")
    }

    /// Lets statements begin, but not end.
    async fn block_statements(&self) -> tokio::sync::RwLockWriteGuard<'_, ()> {
        self.fake.running.write().await
    }

    /// A write under way, which waits.
    fn write(&self, write: Write, row: i64, key: Option<&str>) -> Outcome {
        let (batcher, fake) = (Arc::clone(&self.batcher), Arc::clone(&self.fake));
        let change = Change {
            row,
            key: key.map(str::to_owned),
            ..Change::of_no_topic(write, vec![row.into()])
        };
        let mut outcome: Outcome = Box::pin(async move { batcher.write(&fake, change).await });
        assert!((&mut outcome).now_or_never().is_none(), "it waits");
        outcome
    }

    /// Votes for these rows.
    fn vote(&self, rows: impl IntoIterator<Item = i64>) -> Vec<Outcome> {
        rows.into_iter()
            .map(|row| self.write(reviews::HELPFUL, row, None))
            .collect()
    }

    /// The rows of each statement since the last call.
    fn statements(&self) -> Vec<Vec<i64>> {
        std::mem::take(&mut *self.fake.statements.lock().expect("whole"))
    }
}

/// Lets the tasks come as far as they can: there is one thread, and each step of theirs takes it once.
async fn settle() {
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
}

async fn are_stored(outcomes: Vec<Outcome>) -> Vec<bool> {
    let outcomes = join_all(outcomes).await;
    outcomes
        .into_iter()
        .map(|outcome| outcome.is_ok_and(|numbers| numbers.is_some()))
        .collect()
}

#[tokio::test]
async fn waiting_writes_share_a_statement_and_each_gets_its_numbers() {
    let database = Database::open(|_| Ok(()));
    let slot = database.block();
    let outcomes = database.vote([5, 3, 5]);
    drop(slot);
    let numbers: Vec<_> = join_all(outcomes)
        .await
        .into_iter()
        .map(|outcome| outcome.expect("is stored").expect("a row")[0])
        .collect();
    assert_eq!(numbers, [5, 3, 5]);
    assert_eq!(database.statements(), [[5, 3, 5]]);
}

#[tokio::test]
async fn writes_to_a_row_in_flight_leave_with_its_next_statement() {
    let database = Database::open(|_| Ok(()));
    database.fake.slots.add_permits(1);
    let running = database.block_statements().await;
    let mut outcomes = database.vote([1]);
    settle().await;
    outcomes.extend(database.vote([1, 2, 1, 3]));
    settle().await;
    drop(running);
    assert_eq!(are_stored(outcomes).await, [true; 5]);
    assert_eq!(database.statements(), [vec![1], vec![2, 3], vec![1, 1]]);
}

#[tokio::test]
async fn writes_of_another_kind_are_another_statement() {
    let database = Database::open(|_| Ok(()));
    let slot = database.block();
    let mut outcomes = database.vote([1, 2]);
    outcomes.push(database.write(questions::HELPFUL, 1, None));
    drop(slot);
    assert_eq!(are_stored(outcomes).await, [true; 3]);
    assert_eq!(database.statements(), [vec![1, 2], vec![1]]);
}

#[tokio::test]
async fn writes_under_one_key_are_in_different_statements() {
    let database = Database::open(|_| Ok(()));
    let slot = database.block();
    let outcomes = [Some("a"), Some("a"), Some("b"), None, None]
        .map(|key| database.write(reviews::ADD, 1, key));
    drop(slot);
    assert_eq!(are_stored(outcomes.into()).await, [true; 5]);
    assert_eq!(database.statements(), [vec![1; 4], vec![1]]);
}

#[tokio::test]
async fn a_write_that_is_refused_does_not_fail_the_others() {
    let database = Database::open(|rows| match rows {
        rows if rows.contains(&2) => Err(BatchCause::Refused),
        _ => Ok(()),
    });
    let slot = database.block();
    let outcomes = database.vote([1, 2, 3]);
    drop(slot);
    assert_eq!(are_stored(outcomes).await, [true, false, true]);
    assert_eq!(database.statements().len(), 4, "the batch, then each alone");
}

#[tokio::test]
async fn a_statement_that_may_be_stored_is_not_repeated() {
    let database = Database::open(|_| Err(BatchCause::Final));
    let slot = database.block();
    let outcomes = database.vote([1, 2, 3]);
    drop(slot);
    assert_eq!(are_stored(outcomes).await, [false; 3]);
    assert_eq!(database.statements().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_conflict_with_another_transaction_is_tried_again_as_a_whole() {
    let database = Database::open(|_| Err(BatchCause::Conflict));
    let slot = database.block();
    let outcomes = database.vote([1, 2]);
    drop(slot);
    assert_eq!(are_stored(outcomes).await, [false; 2]);
    assert_eq!(database.statements(), [[1, 2]; ATTEMPTS as usize]);
}

#[tokio::test(start_paused = true)]
async fn a_locked_row_fails_its_own_writes_and_no_others() {
    let locked: Verdict = |rows| match rows {
        rows if rows.contains(&7) => Err(BatchCause::Blocked),
        _ => Ok(()),
    };
    let database = Database::open(locked);
    let slot = database.block();
    let outcomes = database.vote([7, 1, 2]);
    drop(slot);
    assert_eq!(are_stored(outcomes).await, [false, true, true]);

    // From now on its writes hold up no others.
    database.statements();
    let slot = database.block();
    let outcomes = database.vote([7, 1, 2, 7]);
    drop(slot);
    assert_eq!(are_stored(outcomes).await, [false, true, true, false]);
    let mut statements = database.statements();
    statements.sort();
    assert_eq!(statements, [vec![1, 2], vec![7, 7]]);
}

#[tokio::test(start_paused = true)]
async fn writes_to_a_row_that_was_stored_do_not_wait_for_a_locked_row_of_its_batch() {
    let locked: Verdict = |rows| match rows {
        rows if rows.contains(&7) => Err(BatchCause::Blocked),
        _ => Ok(()),
    };
    let database = Database::open(locked);
    database.fake.slots.add_permits(1);
    let slots = [database.block(), database.block()];
    let outcomes = database.vote([7, 1]);
    // Set aside once they have left the queue with the others.
    database.batcher.put_aside((reviews::HELPFUL.name, 7));
    let running = database.block_statements().await;
    drop(slots);
    settle().await;
    let later = database.vote([1]);
    drop(running);
    let begun = Instant::now();
    assert_eq!(are_stored(later).await, [true]);
    assert!(begun.elapsed() < Duration::from_millis(500));
    assert_eq!(are_stored(outcomes).await, [false, true]);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_waits_for_the_queue_timeout_is_not_executed() {
    let database = Database::open(|_| Ok(()));
    let slot = database.block();
    let outcomes = database.vote([1]);
    assert_eq!(are_stored(outcomes).await, [false]);
    drop(slot);
    let outcomes = database.vote([2]);
    assert_eq!(are_stored(outcomes).await, [true]);
    assert_eq!(database.statements(), [[2]]);
}

#[tokio::test]
async fn an_abandoned_write_that_has_not_left_the_queue_is_not_executed() {
    let database = Database::open(|_| Ok(()));
    let slot = database.block();
    let mut outcomes = database.vote([1, 2]);
    drop(outcomes.remove(0));
    drop(slot);
    assert_eq!(are_stored(outcomes).await, [true]);
    assert_eq!(database.statements(), [[2]]);
}
