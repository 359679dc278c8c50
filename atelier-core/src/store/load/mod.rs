//! Filling a store: the demo catalogue, the rows of a test, seventy million rows of an old shop.
//!
//! A load fills tables that nobody reads yet. At its end these take the place of those that are served, in one step: who
//! reads sees the old rows or the new ones. What an interrupted load has put in is kept, and can be gone on with.

use async_trait::async_trait;

pub(crate) mod progress;
pub(crate) mod row;
pub(crate) mod rows;

use crate::model::bulk::Batch;
use crate::model::error::{Error, Failure, Result};
use crate::store::postgres::load::PostgresLoad;
use crate::store::sqlite::load::SqliteLoad;
use crate::store::{Content, DatabaseUrl, only_read};

/// A load under way. It holds the right to load into its store, alone, until it is dropped.
#[async_trait]
pub trait BulkLoad: Send + Sync {
    /// What is served now.
    async fn content(&self) -> Result<Content>;
    /// What [`BulkLoad::finish`] was told of the rows that are served now, if a load brought them.
    async fn loaded(&self) -> Result<Option<String>>;
    /// Starts anew; what an interrupted load has left goes. `of` is what [`BulkLoad::interrupted`] will answer, to tell
    /// whether to go on with it. [`Error::Config`] when products are served that are no demo.
    async fn begin(&self, of: &str) -> Result<()>;
    /// What [`BulkLoad::begin`] was told of a load that was interrupted, if there is one.
    async fn interrupted(&self) -> Result<Option<String>>;
    /// Goes on with the interrupted load. All its rows have to be put once more, and those that are there are passed
    /// over.
    async fn resume(&self) -> Result<()>;
    /// Puts rows in. The rows of one kind must come by ascending id, over all calls, and one call after the other; calls
    /// with rows of different kinds may be made at once.
    async fn put(&self, rows: Batch) -> Result<()>;
    /// Makes the indexes, counts every table, and exchanges it all for what is served. `mark` is what
    /// [`BulkLoad::loaded`] will answer.
    async fn finish(&self, mark: Mark<'_>) -> Result<()>;
}

/// What a store is to know of its rows.
#[derive(Debug, Clone, Copy)]
pub enum Mark<'a> {
    /// They are a demo catalogue, which gives way to any other load.
    Demo,
    /// Where they are from.
    Loaded(&'a str),
}

/// The facts of a store.
pub(crate) mod fact {
    pub(crate) const DEMO: &str = "demo";
    pub(crate) const LOADED: &str = "loaded";
    pub(crate) const LOADING: &str = "loading";
}

impl<'a> Mark<'a> {
    pub(crate) fn fact(self) -> (&'static str, &'a str) {
        match self {
            Self::Demo => (fact::DEMO, ""),
            Self::Loaded(of) => (fact::LOADED, of),
        }
    }
}

/// Claims the right to load into the store at `url`, which is created or set up where needed. [`Error::Config`] when
/// another has it; a SQLite file is also refused while a server has it open.
pub async fn bulk_load(url: &DatabaseUrl) -> Result<Box<dyn BulkLoad>> {
    Ok(match url {
        DatabaseUrl::Sqlite(path) => Box::new(SqliteLoad::open(path).await?),
        DatabaseUrl::SqliteReadOnly(_) => return Err(only_read(url)),
        DatabaseUrl::Postgres(url) => {
            let claim = Claim::AtOnce;
            Box::new(PostgresLoad::open(url.expose(), claim).await?)
        }
    })
}

/// Claims the right to load, as [`bulk_load`] does; in PostgreSQL it waits while another has it.
pub async fn bulk_load_when_free(url: &DatabaseUrl) -> Result<Box<dyn BulkLoad>> {
    match url {
        DatabaseUrl::Postgres(url) => {
            let claim = Claim::WhenFree;
            let load = PostgresLoad::open(url.expose(), claim).await?;
            Ok(Box::new(load))
        }
        _ => bulk_load(url).await,
    }
}

/// When a load must have its claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Claim {
    AtOnce,
    WhenFree,
}

/// Fills an empty store, or one that holds a demo, with `rows` in any order; their figures are drawn from them.
/// [`Error::Config`] when it holds other rows.
pub async fn fill(url: &DatabaseUrl, rows: Batch, mark: Mark<'_>) -> Result<()> {
    fill_with(&*bulk_load(url).await?, rows, mark).await
}

/// Does what [`fill`] does, with a load that has its claim.
pub async fn fill_with(load: &dyn BulkLoad, rows: Batch, mark: Mark<'_>) -> Result<()> {
    load.begin("").await?;
    load.put(rows.in_order().with_totals()).await?;
    load.finish(mark).await
}

pub(crate) fn taken(content: Content) -> Result<()> {
    if content.products && !content.demo {
        return Err(Error::Config(Failure::new(
            "The store holds products already, and a load never mixes with them. Load into an empty database.",
        )));
    }
    Ok(())
}
