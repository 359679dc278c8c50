//! Handlers, one file per resource. Each takes the parts of a request that it needs; `endpoints.rs` passes them.

pub(super) mod answers;
pub(super) mod cart;
pub(super) mod interactions;
pub(super) mod openapi;
pub(super) mod products;
pub(super) mod questions;
pub(super) mod reviews;
