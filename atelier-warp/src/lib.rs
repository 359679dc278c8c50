//! The HTTP server of Atelier, on warp.
//!
//! [`mount`] returns the API as a [`warp::Filter`], which passes every request to
//! [`HttpApi::handle`](atelier_core::http::HttpApi::handle). [`serve`](serve::serve) runs it: the accept loop limits connections,
//! sets timeouts on headers, bodies and writes, and shuts down without losing a request. [`demo`] generates the products of a
//! first start, and the storefront at `/` shows them.

mod config;
mod connection;
pub mod demo;
pub mod health;
mod internal_routes;
mod mount;
pub mod observe;
pub mod output;
mod pages;
pub mod probes;
pub mod serve;

pub use mount::{Limits, mount};
