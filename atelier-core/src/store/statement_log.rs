//! Logging of statements under the target of sqlx, on both databases.

use std::time::{Duration, Instant};

/// Whether the log has a listener for statements.
pub(crate) fn statements_are_logged() -> bool {
    tracing::enabled!(target: "sqlx::query", tracing::Level::DEBUG)
}

/// Logs a statement with its duration, when the log has a listener: under the target of sqlx, as on PostgreSQL.
pub(crate) struct StatementLog(Option<Instant>);

impl StatementLog {
    pub(crate) fn begin() -> Self {
        Self(statements_are_logged().then(Instant::now))
    }

    pub(crate) fn end(self, name: &str, text: &str) {
        if let Some(begun) = self.0 {
            let elapsed: Duration = begun.elapsed();
            tracing::debug!(target: "sqlx::query", summary = name, db.statement = text, ?elapsed);
        }
    }
}
