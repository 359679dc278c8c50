//! What differs between the two databases: how a statement is run.

use std::future::Future;

use atelier_sql::{Read, Write};

use super::Topic;
use super::value::{Row, Value};
use crate::Result;

/// A database that runs the statements of `atelier-sql`.
pub(crate) trait Dialect: Send + Sync + 'static {
    type Row: Row;

    /// Whether other processes may change the rows.
    const SHARED: bool;

    /// The rows of one statement.
    fn read(
        &self,
        query: Read,
        binds: Vec<Value>,
    ) -> impl Future<Output = Result<Vec<Self::Row>>> + Send;

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

    /// Forgets what other servers have learnt by now.
    fn sweep(&self) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }

    /// Ends all connections.
    fn close(&self) -> impl Future<Output = ()> + Send;
}
