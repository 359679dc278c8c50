//! Read batching: reads that wait for a connection are executed in one statement.
//!
//! While a connection is free, a read uses it at once and alone. While all are busy, reads of one kind queue; their leader
//! executes the queue when a permit is released, and the next leader waits for the next permit.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use atelier_sql::{READS, Read};
use tokio::time::Instant;

use super::{Batched, Pending, Queue};
use crate::metrics;
use crate::model::error::Result;
use crate::store::bulkhead::{Compartment, Permit};
use crate::store::rows::Value;

/// Maximum offset and limit of a read in a batch, so that the others do not wait for a page of ten thousand rows.
const MAX_ROWS: i64 = 100;

/// Executes reads.
pub(crate) trait Reader: Send + Sync + 'static {
    type Rows: Send + 'static;

    /// The compartment whose permits such a read needs.
    fn compartment(&self, read: Read) -> &Compartment;

    /// Returns the rows of one read.
    fn run_one(
        &self,
        permit: Permit,
        read: Read,
        binds: Vec<Value>,
    ) -> impl Future<Output = Result<Self::Rows>> + Send;

    /// Returns the rows of each read, by the text for several; `None` when they are more than may be held at once.
    fn run_batch(
        &self,
        permit: Permit,
        read: Read,
        text: &'static str,
        reads: &[Vec<i64>],
    ) -> impl Future<Output = Result<Option<Vec<Self::Rows>>>> + Send;
}

impl Batched for Vec<i64> {}

type PendingRead<Rows> = Pending<Vec<i64>, Rows>;

/// The queue of each read that several requests can share.
#[derive(Debug)]
pub(crate) struct ReadBatcher<Rows>(HashMap<&'static str, Queue<Vec<i64>, Rows>>);

impl<Rows: Send + 'static> ReadBatcher<Rows> {
    pub(crate) fn new(queue_timeout: Duration) -> Self {
        let shared = READS.iter().filter(|read| read.batch.is_some());
        Self(
            shared
                .map(|read| (read.name, Queue::new(queue_timeout, 1)))
                .collect(),
        )
    }

    /// Returns the rows of `read`. [`Error::Unavailable`](crate::Error::Unavailable) when no connection comes free in time.
    pub(crate) async fn read<R: Reader<Rows = Rows>>(
        self: &Arc<Self>,
        reader: &Arc<R>,
        read: Read,
        binds: Vec<Value>,
    ) -> Result<Rows> {
        let compartment = reader.compartment(read);
        if let Some(permit) = compartment.try_acquire() {
            return reader.run_one(permit, read, binds).await;
        }
        let (Some(text), Some(queue), Some(item)) =
            (read.batch, self.0.get(read.name), batchable(&binds))
        else {
            let permit = compartment.acquire().await?;
            return reader.run_one(permit, read, binds).await;
        };
        let lead = || self.lead(reader, read, text);
        queue
            .submit(item, || compartment.is_unreachable(), lead)
            .await
    }

    /// Starts a leader in a task of its own, because the caller may be cancelled before the other requests are served.
    fn lead<R: Reader<Rows = Rows>>(
        self: &Arc<Self>,
        reader: &Arc<R>,
        read: Read,
        text: &'static str,
    ) {
        let (batcher, reader) = (Arc::clone(self), Arc::clone(reader));
        tokio::spawn(async move {
            let permit = reader.compartment(read).wait().await;
            let Some(queue) = batcher.0.get(read.name) else {
                return;
            };
            let (taken, others_wait) = queue.take(|_, left| left > 0);
            if others_wait {
                batcher.lead(&reader, read, text);
            }
            answer(&*reader, queue, permit, read, text, taken).await;
        });
    }

    /// How many reads wait.
    pub(crate) fn queue_length(&self) -> usize {
        self.0.values().map(Queue::len).sum()
    }
}

/// Answers reads over one connection. Where the rows of all are too many, or take too long, each half is read by itself, so
/// that no read fails because of another.
async fn answer<R: Reader>(
    reader: &R,
    queue: &Queue<Vec<i64>, R::Rows>,
    permit: Permit,
    read: Read,
    text: &'static str,
    taken: Vec<PendingRead<R::Rows>>,
) {
    let mut batches = vec![taken];
    while let Some(mut batch) = batches.pop() {
        batch.retain(|pending| !pending.is_abandoned());
        if batch.len() < 2 {
            if let Some(alone) = batch.pop() {
                let binds = alone.item.iter().copied().map(Value::from).collect();
                let rows = reader.run_one(permit.clone(), read, binds).await;
                alone.end(rows);
            }
            continue;
        }
        metrics::batch(read.name, batch.len());
        let reads: Vec<_> = batch.iter().map(|pending| pending.item.clone()).collect();
        let begun = Instant::now();
        match reader.run_batch(permit.clone(), read, text, &reads).await {
            Ok(Some(rows)) => {
                queue.adapt(batch.len(), begun.elapsed());
                for (pending, rows) in batch.into_iter().zip(rows) {
                    pending.end(Ok(rows));
                }
            }
            Ok(None) => {
                let second_half = batch.split_off(batch.len() / 2);
                batches.extend([second_half, batch]);
            }
            Err(error) => {
                for pending in batch {
                    pending.end(Err(error.clone()));
                }
            }
        }
    }
}

/// The binds of a read that may leave with others: numbers, and of a list few rows to skip and to return.
fn batchable(binds: &[Value]) -> Option<Vec<i64>> {
    let numbers: Vec<i64> = binds.iter().map(Value::as_int).collect::<Option<_>>()?;
    let mut page = numbers.iter().skip(1).take(2);
    let few = page.all(|rows| (0..=MAX_ROWS).contains(rows));
    few.then_some(numbers)
}

#[cfg(test)]
mod tests;
