//! What differs between the two databases: how a statement is run.

use std::future::Future;

use atelier_sql::{Read, Write};

use crate::model::error::{Error, Result};
use crate::store::Topic;
use crate::store::rows::{Row, Rows, Value};
use crate::store::topic_versions::Touched;

/// A change to make.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) write: Write,
    /// Which row it locks: changes of one kind to one row are executed one after another, or in one statement.
    pub(crate) row: i64,
    /// The scope of its idempotency key, unless the statement may hold that several times.
    pub(crate) key: Option<String>,
    pub(crate) binds: Vec<Value>,
    /// What it changes, unless the row that comes back says more.
    pub(crate) about: Option<Topic>,
    /// What it changes, by the numbers of the row that comes back.
    pub(crate) touched: Touched,
}

impl Change {
    /// A change that no cached answer shows.
    #[cfg(test)]
    pub(crate) fn of_no_topic(write: Write, binds: Vec<Value>) -> Self {
        Self {
            write,
            row: 0,
            key: None,
            binds,
            about: None,
            touched: crate::store::topic_versions::nothing,
        }
    }

    /// What it changed. Without a row, or after a failure, it may be stored all the same: the connection may have been lost on
    /// the way back, or the row may be of an earlier request under the same key.
    pub(crate) fn topics(
        &self,
        outcome: std::result::Result<Option<&[i64]>, &Error>,
    ) -> Vec<Topic> {
        match outcome {
            Ok(Some(row)) => (self.touched)(row),
            _ => self.about.into_iter().collect(),
        }
    }
}

/// A database that runs the statements of `atelier-sql`.
pub(crate) trait Dialect: Send + Sync + 'static {
    type Row: Row;

    /// Whether other processes may change the rows.
    const SHARED: bool;

    /// The rows of one statement. What is not `about` anything whose changes are noted must be of this moment; the rest
    /// may come from a copy of the rows that has what was noted.
    fn read(
        &self,
        query: Read,
        about: Option<Topic>,
        binds: Vec<Value>,
    ) -> impl Future<Output = Result<Rows<Self::Row>>> + Send;

    /// Refuses what would be tried in vain, before anything of it has left.
    fn can_write(&self) -> Result<()> {
        Ok(())
    }

    /// Makes a change, whole or not at all: the numbers of the row that came back, if any did. What it changed is recorded in
    /// the versions of its topics before it is acknowledged, even if the caller leaves meanwhile.
    fn write(&self, change: Change) -> impl Future<Output = Result<Option<Vec<i64>>>> + Send;

    /// Takes what it is connected to for gone until that has answered.
    fn thawed(&self) {}

    /// Sets the numbers that can only be looked at.
    fn observe(&self) {}

    /// Deletes what other servers have learnt by now.
    fn sweep(&self) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }

    /// Ends all connections.
    fn close(&self) -> impl Future<Output = ()> + Send;
}
