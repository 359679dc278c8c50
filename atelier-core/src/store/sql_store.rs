//! The one implementation of [`Store`], over a [`Backend`].

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
use crate::store::backend::{Backend, Change};
use crate::store::rows::{Row, Rows, Value};
use crate::store::topic_versions::TopicVersions;
use crate::store::{Content, Store, SweepCutoffs, Topic, changes, rows, topic_versions};

/// Time to live of the keys of requests that a proxy may repeat, in milliseconds.
const RETRY_KEY_TTL_MS: i64 = 10 * 60 * 1_000;

/// Maximum number of rows that one statement of a sweep examines.
const SWEEP_BATCH: i64 = 1_000;

/// A store in a database.
#[derive(Debug)]
pub(crate) struct SqlStore<B> {
    backend: B,
    versions: Arc<TopicVersions>,
}

impl<B: Backend> SqlStore<B> {
    pub(crate) fn new(backend: B, versions: Arc<TopicVersions>) -> Self {
        Self { backend, versions }
    }

    /// Reads a page. Column 0 is the number of all rows; an empty page is a row with that number and nulls.
    async fn page<T>(
        &self,
        query: Read,
        topic: Topic,
        binds: Vec<Value>,
        decode: impl Fn(&B::Row, usize) -> Result<T>,
    ) -> Result<Paginated<T>> {
        let rows = self.backend.read(query, Some(topic), binds).await?;
        let mut items = Vec::with_capacity(rows.len());
        for row in rows.iter() {
            if row.optional_int(1)?.is_some() {
                items.push(decode(row, 1)?);
            }
        }
        paginated(&rows, items)
    }

    /// Reads a row with one column of JSON text.
    async fn raw_json<T>(&self, query: Read, id: ProductId) -> Result<Option<RawJson<T>>> {
        let topic = Some(Topic::Catalogue);
        let rows = self.backend.read(query, topic, vec![id.0.into()]).await?;
        let text = |row: &B::Row| row.text(0).map(RawJson::from_stored);
        rows.first().map(text).transpose()
    }

    async fn write(&self, change: Change) -> Result<Option<Vec<i64>>> {
        self.backend.can_write()?;
        self.backend.write(change).await
    }

    /// Adds an entry, together with its idempotency key. When it was not stored, either the key was used before, or the entry is
    /// invalid and the result is the error `invalid`.
    async fn add<T>(
        &self,
        mut change: Change,
        context: WriteContext,
        invalid: Error,
        id: impl FnOnce(i64) -> T + Send,
    ) -> Result<WriteOutcome<T>> {
        let key = context.key.clone().map(|key| (key.scope, key.body_hash));
        let (scope, body_hash) = key.unzip();
        change.key.clone_from(&scope);
        change
            .binds
            .extend([scope.into(), body_hash.into(), context.key_cutoff.0.into()]);
        let row = self.write(change).await?;
        if let Some(new) = row.and_then(|row| row.first().copied())
            && new > 0
        {
            return Ok(WriteOutcome::Created(id(new)));
        }
        let Some(key) = &context.key else {
            return Err(invalid);
        };
        match self.key_state(key, context.key_cutoff).await? {
            KeyState::SameRequest => Ok(WriteOutcome::Replayed),
            KeyState::Conflict => Err(Error::KeyReused),
            KeyState::Unused => Err(invalid),
        }
    }

    /// Deletes expired keys of clients and of requests that a proxy may repeat, in batches: other writes take turns, and no
    /// statement exceeds its timeout.
    async fn sweep_keys(&self, client_cutoff: i64, retry_cutoff: i64) -> Result<()> {
        let mut start = 0;
        loop {
            let binds = [client_cutoff, retry_cutoff, start, SWEEP_BATCH];
            let [keys, last] = self.sweep_batch(idempotency::SWEEP, binds).await?;
            if keys < SWEEP_BATCH {
                return Ok(());
            }
            // More keys than a batch may have one date; they are skipped until the next sweep.
            start = if last > start { last } else { start + 1 };
        }
    }

    /// Deletes interactions from before `cutoff`. The order of ids is nearly that of dates, so the sweep ends at the first batch
    /// with an interaction that is not expired.
    async fn sweep_interactions(&self, cutoff: i64, now: i64) -> Result<()> {
        let mut start = 0;
        loop {
            let binds = [cutoff, now, start, SWEEP_BATCH];
            let [examined, last, in_force] = self.sweep_batch(interactions::SWEEP, binds).await?;
            if examined < SWEEP_BATCH || in_force > 0 {
                return Ok(());
            }
            start = last + 1;
        }
    }

    /// Deletes cart items to which nothing was added since the day of `cutoff`.
    async fn sweep_carts(&self, cutoff: i64) -> Result<()> {
        loop {
            let [deleted] = self.sweep_batch(cart::SWEEP, [cutoff, SWEEP_BATCH]).await?;
            if deleted < SWEEP_BATCH {
                return Ok(());
            }
        }
    }

    /// Executes one statement of a sweep and returns the numbers of its row.
    async fn sweep_batch<const BINDS: usize, const NUMBERS: usize>(
        &self,
        write: Write,
        binds: [i64; BINDS],
    ) -> Result<[i64; NUMBERS]> {
        let row = self.write(changes::sweep(write, &binds)).await?;
        row.and_then(|row| row.try_into().ok())
            .ok_or_else(missing_row)
    }
}

fn paginated<T, R: Row>(rows: &Rows<R>, items: Vec<T>) -> Result<Paginated<T>> {
    Ok(Paginated {
        rows: items,
        total: rows.first().map_or(Ok(0), |row| row.int(0))?,
        complete: rows.complete,
    })
}

/// The error for a write that always returns a row unless its key was used.
fn missing_row() -> Error {
    Error::Internal(Failure::new("an entry was neither stored nor refused"))
}

fn invalid(resource: Resource, fields: Vec<&'static str>) -> Error {
    Error::Invalid(Violations { resource, fields })
}

#[async_trait]
impl<B: Backend> Store for SqlStore<B> {
    async fn products(&self, offset: i64, limit: i64) -> Result<Paginated<Product>> {
        let binds = vec![offset.into(), limit.into()];
        self.page(products::LIST, Topic::Catalogue, binds, rows::product)
            .await
    }

    async fn product(&self, id: ProductId) -> Result<Option<ProductDetail>> {
        let topic = Some(Topic::Catalogue);
        let binds = vec![id.0.into()];
        let rows = self.backend.read(products::ONE, topic, binds).await?;
        rows.first().map(rows::product_detail).transpose()
    }

    async fn styles(&self, product: ProductId) -> Result<Option<RawJson<Vec<Style>>>> {
        self.raw_json(products::STYLES, product).await
    }

    async fn related(&self, product: ProductId) -> Result<Option<RawJson<Vec<ProductId>>>> {
        self.raw_json(products::RELATED, product).await
    }

    async fn reviews(
        &self,
        product: ProductId,
        sort: ReviewSort,
        offset: i64,
        limit: i64,
    ) -> Result<Paginated<Review>> {
        let query = match sort {
            ReviewSort::Helpful => reviews::LIST_HELPFUL,
            ReviewSort::Newest => reviews::LIST_NEWEST,
        };
        let binds = vec![product.0.into(), offset.into(), limit.into()];
        self.page(query, Topic::Reviews(product), binds, rows::review)
            .await
    }

    async fn review_meta(&self, product: ProductId) -> Result<ReviewMeta> {
        let topic = Some(Topic::Reviews(product));
        let binds = vec![product.0.into()];
        let rows = self.backend.read(reviews::META, topic, binds).await?;
        rows::review_meta(&rows)
    }

    async fn add_review(
        &self,
        new: Valid<NewReview>,
        context: WriteContext,
    ) -> Result<WriteOutcome<ReviewId>> {
        let new = new.into_inner();
        let product = new.product_id;
        let change = changes::add_review(new, context.now)?;
        let refused = |fields| invalid(Resource::Review, fields);
        let either = refused(vec!["product_id", "characteristics"]);
        match self.add(change, context, either, ReviewId).await {
            // The statement does not say which of the two fields is at fault.
            Err(Error::Invalid(_)) if self.related(product).await?.is_some() => {
                Err(refused(vec!["characteristics"]))
            }
            Err(Error::Invalid(_)) => Err(refused(vec!["product_id"])),
            outcome => outcome,
        }
    }

    async fn mark_review_helpful(&self, id: ReviewId, context: WriteContext) -> Result<()> {
        let topics = topic_versions::reviews;
        let change = changes::vote(reviews::HELPFUL, id.0, context.key, context.now, topics);
        self.write(change).await.map(drop)
    }

    async fn report_review(&self, id: ReviewId) -> Result<()> {
        let change = changes::report(reviews::REPORT, id.0, topic_versions::reviews);
        self.write(change).await.map(drop)
    }

    async fn questions(
        &self,
        product: ProductId,
        offset: i64,
        limit: i64,
        max_answers: i64,
    ) -> Result<Paginated<Question>> {
        let binds = vec![
            product.0.into(),
            offset.into(),
            limit.into(),
            (max_answers - 1).max(0).into(),
        ];
        let topic = Some(Topic::Questions(product));
        let rows = self.backend.read(questions::LIST, topic, binds).await?;
        paginated(&rows, rows::questions(&rows)?)
    }

    async fn answers(
        &self,
        question: QuestionId,
        offset: i64,
        limit: i64,
    ) -> Result<Paginated<Answer>> {
        let binds = vec![question.0.into(), offset.into(), limit.into()];
        self.page(answers::LIST, Topic::Answers(question), binds, rows::answer)
            .await
    }

    async fn has_question(&self, id: QuestionId) -> Result<bool> {
        let binds = vec![id.0.into()];
        let rows = self.backend.read(questions::EXISTS, None, binds).await?;
        Ok(!rows.is_empty())
    }

    async fn add_question(
        &self,
        new: Valid<NewQuestion>,
        context: WriteContext,
    ) -> Result<WriteOutcome<QuestionId>> {
        let change = changes::add_question(new.into_inner(), context.now);
        let invalid = invalid(Resource::Question, vec!["product_id"]);
        self.add(change, context, invalid, QuestionId).await
    }

    async fn add_answer(
        &self,
        question: QuestionId,
        new: Valid<NewAnswer>,
        context: WriteContext,
    ) -> Result<WriteOutcome<AnswerId>> {
        let change = changes::add_answer(question, new.into_inner(), context.now)?;
        let unknown = Error::NotFound(Resource::Question);
        self.add(change, context, unknown, AnswerId).await
    }

    async fn mark_question_helpful(&self, id: QuestionId, context: WriteContext) -> Result<()> {
        let topics = topic_versions::questions;
        let change = changes::vote(questions::HELPFUL, id.0, context.key, context.now, topics);
        self.write(change).await.map(drop)
    }

    async fn report_question(&self, id: QuestionId) -> Result<()> {
        let change = changes::report(questions::REPORT, id.0, topic_versions::questions);
        self.write(change).await.map(drop)
    }

    async fn mark_answer_helpful(&self, id: AnswerId, context: WriteContext) -> Result<()> {
        let topics = topic_versions::answers;
        let change = changes::vote(answers::HELPFUL, id.0, context.key, context.now, topics);
        self.write(change).await.map(drop)
    }

    async fn report_answer(&self, id: AnswerId) -> Result<()> {
        let change = changes::report(answers::REPORT, id.0, topic_versions::answers);
        self.write(change).await.map(drop)
    }

    async fn cart(&self, owner: &Owner, limit: i64) -> Result<Vec<CartItem>> {
        let binds = vec![owner.as_str().to_owned().into(), limit.into()];
        let rows = self.backend.read(cart::LIST, None, binds).await?;
        rows.iter().map(rows::cart_item).collect()
    }

    async fn add_to_cart(
        &self,
        owner: &Owner,
        sku: SkuId,
        context: WriteContext,
    ) -> Result<WriteOutcome<()>> {
        let change = changes::add_to_cart(owner, sku, context.now);
        self.add(change, context, missing_row(), drop).await
    }

    async fn add_interaction(
        &self,
        new: Valid<NewInteraction>,
        context: WriteContext,
    ) -> Result<WriteOutcome<()>> {
        let change = changes::add_interaction(new.into_inner(), context.now);
        self.add(change, context, missing_row(), drop).await
    }

    async fn key_state(&self, key: &IdempotencyKey, cutoff: Millis) -> Result<KeyState> {
        let binds = vec![key.scope.clone().into(), cutoff.0.into()];
        let rows = self.backend.read(idempotency::BODY, None, binds).await?;
        let stored = rows.first().map(|row| row.text(0)).transpose()?;
        Ok(key.state(stored))
    }

    async fn sweep(&self, cutoffs: SweepCutoffs) -> Result<()> {
        let now = cutoffs.now.0;
        let retry_cutoff = now.saturating_sub(RETRY_KEY_TTL_MS);
        let keys = self.sweep_keys(cutoffs.keys.0, retry_cutoff).await;
        if matches!(keys, Err(Error::ReadOnly)) {
            return Ok(());
        }
        // A failure of one sweep does not prevent the others.
        let interactions = match cutoffs.interactions {
            Some(cutoff) => self.sweep_interactions(cutoff.0, now).await,
            None => Ok(()),
        };
        let carts = match cutoffs.carts {
            Some(cutoff) => self.sweep_carts(cutoff.0).await,
            None => Ok(()),
        };
        let events = self.backend.sweep().await;
        keys.and(interactions).and(carts).and(events)
    }

    fn topic_version(&self, topic: Topic) -> u64 {
        self.versions.version(topic)
    }

    fn is_shared(&self) -> bool {
        B::SHARED
    }

    fn after_freeze(&self) {
        self.backend.after_freeze();
    }

    fn record_gauges(&self) {
        self.backend.record_gauges();
    }

    async fn ready(&self) -> Result<()> {
        let binds = vec![0.into()];
        let topic = Some(Topic::Catalogue);
        self.backend
            .read(products::RELATED, topic, binds)
            .await
            .map(drop)
    }

    async fn content(&self) -> Result<Content> {
        let rows = self.backend.read(products::CONTENT, None, vec![]).await?;
        let empty = Content {
            products: false,
            demo: false,
        };
        rows.first().map_or(Ok(empty), rows::content)
    }

    async fn close(&self) {
        self.backend.close().await;
    }
}
