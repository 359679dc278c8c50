//! Decoding of requests: path, query, body and headers.

pub(super) mod fields;
pub(super) mod header_list;
pub(super) mod negotiation;
pub(super) mod path;
pub(super) mod query;
mod urlencoded;
