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
mod clock;
mod embedded;
mod error;
#[cfg(feature = "http")]
pub mod http;
mod ids;
mod money;
mod page;
mod products;
mod reviews;
pub mod store;
mod valid;

pub use atelier::{Atelier, Settings};
pub use clock::{Clock, Millis};
pub use embedded::Embedded;
pub use error::{Error, Failure, Noun, Result, Violations};
pub use ids::{CharacteristicId, ProductId, ReviewId};
pub use money::Cents;
pub use page::Page;
pub use products::{Feature, Product, ProductDetail, Sku, Style, StylePhoto};
pub use reviews::{CharacteristicMean, NewReview, Photo, Review, ReviewMeta, ReviewSort};
pub use store::{DatabaseUrl, Listing, Store, open};
pub use valid::{Rules, Valid};
