//! The servers of a PostgreSQL cluster: a primary and its standbys.

/// The status of a server; the file lists the columns.
pub const STATUS: &str = include_str!("../queries/cluster/status.postgres.sql");
