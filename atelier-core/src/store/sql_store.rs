//! The one implementation of [`Store`]: rows to values, whichever database they come from.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use async_trait::async_trait;
use atelier_sql::{
    Read, Write, answers, cart, idempotency, interactions, products, questions, reviews,
};

use crate::model::cart::{CartItem, Owner};
use crate::model::error::{Error, Failure, Resource, Result, Violations};
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
use crate::store::backend::{Change, Dialect};
use crate::store::postgres::backend::Postgres;
use crate::store::postgres::pool::PoolLimits;
use crate::store::rows::{Row, Value};
use crate::store::sqlite::backend::{Access, Sqlite};
use crate::store::topic_versions::{Changes, Touched};
use crate::store::{
    Content, Store, StoreOptions, SweepCutoffs, Topic, random, rows, topic_versions,
};

/// A store in a database that speaks the SQL of `atelier-sql`.
#[derive(Debug)]
#[expect(private_bounds, reason = "the dialects are these two")]
pub struct SqlStore<D: Dialect> {
    dialect: Arc<D>,
    changes: Arc<Changes>,
}

/// A store in one SQLite file.
pub type SqliteStore = SqlStore<Sqlite>;

/// A store in a PostgreSQL database.
pub type PostgresStore = SqlStore<Postgres>;

impl SqliteStore {
    /// Opens the file at `path`; creates it when it is not there, and brings its schema up to date.
    pub async fn open(path: &std::path::Path) -> Result<Self> {
        let changes = Arc::default();
        let sqlite = Sqlite::open(path, &changes).await?;
        Ok(Self::over(sqlite, changes))
    }

    /// Opens the file at `path`, which must be there, up to date and whole, and which nobody changes.
    pub async fn open_read_only(path: &std::path::Path) -> Result<Self> {
        let file = Sqlite::open_read_only(path, Access::Alone).await?;
        Ok(Self::over(file, Arc::default()))
    }

    /// The same, for a function; see [`open_for_function`](crate::store::open_for_function).
    pub async fn for_function(path: &std::path::Path) -> Result<Self> {
        let file = Sqlite::open_read_only(path, Access::Function).await?;
        Ok(Self::over(file, Arc::default()))
    }
}

impl PostgresStore {
    /// Connects to the database at `url`, and sets it up when it is empty.
    pub async fn open(url: &str) -> Result<Self> {
        Self::open_with(url, &[], &StoreOptions::default()).await
    }

    /// The same with hot standbys of it at `readers`, and the limits in `options`; see [`open_with`](crate::store::open_with).
    pub async fn open_with(url: &str, readers: &[&str], options: &StoreOptions) -> Result<Self> {
        let limits = PoolLimits {
            size: options.pool_size,
            queue_timeout: options.queue_timeout,
        };
        if readers.is_empty() {
            let changes = Arc::default();
            let postgres = Postgres::open(url, limits, &changes).await?;
            return Ok(Self::over(postgres, changes));
        }
        let changes = Arc::new(Changes::timed());
        let postgres = Postgres::with_readers(url, readers, limits, &changes).await?;
        Ok(Self::over(postgres, changes))
    }

    /// The database at `url`, for a function; see [`open_for_function`](crate::store::open_for_function).
    pub fn for_function(url: &str) -> Result<Self> {
        let changes = Arc::default();
        let postgres = Postgres::of_function(url, &changes)?;
        Ok(Self::over(postgres, changes))
    }
}

/// How long a proxy may take to send a request again, in milliseconds.
const RETRIED: i64 = 10 * 60 * 1_000;

/// A number for the rows of an owner's cart.
fn row_of(owner: &Owner) -> i64 {
    let mut hasher = DefaultHasher::new();
    owner.as_str().hash(&mut hasher);
    hasher.finish().cast_signed()
}

/// Rows that one statement of a sweep looks at.
const MAX_SWEEP_BATCH: i64 = 1_000;

/// Where a new photo's id begins with its parent's, which only the statement knows. JSON text holds no such character.
const PARENT_ID: &str = "\u{1}";

/// The photos of a new entry: the ids are the parent's with the place behind it, so they are new when its is.
fn new_photos(urls: &[String]) -> Result<String> {
    let mut text = String::from("[");
    for (place, url) in urls.iter().enumerate() {
        let url = json(url)?;
        let comma = if place == 0 { "" } else { "," };
        let _ = write!(text, "{comma}{{\"id\":{PARENT_ID}{place},\"url\":{url}}}");
    }
    text.push(']');
    Ok(text)
}

pub(crate) fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|error| Error::Internal(Failure::new("JSON").with_source(error)))
}

/// What can only be refused by a mark came back without a row, and without a mark.
fn lost() -> Error {
    Error::Internal(Failure::new("an entry was neither stored nor refused"))
}

/// An entry to add.
struct Entry {
    write: Write,
    /// Which row it locks, see [`Change`].
    row: i64,
    binds: Vec<Value>,
    /// Why it is not stored, unless its key says otherwise.
    refused: Error,
    /// What changes, unless the row that comes back says more.
    about: Option<Topic>,
    touched: Touched,
}

#[expect(private_bounds, reason = "the dialects are these two")]
impl<D: Dialect> SqlStore<D> {
    fn over(dialect: D, changes: Arc<Changes>) -> Self {
        Self {
            dialect: Arc::new(dialect),
            changes,
        }
    }

    /// A page: column 0 is the number of all rows; a row whose column 1 is null only brings that number.
    async fn listing<T>(
        &self,
        query: Read,
        about: Topic,
        binds: Vec<Value>,
        item: impl Fn(&D::Row, usize) -> Result<T>,
    ) -> Result<Paginated<T>> {
        let rows = self.dialect.read(query, Some(about), binds).await?;
        let total = rows.first().map_or(Ok(0), |row| row.int(0))?;
        let mut listed = Vec::with_capacity(rows.len());
        for row in rows.iter() {
            if row.maybe_int(1)?.is_some() {
                listed.push(item(row, 1)?);
            }
        }
        Ok(Paginated {
            rows: listed,
            total,
            complete: rows.complete,
        })
    }

    async fn change(&self, change: Change) -> Result<Option<Vec<i64>>> {
        self.dialect.can_write()?;
        self.dialect.write(change).await
    }

    /// Adds a vote for the row with this id, once for each key.
    async fn vote(
        &self,
        write: Write,
        id: i64,
        context: WriteContext,
        touched: Touched,
    ) -> Result<()> {
        let key = context.key.map(|key| key.scope);
        let change = Change {
            write,
            row: id,
            // Votes under one key, which are always for one row, are counted once in one statement as well.
            key: None,
            binds: vec![id.into(), key.into(), context.now.0.into()],
            about: None,
            touched,
        };
        self.change(change).await.map(drop)
    }

    /// Hides the row with this id.
    async fn report(&self, write: Write, id: i64, touched: Touched) -> Result<()> {
        let change = Change {
            write,
            row: id,
            key: None,
            binds: vec![id.into()],
            about: None,
            touched,
        };
        self.change(change).await.map(drop)
    }

    /// Adds an entry: its own binds, then those of the key. Where no row comes back, or one without an id, it was stored before
    /// under the same key, or else it is `refused`.
    async fn add<T>(
        &self,
        mut entry: Entry,
        context: WriteContext,
        id: impl FnOnce(i64) -> T + Send,
    ) -> Result<WriteOutcome<T>> {
        let key = context.key.clone().map(|key| (key.scope, key.body_hash));
        let (scope, body) = key.unzip();
        let binds = [
            Value::from(scope.clone()),
            body.into(),
            context.key_cutoff.0.into(),
        ];
        entry.binds.extend(binds);
        let change = Change {
            write: entry.write,
            row: entry.row,
            key: scope,
            binds: entry.binds,
            about: entry.about,
            touched: entry.touched,
        };
        let row = self.change(change).await?;
        if let Some(new) = row.and_then(|row| row.first().copied())
            && new > 0
        {
            return Ok(WriteOutcome::Created(id(new)));
        }
        let Some(key) = &context.key else {
            return Err(entry.refused);
        };
        match self.key_state(key, context.key_cutoff).await? {
            KeyState::SameRequest => Ok(WriteOutcome::Replayed),
            KeyState::Conflict => Err(Error::KeyReused),
            KeyState::Unused => Err(entry.refused),
        }
    }

    /// Deletes expired keys, those of clients and those of requests that a proxy may send again, in batches: in between, other
    /// writes have their turn, and no statement runs into its timeout.
    async fn sweep_keys(&self, clients: i64, requests: i64) -> Result<()> {
        let mut start = 0;
        loop {
            let binds = [clients, requests, start, MAX_SWEEP_BATCH];
            let [keys, last] = self.sweep_batch(idempotency::SWEEP, binds).await?;
            if keys < MAX_SWEEP_BATCH {
                return Ok(());
            }
            // More keys than one batch may have the same date: those are passed over until the next sweep.
            start = if last > start { last } else { start + 1 };
        }
    }

    /// Deletes interactions from before `cutoff`. Their ids follow their dates closely, so it ends at the first batch with one
    /// that is in force.
    async fn sweep_interactions(&self, cutoff: i64, now: i64) -> Result<()> {
        let mut start = 0;
        loop {
            let binds = [cutoff, now, start, MAX_SWEEP_BATCH];
            let [looked_at, last, in_force] = self.sweep_batch(interactions::SWEEP, binds).await?;
            if looked_at < MAX_SWEEP_BATCH || in_force > 0 {
                return Ok(());
            }
            start = last + 1;
        }
    }

    /// Deletes lines of carts to which nothing was added since the day of `cutoff`.
    async fn sweep_carts(&self, cutoff: i64) -> Result<()> {
        loop {
            let binds = [cutoff, MAX_SWEEP_BATCH];
            let [lines] = self.sweep_batch(cart::SWEEP, binds).await?;
            if lines < MAX_SWEEP_BATCH {
                return Ok(());
            }
        }
    }

    /// Runs one statement of a sweep, and returns the numbers of its row.
    async fn sweep_batch<const BINDS: usize, const NUMBERS: usize>(
        &self,
        write: Write,
        binds: [i64; BINDS],
    ) -> Result<[i64; NUMBERS]> {
        let change = Change {
            write,
            row: 0,
            key: None,
            binds: binds.map(Value::from).to_vec(),
            about: None,
            touched: topic_versions::nothing,
        };
        let row = self.change(change).await?;
        row.and_then(|row| row.try_into().ok()).ok_or_else(lost)
    }

    /// The one JSON text of the one row.
    async fn embedded<T>(&self, query: Read, of: ProductId) -> Result<Option<RawJson<T>>> {
        let about = Some(Topic::Catalogue);
        let rows = self.dialect.read(query, about, vec![of.0.into()]).await?;
        rows.first()
            .map(|row| row.text(0).map(RawJson::from_stored))
            .transpose()
    }
}

#[async_trait]
impl<D: Dialect> Store for SqlStore<D> {
    async fn products(&self, offset: i64, limit: i64) -> Result<Paginated<Product>> {
        self.listing(
            products::LIST,
            Topic::Catalogue,
            vec![offset.into(), limit.into()],
            rows::product,
        )
        .await
    }

    async fn product(&self, id: ProductId) -> Result<Option<ProductDetail>> {
        let about = Some(Topic::Catalogue);
        let rows = self
            .dialect
            .read(products::ONE, about, vec![id.0.into()])
            .await?;
        let detail = |row: &D::Row| {
            Ok(ProductDetail {
                product: rows::product(row, 0)?,
                features: RawJson::from_stored(row.text(8)?),
            })
        };
        rows.first().map(detail).transpose()
    }

    async fn styles(&self, of: ProductId) -> Result<Option<RawJson<Vec<Style>>>> {
        self.embedded(products::STYLES, of).await
    }

    async fn related(&self, to: ProductId) -> Result<Option<RawJson<Vec<ProductId>>>> {
        self.embedded(products::RELATED, to).await
    }

    async fn reviews(
        &self,
        of: ProductId,
        by: ReviewSort,
        offset: i64,
        limit: i64,
    ) -> Result<Paginated<Review>> {
        let query = match by {
            ReviewSort::Helpful => reviews::LIST_HELPFUL,
            ReviewSort::Newest => reviews::LIST_NEWEST,
        };
        self.listing(
            query,
            Topic::Reviews(of),
            vec![of.0.into(), offset.into(), limit.into()],
            rows::review,
        )
        .await
    }

    async fn review_meta(&self, of: ProductId) -> Result<ReviewMeta> {
        let about = Some(Topic::Reviews(of));
        let rows = self
            .dialect
            .read(reviews::META, about, vec![of.0.into()])
            .await?;
        rows::review_meta(&rows)
    }

    async fn add_review(
        &self,
        new: Valid<NewReview>,
        context: WriteContext,
    ) -> Result<WriteOutcome<ReviewId>> {
        let new = new.into_inner();
        let about = Some(Topic::Reviews(new.product_id));
        let (given, faulty): (BTreeMap<_, _>, BTreeMap<_, _>) = new
            .characteristics
            .iter()
            .map(|(id, value)| (id.0, *value))
            .partition(|(_, value)| (1..=5).contains(value));
        let faulty: Vec<_> = faulty.into_keys().collect();
        let binds = vec![
            new.product_id.0.into(),
            new.rating.into(),
            context.now.0.into(),
            new.summary.into(),
            new.body.into(),
            new.recommend.into(),
            new.name.into(),
            new.email.into(),
            new_photos(&new.photos)?.into(),
            PARENT_ID.to_owned().into(),
            json(&given)?.into(),
            json(&faulty)?.into(),
        ];
        let product = new.product_id;
        let refused = |fields| {
            Error::Invalid(Violations {
                resource: Resource::Review,
                fields,
            })
        };
        let entry = Entry {
            write: reviews::ADD,
            row: product.0,
            binds,
            refused: refused(vec!["product_id", "characteristics"]),
            about,
            touched: topic_versions::reviews,
        };
        match self.add(entry, context, ReviewId).await {
            // The statement refuses both faults in one way.
            Err(Error::Invalid(_)) if self.related(product).await?.is_some() => {
                Err(refused(vec!["characteristics"]))
            }
            Err(Error::Invalid(_)) => Err(refused(vec!["product_id"])),
            outcome => outcome,
        }
    }

    async fn mark_review_helpful(&self, id: ReviewId, context: WriteContext) -> Result<()> {
        self.vote(reviews::HELPFUL, id.0, context, topic_versions::reviews)
            .await
    }

    async fn report_review(&self, id: ReviewId) -> Result<()> {
        self.report(reviews::REPORT, id.0, topic_versions::reviews)
            .await
    }

    async fn questions(
        &self,
        of: ProductId,
        offset: i64,
        limit: i64,
        max_answers: i64,
    ) -> Result<Paginated<Question>> {
        let binds = vec![
            of.0.into(),
            offset.into(),
            limit.into(),
            (max_answers - 1).max(0).into(),
        ];
        let about = Some(Topic::Questions(of));
        let rows = self.dialect.read(questions::LIST, about, binds).await?;
        let total = rows.first().map_or(Ok(0), |row| row.int(0))?;
        let mut listed: Vec<Question> = Vec::new();
        for row in rows.iter() {
            let Some(id) = row.maybe_int(1)?.map(QuestionId) else {
                continue;
            };
            if listed.last().is_none_or(|last| last.id != id) {
                listed.push(rows::question(row, id)?);
            }
            if let (Some(question), Some(id)) = (listed.last_mut(), row.maybe_int(6)?.map(AnswerId))
            {
                question.answers.push(rows::question_answer(row, id)?);
            }
        }
        Ok(Paginated {
            rows: listed,
            total,
            complete: rows.complete,
        })
    }

    async fn answers(&self, to: QuestionId, offset: i64, limit: i64) -> Result<Paginated<Answer>> {
        self.listing(
            answers::LIST,
            Topic::Answers(to),
            vec![to.0.into(), offset.into(), limit.into()],
            rows::answer,
        )
        .await
    }

    async fn has_question(&self, id: QuestionId) -> Result<bool> {
        Ok(!self
            .dialect
            .read(questions::EXISTS, None, vec![id.0.into()])
            .await?
            .is_empty())
    }

    async fn add_question(
        &self,
        new: Valid<NewQuestion>,
        context: WriteContext,
    ) -> Result<WriteOutcome<QuestionId>> {
        let new = new.into_inner();
        let about = Some(Topic::Questions(new.product_id));
        let binds = vec![
            new.product_id.0.into(),
            context.now.0.into(),
            new.body.into(),
            new.name.into(),
            new.email.into(),
        ];
        let refused = Error::Invalid(Violations {
            resource: Resource::Question,
            fields: vec!["product_id"],
        });
        let entry = Entry {
            write: questions::ADD,
            row: new.product_id.0,
            binds,
            refused,
            about,
            touched: topic_versions::questions,
        };
        self.add(entry, context, QuestionId).await
    }

    async fn add_answer(
        &self,
        to: QuestionId,
        new: Valid<NewAnswer>,
        context: WriteContext,
    ) -> Result<WriteOutcome<AnswerId>> {
        let new = new.into_inner();
        let binds = vec![
            to.0.into(),
            context.now.0.into(),
            new.body.into(),
            new.name.into(),
            new.email.into(),
            new_photos(&new.photos)?.into(),
            PARENT_ID.to_owned().into(),
            json(&new.photos)?.into(),
        ];
        let entry = Entry {
            write: answers::ADD,
            row: to.0,
            binds,
            refused: Error::NotFound(Resource::Question),
            about: Some(Topic::Answers(to)),
            touched: topic_versions::answers,
        };
        self.add(entry, context, AnswerId).await
    }

    async fn mark_question_helpful(&self, id: QuestionId, context: WriteContext) -> Result<()> {
        self.vote(questions::HELPFUL, id.0, context, topic_versions::questions)
            .await
    }

    async fn report_question(&self, id: QuestionId) -> Result<()> {
        self.report(questions::REPORT, id.0, topic_versions::questions)
            .await
    }

    async fn mark_answer_helpful(&self, id: AnswerId, context: WriteContext) -> Result<()> {
        self.vote(answers::HELPFUL, id.0, context, topic_versions::answers)
            .await
    }

    async fn report_answer(&self, id: AnswerId) -> Result<()> {
        self.report(answers::REPORT, id.0, topic_versions::answers)
            .await
    }

    async fn cart(&self, of: &Owner, limit: i64) -> Result<Vec<CartItem>> {
        let rows = self
            .dialect
            .read(
                cart::LIST,
                None,
                vec![of.as_str().to_owned().into(), limit.into()],
            )
            .await?;
        let item = |row: &D::Row| {
            Ok(CartItem {
                sku_id: SkuId(row.int(0)?),
                count: row.int(1)?,
            })
        };
        rows.iter().map(item).collect()
    }

    async fn add_to_cart(
        &self,
        of: &Owner,
        sku: SkuId,
        context: WriteContext,
    ) -> Result<WriteOutcome<()>> {
        let binds = vec![
            of.as_str().to_owned().into(),
            sku.0.into(),
            context.now.0.into(),
        ];
        let entry = Entry {
            write: cart::ADD,
            row: row_of(of),
            binds,
            refused: lost(),
            about: None,
            touched: topic_versions::nothing,
        };
        self.add(entry, context, drop).await
    }

    async fn add_interaction(
        &self,
        new: Valid<NewInteraction>,
        context: WriteContext,
    ) -> Result<WriteOutcome<()>> {
        let new = new.into_inner();
        let binds = vec![
            context.now.0.into(),
            new.element.into(),
            new.widget.into(),
            new.time.into(),
        ];
        let entry = Entry {
            write: interactions::ADD,
            // It locks no row that another does.
            row: random().cast_signed(),
            binds,
            refused: lost(),
            about: None,
            touched: topic_versions::nothing,
        };
        self.add(entry, context, drop).await
    }

    async fn key_state(&self, key: &IdempotencyKey, cutoff: Millis) -> Result<KeyState> {
        let binds = vec![key.scope.clone().into(), cutoff.0.into()];
        let rows = self.dialect.read(idempotency::BODY, None, binds).await?;
        let kept = rows.first().map(|row| row.text(0)).transpose()?;
        Ok(key.state(kept))
    }

    async fn sweep(&self, cutoffs: SweepCutoffs) -> Result<()> {
        let now = cutoffs.now.0;
        let keys = self
            .sweep_keys(cutoffs.keys.0, now.saturating_sub(RETRIED))
            .await;
        if matches!(keys, Err(Error::ReadOnly)) {
            return Ok(());
        }
        // Each is swept even if another cannot be.
        let interactions = match cutoffs.interactions {
            Some(cutoff) => self.sweep_interactions(cutoff.0, now).await,
            None => Ok(()),
        };
        let carts = match cutoffs.carts {
            Some(cutoff) => self.sweep_carts(cutoff.0).await,
            None => Ok(()),
        };
        let changes = self.dialect.sweep().await;
        keys.and(interactions).and(carts).and(changes)
    }

    fn topic_version(&self, topic: Topic) -> u64 {
        self.changes.count(topic)
    }

    fn is_shared(&self) -> bool {
        D::SHARED
    }

    fn after_freeze(&self) {
        self.dialect.thawed();
    }

    fn record_gauges(&self) {
        self.dialect.observe();
    }

    async fn ready(&self) -> Result<()> {
        self.dialect
            .read(products::RELATED, Some(Topic::Catalogue), vec![0.into()])
            .await
            .map(drop)
    }

    async fn content(&self) -> Result<Content> {
        let rows = self.dialect.read(products::CONTENT, None, vec![]).await?;
        rows.first().map_or(
            Ok(Content {
                products: false,
                demo: false,
            }),
            Content::from_row,
        )
    }

    async fn close(&self) {
        self.dialect.close().await;
    }
}
