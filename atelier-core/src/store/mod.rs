//! Where the data lives.
//!
//! [`Store`] is everything the API asks of a database. One implementation, [`SqlStore`], speaks portable SQL
//! (the crate `atelier-sql`) to SQLite and PostgreSQL, each of which is a `Dialect`.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

mod admission;
mod backend;
mod batching;
mod bulkhead;
mod failure;
mod load;
mod postgres;
mod rows;
mod schema;
mod sql_store;
mod sqlite;
mod topic_versions;
mod url;

pub use load::{BulkLoad, Mark, bulk_load, bulk_load_when_free, fill, fill_with};
pub use postgres::pool::PoolSize;
pub use postgres::url::PostgresUrl;
pub use sql_store::{PostgresStore, SqlStore, SqliteStore};
pub use url::{DatabaseUrl, InvalidUrl};

use crate::model::cart::{CartItem, Owner};
use crate::model::error::{Error, Failure, FileFault, Result};
use crate::model::idempotency::{IdempotencyKey, KeyState, WriteContext, WriteOutcome};
use crate::model::ids::{AnswerId, ProductId, QuestionId, ReviewId, SkuId};
use crate::model::interactions::NewInteraction;
use crate::model::pagination::Paginated;
use crate::model::products::{Product, ProductDetail, Style};
use crate::model::questions::{Answer, NewAnswer, NewQuestion, Question};
use crate::model::raw_json::RawJson;
use crate::model::reviews::{NewReview, Review, ReviewMeta, ReviewSort};
use crate::model::time::Millis;
use crate::model::validation::Valid;

/// The instants before which rows expire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SweepCutoffs {
    /// The present.
    pub now: Millis,
    /// For idempotency keys of clients.
    pub keys: Millis,
    /// For interactions; `None` keeps them for ever.
    pub interactions: Option<Millis>,
    /// For lines of carts, by the day on which a unit was last added; `None` keeps them for ever.
    pub carts: Option<Millis>,
}

/// Everything Atelier asks of a database: no SQL, no HTTP. A method is a question of the API, not a table.
///
/// Of a list, `offset` is how many rows lie before the page and `limit` how many may be fetched. Any method may fail with
/// [`Error::Unavailable`] or [`Error::Internal`]; one that adds also
/// with [`Error::KeyReused`], and stores nothing when it was stored before under the same mark.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Products by ascending id.
    async fn products(&self, offset: i64, limit: i64) -> Result<Paginated<Product>>;
    /// A product with its features.
    async fn product(&self, id: ProductId) -> Result<Option<ProductDetail>>;
    /// The styles of a product, if there is one.
    async fn styles(&self, of: ProductId) -> Result<Option<RawJson<Vec<Style>>>>;
    /// The ids related to a product, if there is one.
    async fn related(&self, to: ProductId) -> Result<Option<RawJson<Vec<ProductId>>>>;

    /// Reviews of a product that are not reported.
    async fn reviews(
        &self,
        of: ProductId,
        by: ReviewSort,
        offset: i64,
        limit: i64,
    ) -> Result<Paginated<Review>>;
    /// The figures of a product's reviews.
    async fn review_meta(&self, of: ProductId) -> Result<ReviewMeta>;
    /// Adds a review. [`Error::Invalid`] when the product does not exist or one of
    /// its characteristics has a value out of range.
    async fn add_review(
        &self,
        new: Valid<NewReview>,
        context: WriteContext,
    ) -> Result<WriteOutcome<ReviewId>>;
    /// One more vote for a review; of those with one mark, as of the other votes, one is counted.
    async fn mark_review_helpful(&self, id: ReviewId, context: WriteContext) -> Result<()>;
    /// Hides a review.
    async fn report_review(&self, id: ReviewId) -> Result<()>;

    /// Questions about a product that are not reported, each with its first `max_answers` answers by ascending id.
    async fn questions(
        &self,
        of: ProductId,
        offset: i64,
        limit: i64,
        max_answers: i64,
    ) -> Result<Paginated<Question>>;
    /// Answers to a question that are not reported.
    async fn answers(&self, to: QuestionId, offset: i64, limit: i64) -> Result<Paginated<Answer>>;
    /// Whether there is such a question, reported or not.
    async fn has_question(&self, id: QuestionId) -> Result<bool>;
    /// Adds a question. [`Error::Invalid`] when the product does not exist.
    async fn add_question(
        &self,
        new: Valid<NewQuestion>,
        context: WriteContext,
    ) -> Result<WriteOutcome<QuestionId>>;
    /// Adds an answer. [`Error::NotFound`] when the question does not exist.
    async fn add_answer(
        &self,
        to: QuestionId,
        new: Valid<NewAnswer>,
        context: WriteContext,
    ) -> Result<WriteOutcome<AnswerId>>;
    /// One more vote for a question.
    async fn mark_question_helpful(&self, id: QuestionId, context: WriteContext) -> Result<()>;
    /// Hides a question.
    async fn report_question(&self, id: QuestionId) -> Result<()>;
    /// One more vote for an answer.
    async fn mark_answer_helpful(&self, id: AnswerId, context: WriteContext) -> Result<()>;
    /// Hides an answer.
    async fn report_answer(&self, id: AnswerId) -> Result<()>;

    /// The first `limit` lines of a cart.
    async fn cart(&self, of: &Owner, limit: i64) -> Result<Vec<CartItem>>;
    /// One more piece in a cart.
    async fn add_to_cart(
        &self,
        of: &Owner,
        sku: SkuId,
        context: WriteContext,
    ) -> Result<WriteOutcome<()>>;
    /// Keeps an interaction.
    async fn add_interaction(
        &self,
        new: Valid<NewInteraction>,
        context: WriteContext,
    ) -> Result<WriteOutcome<()>>;

    /// What was stored under a mark that is not forgotten.
    async fn key_state(&self, key: &IdempotencyKey, cutoff: Millis) -> Result<KeyState>;
    /// Deletes what has expired, in batches between which other writes have their turn.
    async fn sweep(&self, cutoffs: SweepCutoffs) -> Result<()>;

    /// How often `topic` was changed: it grows before a change through this store is acknowledged, and about a second
    /// after one by another process. What was read after it was asked is of that count or newer.
    fn topic_version(&self, topic: Topic) -> u64;
    /// Whether other processes may change the rows, which [`Store::topic_version`] tells later, or in bad luck not at all.
    fn is_shared(&self) -> bool;

    /// Tells that the process may have been frozen since it was last asked: what it is connected to may be gone.
    fn after_freeze(&self) {}
    /// Sets the [`metrics`](crate::metrics) that can only be looked at.
    fn record_gauges(&self) {}

    /// Answers when the database does.
    async fn ready(&self) -> Result<()>;
    /// How many products there are, and whether they are a demo catalogue.
    async fn content(&self) -> Result<Content>;
    /// Ends all connections; what was acknowledged is on disk.
    async fn close(&self);
}

/// What a read is about, as far as requests can change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Products, styles and what is related: changed by loads alone.
    Catalogue,
    /// The reviews of a product and their figures.
    Reviews(ProductId),
    /// The questions about a product, with their answers.
    Questions(ProductId),
    /// The answers to a question.
    Answers(QuestionId),
}

/// What a store holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Content {
    /// Whether there is any product.
    pub products: bool,
    /// Whether they are the demo catalogue.
    pub demo: bool,
}

impl Content {
    fn from_row(row: &impl rows::Row) -> Result<Self> {
        Ok(Self {
            products: row.bool(0)?,
            demo: row.maybe_text(1)?.is_some(),
        })
    }
}

/// Opens the store at `url`. An embedded SQLite file is created and brought up to date, but for one that is only read,
/// which must be; a PostgreSQL database is set up when it is empty.
///
/// [`Error::Unavailable`] when the database can't be reached, [`Error::Schema`] when its schema is older or newer than this
/// program ([`migrate`] mends the former), [`Error::Config`] when the file is in use or can't be opened.
pub async fn open(url: &DatabaseUrl) -> Result<Arc<dyn Store>> {
    Ok(match url {
        DatabaseUrl::Sqlite(path) => Arc::new(SqliteStore::open(path).await?),
        DatabaseUrl::SqliteReadOnly(path) => Arc::new(SqliteStore::open_read_only(path).await?),
        DatabaseUrl::Postgres(url) => Arc::new(PostgresStore::open(url.expose()).await?),
    })
}

/// What a store is opened with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreOptions {
    /// Hot standbys that may answer reads, each the address of one server by which it is always reached.
    pub readers: Vec<DatabaseUrl>,
    /// How many connections there are to each PostgreSQL server at most, while requests are answered. To set a database up
    /// takes one, before there is any other; where there are standbys, one more watches each of the servers.
    pub pool_size: PoolSize,
    /// How long a request waits for a connection before it is refused, 2 s by default. A request that would have to wait
    /// longer, by the measured service rate, is refused at once. With a statement's 3 s it should stay within the 5 s that a
    /// request may take.
    pub queue_timeout: Duration,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            readers: Vec::new(),
            pool_size: PoolSize::default(),
            queue_timeout: admission::QUEUE_TIMEOUT,
        }
    }
}

/// Opens the store at `url`, whose reads may be answered by hot standbys of it, or with another number of connections.
/// With what is the default it is [`open`].
///
/// A standby answers what it is known to have: it has replayed everything up to a second ago at most, and the topic was
/// not changed since. Whoever of them all is the primary gets the writes, also after a failover; a reader that can't be
/// reached is left alone until it can. Fails as [`open`] does, and with [`Error::Config`] when there are readers and
/// one of them all is not PostgreSQL.
pub async fn open_with(url: &DatabaseUrl, options: &StoreOptions) -> Result<Arc<dyn Store>> {
    let readers: Vec<_> = match (url, &*options.readers) {
        (DatabaseUrl::Postgres(_), readers) => {
            readers.iter().map(postgres_alone).collect::<Result<_>>()?
        }
        (_, []) => return open(url).await,
        _ => vec![],
    };
    let writer = postgres_alone(url)?;
    let store = PostgresStore::open_with(writer, &readers, options).await?;
    Ok(Arc::new(store))
}

/// The address of a PostgreSQL server: nothing else has standbys, or is one.
fn postgres_alone(url: &DatabaseUrl) -> Result<&str> {
    match url {
        DatabaseUrl::Postgres(url) => Ok(url.expose()),
        other => Err(Error::Config(Failure::new(format!(
            "{other} is neither a PostgreSQL server nor a standby of one: there are no readers beside it."
        )))),
    }
}

/// Opens the store at `url` for a function: a process that answers one request at a time, is frozen between them and may
/// never wake again. It has one connection to PostgreSQL, made and looked over when the first request comes
/// ([`Error::Schema`] then, where the schema is not that of this program); whoever answers calls [`Store::after_freeze`] before
/// each request. Of SQLite it takes a file that is only read: [`Error::Config`] for any other, as what a function
/// writes beside it is gone with it.
pub async fn open_for_function(url: &DatabaseUrl) -> Result<Arc<dyn Store>> {
    Ok(match url {
        DatabaseUrl::Sqlite(path) => {
            let path = path.display();
            return Err(Error::Config(Failure::new(format!(
                "A function's files go with it, and with them whatever is written to sqlite:{path}. Name a PostgreSQL \
                 database; or sqlite:{path}?mode=ro to serve a file that is packed with the function, without changes."
            ))));
        }
        DatabaseUrl::SqliteReadOnly(path) => Arc::new(SqliteStore::for_function(path).await?),
        DatabaseUrl::Postgres(url) => Arc::new(PostgresStore::for_function(url.expose())?),
    })
}

/// Brings the schema of the database at `url` up to date, and tells how many steps that took: 0 when it was. Fails as [`open`]
/// does, with [`Error::Schema`] when the database is newer than this program, and [`Error::Config`] when it is only read.
pub async fn migrate(url: &DatabaseUrl) -> Result<usize> {
    match url {
        DatabaseUrl::Sqlite(path) => sqlite::backend::migrate(path).await,
        DatabaseUrl::SqliteReadOnly(_) => Err(only_read(url)),
        DatabaseUrl::Postgres(url) => postgres::setup::migrate(url.expose()).await,
    }
}

/// Whether the schema of the database at `url` is that of this program. Nothing is changed, and no file is made. Fails as
/// [`open`] does for one that is not set up by itself: with [`Error::Schema`] when there is something to migrate, a file that
/// is not there included, or when the database is newer than this program.
pub async fn check_schema(url: &DatabaseUrl) -> Result<()> {
    match url {
        DatabaseUrl::Sqlite(path) | DatabaseUrl::SqliteReadOnly(path) => {
            sqlite::backend::check_schema(path).await
        }
        DatabaseUrl::Postgres(url) => postgres::setup::check_schema(url.expose()).await,
    }
}

/// Whether the database at `url` accepts changes: [`Error::Config`] with
/// [`ConnectErrorKind::ReadOnly`] when PostgreSQL's transactions are read-only by default. Of a SQLite file nothing is asked.
pub async fn check_writable(url: &DatabaseUrl) -> Result<()> {
    match url {
        DatabaseUrl::Sqlite(_) | DatabaseUrl::SqliteReadOnly(_) => Ok(()),
        DatabaseUrl::Postgres(url) => postgres::setup::check_writable(url.expose()).await,
    }
}

fn only_read(url: &DatabaseUrl) -> Error {
    let failure = Failure::new(format!(
        "{url} is only read. To change the file, leave ?mode=ro out."
    ));
    Error::Config(failure.with_file_fault(Some(FileFault::OnlyRead)))
}

/// Whether somebody reads the statements as they are run (the log target `sqlx::query` at debug level); otherwise no
/// time goes into telling.
fn statements_are_logged() -> bool {
    tracing::enabled!(target: "sqlx::query", tracing::Level::DEBUG)
}

/// A random number, for jitter and identifiers that need no secrecy.
fn random() -> u64 {
    RandomState::new().hash_one(())
}
