//! How much of an answer is kept in memory.

use std::ops::Deref;

use futures_util::{Stream, TryStreamExt};

use super::value::Row;

/// Bytes of text after which no more rows are taken: a client's `count` decides how many rows there may be, but not how
/// much memory they take, and a row may hold 300 kB of photos.
pub(super) const MOST: usize = 16 * 1_024 * 1_024;

/// The same for a function, which sends no more and has less memory.
pub(super) const MOST_OF_FUNCTION: usize = 4 * 1_024 * 1_024;

/// The rows of a statement, as far as they were read.
#[derive(Debug)]
pub(crate) struct Rows<R> {
    rows: Vec<R>,
    /// Whether these are all; otherwise the bound ended them before a later one.
    pub(super) complete: bool,
}

impl<R> Rows<R> {
    pub(super) fn new(rows: Vec<R>, complete: bool) -> Self {
        Self { rows, complete }
    }

    pub(super) fn into_vec(self) -> Vec<R> {
        self.rows
    }
}

impl<R> Deref for Rows<R> {
    type Target = [R];

    fn deref(&self) -> &[R] {
        &self.rows
    }
}

/// Rows that are kept.
pub(super) struct Kept<R> {
    rows: Vec<R>,
    weight: usize,
    most: usize,
}

impl<R: Row> Kept<R> {
    pub(super) fn none(most: usize) -> Self {
        Self {
            rows: Vec::new(),
            weight: 0,
            most,
        }
    }

    /// Keeps one more; one in any case. False when that would be too much, and the answer ends before it.
    pub(super) fn keep(&mut self, row: R) -> bool {
        self.weight += row.weight();
        if self.weight > self.most && !self.rows.is_empty() {
            return false;
        }
        self.rows.push(row);
        true
    }

    /// The rows, in their order.
    pub(super) fn into_rows(self, complete: bool) -> Rows<R> {
        Rows::new(self.rows, complete)
    }
}

/// The rows up to the bound.
pub(super) async fn collect<R: Row, E>(
    rows: impl Stream<Item = Result<R, E>>,
    most: usize,
) -> Result<Rows<R>, E> {
    let mut rows = std::pin::pin!(rows);
    let mut kept = Kept::none(most);
    while let Some(row) = rows.try_next().await? {
        if !kept.keep(row) {
            return Ok(kept.into_rows(false));
        }
    }
    Ok(kept.into_rows(true))
}
