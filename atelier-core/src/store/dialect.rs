//! What differs between the two databases: how a statement is run.

use std::future::Future;

use atelier_sql::load::Table;
use atelier_sql::{Read, Write};

use super::Content;
use super::value::{Row, Value};
use crate::Result;

/// A database that runs the statements of `atelier-sql`.
pub(crate) trait Dialect: Send + Sync + 'static {
    type Row: Row;
    type Bulk: Bulk;

    /// The rows of one statement.
    fn read(
        &self,
        query: Read,
        binds: Vec<Value>,
    ) -> impl Future<Output = Result<Vec<Self::Row>>> + Send;

    /// Makes a change, whole or not at all: the id that came back, if any row did.
    fn write(
        &self,
        change: Write,
        binds: Vec<Value>,
    ) -> impl Future<Output = Result<Option<i64>>> + Send;

    /// Begins a bulk load, which nobody sees before it ends.
    fn bulk(&self) -> impl Future<Output = Result<Self::Bulk>> + Send;

    /// Ends all connections.
    fn close(&self) -> impl Future<Output = ()> + Send;
}

/// A bulk load under way. Dropped before [`Bulk::commit`], it leaves nothing behind.
pub(crate) trait Bulk: Send {
    /// What the store holds.
    fn content(&mut self) -> impl Future<Output = Result<Content>> + Send;

    /// Empties every table.
    fn empty(&mut self) -> impl Future<Output = Result<()>> + Send;

    /// Puts rows into a table, in the order of its columns.
    fn append(
        &mut self,
        table: Table,
        rows: Vec<Vec<Value>>,
    ) -> impl Future<Output = Result<()>> + Send;

    /// Draws the figures from the rows, and sets where new ids of reviews and answers start: at least after these.
    fn derive(
        &mut self,
        last_review: i64,
        last_answer: i64,
    ) -> impl Future<Output = Result<()>> + Send;

    /// Makes it all visible.
    fn commit(self) -> impl Future<Output = Result<()>> + Send;
}
