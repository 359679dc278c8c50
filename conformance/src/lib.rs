//! The contract as named cases, and the matrix they run over: every store with every transport.
//!
//! A case sends requests to a [`TestApp`] and states the responses. [`cases!`] turns it into six tests: SQLite and
//! PostgreSQL, each through [`HttpApi::handle`](atelier_core::http::HttpApi::handle), through warp over a socket
//! and as events of a Lambda function.

#![allow(clippy::missing_panics_doc, reason = "a panic is how a test fails")]

mod app;
pub mod events;
mod lambda;
pub mod matrix;
pub mod rows;
pub mod seed;
pub mod two_servers;

pub use app::{Settings, TestApp, empty, parsed, url_text};
pub use atelier_test_support::TestResponse;
