//! Bulk loading: the demo catalogue, test data, or millions of rows.
//!
//! A load fills staging tables. At its end they replace the served tables atomically: readers see the old rows or the new ones.
//! An interrupted load keeps its rows and can be resumed.

use async_trait::async_trait;

pub(crate) mod progress;
pub(crate) mod row;
pub(crate) mod rows;

use crate::model::bulk::Batch;
use crate::model::error::{Error, Failure, Result};
use crate::store::Content;

/// A load in progress. It holds an exclusive lock until it is dropped.
#[async_trait]
pub trait BulkLoad: Send + Sync {
    /// Returns what the served tables hold.
    async fn content(&self) -> Result<Content>;
    /// Returns the provenance of the served rows, if a load wrote them.
    async fn loaded(&self) -> Result<Option<String>>;
    /// Starts a load and discards an interrupted one. [`BulkLoad::interrupted`] will return `source`, by which a caller decides
    /// whether to resume. [`Error::Config`] when there are products that are not the demo catalogue.
    async fn begin(&self, source: &str) -> Result<()>;
    /// Returns the `source` of an interrupted load, if there is one.
    async fn interrupted(&self) -> Result<Option<String>>;
    /// Resumes the interrupted load. The caller puts all rows again; those that were loaded before are skipped.
    async fn resume(&self) -> Result<()>;
    /// Loads rows. The rows of one table must come in ascending order of ids over all calls, and in sequential calls; calls with
    /// rows of different tables may be concurrent.
    async fn put(&self, rows: Batch) -> Result<()>;
    /// Creates the indexes, checks the number of rows, and replaces the served tables.
    async fn finish(&self, provenance: Provenance<'_>) -> Result<()>;
}

/// The origin of the rows of a store.
#[derive(Debug, Clone, Copy)]
pub enum Provenance<'a> {
    /// The demo catalogue, which any other load may replace.
    Demo,
    /// A load; the text describes its source.
    Loaded(&'a str),
}

/// Names of rows of the table `store_facts`.
pub(crate) mod fact {
    pub(crate) const DEMO: &str = "demo";
    pub(crate) const LOADED: &str = "loaded";
    pub(crate) const LOADING: &str = "loading";
}

impl<'a> Provenance<'a> {
    pub(crate) fn fact(self) -> (&'static str, &'a str) {
        match self {
            Self::Demo => (fact::DEMO, ""),
            Self::Loaded(source) => (fact::LOADED, source),
        }
    }
}

/// Whether to wait for the lock of a load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lock {
    Immediate,
    Wait,
}

/// Fills a store that is empty or holds the demo catalogue with `rows` in any order, by a load that holds its lock.
pub async fn fill_with(load: &dyn BulkLoad, rows: Batch, provenance: Provenance<'_>) -> Result<()> {
    load.begin("").await?;
    load.put(rows.in_order().with_totals()).await?;
    load.finish(provenance).await
}

pub(crate) fn ensure_empty(content: Content) -> Result<()> {
    if content.products && !content.demo {
        return Err(Error::Config(Failure::new(
            "The store holds products already, and a load never mixes with them. Load into an empty database.",
        )));
    }
    Ok(())
}
