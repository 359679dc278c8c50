//! Write batching: writes that wait are executed in one statement and one commit.
//!
//! Each kind of write has a queue and a few leaders, each with one statement under way; what arrives meanwhile leaves with the
//! next one. A row is locked by one statement at a time: writes to a row that is in flight stay in the queue. So concurrent
//! statements of one kind never wait for each other, and writes to one row, such as the votes for one review, are merged instead
//! of queueing at its lock.
//!
//! A statement that fails as a whole stored nothing. What fails because of one write, or waits for a locked row, is repeated in
//! parts, so that the other writes succeed. A row whose lock could not be had is set aside: its writes have a queue of their own
//! until one succeeds again.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use atelier_sql::{WRITES, Write};
use tokio::time::{Instant, sleep};

use super::{Batched, Leading, Pending, Queue};
use crate::metrics;
use crate::model::error::{Error, Failure, Result};
use crate::store::Topic;
use crate::store::backend::Change;
use crate::store::random::random;
use crate::store::rows::Value;

/// How long a row stays set aside after its lock could not be had.
const SET_ASIDE_TIME: Duration = Duration::from_secs(10);

/// How long a failed statement is repeated in parts. Its callers do not wait much longer.
const REPEAT_TIME: Duration = Duration::from_secs(3);

/// How often a statement that conflicted with another transaction is tried.
const ATTEMPTS: u32 = 3;

/// The numbers that come back from each write of a statement, if any.
pub(crate) type Outcomes = Vec<Option<Vec<i64>>>;

/// Why a statement stored nothing.
#[derive(Debug)]
pub(crate) struct BatchError {
    pub(crate) cause: BatchCause,
    pub(crate) error: Error,
}

impl BatchError {
    /// A failure that is not repeated.
    pub(crate) fn last(error: Error) -> Self {
        Self {
            cause: BatchCause::Final,
            error,
        }
    }
}

/// What to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BatchCause {
    /// It conflicted with another transaction: the same statement may succeed now.
    Conflict,
    /// It waited too long, for the lock of some row.
    Blocked,
    /// The database refused it, perhaps because of a single write.
    Refused,
    /// Repeating it would not help, or might store it twice.
    Final,
}

/// Executes writes.
pub(crate) trait Writer: Send + Sync + 'static {
    /// The right to execute one statement at a time.
    type Slot: Send + Sync;

    /// Whether no connection can be made.
    fn is_unreachable(&self) -> bool;

    /// Waits for a slot, without a limit. [`Error::Unavailable`] when there is no server to write to.
    fn slot(&self, write: Write) -> impl Future<Output = Result<Self::Slot>> + Send;

    /// Makes several changes in one statement.
    fn run(
        &self,
        slot: &Self::Slot,
        write: Write,
        changes: &[&[Value]],
    ) -> impl Future<Output = std::result::Result<Outcomes, BatchError>> + Send;

    /// Records that topics were changed, before anybody learns that the changes are stored.
    fn record(&self, topics: &[Topic]) -> impl Future<Output = ()> + Send;
}

impl Batched for Change {
    fn bytes(&self) -> usize {
        self.binds
            .iter()
            .filter_map(Value::as_text)
            .map(str::len)
            .sum()
    }

    fn unique_key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    fn row(&self) -> Option<i64> {
        Some(self.row)
    }
}

type PendingWrite = Pending<Change, Option<Vec<i64>>>;
type WriteQueue = Queue<Change, Option<Vec<i64>>>;

/// The queues of one kind of write.
#[derive(Debug)]
struct Queues {
    usual: WriteQueue,
    set_aside: WriteQueue,
}

/// Rows that are set aside, by the kind of write, and since when.
type RowsSetAside = HashMap<(&'static str, i64), Instant>;

/// The queues of each kind of write.
#[derive(Debug)]
pub(crate) struct WriteBatcher {
    queues: HashMap<&'static str, Queues>,
    set_aside: Mutex<RowsSetAside>,
}

impl WriteBatcher {
    /// Executes up to `statements` of one kind at once.
    pub(crate) fn new(queue_timeout: Duration, statements: usize) -> Self {
        let queues = || Queues {
            usual: WriteQueue::new(queue_timeout, statements),
            set_aside: WriteQueue::new(queue_timeout, 1),
        };
        Self {
            queues: WRITES.iter().map(|write| (write.name, queues())).collect(),
            set_aside: Mutex::default(),
        }
    }

    /// Makes a change and returns its numbers, if any. It is made once, even if the caller leaves after it has left the queue.
    pub(crate) async fn write<W: Writer>(
        self: &Arc<Self>,
        writer: &Arc<W>,
        change: Change,
    ) -> Result<Option<Vec<i64>>> {
        let write = change.write;
        let is_set_aside = self.is_set_aside((write.name, change.row));
        let Some(queue) = self.queue(write, is_set_aside) else {
            return Err(Error::Internal(Failure::new(write.name)));
        };
        let lead = || spawn_leader(self, writer, write, is_set_aside);
        queue.submit(change, || writer.is_unreachable(), lead).await
    }

    fn queue(&self, write: Write, is_set_aside: bool) -> Option<&WriteQueue> {
        let queues = self.queues.get(write.name)?;
        Some(if is_set_aside {
            &queues.set_aside
        } else {
            &queues.usual
        })
    }

    fn is_set_aside(&self, row: (&'static str, i64)) -> bool {
        let rows = self.set_aside();
        rows.get(&row)
            .is_some_and(|since| since.elapsed() < SET_ASIDE_TIME)
    }

    fn put_aside(&self, row: (&'static str, i64)) {
        let mut rows = self.set_aside();
        rows.retain(|_, since| since.elapsed() < SET_ASIDE_TIME);
        rows.insert(row, Instant::now());
    }

    fn set_aside(&self) -> MutexGuard<'_, RowsSetAside> {
        self.set_aside
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// How many writes wait.
    pub(crate) fn queue_length(&self) -> usize {
        let queues = self.queues.values();
        queues
            .map(|queues| queues.usual.len() + queues.set_aside.len())
            .sum()
    }
}

/// Starts a leader in a task of its own, because the caller may be cancelled before the other requests are served.
fn spawn_leader<W: Writer>(
    batcher: &Arc<WriteBatcher>,
    writer: &Arc<W>,
    write: Write,
    is_set_aside: bool,
) {
    let (batcher, writer) = (Arc::clone(batcher), Arc::clone(writer));
    tokio::spawn(lead(batcher, writer, write, is_set_aside));
}

/// Executes the writes of a queue, one statement at a time, until it is empty.
async fn lead<W: Writer>(
    batcher: Arc<WriteBatcher>,
    writer: Arc<W>,
    write: Write,
    is_set_aside: bool,
) {
    let Some(queue) = batcher.queue(write, is_set_aside) else {
        return;
    };
    let _leading = Leading(queue);
    loop {
        // One slot per statement, so that other kinds of writes take turns with this one.
        let slot = writer.slot(write).await;
        let (taken, stays) = match &slot {
            Ok(_) => queue.take(|taken, _| taken > 0),
            Err(_) => queue.take(|_, left| left > 0),
        };
        let mut in_flight = InFlight {
            queue,
            rows: taken.iter().map(|pending| pending.item.row).collect(),
        };
        match slot {
            Ok(slot) => {
                // Rows that were set aside while these waited come last, each in a statement of its own.
                let (aside, usual): (Vec<_>, Vec<_>) = taken.into_iter().partition(|pending| {
                    is_set_aside || batcher.is_set_aside((write.name, pending.item.row))
                });
                let mut parts = by_row(aside);
                parts.push(usual);
                let executor = Executor {
                    batcher: &batcher,
                    writer: &writer,
                    queue,
                    write,
                    is_set_aside,
                };
                executor.execute(slot, parts, &mut in_flight).await;
            }
            Err(error) => fail(taken, &error),
        }
        if !stays {
            return;
        }
    }
}

/// Rows in flight, which land whatever becomes of their statement.
struct InFlight<'a> {
    queue: &'a WriteQueue,
    rows: HashSet<i64>,
}

impl InFlight<'_> {
    /// Lets other statements lock the rows of a batch that has ended.
    fn land(&mut self, batch: &[PendingWrite]) {
        let rows: Vec<_> = batch.iter().map(|pending| pending.item.row).collect();
        self.queue.land(&rows);
        for row in rows {
            self.rows.remove(&row);
        }
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.queue.land(&self.rows);
    }
}

/// A leader at work.
struct Executor<'a, W: Writer> {
    batcher: &'a Arc<WriteBatcher>,
    writer: &'a Arc<W>,
    queue: &'a WriteQueue,
    write: Write,
    is_set_aside: bool,
}

impl<W: Writer> Executor<'_, W> {
    /// Executes each batch in one statement, the last one first, and in parts where that fails. A slot is given back before the
    /// changes of its statement are recorded: where there is one connection, recording them needs it.
    async fn execute(
        &self,
        slot: W::Slot,
        mut batches: Vec<Vec<PendingWrite>>,
        in_flight: &mut InFlight<'_>,
    ) {
        let begun = Instant::now();
        let mut slot = Some(slot);
        while let Some(batch) = batches.pop() {
            let Some(first) = batch.first() else {
                continue;
            };
            let row = (self.write.name, first.item.row);
            let is_one_row = batch.iter().all(|pending| pending.item.row == row.1);
            let own = match slot.take() {
                Some(slot) => Ok(slot),
                None => self.writer.slot(self.write).await,
            };
            let attempt = match own {
                Ok(slot) => self.attempt(&slot, &batch).await,
                Err(error) => Err(BatchError::last(error)),
            };
            match attempt {
                Ok(outcomes) => {
                    in_flight.land(&batch);
                    // Writes to these rows may wait already, and the batches that are left may wait for locks.
                    if !batches.is_empty() && self.queue.claim_lead() {
                        spawn_leader(self.batcher, self.writer, self.write, self.is_set_aside);
                    }
                    if is_one_row {
                        self.batcher.set_aside().remove(&row);
                    }
                    let pairs = batch.iter().zip(&outcomes);
                    let topics = pairs
                        .flat_map(|(pending, outcome)| pending.item.topics(Ok(outcome.as_deref())));
                    self.writer.record(&topics.collect::<Vec<_>>()).await;
                    for (pending, outcome) in batch.into_iter().zip(outcomes) {
                        pending.end(Ok(outcome));
                    }
                }
                Err(BatchError { cause, error }) => {
                    let repeats = begun.elapsed() < REPEAT_TIME;
                    match cause {
                        BatchCause::Blocked if is_one_row => {
                            self.batcher.put_aside(row);
                            in_flight.land(&batch);
                            self.fail(batch, &error).await;
                        }
                        BatchCause::Blocked if repeats => batches.extend(by_row(batch)),
                        BatchCause::Refused if batch.len() > 1 && repeats => {
                            batches.extend(batch.into_iter().map(|pending| vec![pending]));
                        }
                        _ => self.fail(batch, &error).await,
                    }
                }
            }
        }
    }

    /// Fails writes, which may be stored all the same if the connection was lost on the way back.
    async fn fail(&self, batch: Vec<PendingWrite>, error: &Error) {
        let topics = batch
            .iter()
            .flat_map(|pending| pending.item.topics(Err(error)));
        self.writer.record(&topics.collect::<Vec<_>>()).await;
        fail(batch, error);
    }

    /// Executes writes in one statement, again after a conflict with another transaction.
    async fn attempt(
        &self,
        slot: &W::Slot,
        batch: &[PendingWrite],
    ) -> std::result::Result<Outcomes, BatchError> {
        metrics::batch(self.write.name, batch.len());
        let changes: Vec<_> = batch.iter().map(|pending| &*pending.item.binds).collect();
        let mut attempt = 1;
        loop {
            let begun = Instant::now();
            let outcomes = self.writer.run(slot, self.write, &changes).await;
            match outcomes {
                Err(BatchError {
                    cause: BatchCause::Conflict,
                    ..
                }) if attempt < ATTEMPTS => {
                    // Jitter, so that the two do not meet again.
                    sleep(Duration::from_millis(random() % 20 * u64::from(attempt))).await;
                    attempt += 1;
                }
                outcomes => {
                    self.queue.adapt(batch.len(), begun.elapsed());
                    return outcomes;
                }
            }
        }
    }
}

/// One batch for each row.
fn by_row(batch: Vec<PendingWrite>) -> Vec<Vec<PendingWrite>> {
    let mut rows: BTreeMap<i64, Vec<_>> = BTreeMap::new();
    for pending in batch {
        rows.entry(pending.item.row).or_default().push(pending);
    }
    rows.into_values().collect()
}

fn fail(batch: Vec<PendingWrite>, error: &Error) {
    for pending in batch {
        pending.end(Err(error.clone()));
    }
}

#[cfg(test)]
mod tests;
