//! The one implementation of [`Store`]: rows to values, whichever database they come from.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use async_trait::async_trait;
use atelier_sql::{
    Read, Write, answers, cart, idempotency, interactions, products, questions, reviews,
};

use crate::store::backend::{Change, Dialect};
use crate::store::postgres::backend::Postgres;
use crate::store::postgres::pool::PoolLimits;
use crate::store::rows::{Row, Value};
use crate::store::sqlite::backend::{Access, Sqlite};
use crate::store::topic_versions::{Changes, Touched};
use crate::store::{Content, Listing, Store, StoreOptions, Topic, random, rows, topic_versions};
use crate::{
    Answer, AnswerId, CartItem, Embedded, Error, Millis, NewAnswer, NewInteraction, NewQuestion,
    NewReview, Noun, Once, Owner, Posted, Product, ProductDetail, ProductId, Question, QuestionId,
    Result, Review, ReviewId, ReviewMeta, ReviewSort, Seen, SkuId, Stored, Style, Valid,
    Violations,
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

/// Keys that one statement of the sweep looks at.
const SWEPT_AT_ONCE: i64 = 1_000;

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
        .map_err(|error| Error::Internal(crate::Failure::new("JSON").because(error)))
}

/// What can only be refused by a mark came back without a row, and without a mark.
fn lost() -> Error {
    Error::Internal(crate::Failure::new(
        "an entry was neither stored nor refused",
    ))
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
    ) -> Result<Listing<T>> {
        let rows = self.dialect.read(query, Some(about), binds).await?;
        let total = rows.first().map_or(Ok(0), |row| row.int(0))?;
        let mut listed = Vec::with_capacity(rows.len());
        for row in rows.iter() {
            if row.maybe_int(1)?.is_some() {
                listed.push(item(row, 1)?);
            }
        }
        Ok(Listing {
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
    async fn vote(&self, write: Write, id: i64, posted: Posted, touched: Touched) -> Result<()> {
        let key = posted.once.map(|once| once.scope);
        let change = Change {
            write,
            row: id,
            // Votes under one key, which are always for one row, are counted once in one statement as well.
            key: None,
            binds: vec![id.into(), key.into(), posted.at.0.into()],
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
        posted: Posted,
        id: impl FnOnce(i64) -> T + Send,
    ) -> Result<Stored<T>> {
        let key = posted.once.clone().map(|once| (once.scope, once.body));
        let (scope, body) = key.unzip();
        let binds = [
            Value::from(scope.clone()),
            body.into(),
            posted.forget.0.into(),
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
            return Ok(Stored::Now(id(new)));
        }
        let Some(once) = &posted.once else {
            return Err(entry.refused);
        };
        match self.seen(once, posted.forget).await? {
            Seen::Same => Ok(Stored::Before),
            Seen::Other => Err(Error::KeyReused),
            Seen::Never => Err(entry.refused),
        }
    }

    /// Deletes expired keys, those of clients and those of requests that a proxy may send again, in batches: in between, other
    /// writes have their turn, and no statement runs into its timeout.
    async fn sweep_keys(&self, clients: i64, requests: i64) -> Result<()> {
        let mut start = 0;
        loop {
            let binds = [clients, requests, start, SWEPT_AT_ONCE];
            let change = Change {
                write: idempotency::SWEEP,
                row: 0,
                key: None,
                binds: binds.map(Value::from).to_vec(),
                about: None,
                touched: topic_versions::nothing,
            };
            let row = self.change(change).await?;
            let Some([keys, last]) = row.as_deref() else {
                return Err(lost());
            };
            if *keys < SWEPT_AT_ONCE {
                return Ok(());
            }
            // More keys than one batch may have the same date: those are passed over until the next sweep.
            start = if *last > start { *last } else { start + 1 };
        }
    }

    /// The one JSON text of the one row.
    async fn embedded<T>(&self, query: Read, of: ProductId) -> Result<Option<Embedded<T>>> {
        let about = Some(Topic::Catalogue);
        let rows = self.dialect.read(query, about, vec![of.0.into()]).await?;
        rows.first()
            .map(|row| row.text(0).map(Embedded::from_stored))
            .transpose()
    }
}

#[async_trait]
impl<D: Dialect> Store for SqlStore<D> {
    async fn products(&self, skip: i64, most: i64) -> Result<Listing<Product>> {
        self.listing(
            products::LIST,
            Topic::Catalogue,
            vec![skip.into(), most.into()],
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
                features: Embedded::from_stored(row.text(8)?),
            })
        };
        rows.first().map(detail).transpose()
    }

    async fn styles(&self, of: ProductId) -> Result<Option<Embedded<Vec<Style>>>> {
        self.embedded(products::STYLES, of).await
    }

    async fn related(&self, to: ProductId) -> Result<Option<Embedded<Vec<ProductId>>>> {
        self.embedded(products::RELATED, to).await
    }

    async fn reviews(
        &self,
        of: ProductId,
        by: ReviewSort,
        skip: i64,
        most: i64,
    ) -> Result<Listing<Review>> {
        let query = match by {
            ReviewSort::Helpful => reviews::LIST_HELPFUL,
            ReviewSort::Newest => reviews::LIST_NEWEST,
        };
        self.listing(
            query,
            Topic::Reviews(of),
            vec![of.0.into(), skip.into(), most.into()],
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

    async fn add_review(&self, new: Valid<NewReview>, posted: Posted) -> Result<Stored<ReviewId>> {
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
            posted.at.0.into(),
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
                of: Noun::Review,
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
        match self.add(entry, posted, ReviewId).await {
            // The statement refuses both faults in one way.
            Err(Error::Invalid(_)) if self.related(product).await?.is_some() => {
                Err(refused(vec!["characteristics"]))
            }
            Err(Error::Invalid(_)) => Err(refused(vec!["product_id"])),
            outcome => outcome,
        }
    }

    async fn mark_review_helpful(&self, id: ReviewId, posted: Posted) -> Result<()> {
        self.vote(reviews::HELPFUL, id.0, posted, topic_versions::reviews)
            .await
    }

    async fn report_review(&self, id: ReviewId) -> Result<()> {
        self.report(reviews::REPORT, id.0, topic_versions::reviews)
            .await
    }

    async fn questions(
        &self,
        of: ProductId,
        skip: i64,
        most: i64,
        most_answers: i64,
    ) -> Result<Listing<Question>> {
        let binds = vec![
            of.0.into(),
            skip.into(),
            most.into(),
            (most_answers - 1).max(0).into(),
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
        Ok(Listing {
            rows: listed,
            total,
            complete: rows.complete,
        })
    }

    async fn answers(&self, to: QuestionId, skip: i64, most: i64) -> Result<Listing<Answer>> {
        self.listing(
            answers::LIST,
            Topic::Answers(to),
            vec![to.0.into(), skip.into(), most.into()],
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
        posted: Posted,
    ) -> Result<Stored<QuestionId>> {
        let new = new.into_inner();
        let about = Some(Topic::Questions(new.product_id));
        let binds = vec![
            new.product_id.0.into(),
            posted.at.0.into(),
            new.body.into(),
            new.name.into(),
            new.email.into(),
        ];
        let refused = Error::Invalid(Violations {
            of: Noun::Question,
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
        self.add(entry, posted, QuestionId).await
    }

    async fn add_answer(
        &self,
        to: QuestionId,
        new: Valid<NewAnswer>,
        posted: Posted,
    ) -> Result<Stored<AnswerId>> {
        let new = new.into_inner();
        let binds = vec![
            to.0.into(),
            posted.at.0.into(),
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
            refused: Error::NotFound(Noun::Question),
            about: Some(Topic::Answers(to)),
            touched: topic_versions::answers,
        };
        self.add(entry, posted, AnswerId).await
    }

    async fn mark_question_helpful(&self, id: QuestionId, posted: Posted) -> Result<()> {
        self.vote(questions::HELPFUL, id.0, posted, topic_versions::questions)
            .await
    }

    async fn report_question(&self, id: QuestionId) -> Result<()> {
        self.report(questions::REPORT, id.0, topic_versions::questions)
            .await
    }

    async fn mark_answer_helpful(&self, id: AnswerId, posted: Posted) -> Result<()> {
        self.vote(answers::HELPFUL, id.0, posted, topic_versions::answers)
            .await
    }

    async fn report_answer(&self, id: AnswerId) -> Result<()> {
        self.report(answers::REPORT, id.0, topic_versions::answers)
            .await
    }

    async fn cart(&self, of: &Owner, most: i64) -> Result<Vec<CartItem>> {
        let rows = self
            .dialect
            .read(
                cart::LIST,
                None,
                vec![of.as_str().to_owned().into(), most.into()],
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

    async fn add_to_cart(&self, of: &Owner, sku: SkuId, posted: Posted) -> Result<Stored<()>> {
        let binds = vec![
            of.as_str().to_owned().into(),
            sku.0.into(),
            posted.at.0.into(),
        ];
        let entry = Entry {
            write: cart::ADD,
            row: row_of(of),
            binds,
            refused: lost(),
            about: None,
            touched: topic_versions::nothing,
        };
        self.add(entry, posted, drop).await
    }

    async fn add_interaction(
        &self,
        new: Valid<NewInteraction>,
        posted: Posted,
    ) -> Result<Stored<()>> {
        let new = new.into_inner();
        let binds = vec![
            posted.at.0.into(),
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
        self.add(entry, posted, drop).await
    }

    async fn seen(&self, once: &Once, forget: Millis) -> Result<Seen> {
        let binds = vec![once.scope.clone().into(), forget.0.into()];
        let rows = self.dialect.read(idempotency::BODY, None, binds).await?;
        let kept = rows.first().map(|row| row.text(0)).transpose()?;
        Ok(once.seen(kept))
    }

    async fn sweep(&self, forget: Millis, now: Millis) -> Result<()> {
        let keys = self
            .sweep_keys(forget.0, now.0.saturating_sub(RETRIED))
            .await;
        if matches!(keys, Err(Error::ReadOnly)) {
            return Ok(());
        }
        // One is swept even if the other cannot be.
        self.dialect.sweep().await.and(keys)
    }

    fn changes(&self, topic: Topic) -> u64 {
        self.changes.count(topic)
    }

    fn shared(&self) -> bool {
        D::SHARED
    }

    fn thawed(&self) {
        self.dialect.thawed();
    }

    fn observe(&self) {
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
