//! How much of an answer is kept in memory.

use futures_util::{Stream, TryStreamExt};

use super::value::Row;

/// Bytes of text after which no more rows are taken: a client's `count` decides how many rows there may be, but not how
/// much memory they take, and a row may hold 300 kB of photos.
pub(super) const MOST: usize = 16 * 1_024 * 1_024;

/// The same for a function, which sends no more and has less memory.
pub(super) const MOST_OF_FUNCTION: usize = 4 * 1_024 * 1_024;

/// Rows that are kept.
pub(super) struct Kept<R> {
    /// The rows, in their order.
    pub(super) rows: Vec<R>,
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
}

/// The rows, and whether that is all of them.
pub(super) async fn collect<R: Row, E>(
    rows: impl Stream<Item = Result<R, E>>,
    most: usize,
) -> Result<(Vec<R>, bool), E> {
    let mut rows = std::pin::pin!(rows);
    let mut kept = Kept::none(most);
    while let Some(row) = rows.try_next().await? {
        if !kept.keep(row) {
            return Ok((kept.rows, false));
        }
    }
    Ok((kept.rows, true))
}
