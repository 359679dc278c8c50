//! Stores: where the data lives.
//!
//! [`Store`] is the interface that the API needs. Its one implementation executes the SQL of the crate `atelier-sql` over a
//! `Backend`, which is PostgreSQL or SQLite. [`open`] opens one.

use std::fmt::Debug;

use async_trait::async_trait;

mod admission;
mod backend;
mod batching;
mod bulkhead;
mod changes;
mod invalid_url;
mod load;
mod open;
mod postgres;
mod random;
mod rows;
mod schema;
mod sql_store;
mod sqlite;
mod statement_log;
mod topic_versions;
mod url;

pub use invalid_url::InvalidUrl;
pub use load::{BulkLoad, Provenance, fill_with};
pub use open::{
    Mode, StoreOptions, bulk_load, bulk_load_when_free, check_schema, check_writable, fill,
    migrate, open,
};
pub use postgres::pool::PoolSize;
pub use postgres::url::PostgresUrl;
pub use url::DatabaseUrl;

use crate::model::cart::{CartItem, Owner};
use crate::model::error::Result;
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

/// The times before which rows have expired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SweepCutoffs {
    /// The current time.
    pub now: Millis,
    /// For idempotency keys of clients.
    pub keys: Millis,
    /// For interactions; `None` keeps them for ever.
    pub interactions: Option<Millis>,
    /// For cart items, by the day on which a unit was last added; `None` keeps them for ever.
    pub carts: Option<Millis>,
}

/// What the API needs of a database, without SQL and HTTP. A method is an operation of the API, not of a table.
///
/// `offset` and `limit` count rows. Any method may fail with [`Error::Unavailable`](crate::Error::Unavailable) or [`Error::Internal`](crate::Error::Internal). A method that adds an
/// entry stores nothing when its idempotency key was used before, and fails with [`Error::KeyReused`](crate::Error::KeyReused) when that was with another
/// body.
#[async_trait]
pub trait Store: Debug + Send + Sync + 'static {
    /// Returns products by ascending id.
    async fn products(&self, offset: i64, limit: i64) -> Result<Paginated<Product>>;
    /// Returns a product with its features.
    async fn product(&self, id: ProductId) -> Result<Option<ProductDetail>>;
    /// Returns the styles of a product, if it exists.
    async fn styles(&self, product: ProductId) -> Result<Option<RawJson<Vec<Style>>>>;
    /// Returns the ids of related products, if the product exists.
    async fn related(&self, product: ProductId) -> Result<Option<RawJson<Vec<ProductId>>>>;

    /// Returns reviews of a product that are not reported.
    async fn reviews(
        &self,
        product: ProductId,
        sort: ReviewSort,
        offset: i64,
        limit: i64,
    ) -> Result<Paginated<Review>>;
    /// Returns the totals of the reviews of a product.
    async fn review_meta(&self, product: ProductId) -> Result<ReviewMeta>;
    /// Adds a review. [`Error::Invalid`](crate::Error::Invalid) when the product does not exist, or a value of one of its characteristics is out of
    /// range.
    async fn add_review(
        &self,
        new: Valid<NewReview>,
        context: WriteContext,
    ) -> Result<WriteOutcome<ReviewId>>;
    /// Adds a vote to a review, once per idempotency key.
    async fn mark_review_helpful(&self, id: ReviewId, context: WriteContext) -> Result<()>;
    /// Hides a review.
    async fn report_review(&self, id: ReviewId) -> Result<()>;

    /// Returns questions about a product that are not reported, each with its first `max_answers` answers by ascending id.
    async fn questions(
        &self,
        product: ProductId,
        offset: i64,
        limit: i64,
        max_answers: i64,
    ) -> Result<Paginated<Question>>;
    /// Returns answers to a question that are not reported.
    async fn answers(
        &self,
        question: QuestionId,
        offset: i64,
        limit: i64,
    ) -> Result<Paginated<Answer>>;
    /// Whether a question exists, reported or not.
    async fn has_question(&self, id: QuestionId) -> Result<bool>;
    /// Adds a question. [`Error::Invalid`](crate::Error::Invalid) when the product does not exist.
    async fn add_question(
        &self,
        new: Valid<NewQuestion>,
        context: WriteContext,
    ) -> Result<WriteOutcome<QuestionId>>;
    /// Adds an answer. [`Error::NotFound`](crate::Error::NotFound) when the question does not exist.
    async fn add_answer(
        &self,
        question: QuestionId,
        new: Valid<NewAnswer>,
        context: WriteContext,
    ) -> Result<WriteOutcome<AnswerId>>;
    /// Adds a vote to a question, once per idempotency key.
    async fn mark_question_helpful(&self, id: QuestionId, context: WriteContext) -> Result<()>;
    /// Hides a question.
    async fn report_question(&self, id: QuestionId) -> Result<()>;
    /// Adds a vote to an answer, once per idempotency key.
    async fn mark_answer_helpful(&self, id: AnswerId, context: WriteContext) -> Result<()>;
    /// Hides an answer.
    async fn report_answer(&self, id: AnswerId) -> Result<()>;

    /// Returns the items of a cart, in the order in which their SKUs were first added.
    async fn cart(&self, owner: &Owner, limit: i64) -> Result<Vec<CartItem>>;
    /// Adds one unit of a SKU to a cart.
    async fn add_to_cart(
        &self,
        owner: &Owner,
        sku: SkuId,
        context: WriteContext,
    ) -> Result<WriteOutcome<()>>;
    /// Records an interaction.
    async fn add_interaction(
        &self,
        new: Valid<NewInteraction>,
        context: WriteContext,
    ) -> Result<WriteOutcome<()>>;

    /// Returns whether an idempotency key was used since `cutoff`, and with which request.
    async fn key_state(&self, key: &IdempotencyKey, cutoff: Millis) -> Result<KeyState>;
    /// Deletes expired rows, in batches between which other writes take turns.
    async fn sweep(&self, cutoffs: SweepCutoffs) -> Result<()>;

    /// Returns the version of a topic. A write through this store increments it before it is acknowledged, a write of another
    /// process within about a second. A read that starts afterwards sees this version or a later one.
    fn topic_version(&self, topic: Topic) -> u64;
    /// Whether other processes may write to the database. Their changes may be missed by [`Store::topic_version`] after a crash.
    fn is_shared(&self) -> bool;

    /// Has idle connections probed before their next use, after the process may have been frozen.
    fn after_freeze(&self) {}
    /// Sets the gauges of [`metrics`](crate::metrics).
    fn record_gauges(&self) {}

    /// Checks that the database responds.
    async fn ready(&self) -> Result<()>;
    /// Returns whether there are products, and whether they are the demo catalogue.
    async fn content(&self) -> Result<Content>;
    /// Closes all connections. Acknowledged writes are durable.
    async fn close(&self);
}

/// What the response of a read depends on, as far as it can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Products, styles and related products, which only loads change.
    Catalogue,
    /// The reviews of a product and their totals.
    Reviews(ProductId),
    /// The questions about a product, with their answers.
    Questions(ProductId),
    /// The answers to a question.
    Answers(QuestionId),
}

/// What a store holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Content {
    /// Whether there are products.
    pub products: bool,
    /// Whether they are the demo catalogue.
    pub demo: bool,
}
