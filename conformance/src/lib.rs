//! The contract as named cases, and the matrix they run over: every store with every transport.
//!
//! A case asks a [`Shop`] over whatever carries its requests and states what must come back. [`cases!`] makes it four
//! tests: SQLite and PostgreSQL, each through [`Atelier::handle`](atelier_core::Atelier::handle) and through warp over a socket.

#![allow(clippy::missing_panics_doc, reason = "a panic is how a test fails")]

pub mod matrix;
pub mod postgres;
pub mod rows;
pub mod seed;
mod shop;

pub use shop::{Place, Reply, Shop, empty};
