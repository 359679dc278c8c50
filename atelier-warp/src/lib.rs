//! Atelier behind warp.
//!
//! [`mount`] makes the whole API one catch-all [`warp::Filter`], which carries bytes to
//! [`Atelier::handle`](atelier_core::Atelier::handle) and back and decides nothing. [`serve`](serve::serve) is the loop that
//! runs it in production: connection limit, clocks on headers, bodies and slow readers, and a shutdown that loses no request.
//! [`demo`] is the catalogue that a first start shows, and `/` a storefront that shows it to people.

mod connection;
pub mod demo;
pub mod health;
mod mount;
pub mod observe;
pub mod output;
mod own;
mod pages;
pub mod probes;
pub mod serve;

pub use mount::{Limits, mount};
