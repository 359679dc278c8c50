//! Stores beyond the contract of the API: statements, schema, settings, batching, invalidation, Lambda.

mod distribution;
mod lambda_store;
mod large_answers;
mod lock_timeout;
mod postgres_settings;
mod random_writes;
mod read_batching;
mod schema_version;
mod sqlite;
mod statements;
mod two_servers;
