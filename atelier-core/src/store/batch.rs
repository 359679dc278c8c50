//! Reads that wait for a connection leave together.
//!
//! While a connection is free, a read has it at once and for itself. While all are busy, reads of one kind queue here;
//! the first of them starts a task that waits at the gate for all, in line with everybody else. What is queued when its
//! turn comes is one statement, and who asks after that begins a new queue. There is no timer but the gate's patience.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use atelier_sql::Read;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use super::gate::{Gate, PATIENCE};
use super::line::Waiting;
use super::value::Value;
use crate::{Error, Failure, Result, metrics};

/// Most questions of one statement. The round trip is shared by so many that more would gain little, and each of them
/// waits for all.
const MOST: usize = 32;

/// Most rows that a question may skip and bring, to go with others: they should not wait for a page of ten thousand.
const FEW_ROWS: i64 = 100;

/// Who answers.
pub(super) trait Reader: Send + Sync + 'static {
    type Rows: Send + 'static;

    /// Where those wait who find no connection free for such a read.
    fn gate(&self, read: Read) -> &Gate;

    /// The rows of one question.
    fn alone(
        &self,
        read: Read,
        binds: Vec<Value>,
    ) -> impl Future<Output = Result<Self::Rows>> + Send;

    /// The rows of each question, by the text for many; nothing when they are more than may be held at once.
    fn together(
        &self,
        read: Read,
        text: &'static str,
        questions: &[Vec<i64>],
    ) -> impl Future<Output = Result<Option<Vec<Self::Rows>>>> + Send;
}

/// Somebody who waits for rows.
#[derive(Debug)]
struct Asking<Rows> {
    binds: Vec<i64>,
    until: Instant,
    answer: oneshot::Sender<Result<Rows>>,
}

/// Who waits, by the name of the read. Where there is a queue, there is a task that waits for it.
type Queues<Rows> = HashMap<&'static str, VecDeque<Asking<Rows>>>;

/// Reads on their way to a database.
#[derive(Debug)]
pub(super) struct Batches<Rows>(Mutex<Queues<Rows>>);

impl<Rows> Default for Batches<Rows> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<Rows: Send + 'static> Batches<Rows> {
    /// The rows of `read`. [`Error::Unavailable`] when no connection comes free for as long as the gate allows.
    pub(super) async fn read<R: Reader<Rows = Rows>>(
        self: &Arc<Self>,
        reader: &Arc<R>,
        read: Read,
        binds: Vec<Value>,
    ) -> Result<Rows> {
        let gate = reader.gate(read);
        if let Some(_place) = gate.try_enter() {
            return reader.alone(read, binds).await;
        }
        let Some((text, binds)) = read.together.zip(small(&binds)) else {
            let _place = gate.enter().await?;
            return reader.alone(read, binds).await;
        };
        let (answer, rows) = oneshot::channel();
        let asking = Asking {
            binds,
            until: Instant::now() + PATIENCE,
            answer,
        };
        match self.queues().entry(read.name) {
            Entry::Occupied(queue) => {
                gate.follow(queue.get().len() / MOST)?;
                queue.into_mut().push_back(asking);
            }
            Entry::Vacant(nobody) => {
                let waiting = gate.lead()?;
                nobody.insert(VecDeque::from([asking]));
                self.lead(reader, read, text, waiting);
            }
        }
        rows.await
            .unwrap_or_else(|_| Err(Error::Unavailable(Failure::new("The database is closed."))))
    }

    /// Has a queue answered by a task of its own: any who asked may leave, the others still want their rows.
    fn lead<R: Reader<Rows = Rows>>(
        self: &Arc<Self>,
        reader: &Arc<R>,
        read: Read,
        text: &'static str,
        waiting: Waiting,
    ) {
        let (batches, reader) = (Arc::clone(self), Arc::clone(reader));
        tokio::spawn(answer(batches, reader, read, text, waiting));
    }

    fn queues(&self) -> MutexGuard<'_, Queues<Rows>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Until when the first of a queue waits, after refusing those whose time is over. When nobody is left, the next to
    /// ask begins anew.
    fn patience(&self, name: &'static str, gate: &Gate) -> Option<Instant> {
        let mut queues = self.queues();
        let queue = queues.get_mut(name)?;
        let now = Instant::now();
        while let Some(late) = queue.pop_front_if(|asking| asking.until <= now) {
            let _ = late.answer.send(Err(gate.late()));
        }
        let until = queue.front().map(|first| first.until);
        if until.is_none() {
            queues.remove(name);
        }
        until
    }

    /// Those of a queue who go now and have not left, and whether others stay. When none do, the next to ask begins
    /// anew.
    fn take(&self, name: &'static str) -> (Vec<Asking<Rows>>, bool) {
        let mut queues = self.queues();
        let Some(queue) = queues.get_mut(name) else {
            return (vec![], false);
        };
        queue.retain(|asking| !asking.answer.is_closed());
        let taken = queue.drain(..queue.len().min(MOST)).collect();
        let others = !queue.is_empty();
        if !others {
            queues.remove(name);
        }
        (taken, others)
    }
}

/// Waits for a connection, and answers those who are queued then.
async fn answer<R: Reader>(
    batches: Arc<Batches<R::Rows>>,
    reader: Arc<R>,
    read: Read,
    text: &'static str,
    waiting: Waiting,
) {
    let mut place = pin!(reader.gate(read).place());
    let place = loop {
        let Some(until) = batches.patience(read.name, reader.gate(read)) else {
            return;
        };
        // The place in line stays, whoever is refused meanwhile.
        if let Ok(place) = timeout_at(until, place.as_mut()).await {
            break place;
        }
    };
    let (taken, others) = batches.take(read.name);
    reader.gate(read).let_in();
    if others {
        // In line again.
        batches.lead(&reader, read, text, waiting);
    } else {
        drop(waiting);
    }
    let now = Instant::now();
    let (questions, askers): (Vec<_>, Vec<_>) = taken
        .into_iter()
        .map(|asking| {
            metrics::waited(PATIENCE.saturating_sub(asking.until - now));
            (asking.binds, asking.answer)
        })
        .unzip();
    if questions.len() > 1 {
        metrics::batch("reads", questions.len());
        match reader.together(read, text, &questions).await {
            Ok(Some(all)) => {
                drop(place);
                for (asker, rows) in askers.into_iter().zip(all) {
                    // Who has left meanwhile needs none.
                    let _ = asker.send(Ok(rows));
                }
                return;
            }
            Err(error) => {
                for asker in askers {
                    let _ = asker.send(Err(error.clone()));
                }
                return;
            }
            // One by one, so that nobody's rows end where somebody else's were too many.
            Ok(None) => {}
        }
    }
    for (asker, binds) in askers.into_iter().zip(questions) {
        if !asker.is_closed() {
            let binds = binds.into_iter().map(Value::from).collect();
            let _ = asker.send(reader.alone(read, binds).await);
        }
    }
}

/// The binds of a question that may go with others: numbers, and of a list few rows to skip and to bring.
fn small(binds: &[Value]) -> Option<Vec<i64>> {
    let number = |bind: &Value| match bind {
        Value::Int(number) => Some(*number),
        _ => None,
    };
    let numbers: Vec<i64> = binds.iter().map(number).collect::<Option<_>>()?;
    let mut page = numbers.iter().skip(1).take(2);
    let few = page.all(|rows| (0..=FEW_ROWS).contains(rows));
    few.then_some(numbers)
}

#[cfg(test)]
mod tests;
