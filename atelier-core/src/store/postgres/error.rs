//! Errors of sqlx as errors of the API, classified by SQLSTATE.

use std::error::Error as StdError;
use std::io::ErrorKind;

use atelier_sql::Write;
use sqlx::error::DatabaseError;

use crate::model::error::{ConnectErrorKind, Error, Failure};
use crate::store::batching::writes::BatchCause;

/// Converts an error of `operation`, which is the name of a statement or of a step.
#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
pub(crate) fn convert(operation: &str, error: sqlx::Error) -> Error {
    let failure = Failure::new(format!("{operation}: {}", message(&error)))
        .with_connect_error(ConnectErrorKind::of(&error));
    let is_transient = match &error {
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        error => has_sqlstate(error, is_transient),
    };
    if is_transient {
        Error::Unavailable(failure)
    } else {
        Error::Internal(failure)
    }
}

/// Whether the server reported an SQLSTATE that satisfies a condition.
fn has_sqlstate(error: &sqlx::Error, condition: impl FnOnce(&str) -> bool) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    code.is_some_and(|code| condition(&code))
}

/// Whether a statement may succeed later: errors of connections, resources, cancelled statements, locks, restarts, conflicts and
/// read-only servers.
fn is_transient(sqlstate: &str) -> bool {
    let class = sqlstate.get(..2).unwrap_or_default();
    ["08", "53", "40", "57"].contains(&class) || ["25006", "55P03"].contains(&sqlstate)
}

/// Whether the server cancelled the statement, because of its timeout.
pub(crate) fn is_cancelled(error: &sqlx::Error) -> bool {
    has_sqlstate(error, |code| code == "57014")
}

/// Returns what to do about a batch of writes that failed: whether it was certainly rolled back, and whether parts of it may
/// succeed.
pub(crate) fn batch_cause(error: &sqlx::Error) -> BatchCause {
    let code = error.as_database_error().and_then(DatabaseError::code);
    match code.as_deref() {
        Some("40001" | "40P01") => BatchCause::Conflict,
        Some("55P03" | "57014") => BatchCause::Blocked,
        // Data exceptions and constraint violations.
        Some(code) if code.starts_with("22") || code.starts_with("23") => BatchCause::Refused,
        _ => BatchCause::Final,
    }
}

/// Whether the connection is of no further use, so that a read may be repeated on another.
pub(crate) fn connection_lost(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Io(_))
        || has_sqlstate(error, |code| {
            // A read-only server is a former primary: its host name leads to another server by now.
            code.starts_with("08") || code.starts_with("57P") || code == "25006"
        })
}

/// Whether the server is read-only, so that a write was not executed.
pub(crate) fn is_read_only(error: &sqlx::Error) -> bool {
    has_sqlstate(error, |code| code == "25006")
}

/// Whether another server may succeed: this one is lost, refuses connections, or cancelled the statement because it conflicts
/// with replication.
pub(crate) fn is_retryable_elsewhere(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut | sqlx::Error::WorkerCrashed => true,
        error => {
            connection_lost(error)
                || has_sqlstate(error, |code| is_transient(code) && code != "57014")
        }
    }
}

/// Whether the server did not respond within the timeout, so that a repetition would take too long.
pub(crate) fn is_timeout(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Io(error) if error.kind() == ErrorKind::TimedOut)
}

/// Returns the message without values of rows, which PostgreSQL quotes only in data exceptions (class 22).
fn message(error: &sqlx::Error) -> String {
    if let sqlx::Error::Database(database) = error {
        let code = database.code().unwrap_or_default();
        return if code.starts_with("22") && code.len() == 5 {
            format!("data exception {code}")
        } else {
            format!("{} ({code})", database.message())
        };
    }
    if let sqlx::Error::PoolTimedOut = error {
        return "no connection in time: is PostgreSQL running, can it be reached, and has it connections left?".to_owned();
    }
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_message = cause.to_string();
        if !message.contains(&cause_message) {
            message = format!("{message}: {cause_message}");
        }
        source = cause.source();
    }
    message
}

/// The error of a write to a server in recovery, or with a read-only default.
pub(crate) fn read_only_server(write: Write) -> Error {
    let name = write.name;
    Error::Unavailable(Failure::new(format!("{name}: the server is read-only.")))
}
