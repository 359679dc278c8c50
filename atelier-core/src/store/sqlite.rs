//! SQLite: one file, many readers, one writer.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use atelier_sql::{READS, Read, WRITES, Write, migrations};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection as _};

use super::bounded::Rows;
use super::dialect::Dialect;
use super::readers::Readers;
use super::statement::SqliteRow;
use super::value::Value;
use super::writer::Writer;
use super::{Topic, failure, schema, statements_are_logged};
use crate::{Error, Failure, Result};

/// How the statements of `atelier-sql` run on SQLite.
#[derive(Debug)]
pub struct Sqlite {
    readers: Arc<Readers>,
    /// None where the file is only read.
    writer: Option<Writing>,
}

/// What it takes to change the file.
#[derive(Debug)]
struct Writing {
    writer: Writer,
    /// Held as long as the store is open: the file has one server.
    lock: File,
}

impl Sqlite {
    /// Opens the file at `path`, made and migrated where needed.
    pub(super) async fn open(path: &Path) -> Result<Self> {
        let lock = lock(path)?;
        set_up(path).await?;
        Ok(Self {
            readers: Arc::new(Readers::open(path, Access::Beside, cores())?),
            writer: Some(Writing {
                writer: Writer::open(path)?,
                lock,
            }),
        })
    }

    /// Opens the file at `path`, which nobody changes and which is up to date.
    pub(super) async fn open_read_only(path: &Path, access: Access) -> Result<Self> {
        unchanging(path)?;
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
        })
    }
}

fn cores() -> u32 {
    std::thread::available_parallelism().map_or(2, |n| u32::try_from(n.get()).unwrap_or(2))
}

/// How a file is opened to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// While it is written.
    Beside,
    /// While nobody writes: without locks, and wherever it lies.
    Alone,
    /// The same by a function, which never reads where it is asked.
    Function,
}

/// That the file is there and whole. [`Error::Unusable`] when a server has it open, or did not end well: part of it is
/// in the file beside it then.
fn unchanging(path: &Path) -> Result<()> {
    let unusable = |why: &str| {
        let path = path.display();
        Err(Error::Unusable(Failure::new(format!(
            "The SQLite file {path} can't be served read-only: {why}."
        ))))
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
pub(super) async fn migrate(path: &Path) -> Result<usize> {
    let lock = lock(path)?;
    let steps = set_up(path).await?;
    let _ = lock.unlock();
    Ok(steps)
}

/// Whether the file at `path` is up to date, also while a server has it. [`Error::Schema`] when not, and when there is none;
/// nothing is made.
pub(super) async fn check_schema(path: &Path) -> Result<()> {
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
pub(super) async fn set_up(path: &Path) -> Result<usize> {
    let mut connection = connect(path, &options(path)).await?;
    own(path, &mut connection).await?;
    let steps = schema::migrate(&mut connection, migrations::SQLITE).await?;
    connection
        .close()
        .await
        .map_err(|error| failure::from("migrate", error))?;
    Ok(steps)
}

/// That the file is new or ours: [`Error::Unusable`] when it holds the tables of another program.
async fn own(path: &Path, connection: &mut SqliteConnection) -> Result<()> {
    let foreign: bool = sqlx::query_scalar(migrations::FOREIGN_SQLITE)
        .fetch_one(connection)
        .await
        .map_err(|error| failure::from("open", error))?;
    if foreign {
        return Err(Error::Unusable(Failure::new(format!(
            "The SQLite file {} holds tables of another program. Name another file.",
            path.display()
        ))));
    }
    Ok(())
}

/// Claims the file for this process, by a lock on a file beside it that goes with the process.
pub(super) fn lock(path: &Path) -> Result<File> {
    let unusable = |what: String| {
        move |error: std::io::Error| Error::Unusable(Failure::new(format!("{what}: {error}.")))
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(unusable(format!(
            "Cannot make the folder {}",
            folder.display()
        )))?;
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(".lock");
    let beside = Path::new(&beside);
    let file =
        File::create(beside).map_err(unusable(format!("Cannot write {}", beside.display())))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::Unusable(Failure::new(format!(
            "{} is in use by another program. One server for each file: stop the other one, or use PostgreSQL for \
             several.",
            path.display()
        )))),
        Err(TryLockError::Error(error)) => {
            Err(unusable(format!("Cannot lock {}", beside.display()))(error))
        }
    }
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
        Error::Unusable(Failure::new(format!(
            "The SQLite file {} can't be opened: {why}",
            path.display()
        )))
    })
}

/// A connection that reads.
pub(super) fn reading(path: &Path, access: Access) -> rusqlite::Result<Connection> {
    match access {
        Access::Beside => serving(path, OpenFlags::SQLITE_OPEN_READ_ONLY),
        Access::Alone | Access::Function => {
            // What has a meaning in a URI, spelled so that it has none.
            let path = path.to_string_lossy();
            let path = path
                .replace('%', "%25")
                .replace('?', "%3f")
                .replace('#', "%23");
            let uri = ["file:", &path, "?immutable=1"].concat();
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
            serving(Path::new(&uri), flags)
        }
    }
}

/// A connection of rusqlite to a file that has been migrated, with what those that read and the one that writes share.
pub(super) fn serving(path: &Path, access: OpenFlags) -> rusqlite::Result<Connection> {
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
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

    async fn write(&self, change: Write, binds: Vec<Value>) -> Result<Option<Vec<i64>>> {
        match &self.writer {
            Some(writing) => writing.writer.write(change, binds).await,
            None => Err(Error::ReadOnly),
        }
    }

    async fn close(&self) {
        // The last connection to close puts everything into the one file, which a reader could not.
        self.readers.close().await;
        if let Some(Writing { writer, lock }) = &self.writer {
            writer.close().await;
            // Closing the file alone may not do: a child process that is just being started holds a copy of it.
            let _ = lock.unlock();
        }
    }
}
