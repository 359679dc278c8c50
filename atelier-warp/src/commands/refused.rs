//! Why a database is of no use: what happened, why, what to do.

use atelier_core::{ConnectErrorKind, DatabaseUrl, Error, PostgresUrl};

use super::sqlite_file;
use crate::cli::{Failure, exit};

/// Whether the database at `url`, which fails in this way, may answer in a moment.
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

/// What to do about a PostgreSQL database that fails in this way.
pub(super) fn hint(url: &PostgresUrl, error: &Error) -> String {
    match (error.connect_error(), error) {
        (Some(kind), _) => kind.hint(url),
        (None, Error::Unavailable(_)) => ConnectErrorKind::Lost.hint(url),
        _ => "If it happens twice, please report it.".to_owned(),
    }
}

/// The words for an operator whose database at `url` is of no use.
#[expect(clippy::needless_pass_by_value, reason = "as `map_err` hands it over")]
pub(super) fn failure(url: &DatabaseUrl, error: Error) -> Failure {
    let words = error.to_string();
    if let Error::Schema(_) = error {
        // Some name the way out at their end.
        let (what, cure) = match words.split_once(" Run: ") {
            Some((what, command)) => (
                what.to_owned(),
                format!("Run, under the same --database-url: {command}"),
            ),
            None => (words, String::new()),
        };
        return Failure::new(what, format!("That is {url}."), cure).code(exit::SCHEMA);
    }
    match url {
        DatabaseUrl::Sqlite(path) | DatabaseUrl::SqliteReadOnly(path) => {
            sqlite_file::failure(path, &error)
        }
        DatabaseUrl::Postgres(postgres) => of_postgres(postgres, &error, words),
    }
}

fn of_postgres(url: &PostgresUrl, error: &Error, words: String) -> Failure {
    let what = if words.ends_with('.') {
        words
    } else {
        words + "."
    };
    let asked = format!("--database-url leads to {url}.");
    let code = match (error.connect_error(), error) {
        (None, Error::Config(_)) => return Failure::new(what, asked, ""),
        (Some(_), _) | (None, Error::Unavailable(_)) => exit::UNREACHABLE,
        _ => exit::RUNNING,
    };
    Failure::new(what, asked, hint(url, error)).code(code)
}
