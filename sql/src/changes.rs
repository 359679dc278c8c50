//! The `changes` log of PostgreSQL, by which servers that share a database learn of each other's writes.

/// Writes down what was changed: `$1` who, `$2` kinds, `$3` subjects, arrays of one length.
pub const TELL: &str = include_str!("../queries/changes/tell.postgres.sql");
/// What others wrote since: `$1` who asks, `$2` the snapshot of the last time, `$3` how many rows at most.
pub const FOLLOW: &str = include_str!("../queries/changes/follow.postgres.sql");
/// Forgets rows older than `$1` milliseconds, `$2` at most, and tells how many.
pub const SWEEP: &str = include_str!("../queries/changes/sweep.postgres.sql");
