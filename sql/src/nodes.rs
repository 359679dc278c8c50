//! The servers that hold the same PostgreSQL database: a primary and its standbys.

/// What a server is: which database it has and since when it runs, whether it is a standby, whether it takes changes,
/// its timeline, and the position of its log.
pub const ROLE: &str = include_str!("../queries/nodes/role.postgres.sql");
