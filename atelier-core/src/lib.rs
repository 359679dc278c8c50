//! The Atelier API as a library: products, reviews, questions and answers, cart and interactions.
//!
//! Two doors lead into it. A Rust program opens a store and calls typed methods; a transport hands over bytes:
//! `Atelier::handle` takes an `http::Request` and answers with the `http::Response` that the contract asks for, whatever
//! carried the request (feature `http`, on by default).
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> atelier_core::Result<()> {
//! use atelier_core::bulk::{Batch, Product};
//! use atelier_core::store::{self, Mark};
//! use atelier_core::{Atelier, Cents, DatabaseUrl, Millis, NewReview, ProductId};
//!
//! # let folder = tempfile::tempdir().expect("a folder");
//! # let path = folder.path().join("shop.db");
//! let url = DatabaseUrl::sqlite(path);
//! // Products come in whole, by a load; a program may also open a file that `atelier-etl load` has filled.
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
//! store::fill(&url, products, Mark::Loaded("by hand")).await?;
//!
//! let store = atelier_core::open(&url).await?;
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
//! Where to look:
//!
//! * [`open`] makes a [`Store`] of a [`DatabaseUrl`]; [`open_with`] adds hot standbys or has another number of
//!   connections, [`open_for_function`] is for a process that is frozen between requests.
//! * [`Atelier`] has a method for each route of the contract, and names the route. [`Settings`] are its limits, tokens and
//!   addresses.
//! * [`Error`] is all that can go wrong. Of each method [`Atelier`] says which of them it can meet.
//! * `http::ENDPOINTS` is the table of what `Atelier::handle` serves.
//! * [`bulk`] and [`store::bulk_load`] bring whole catalogues in.
//! * [`metrics`] names what is counted.
//!
//! Money is in [`Cents`], instants are [`Millis`] since 1970 in UTC. A list comes as a [`Paginated`]: the rows of a [`Page`], and
//! how many there are in all.
//!
//! # Features
//!
//! `http` (on by default): `Atelier::handle`, the cache of answers and the module `http`. Without it there are the typed
//! methods alone, which ask the store each time.
//!
//! # Examples
//!
//! `examples/embedded.rs` is a shop in a file inside a program, `examples/mount.rs` the API inside a hyper server of your own.
//!
//! # Upkeep
//!
//! Call [`Atelier::sweep`] every ten minutes or so, [`Store::close`] at the end, and [`Atelier::record_gauges`] before numbers are
//! read.
//!
//! With SQLite, speed depends on how its C code is compiled: see `.cargo/config.toml` of this project, whose flags do
//! not reach a program that depends on this crate from elsewhere.

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
pub use store::{
    DatabaseUrl, PoolSize, PostgresUrl, Store, StoreOptions, open, open_for_function, open_with,
};
