//! Errors of a database, as an operator needs them: what failed, why, what to do.

use atelier_core::{ConnectErrorKind, DatabaseUrl, Error, PostgresUrl};

use super::sqlite_file;
use crate::cli::{CliError, exit, sentence};

/// Whether the database at `url` may answer soon without a change of settings.
pub(super) fn is_retryable(url: &DatabaseUrl, error: &Error) -> bool {
    let DatabaseUrl::Postgres(url) = url else {
        return false;
    };
    match (error.connect_error(), error) {
        (Some(kind), Error::Unavailable(_) | Error::Internal(_)) => kind.is_retryable_at(url),
        (None, Error::Unavailable(_)) => true,
        _ => false,
    }
}

/// Returns what to do about an error of a PostgreSQL database.
pub(super) fn hint(url: &PostgresUrl, error: &Error) -> String {
    match (error.connect_error(), error) {
        (Some(kind), _) => kind.hint(url),
        (None, Error::Unavailable(_)) => ConnectErrorKind::Lost.hint(url),
        _ => "If it happens again, please report it.".to_owned(),
    }
}

/// Converts an error of the database at `url`.
pub(super) fn describe(url: &DatabaseUrl, error: &Error) -> CliError {
    let message = sentence(error);
    let database = format!("The database is {url}.");
    match (url, error) {
        // Its message ends with a command to run.
        (_, Error::Schema(_)) => {
            CliError::new(error.to_string(), database, "").with_code(exit::SCHEMA)
        }
        (DatabaseUrl::Sqlite(path) | DatabaseUrl::SqliteReadOnly(path), _) => {
            sqlite_file::describe(path, error)
        }
        (DatabaseUrl::Postgres(url), _) => match (error.connect_error(), error) {
            (None, Error::Config(_)) => CliError::new(message, database, ""),
            (None, Error::Internal(_)) => CliError::new(message, database, hint(url, error)),
            _ => CliError::new(message, database, hint(url, error)).with_code(exit::UNREACHABLE),
        },
    }
}
