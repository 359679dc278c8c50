//! Errors of rusqlite as errors of the API, classified by result code.

use std::io::ErrorKind;

use rusqlite::{ErrorCode, ffi};

use crate::model::error::{Error, Failure, FileFault, ShedReason};

/// Converts an error of `operation`, which is the name of a statement or of a step.
pub(crate) fn convert(operation: &str, error: &rusqlite::Error) -> Error {
    let Some(sqlite) = error.sqlite_error() else {
        return Error::Internal(Failure::new(format!("{operation}: {error}")));
    };
    let failure = Failure::new(format!("{operation}: {error} ({})", sqlite.extended_code))
        .with_file_fault(file_fault(sqlite.extended_code));
    if is_interrupted(error) {
        Error::Unavailable(failure.with_reason(ShedReason::Deadline))
    } else if is_transient(error) {
        Error::Unavailable(failure)
    } else {
        Error::Internal(failure)
    }
}

/// Returns what an extended result code says about the file.
pub(crate) fn file_fault(code: i32) -> Option<FileFault> {
    // The file of the WAL index, `-shm`, could not be extended.
    let no_shared_memory = [
        ffi::SQLITE_IOERR_SHMOPEN,
        ffi::SQLITE_IOERR_SHMSIZE,
        ffi::SQLITE_IOERR_SHMMAP,
    ];
    if no_shared_memory.contains(&code) {
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

/// Returns what an error of the operating system says about the file.
pub(crate) fn file_fault_of_io(error: &std::io::Error) -> Option<FileFault> {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Some(FileFault::Full),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Some(FileFault::Denied),
        _ => None,
    }
}

/// Whether another connection holds the lock.
pub(crate) fn is_locked(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error_code();
    matches!(
        code,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

/// Whether the statement exceeded its time limit.
pub(crate) fn is_interrupted(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted)
}

/// Whether a statement may succeed later, and any other statement would fail now: the file is locked, or the disk full.
pub(crate) fn is_transient(error: &rusqlite::Error) -> bool {
    is_locked(error) || error.sqlite_error_code() == Some(ErrorCode::DiskFull)
}
