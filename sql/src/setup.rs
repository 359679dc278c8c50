//! Checks of a PostgreSQL database before it is used.

/// Facts about the server and the database; the file lists the columns.
pub const FACTS: &str = include_str!("../queries/setup/facts.postgres.sql");

/// Whether the database has no tables of Atelier.
pub const IS_EMPTY: &str = "select to_regclass('products') is null";
