//! The data types of the API: identifiers, money, time, pages, resources, new entries with their validation rules, errors.

pub(crate) mod cart;
pub(crate) mod error;
pub(crate) mod idempotency;
pub(crate) mod ids;
pub(crate) mod interactions;
pub(crate) mod money;
pub(crate) mod pagination;
pub(crate) mod products;
pub(crate) mod questions;
pub(crate) mod raw_json;
pub(crate) mod reviews;
pub(crate) mod time;
pub(crate) mod validation;

pub mod bulk;
