//! What is asked of a PostgreSQL database before it is used.

/// The server's version as a number, the encoding of the database, whether transactions are read-only by default, whether
/// the server is a standby, and how many connections there can be at most, or null: for the role, to the database, of the
/// server.
pub const FACTS: &str = include_str!("../queries/setup/facts.postgres.sql");

/// Whether the database has no tables of Atelier.
pub const IS_EMPTY: &str = "select to_regclass('products') is null";
