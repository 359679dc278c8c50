//! PostgreSQL through sqlx: a pool, a primary with its standbys, and cache invalidation between servers.

mod arguments;
pub(crate) mod backend;
pub(crate) mod cluster;
pub(crate) mod connect_error;
mod error;
pub(crate) mod invalidation;
pub(crate) mod load;
mod migrate;
pub(crate) mod pool;
pub(crate) mod setup;
pub(crate) mod url;
