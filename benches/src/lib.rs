//! What the benchmarks share: stores to ask, and requests.
//!
//! From innermost to outermost: `route`, `decode` and `render` run [`Atelier::handle`] over a [`Memory`] store, which
//! answers at once, so that they measure the core alone; `store` asks the databases without HTTP; `handle` does both;
//! `deep_page` compares the first page of a million products with the last.

#![allow(
    clippy::missing_panics_doc,
    reason = "a benchmark that cannot be set up ends"
)]

use std::sync::Arc;

use async_trait::async_trait;
use atelier_conformance::postgres::{self, Database};
use atelier_core::bulk::Batch;
use atelier_core::store::{Content, Mark, Topic};
use atelier_core::{
    Answer, AnswerId, Atelier, CartItem, Clock, DatabaseUrl, Embedded, Listing, Millis, NewAnswer,
    NewInteraction, NewQuestion, NewReview, Once, Owner, Posted, Product, ProductDetail, ProductId,
    Question, QuestionId, Result, Review, ReviewId, ReviewMeta, ReviewSort, Seen, Settings, SkuId,
    Store, Stored, Style, Valid,
};
use atelier_warp::demo;
use bytes::Bytes;
use http::{Method, Request};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

/// Products of the demo catalogue that the databases hold.
pub const PRODUCTS: u32 = 1_000;

/// A product of it with everything.
pub const PRODUCT: ProductId = ProductId(1);

/// One thread, as a benchmark needs it; built once, outside of what is measured.
pub fn runtime() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

/// A request to the API.
pub fn request(method: Method, target: &str, body: &'static str) -> Request<Bytes> {
    let mut request = Request::new(Bytes::from_static(body.as_bytes()));
    *request.method_mut() = method;
    *request.uri_mut() = target.parse().expect("a target");
    request
}

/// A database with rows, which goes with this value.
pub struct Filled {
    /// `sqlite` or `postgres`.
    pub name: &'static str,
    /// The API over it.
    pub atelier: Atelier,
    _place: (Option<TempDir>, Option<Database>),
}

/// Each database, filled with `rows`.
pub async fn databases(rows: &Batch) -> Vec<Filled> {
    let folder = tempfile::tempdir().expect("a folder");
    let sqlite = DatabaseUrl::sqlite(folder.path().join("bench.db"));
    let database = postgres::database().await;
    let postgres = DatabaseUrl::parse(&database.url()).expect("a URL");
    vec![
        Filled {
            name: "sqlite",
            atelier: filled(&sqlite, rows).await,
            _place: (Some(folder), None),
        },
        Filled {
            name: "postgres",
            atelier: filled(&postgres, rows).await,
            _place: (None, Some(database)),
        },
    ]
}

async fn filled(url: &DatabaseUrl, rows: &Batch) -> Atelier {
    atelier_core::store::fill(url, rows.clone(), Mark::Loaded("a benchmark"))
        .await
        .expect("the rows are loaded");
    Atelier::new(atelier_core::open(url).await.expect("the store opens"))
}

/// The demo catalogue.
pub fn rows() -> Batch {
    demo::catalogue(PRODUCTS, 42)
}

/// A store that answers at once, with what it was given.
pub struct Memory {
    products: Listing<Product>,
    product: ProductDetail,
    styles: Embedded<Vec<Style>>,
    related: Embedded<Vec<ProductId>>,
    reviews: Listing<Review>,
    meta: ReviewMeta,
    questions: Listing<Question>,
    answers: Listing<Answer>,
}

impl Memory {
    /// The API over what `atelier` answers for [`PRODUCT`], with so many bytes of cache.
    pub async fn of(atelier: &Atelier, cache: usize) -> Atelier {
        let page = atelier_core::Page::default();
        let settings = Settings {
            cache,
            ..Settings::default()
        };
        let store = Arc::new(Self {
            products: atelier.products(page).await.expect("products"),
            product: atelier.product(PRODUCT).await.expect("a product"),
            styles: atelier.styles(PRODUCT).await.expect("styles"),
            related: atelier.related(PRODUCT).await.expect("related"),
            reviews: atelier
                .reviews(PRODUCT, ReviewSort::Helpful, page)
                .await
                .expect("reviews"),
            meta: atelier.review_meta(PRODUCT).await.expect("figures"),
            questions: atelier.questions(PRODUCT, page).await.expect("questions"),
            answers: atelier.answers(QuestionId(1), page).await.expect("answers"),
        });
        Atelier::with(store, settings, Clock::default())
    }
}

#[async_trait]
impl Store for Memory {
    async fn products(&self, _: i64, _: i64) -> Result<Listing<Product>> {
        Ok(self.products.clone())
    }

    async fn product(&self, _: ProductId) -> Result<Option<ProductDetail>> {
        Ok(Some(self.product.clone()))
    }

    async fn styles(&self, _: ProductId) -> Result<Option<Embedded<Vec<Style>>>> {
        Ok(Some(self.styles.clone()))
    }

    async fn related(&self, _: ProductId) -> Result<Option<Embedded<Vec<ProductId>>>> {
        Ok(Some(self.related.clone()))
    }

    async fn reviews(
        &self,
        _: ProductId,
        _: ReviewSort,
        _: i64,
        _: i64,
    ) -> Result<Listing<Review>> {
        Ok(self.reviews.clone())
    }

    async fn review_meta(&self, _: ProductId) -> Result<ReviewMeta> {
        Ok(self.meta.clone())
    }

    async fn questions(&self, _: ProductId, _: i64, _: i64, _: i64) -> Result<Listing<Question>> {
        Ok(self.questions.clone())
    }

    async fn answers(&self, _: QuestionId, _: i64, _: i64) -> Result<Listing<Answer>> {
        Ok(self.answers.clone())
    }

    async fn cart(&self, _: &Owner, _: i64) -> Result<Vec<CartItem>> {
        Ok(vec![])
    }

    async fn has_question(&self, _: QuestionId) -> Result<bool> {
        Ok(true)
    }

    async fn seen(&self, _: &Once, _: Millis) -> Result<Seen> {
        Ok(Seen::Never)
    }

    async fn add_review(&self, _: Valid<NewReview>, _: Posted) -> Result<Stored<ReviewId>> {
        Ok(Stored::Now(ReviewId(1)))
    }

    async fn add_question(&self, _: Valid<NewQuestion>, _: Posted) -> Result<Stored<QuestionId>> {
        Ok(Stored::Now(QuestionId(1)))
    }

    async fn add_answer(
        &self,
        _: QuestionId,
        _: Valid<NewAnswer>,
        _: Posted,
    ) -> Result<Stored<AnswerId>> {
        Ok(Stored::Now(AnswerId(1)))
    }

    async fn add_to_cart(&self, _: &Owner, _: SkuId, _: Posted) -> Result<Stored<()>> {
        Ok(Stored::Now(()))
    }

    async fn add_interaction(&self, _: Valid<NewInteraction>, _: Posted) -> Result<Stored<()>> {
        Ok(Stored::Now(()))
    }

    async fn mark_review_helpful(&self, _: ReviewId) -> Result<()> {
        Ok(())
    }

    async fn report_review(&self, _: ReviewId) -> Result<()> {
        Ok(())
    }

    async fn mark_question_helpful(&self, _: QuestionId) -> Result<()> {
        Ok(())
    }

    async fn report_question(&self, _: QuestionId) -> Result<()> {
        Ok(())
    }

    async fn mark_answer_helpful(&self, _: AnswerId) -> Result<()> {
        Ok(())
    }

    async fn report_answer(&self, _: AnswerId) -> Result<()> {
        Ok(())
    }

    fn changes(&self, _: Topic) -> u64 {
        0
    }

    fn shared(&self) -> bool {
        false
    }

    async fn sweep(&self, _: Millis) -> Result<()> {
        Ok(())
    }

    async fn ready(&self) -> Result<()> {
        Ok(())
    }

    async fn content(&self) -> Result<Content> {
        Ok(Content {
            products: true,
            demo: true,
        })
    }

    async fn close(&self) {}
}

/// The API over [`Memory`], holding what SQLite answers, with so many bytes of cache.
pub async fn memory(cache: usize) -> Atelier {
    let folder = tempfile::tempdir().expect("a folder");
    let sqlite = filled(
        &DatabaseUrl::sqlite(folder.path().join("bench.db")),
        &demo::catalogue(20, 42),
    )
    .await;
    Memory::of(&sqlite, cache).await
}
