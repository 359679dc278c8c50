//! How much of an answer is kept in memory.

use futures_util::{Stream, TryStreamExt};

use super::value::Row;

/// Rows that are taken without a look at their size: the pages that are really asked for.
const UNWEIGHED: usize = 100;

/// Bytes of text after which no more rows are taken: a client's `count` decides how many rows there may be, but not how
/// much memory they take, and a row may hold 300 kB of photos.
const MOST: usize = 16 * 1_024 * 1_024;

/// The rows, and whether that is all of them.
pub(super) async fn collect<R: Row, E>(
    rows: impl Stream<Item = Result<R, E>>,
) -> Result<(Vec<R>, bool), E> {
    let mut rows = std::pin::pin!(rows);
    let (mut kept, mut weight) = (Vec::new(), 0);
    while let Some(row) = rows.try_next().await? {
        if kept.len() >= UNWEIGHED {
            weight += row.weight();
            if weight > MOST {
                return Ok((kept, false));
            }
        }
        kept.push(row);
    }
    Ok((kept, true))
}
