//! What differs between the two databases: how a statement is run.

use std::future::Future;

use atelier_sql::{Read, Write};

use super::Topic;
use super::bounded::Rows;
use super::value::{Row, Value};
use crate::Result;

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

    /// Makes a change, whole or not at all: the numbers of the first row that came back, if any did.
    fn write(
        &self,
        change: Write,
        binds: Vec<Value>,
    ) -> impl Future<Output = Result<Option<Vec<i64>>>> + Send;

    /// Has other servers learn that `topics` were changed. Where there are none, there is nobody to tell.
    fn tell(&self, _topics: &[Topic]) -> impl Future<Output = ()> + Send {
        async {}
    }

    /// Takes what it is connected to for gone until that has answered.
    fn thawed(&self) {}

    /// Sets the numbers that can only be looked at.
    fn observe(&self) {}

    /// Forgets what other servers have learnt by now.
    fn sweep(&self) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }

    /// Ends all connections.
    fn close(&self) -> impl Future<Output = ()> + Send;
}
