//! The contract as named cases, and the matrix they run over: every store with every transport.
//!
//! A case asks a [`Shop`] over whatever carries its requests and states what must come back. [`cases!`] makes it six
//! tests: SQLite and PostgreSQL, each through [`Atelier::handle`](atelier_core::Atelier::handle), through warp over a socket
//! and as events of a Lambda function.

#![allow(clippy::missing_panics_doc, reason = "a panic is how a test fails")]

pub mod events;
pub mod fault_proxy;
mod lambda;
pub mod matrix;
pub mod nginx;
pub mod postgres;
pub mod rows;
pub mod runtime_api;
pub mod seed;
mod shop;

pub use shop::{Place, Reply, Shop, empty};
