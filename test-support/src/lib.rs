//! What tests run Atelier against: throwaway PostgreSQL servers and databases, nginx, a fault-injecting TCP proxy, and
//! Lambda's Runtime API.
//!
//! It depends on no crate of this workspace, so a test of any of them can use it without compiling the others.

#![allow(clippy::missing_panics_doc, reason = "a panic is how a test fails")]

use std::sync::LazyLock;

use tokio::runtime::Runtime;

pub mod fault_proxy;
pub mod nginx;
mod poll;
pub mod postgres;
mod response;
pub mod rows;
pub mod runtime_api;
mod temp_store;

pub use poll::{pause, until};
pub use response::TestResponse;
pub use temp_store::{StoreKind, TempStore};

/// The runtime that all tests of a process share, so that they can share connections and databases.
pub static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Runtime::new().expect("the runtime's threads start"));
