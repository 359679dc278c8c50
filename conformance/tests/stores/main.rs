//! What holds for a store of one kind, or for its database, beside the contract.

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
