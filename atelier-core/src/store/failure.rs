//! What the failures of a database mean for the API.

use std::error::Error as StdError;
use std::io::ErrorKind;

use rusqlite::{ErrorCode, ffi};

use crate::model::error::{ConnectErrorKind, Error, Failure, FileFault, ShedReason};
use crate::store::batching::writes::BatchCause;

/// The failure of `doing` (a statement's name, or what was attempted).
#[expect(clippy::needless_pass_by_value, reason = "as `map_err` hands it over")]
pub(crate) fn from(doing: &str, error: sqlx::Error) -> Error {
    let failure = Failure::new(format!("{doing}: {}", words(&error)))
        .with_file_fault(sqlite_code(&error).and_then(file_fault))
        .with_connect_error(ConnectErrorKind::of(&error));
    let passes = match &error {
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(database) => database.code().is_some_and(|code| passing(&code)),
        _ => false,
    };
    of(failure, passes)
}

/// The failure of a database, which passes by itself or not.
fn of(failure: Failure, passes: bool) -> Error {
    if passes {
        Error::Unavailable(failure)
    } else {
        Error::Internal(failure)
    }
}

/// The failure of `doing` on a connection of rusqlite.
pub(crate) fn of_sqlite(doing: &str, error: &rusqlite::Error) -> Error {
    let Some(sqlite) = error.sqlite_error() else {
        return Error::Internal(Failure::new(format!("{doing}: {error}")));
    };
    let failure = Failure::new(format!("{doing}: {error} ({})", sqlite.extended_code))
        .with_file_fault(file_fault(sqlite.extended_code));
    if interrupted_on_sqlite(error) {
        return Error::Unavailable(failure.with_reason(ShedReason::Deadline));
    }
    of(failure, passing_on_sqlite(error))
}

/// The result code of SQLite, where it is SQLite that has failed.
pub(crate) fn sqlite_code(error: &sqlx::Error) -> Option<i32> {
    let error = error.as_database_error()?;
    error.try_downcast_ref::<sqlx::sqlite::SqliteError>()?;
    error.code()?.parse().ok()
}

/// What a result code of SQLite says of the file.
pub(crate) fn file_fault(code: i32) -> Option<FileFault> {
    if no_shared_memory(code) {
        return Some(FileFault::Full);
    }
    Some(match code & 0xff {
        ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED => FileFault::InUse,
        ffi::SQLITE_NOTADB => FileFault::NotADatabase,
        ffi::SQLITE_CORRUPT => FileFault::Damaged,
        ffi::SQLITE_FULL => FileFault::Full,
        ffi::SQLITE_CANTOPEN | ffi::SQLITE_READONLY | ffi::SQLITE_PERM => FileFault::Denied,
        _ => return None,
    })
}

/// Whether the file of the WAL index, `-shm`, could not be made as large as it has to be.
pub(crate) fn no_shared_memory(code: i32) -> bool {
    let codes = [
        ffi::SQLITE_IOERR_SHMOPEN,
        ffi::SQLITE_IOERR_SHMSIZE,
        ffi::SQLITE_IOERR_SHMMAP,
    ];
    codes.contains(&code)
}

/// What the system says of a file.
pub(crate) fn of_io(error: &std::io::Error) -> Option<FileFault> {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Some(FileFault::Full),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Some(FileFault::Denied),
        _ => None,
    }
}

/// Whether another connection holds the lock that was wanted.
pub(crate) fn locked_on_sqlite(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error_code();
    matches!(
        code,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

/// Whether the statement ran longer than it may.
pub(crate) fn interrupted_on_sqlite(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted)
}

/// Whether it may pass by itself: PostgreSQL's SQLSTATE of connections, resources, cancelled statements, locks, restarts,
/// conflicts and read-only servers; SQLite's busy, locked and full.
fn passing(code: &str) -> bool {
    match code.len() {
        5 => ["08", "53", "40", "57"].contains(&&code[..2]) || code == "25006" || code == "55P03",
        _ => code.parse().is_ok_and(busy_locked_full),
    }
}

/// Whether it may pass by itself, and meets whoever else asks as well.
pub(crate) fn passing_on_sqlite(error: &rusqlite::Error) -> bool {
    error
        .sqlite_error()
        .is_some_and(|sqlite| busy_locked_full(sqlite.extended_code))
}

fn busy_locked_full(code: i32) -> bool {
    matches!(code & 0xff, 5 | 6 | 13)
}

/// Whether PostgreSQL broke a statement off.
pub(crate) fn took_too_long(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(database) if database.code().is_some_and(|code| code == "57014"))
}

/// What to do about a statement of several changes that failed: by its SQLSTATE, whether it was rolled back for certain, and
/// whether parts of it may succeed.
pub(crate) fn batch_cause(error: &sqlx::Error) -> BatchCause {
    let sqlx::Error::Database(database) = error else {
        return BatchCause::Final;
    };
    match database.code().as_deref() {
        Some("40001" | "40P01") => BatchCause::Conflict,
        Some("55P03" | "57014") => BatchCause::Blocked,
        // Data exceptions and constraints.
        Some(code) if code.starts_with("22") || code.starts_with("23") => BatchCause::Refused,
        _ => BatchCause::Final,
    }
}

/// Whether the connection was lost, so that a read may be tried on another.
pub(crate) fn connection_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) => true,
        sqlx::Error::Database(database) => database
            .code()
            // A server that only reads is a primary no longer: its name leads elsewhere.
            .is_some_and(|code| {
                code.starts_with("08") || code.starts_with("57P") || code == "25006"
            }),
        _ => false,
    }
}

/// Whether the server can only be read, so that a change was not made.
pub(crate) fn read_only(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(database) if database.code().is_some_and(|code| code == "25006"))
}

/// Whether another server may answer what this one does not: it is lost, or refuses, or breaks off what stands in the way
/// of what it replays.
pub(crate) fn another_may(error: &sqlx::Error) -> bool {
    let passing = |code: &str| passing(code) && code != "57014";
    match error {
        sqlx::Error::Database(database) => database.code().is_some_and(|code| passing(&code)),
        sqlx::Error::PoolTimedOut | sqlx::Error::WorkerCrashed => true,
        error => connection_lost(error),
    }
}

/// Whether nothing was heard for as long as anything may take: it is of no use to ask again.
pub(crate) fn silent(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Io(error) if error.kind() == ErrorKind::TimedOut)
}

/// The failure in words without any value of a row: PostgreSQL quotes values in data exceptions (class 22) alone.
fn words(error: &sqlx::Error) -> String {
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
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_words = cause.to_string();
        if !words.contains(&cause_words) {
            words = format!("{words}: {cause_words}");
        }
        source = cause.source();
    }
    words
}
