//! SQLite: one file, many readers, one writer.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

use atelier_sql::{Read, Write, migrations};
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool,
    SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{Arguments, ConnectOptions, Connection};

use super::dialect::Dialect;
use super::gate::Gate;
use super::value::{Value, impl_row};
use super::writer::Writer;
use super::{bounded, failure, schema, statements_are_logged};
use crate::{Error, Failure, Result};

/// How the statements of `atelier-sql` run on SQLite.
#[derive(Debug)]
pub struct Sqlite {
    readers: SqlitePool,
    gate: Gate,
    writer: Writer,
    /// Held as long as the store is open: the file has one server.
    lock: File,
}

impl_row!(SqliteRow);

impl Sqlite {
    /// Opens the file at `path`, made and migrated where needed.
    pub(super) async fn open(path: &Path) -> Result<Self> {
        let lock = lock(path)?;
        let options = options(path);
        let mut connection = connect(path, &options).await?;
        own(path, &mut connection).await?;
        schema::migrate(&mut connection, migrations::SQLITE).await?;

        let cores =
            std::thread::available_parallelism().map_or(2, |n| u32::try_from(n.get()).unwrap_or(2));
        let readers = SqlitePoolOptions::new()
            .max_connections(cores)
            .min_connections(cores)
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options.read_only(true))
            .await
            .map_err(|error| failure::from("open", error))?;
        Ok(Self {
            readers,
            gate: Gate::new(cores),
            writer: Writer::start(connection),
            lock,
        })
    }
}

/// Brings the file at `path` up to date, and tells how many steps that took.
pub(super) async fn migrate(path: &Path) -> Result<usize> {
    let lock = lock(path)?;
    let steps = set_up(path).await?;
    let _ = lock.unlock();
    Ok(steps)
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
        // What was acknowledged is on disk, power cut or not.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(5))
        .pragma("mmap_size", "268435456")
        .pragma("journal_size_limit", "67108864");
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

pub(super) fn arguments(binds: &[Value]) -> SqliteArguments {
    let mut arguments = SqliteArguments::default();
    for bind in binds {
        // Encoding a number or a text never fails.
        let _ = match bind {
            Value::Int(value) => arguments.add(*value),
            Value::Bool(value) => arguments.add(*value),
            Value::Text(value) => arguments.add(value.clone()),
            Value::Null => arguments.add(None::<String>),
        };
    }
    arguments
}

impl Dialect for Sqlite {
    type Row = SqliteRow;

    /// The file has one server.
    const SHARED: bool = false;

    async fn read(&self, query: Read, binds: Vec<Value>) -> Result<Vec<SqliteRow>> {
        let _place = self.gate.enter().await?;
        let rows = sqlx::query_with(query.text, arguments(&binds)).fetch(&self.readers);
        let (rows, _) = bounded::collect(rows)
            .await
            .map_err(|error| failure::from(query.name, error))?;
        Ok(rows)
    }

    async fn write(&self, change: Write, binds: Vec<Value>) -> Result<Option<Vec<i64>>> {
        self.writer.write(change, binds).await
    }

    async fn close(&self) {
        // The last connection to close puts everything into the one file, which a reader could not.
        self.readers.close().await;
        self.writer.close().await;
        // Closing the file alone may not do: a child process that is just being started holds a copy of it.
        let _ = self.lock.unlock();
    }
}
