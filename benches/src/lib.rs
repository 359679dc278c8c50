//! Stores and requests that the benchmarks share.
//!
//! From innermost to outermost: `route`, `decode` and `render` run [`HttpApi::handle`] over a [`Memory`] store, which
//! returns at once, so they measure the core alone; `cached` adds the response cache; `store` measures the
//! databases without HTTP; `handle` does both; `wire` crosses a socket; `deep_page` compares the first page of a million
//! products with the last. `instructions` counts the instructions of the pure paths.

#![allow(
    clippy::missing_panics_doc,
    reason = "a benchmark that cannot be set up ends"
)]

use std::sync::Arc;

use async_trait::async_trait;
use atelier_core::bulk::Batch;
use atelier_core::http::{HttpApi, HttpSettings};
use atelier_core::store::{Content, Provenance, SweepCutoffs, Topic};
use atelier_core::{
    Answer, AnswerId, Atelier, CartItem, Cents, CharacteristicId, CharacteristicMean, DatabaseUrl,
    IdempotencyKey, KeyState, Millis, NewAnswer, NewInteraction, NewQuestion, NewReview, Owner,
    Paginated, Product, ProductDetail, ProductId, Question, QuestionAnswer, QuestionId, RawJson,
    Result, Review, ReviewId, ReviewMeta, ReviewSort, SkuId, Store, Style, Valid, WriteContext,
    WriteOutcome,
};
use atelier_test_support::postgres::{self, Database};
use atelier_warp::demo;
use bytes::Bytes;
use http::{Method, Request};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

/// Products of the demo catalogue in the databases.
pub const PRODUCTS: u32 = 1_000;

/// A product with styles, reviews and questions.
pub const PRODUCT: ProductId = ProductId(1);

/// Builds a runtime of one thread, outside the measured part.
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
    pub api: HttpApi,
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
            api: filled(&sqlite, rows).await,
            _place: (Some(folder), None),
        },
        Filled {
            name: "postgres",
            api: filled(&postgres, rows).await,
            _place: (None, Some(database)),
        },
    ]
}

async fn filled(url: &DatabaseUrl, rows: &Batch) -> HttpApi {
    atelier_core::store::fill(url, rows.clone(), Provenance::Loaded("a benchmark"))
        .await
        .expect("the rows are loaded");
    HttpApi::new(
        Atelier::new(
            atelier_core::open(url, &atelier_core::StoreOptions::default())
                .await
                .expect("the store opens"),
        ),
        HttpSettings {
            cache_bytes: 0,
            ..HttpSettings::default()
        },
    )
}

/// The demo catalogue.
pub fn rows() -> Batch {
    demo::catalogue(PRODUCTS, 42)
}

/// A store that returns given values at once.
#[derive(Debug)]
pub struct Memory {
    products: Paginated<Product>,
    product: ProductDetail,
    styles: RawJson<Vec<Style>>,
    related: RawJson<Vec<ProductId>>,
    reviews: Paginated<Review>,
    meta: ReviewMeta,
    questions: Paginated<Question>,
    answers: Paginated<Answer>,
}

impl Memory {
    /// What every question is answered with: the same on every run, to the byte.
    fn new() -> Self {
        let product = |id| Product {
            id: ProductId(id),
            name: format!("Parka {id}"),
            slogan: "Salt spray, dry sleeves".to_owned(),
            description: "A waxed parka for long piers, with room for what one finds there."
                .repeat(3),
            category: "Coats".to_owned(),
            default_price: Cents(7_200),
            created_at: Millis(0),
            updated_at: Millis(0),
        };
        let style = r#"{"style_id":1,"name":"Moss","original_price":"72.00","sale_price":null,"default?":true,"photos":[{"thumbnail_url":"https://img.example/t.jpg","url":"https://img.example/f.jpg"}],"skus":{"37":{"quantity":30,"size":"M"}}}"#;
        let photos = r#"[{"id":310,"url":"https://img.example/r1.jpg"}]"#;
        let text = "Kept me dry on the quay all week, \"even\" the sleeves.\n".repeat(4);
        let review = |id| Review {
            review_id: ReviewId(id),
            rating: 4,
            summary: "Warm".to_owned(),
            recommend: true,
            response: None,
            body: text.clone(),
            date: Millis(1_600_000_000_000),
            reviewer_name: "pierwalker".to_owned(),
            helpfulness: 3,
            photos: RawJson::from_stored(photos),
        };
        let given = |id| QuestionAnswer {
            id: AnswerId(id),
            body: text.clone(),
            date: Millis(1_600_000_000_000),
            answerer_name: "seller".to_owned(),
            helpfulness: 3,
            photos: RawJson::from_stored(r#"["https://img.example/a1.jpg"]"#),
        };
        let question = |id| Question {
            id: QuestionId(id),
            body: text.clone(),
            date: Millis(1_600_000_000_000),
            asker_name: "pierwalker".to_owned(),
            helpfulness: 3,
            answers: (1..=3).map(given).collect(),
        };
        let answer = |id| Answer {
            answer_id: AnswerId(id),
            body: text.clone(),
            date: Millis(1_600_000_000_000),
            answerer_name: "seller".to_owned(),
            helpfulness: 3,
            photos: RawJson::from_stored(photos),
        };
        let characteristic = |id| CharacteristicMean {
            id: CharacteristicId(id),
            name: format!("Fit {id}"),
            sum: 11,
            count: 3,
        };
        Self {
            products: Paginated {
                rows: (1..=5).map(product).collect(),
                total: 12,
                complete: true,
            },
            product: ProductDetail {
                product: product(1),
                features: RawJson::from_stored(r#"[{"feature":"Fabric","value":"Canvas"}]"#),
            },
            styles: RawJson::from_stored(format!("[{}]", vec![style; 20].join(","))),
            related: RawJson::from_stored("[2,3,4,5]"),
            reviews: Paginated {
                rows: (1..=5).map(review).collect(),
                total: 12,
                complete: true,
            },
            meta: ReviewMeta {
                ratings: [0, 1, 2, 3, 6],
                recommended_no: 2,
                recommended_yes: 10,
                characteristics: (1..=4).map(characteristic).collect(),
            },
            questions: Paginated {
                rows: (1..=5).map(question).collect(),
                total: 12,
                complete: true,
            },
            answers: Paginated {
                rows: (1..=5).map(answer).collect(),
                total: 12,
                complete: true,
            },
        }
    }
}

#[async_trait]
impl Store for Memory {
    async fn products(&self, _: i64, _: i64) -> Result<Paginated<Product>> {
        Ok(self.products.clone())
    }

    async fn product(&self, _: ProductId) -> Result<Option<ProductDetail>> {
        Ok(Some(self.product.clone()))
    }

    async fn styles(&self, _: ProductId) -> Result<Option<RawJson<Vec<Style>>>> {
        Ok(Some(self.styles.clone()))
    }

    async fn related(&self, _: ProductId) -> Result<Option<RawJson<Vec<ProductId>>>> {
        Ok(Some(self.related.clone()))
    }

    async fn reviews(
        &self,
        _: ProductId,
        _: ReviewSort,
        _: i64,
        _: i64,
    ) -> Result<Paginated<Review>> {
        Ok(self.reviews.clone())
    }

    async fn review_meta(&self, _: ProductId) -> Result<ReviewMeta> {
        Ok(self.meta.clone())
    }

    async fn questions(&self, _: ProductId, _: i64, _: i64, _: i64) -> Result<Paginated<Question>> {
        Ok(self.questions.clone())
    }

    async fn answers(&self, _: QuestionId, _: i64, _: i64) -> Result<Paginated<Answer>> {
        Ok(self.answers.clone())
    }

    async fn cart(&self, _: &Owner, _: i64) -> Result<Vec<CartItem>> {
        Ok(vec![])
    }

    async fn has_question(&self, _: QuestionId) -> Result<bool> {
        Ok(true)
    }

    async fn key_state(&self, _: &IdempotencyKey, _: Millis) -> Result<KeyState> {
        Ok(KeyState::Unused)
    }

    async fn add_review(
        &self,
        _: Valid<NewReview>,
        _: WriteContext,
    ) -> Result<WriteOutcome<ReviewId>> {
        Ok(WriteOutcome::Created(ReviewId(1)))
    }

    async fn add_question(
        &self,
        _: Valid<NewQuestion>,
        _: WriteContext,
    ) -> Result<WriteOutcome<QuestionId>> {
        Ok(WriteOutcome::Created(QuestionId(1)))
    }

    async fn add_answer(
        &self,
        _: QuestionId,
        _: Valid<NewAnswer>,
        _: WriteContext,
    ) -> Result<WriteOutcome<AnswerId>> {
        Ok(WriteOutcome::Created(AnswerId(1)))
    }

    async fn add_to_cart(&self, _: &Owner, _: SkuId, _: WriteContext) -> Result<WriteOutcome<()>> {
        Ok(WriteOutcome::Created(()))
    }

    async fn add_interaction(
        &self,
        _: Valid<NewInteraction>,
        _: WriteContext,
    ) -> Result<WriteOutcome<()>> {
        Ok(WriteOutcome::Created(()))
    }

    async fn mark_review_helpful(&self, _: ReviewId, _: WriteContext) -> Result<()> {
        Ok(())
    }

    async fn report_review(&self, _: ReviewId) -> Result<()> {
        Ok(())
    }

    async fn mark_question_helpful(&self, _: QuestionId, _: WriteContext) -> Result<()> {
        Ok(())
    }

    async fn report_question(&self, _: QuestionId) -> Result<()> {
        Ok(())
    }

    async fn mark_answer_helpful(&self, _: AnswerId, _: WriteContext) -> Result<()> {
        Ok(())
    }

    async fn report_answer(&self, _: AnswerId) -> Result<()> {
        Ok(())
    }

    fn topic_version(&self, _: Topic) -> u64 {
        0
    }

    fn is_shared(&self) -> bool {
        false
    }

    async fn sweep(&self, _: SweepCutoffs) -> Result<()> {
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

/// Creates the API over [`Memory`], with a cache of that many bytes.
pub fn memory(cache_bytes: usize) -> HttpApi {
    let settings = HttpSettings {
        cache_bytes,
        ..HttpSettings::default()
    };
    HttpApi::new(Atelier::new(Arc::new(Memory::new())), settings)
}
