//! The interface of [`SqlStore`](crate::store::sql_store::SqlStore) to a database: executing statements.

use std::fmt::Debug;
use std::future::Future;

use atelier_sql::{Read, Write};

use crate::model::error::{Error, Result};
use crate::store::Topic;
use crate::store::rows::{Row, Rows, Value};
use crate::store::topic_versions::Invalidates;

/// A write to execute.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) write: Write,
    /// The row that it locks: changes of one kind to one row are executed one after another, or in one statement.
    pub(crate) row: i64,
    /// The scope of its idempotency key. `None` also for writes of which a statement may hold several with one key.
    pub(crate) key: Option<String>,
    pub(crate) binds: Vec<Value>,
    /// The topic that it may change, if no returned row says more.
    pub(crate) topic: Option<Topic>,
    /// The topics that it changes, by the returned row.
    pub(crate) invalidates: Invalidates,
}

impl Change {
    /// A change that no cached response depends on.
    #[cfg(test)]
    pub(crate) fn of_no_topic(write: Write, binds: Vec<Value>) -> Self {
        Self {
            write,
            row: 0,
            key: None,
            binds,
            topic: None,
            invalidates: crate::store::topic_versions::nothing,
        }
    }

    /// Returns the topics to invalidate after `outcome`. Without a row, or after an error, the change may still be stored: the
    /// connection may have been lost before the response, or an earlier request with the same key may have stored it.
    pub(crate) fn topics(
        &self,
        outcome: std::result::Result<Option<&[i64]>, &Error>,
    ) -> Vec<Topic> {
        match outcome {
            Ok(Some(row)) => (self.invalidates)(row),
            _ => self.topic.into_iter().collect(),
        }
    }
}

/// A database that executes the statements of `atelier-sql`.
pub(crate) trait Backend: Debug + Send + Sync + 'static {
    type Row: Row;

    /// Whether other processes may write to the database.
    const SHARED: bool;

    /// Executes a read. With a `topic`, a standby may answer that has replayed the last change of the topic; without one, only
    /// the primary may.
    fn read(
        &self,
        query: Read,
        topic: Option<Topic>,
        binds: Vec<Value>,
    ) -> impl Future<Output = Result<Rows<Self::Row>>> + Send;

    /// Fails when a write would fail for certain, before anything is sent.
    fn can_write(&self) -> Result<()> {
        Ok(())
    }

    /// Executes a change atomically and returns the numbers of the returned row, if any. The versions of its topics are bumped
    /// before it is acknowledged, even if the caller is cancelled.
    fn write(&self, change: Change) -> impl Future<Output = Result<Option<Vec<i64>>>> + Send;

    /// Has idle connections probed before their next use, after the process may have been frozen.
    fn after_freeze(&self) {}

    /// Sets the gauges of [`metrics`](crate::metrics).
    fn record_gauges(&self) {}

    /// Deletes invalidation events that all servers have read.
    fn sweep(&self) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }

    /// Closes all connections.
    fn close(&self) -> impl Future<Output = ()> + Send;
}
