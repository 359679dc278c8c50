//! Connections to a SQLite file.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use atelier_sql::{READS, WRITES};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

/// How a file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OpenMode {
    /// Other programs may read the file.
    Shared,
    /// No other process can open the file: the WAL index is in memory, because the disk has no room for its file.
    Exclusive,
    /// Nothing writes the file: it is read without locks, and may be on a read-only medium.
    Immutable,
    /// The same on Lambda: reads never block the thread of the runtime.
    ImmutableLambda,
}

/// The VFS of SQLite that locks a file for one process and keeps the WAL index in its memory.
const EXCLUSIVE_VFS: &str = "unix-excl";

/// Returns the URI of the file at `path`; characters of the path that have a meaning in URIs are escaped.
pub(crate) fn uri(path: &Path, mode: OpenMode) -> PathBuf {
    let mut uri = b"file:".to_vec();
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'%' => uri.extend(b"%25"),
            b'?' => uri.extend(b"%3f"),
            b'#' => uri.extend(b"%23"),
            other => uri.push(*other),
        }
    }
    match mode {
        OpenMode::Shared => {}
        OpenMode::Exclusive => uri.extend([b"?vfs=", EXCLUSIVE_VFS.as_bytes()].concat()),
        OpenMode::Immutable | OpenMode::ImmutableLambda => uri.extend(b"?immutable=1"),
    }
    OsString::from_vec(uri).into()
}

pub(crate) fn connect(uri: &Path, access: OpenFlags) -> rusqlite::Result<Connection> {
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(uri, flags)
}

/// How long the statements of a request may run, as on PostgreSQL.
pub(crate) const STATEMENT_TIMEOUT: Duration = Duration::from_secs(3);

/// Steps of SQLite's virtual machine between two checks of the clock: a fraction of a millisecond.
const STEPS_PER_CHECK: i32 = 1_000;

/// Interrupts statements of `connection` that still run after `time`.
pub(crate) fn interrupt_after(connection: &Connection, time: Duration) -> rusqlite::Result<()> {
    let end = Instant::now() + time;
    connection.progress_handler(STEPS_PER_CHECK, Some(move || Instant::now() >= end))
}

/// Opens a migrated file to serve it.
pub(crate) fn open_serving(uri: &Path, access: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = connect(uri, access)?;
    connection.pragma_update(None, "mmap_size", 268_435_456)?;
    // The query planner stability guarantee: one plan for all values. Otherwise SQLite plans a list again for other values,
    // which takes twice as long as reading it.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    let statements = WRITES.iter().map(|write| write.sqlite.len()).sum();
    connection.set_prepared_statement_cache_capacity(READS.len().max(statements));
    Ok(connection)
}
