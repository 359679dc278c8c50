//! The contract as named cases, and the matrix they run over: every store with every transport.
//!
//! A case asks a [`TestApp`] over whatever carries its requests and states what must come back. [`cases!`] makes it six
//! tests: SQLite and PostgreSQL, each through [`Atelier::handle`](atelier_core::Atelier::handle), through warp over a socket
//! and as events of a Lambda function.

#![allow(clippy::missing_panics_doc, reason = "a panic is how a test fails")]

mod app;
pub mod events;
mod lambda;
pub mod matrix;
pub mod rows;
pub mod seed;
pub mod two_servers;

pub use app::{TestApp, empty, parsed, url_text};
pub use atelier_test_support::TestResponse;
