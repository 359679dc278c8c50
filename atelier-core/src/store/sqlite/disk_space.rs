//! Which disk is full.

use std::env;
use std::error::Error as StdError;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use crate::model::error::{Error, Failure};

/// Turns SQLite's "database or disk is full" into an error that names the disk: of the one of `places` that has the least
/// room. By the time of the error SQLite may have given up what filled it, so no limit can tell.
pub(crate) fn name_full_disk(error: Error, places: &[PathBuf]) -> Error {
    let source = StdError::source(&error).and_then(|it| it.downcast_ref::<rusqlite::Error>());
    if source.and_then(rusqlite::Error::sqlite_error_code) != Some(ErrorCode::DiskFull) {
        return error;
    }
    let Some(place) = places.iter().min_by_key(|place| free_bytes(place)) else {
        return error;
    };
    Error::Internal(Failure::new(format!(
        "No space left on the disk of {}.",
        place.display()
    )))
}

/// Returns the folder in which SQLite puts its temporary files.
pub(crate) fn sqlite_temp_dir() -> PathBuf {
    let named = ["SQLITE_TMPDIR", "TMPDIR"]
        .into_iter()
        .filter_map(env::var_os);
    let usual = ["/var/tmp", "/usr/tmp", "/tmp"].into_iter().map(Into::into);
    let mut dirs = named.chain(usual).map(PathBuf::from);
    dirs.find(|dir| dir.is_dir()).unwrap_or_else(|| ".".into())
}

/// Bytes that may still be written beside `path`; more than any disk has where that cannot be told.
fn free_bytes(path: &Path) -> u64 {
    let disk = rustix::fs::statvfs(path);
    disk.map_or(u64::MAX, |disk| disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sqlite_error(code: i32) -> Error {
        let error = rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None);
        Error::Internal(Failure::new("load").with_source(error))
    }

    #[test]
    fn full_disk_is_named_by_its_path() {
        let full = rusqlite::ffi::SQLITE_FULL;
        // A file system without any room, where /proc is mounted; a disk that cannot be asked is not blamed before it.
        let places = ["nowhere/shop.db.load", "/proc/self"].map(PathBuf::from);
        let named = name_full_disk(sqlite_error(full), &places).to_string();
        assert_eq!(named, "No space left on the disk of /proc/self.");
        let damaged = sqlite_error(rusqlite::ffi::SQLITE_CORRUPT);
        assert_eq!(name_full_disk(damaged, &places).to_string(), "load");
    }
}
