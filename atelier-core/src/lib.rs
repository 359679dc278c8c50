//! The Atelier API as a library: products, reviews, questions and answers, cart and interactions.
//!
//! Two doors lead into it. A Rust program opens a store and calls typed methods; a transport hands over bytes:
//! `Atelier::handle` takes an `http::Request` and answers with the `http::Response` that the contract asks for, whatever
//! carried the request (feature `http`, on by default).
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> atelier_core::Result<()> {
//! use atelier_core::{Atelier, DatabaseUrl, Page};
//!
//! # let folder = tempfile::tempdir().expect("a folder");
//! # let path = folder.path().join("shop.db");
//! let store = atelier_core::open(&DatabaseUrl::sqlite(path)).await?;
//! let atelier = Atelier::new(store);
//! assert_eq!(atelier.products(Page::default()).await?.total, 0);
//! # Ok(())
//! # }
//! ```
//!
//! With SQLite, speed depends on how its C code is compiled: see `.cargo/config.toml` of this project, whose flags do
//! not reach a program that depends on this crate from elsewhere.

mod atelier;
pub mod bulk;
mod cart;
mod clock;
mod embedded;
mod error;
#[cfg(feature = "http")]
pub mod http;
mod ids;
mod interactions;
pub mod metrics;
mod money;
mod once;
mod page;
mod products;
mod questions;
mod reviews;
pub mod store;
mod valid;

pub use atelier::{Atelier, Settings};
pub use cart::{CartItem, Owner};
pub use clock::{Clock, Millis};
pub use embedded::Embedded;
pub use error::{Error, Failure, Noun, Result, Violations};
pub use ids::{AnswerId, CharacteristicId, ProductId, QuestionId, ReviewId, SkuId};
pub use interactions::NewInteraction;
pub use money::Cents;
pub use once::{Once, Posted, Seen, Stored};
pub use page::Page;
pub use products::{Feature, Product, ProductDetail, Sku, Style, StylePhoto};
pub use questions::{Answer, NewAnswer, NewQuestion, Question, QuestionAnswer};
pub use reviews::{CharacteristicMean, NewReview, Photo, Review, ReviewMeta, ReviewSort};
pub use store::{DatabaseUrl, Listing, Store, open, open_for_function, open_with_readers};
pub use valid::{Rules, Valid};
