//! SQLite: one file, many readers, one writer.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use atelier_sql::{READS, Read, WRITES, migrations};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection as _};

use crate::model::error::{Error, Failure, FileFault, Result};
use crate::store::backend::{Change, Dialect};
use crate::store::rows::{Rows, Value};
use crate::store::sqlite::file_lock::FileLock;
use crate::store::sqlite::reader_pool::Readers;
use crate::store::sqlite::row::SqliteRow;
use crate::store::sqlite::writer::Writer;
use crate::store::topic_versions::Changes;
use crate::store::{Topic, failure, schema, statements_are_logged};

/// How the statements of `atelier-sql` run on SQLite.
#[derive(Debug)]
pub struct Sqlite {
    readers: Arc<Readers>,
    /// None where the file is only read.
    writer: Option<Writer>,
    /// Held as long as the store is open: the file has one server, or any number that only read it.
    lock: Mutex<Option<FileLock>>,
}

impl Sqlite {
    /// Opens the file at `path`, made and migrated where needed; counts in `versions` what it changes.
    pub(crate) async fn open(path: &Path, versions: &Arc<Changes>) -> Result<Self> {
        let lock = FileLock::to_write(path)?;
        let access = match set_up(path).await {
            Ok(_) => Access::Beside,
            // What is there can be read nevertheless, and written again as soon as there is room.
            Err(error) if error.file_fault() == Some(FileFault::Full) => {
                let exclusive = options(path).vfs(EXCLUSIVE_VFS);
                set_up_with(path, &exclusive).await?;
                tracing::warn!(
                    path = %path.display(),
                    "the disk is full: writes are refused until there is room, and other programs can't read the file until a restart"
                );
                Access::Exclusive
            }
            Err(error) => return Err(error),
        };
        Ok(Self {
            readers: Arc::new(Readers::open(path, access, cores())?),
            writer: Some(Writer::open(&address(path, access), Arc::clone(versions))?),
            lock: Mutex::new(Some(lock)),
        })
    }

    /// Opens the file at `path`, which nobody changes and which is up to date.
    pub(crate) async fn open_read_only(path: &Path, access: Access) -> Result<Self> {
        unchanging(path)?;
        let lock = FileLock::to_read(path)?;
        let mut connection = connect(path, &options(path).read_only(true).immutable(true)).await?;
        own(path, &mut connection).await?;
        schema::check(&mut connection, migrations::SQLITE).await?;
        connection
            .close()
            .await
            .map_err(|error| failure::from("open", error))?;
        Ok(Self {
            readers: Arc::new(Readers::open(path, access, cores())?),
            writer: None,
            lock: Mutex::new(Some(lock)),
        })
    }
}

fn cores() -> u32 {
    std::thread::available_parallelism().map_or(2, |n| u32::try_from(n.get()).unwrap_or(2))
}

/// How a file is opened to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// While it is written.
    Beside,
    /// The same, and no other process can open it meanwhile: the WAL index is in memory, not in a file for which the disk
    /// has no room.
    Exclusive,
    /// While nobody writes: without locks, and wherever it lies.
    Alone,
    /// The same by a function, which never reads where it is asked.
    Function,
}

/// That the file is there and whole. [`Error::Config`] when a server has it open, or did not end well: part of it is
/// in the file beside it then.
fn unchanging(path: &Path) -> Result<()> {
    let unusable = |why: &str| {
        let path = path.display();
        let failure = Failure::new(format!(
            "The SQLite file {path} can't be served read-only: {why}."
        ));
        Err(Error::Config(
            failure.with_file_fault(Some(FileFault::NotReadOnly)),
        ))
    };
    if !path.is_file() {
        return unusable("there is no such file");
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push("-wal");
    match std::fs::metadata(beside) {
        Ok(log) if log.len() > 0 => unusable(
            "a server writes it, or did not end well. Stop the server; if there is none, start one and stop it",
        ),
        _ => Ok(()),
    }
}

/// Brings the file at `path` up to date, and tells how many steps that took.
pub(crate) async fn migrate(path: &Path) -> Result<usize> {
    let _lock = FileLock::to_write(path)?;
    set_up(path).await
}

/// Whether the file at `path` is up to date, also while a server has it. [`Error::Schema`] when not, and when there is none;
/// nothing is made.
pub(crate) async fn check_schema(path: &Path) -> Result<()> {
    if !path.exists() {
        return Err(Error::Schema(Failure::new(
            "There is no such file yet. Run: atelier migrate",
        )));
    }
    // Where nothing is left in the log, files beside it need not be made to read it.
    let alone = unchanging(path).is_ok();
    let read = options(path)
        .create_if_missing(false)
        .read_only(true)
        .immutable(alone);
    let mut connection = connect(path, &read).await?;
    own(path, &mut connection).await?;
    schema::check(&mut connection, migrations::SQLITE).await?;
    connection
        .close()
        .await
        .map_err(|error| failure::from("schema", error))
}

/// Makes the file at `path` where it is not there, brings it up to date, and tells how many steps that took. Whoever
/// calls this has claimed the file.
pub(crate) async fn set_up(path: &Path) -> Result<usize> {
    set_up_with(path, &options(path)).await
}

async fn set_up_with(path: &Path, options: &SqliteConnectOptions) -> Result<usize> {
    let mut connection = connect(path, options).await?;
    own(path, &mut connection).await?;
    let steps = schema::migrate(&mut connection, migrations::SQLITE).await?;
    connection
        .close()
        .await
        .map_err(|error| failure::from("migrate", error))?;
    Ok(steps)
}

/// That the file is new or ours: [`Error::Config`] when it holds the tables of another program.
async fn own(path: &Path, connection: &mut SqliteConnection) -> Result<()> {
    let foreign: bool = sqlx::query_scalar(migrations::FOREIGN_SQLITE)
        .fetch_one(connection)
        .await
        .map_err(|error| failure::from("open", error))?;
    if foreign {
        let failure = Failure::new(format!(
            "The SQLite file {} holds tables of another program. Name another file.",
            path.display()
        ));
        return Err(Error::Config(
            failure.with_file_fault(Some(FileFault::Foreign)),
        ));
    }
    Ok(())
}

fn options(path: &Path) -> SqliteConnectOptions {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(5));
    if statements_are_logged() {
        options
    } else {
        options.disable_statement_logging()
    }
}

async fn connect(path: &Path, options: &SqliteConnectOptions) -> Result<SqliteConnection> {
    options.connect().await.map_err(|error| {
        let why = failure::from("open", error);
        let failure = Failure::new(format!(
            "The SQLite file {} can't be opened: {why}",
            path.display()
        ));
        Error::Config(failure.with_file_fault(why.file_fault()))
    })
}

/// SQLite's file system layer that lets one process open a file, and keeps the WAL index in its memory.
const EXCLUSIVE_VFS: &str = "unix-excl";

/// The address by which SQLite opens the file at `path`: a URI, spelled so that nothing in the path has a meaning in it.
pub(crate) fn address(path: &Path, access: Access) -> PathBuf {
    let mut uri = b"file:".to_vec();
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'%' => uri.extend(b"%25"),
            b'?' => uri.extend(b"%3f"),
            b'#' => uri.extend(b"%23"),
            other => uri.push(*other),
        }
    }
    match access {
        Access::Beside => {}
        Access::Exclusive => uri.extend([b"?vfs=", EXCLUSIVE_VFS.as_bytes()].concat()),
        Access::Alone | Access::Function => uri.extend(b"?immutable=1"),
    }
    OsString::from_vec(uri).into()
}

/// How long the statements of one request may run, as PostgreSQL's are given.
pub(crate) const STATEMENT_TIMEOUT: Duration = Duration::from_secs(3);

/// Steps of SQLite's machine between two looks at the clock: a fraction of a millisecond.
const STEPS_PER_CHECK: i32 = 1_000;

/// Has SQLite break off whatever `connection` still runs after `time`.
pub(crate) fn interrupt_after(connection: &Connection, time: Duration) -> rusqlite::Result<()> {
    let end = Instant::now() + time;
    connection.progress_handler(STEPS_PER_CHECK, Some(move || Instant::now() >= end))
}

/// A connection of rusqlite to the file with this [`address`], which has been migrated, with what those that read and the
/// one that writes share.
pub(crate) fn serving(address: &Path, access: OpenFlags) -> rusqlite::Result<Connection> {
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(address, flags)?;
    connection.pragma_update(None, "mmap_size", 268_435_456)?;
    // One plan for all values. Otherwise SQLite plans anew whenever other values are bound to a list, which takes twice as
    // long as to read it.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    let statements = WRITES.iter().map(|write| write.sqlite.len()).sum();
    connection.set_prepared_statement_cache_capacity(READS.len().max(statements));
    Ok(connection)
}

impl Dialect for Sqlite {
    type Row = SqliteRow;

    /// The file has one server.
    const SHARED: bool = false;

    async fn read(
        &self,
        query: Read,
        _: Option<Topic>,
        binds: Vec<Value>,
    ) -> Result<Rows<SqliteRow>> {
        self.readers.read(query, binds).await
    }

    async fn write(&self, change: Change) -> Result<Option<Vec<i64>>> {
        match &self.writer {
            Some(writer) => writer.write(change).await,
            None => Err(Error::ReadOnly),
        }
    }

    async fn close(&self) {
        // The last connection to close puts everything into the one file, which a reader could not.
        self.readers.close().await;
        if let Some(writer) = &self.writer {
            writer.close().await;
        }
        drop(
            self.lock
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
    }
}

#[cfg(test)]
mod tests {
    use atelier_sql::{interactions, products};

    use super::*;

    /// That it is chosen on a full disk is tested with the program, on a disk that is.
    #[tokio::test]
    async fn connections_share_a_wal_index_in_memory() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("100% of the shop?.db");
        set_up(&path).await.expect("a file");
        let access = Access::Exclusive;
        let readers = Arc::new(Readers::open(&path, access, 1).expect("opens"));
        let writer = Writer::open(&address(&path, access), Arc::default()).expect("opens");
        let mut binds = vec![Value::Int(1)];
        binds.extend(["x", "y", "z"].map(|text| Value::from(text.to_owned())));
        binds.extend([Value::Null, Value::Null, Value::Int(0)]);
        let visit = Change::of_no_topic(interactions::ADD, binds);
        let written = writer.write(visit).await;
        assert_eq!(written.expect("is written"), Some(vec![1]));
        let rows = readers.read(products::CONTENT, vec![]).await;
        assert_eq!(rows.expect("rows").len(), 1);
        assert!(!folder.path().join("100% of the shop?.db-shm").exists());
        readers.close().await;
        writer.close().await;
    }
}
