//! The Atelier API as a library: products, reviews, questions and answers, cart and interactions.
//!
//! [`Atelier`] is the typed API over a store. `http::HttpApi` (feature `http`, on by default) wraps it for transports: it maps
//! an `http::Request` to an `http::Response`.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> atelier_core::Result<()> {
//! use atelier_core::bulk::{Batch, Product};
//! use atelier_core::store::{self, Provenance};
//! use atelier_core::{Atelier, Cents, DatabaseUrl, Millis, NewReview, ProductId};
//!
//! # let folder = tempfile::tempdir().expect("a folder");
//! # let path = folder.path().join("shop.db");
//! let url = DatabaseUrl::sqlite(path);
//! // Products are added by bulk loads only. A program can also open a file that `atelier-etl load` filled.
//! let hat = Product {
//!     id: 1,
//!     name: "Felt hat".to_owned(),
//!     slogan: String::new(),
//!     description: String::new(),
//!     category: "Hats".to_owned(),
//!     default_price: Cents(42_00),
//!     created_at: Millis(1_700_000_000_000),
//!     updated_at: Millis(1_700_000_000_000),
//!     features: vec![],
//!     related: vec![],
//!     styles: vec![],
//! };
//! let products = Batch { products: vec![hat], ..Batch::default() };
//! store::fill(&url, products, Provenance::Loaded("by hand")).await?;
//!
//! let store = atelier_core::open(&url, &atelier_core::StoreOptions::default()).await?;
//! let atelier = Atelier::new(store.clone());
//! let review = NewReview {
//!     product_id: ProductId(1),
//!     rating: 5,
//!     summary: "It stays on".to_owned(),
//!     body: "Even on a bicycle.".to_owned(),
//!     recommend: true,
//!     name: "rider".to_owned(),
//!     email: "rider@example.com".to_owned(),
//!     photos: vec![],
//!     characteristics: [].into(),
//! };
//! atelier.add_review(review, None).await?;
//!
//! let meta = atelier.review_meta(ProductId(1)).await?;
//! println!("one to five stars: {:?}, recommended by {}", meta.ratings, meta.recommended_yes);
//! assert_eq!((meta.ratings, meta.recommended_yes), ([0, 0, 0, 0, 1], 1));
//! store.close().await;
//! # Ok(())
//! # }
//! ```
//!
//! Entry points:
//!
//! * [`open`] opens the [`Store`] at a [`DatabaseUrl`]; [`StoreOptions`] add hot standbys, limit
//!   connections, or prepare for Lambda.
//! * [`Atelier`] has a method per endpoint. [`Limits`] are its settings.
//! * `http::HttpApi` handles HTTP requests; `http::HttpSettings` are its settings, `http::ENDPOINTS` is its table of endpoints.
//! * [`Error`] is every error. Each method of [`Atelier`] documents its own.
//! * [`bulk`] and [`store::bulk_load`] load whole catalogues.
//! * [`metrics`] lists the metrics.
//!
//! Amounts of money are [`Cents`], instants are [`Millis`] since 1970 in UTC. Lists are [`Paginated`]: the rows of a [`Page`] and
//! the total number of rows.
//!
//! # Features
//!
//! `http` (on by default): the module `http`, with the response cache. Without it the crate has the typed methods alone, which
//! query the store each time.
//!
//! # Examples
//!
//! `examples/embedded.rs` uses the typed API over a file; `examples/mount.rs` serves the HTTP API within a hyper server.
//!
//! # Maintenance
//!
//! Call [`Atelier::sweep`] about every ten minutes, [`Store::close`] before the process exits, and [`Atelier::record_gauges`]
//! (or `HttpApi::record_gauges`) before metrics are read.
//!
//! The speed of SQLite depends on its C compiler flags. `.cargo/config.toml` of this project sets them; they do not apply to
//! programs elsewhere that depend on this crate.

mod api;
#[cfg(feature = "http")]
pub mod http;
#[cfg_attr(not(feature = "http"), expect(dead_code, reason = "used by `http`"))]
mod large_reads;
#[cfg_attr(not(feature = "http"), expect(dead_code, reason = "used by `http`"))]
pub mod metrics;
#[cfg_attr(not(feature = "http"), expect(dead_code, reason = "used by `http`"))]
mod model;
pub mod store;

pub use api::{Atelier, Limits};
pub use model::bulk;
pub use model::cart::{CartItem, Owner};
pub use model::error::{ConnectErrorKind, Error, Failure, FileFault, Resource, Result, Violations};
pub use model::idempotency::{IdempotencyKey, KeyState, WriteContext, WriteOutcome};
pub use model::ids::{AnswerId, CharacteristicId, ProductId, QuestionId, ReviewId, SkuId};
pub use model::interactions::NewInteraction;
pub use model::money::Cents;
pub use model::pagination::{Page, Paginated};
pub use model::products::{Feature, Product, ProductDetail, Sku, Style, StylePhoto};
pub use model::questions::{Answer, NewAnswer, NewQuestion, Question, QuestionAnswer};
pub use model::raw_json::RawJson;
pub use model::reviews::{CharacteristicMean, NewReview, Photo, Review, ReviewMeta, ReviewSort};
pub use model::time::{Clock, ManualClock, Millis};
pub use model::validation::{Rules, Valid};
pub use store::{DatabaseUrl, PoolSize, PostgresUrl, Store, StoreOptions, open};
