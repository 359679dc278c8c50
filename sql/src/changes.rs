//! Cache invalidation between servers that share a PostgreSQL database, through the table `changes`.

/// Publishes events: `$1` id of this server, `$2` kinds, `$3` subjects, arrays of equal length.
pub const PUBLISH: &str = include_str!("../queries/changes/publish.postgres.sql");
/// Reads the events of other servers: `$1` id of this server, `$2` snapshot of the last poll or null, `$3` limit.
pub const POLL: &str = include_str!("../queries/changes/poll.postgres.sql");
/// Deletes events older than `$1` milliseconds, up to `$2`, and returns how many were deleted.
pub const SWEEP: &str = include_str!("../queries/changes/sweep.postgres.sql");
