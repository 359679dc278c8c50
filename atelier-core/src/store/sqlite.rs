//! SQLite: one file, many readers, one writer.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

use atelier_sql::load::{self, Table};
use atelier_sql::{Read, Write, migrations, products};
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool,
    SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{Arguments, ConnectOptions, Connection};

use super::dialect::{Bulk, Dialect};
use super::gate::Gate;
use super::value::{Value, impl_row};
use super::writer::Writer;
use super::{Content, bounded, failure, schema, statements_are_logged};
use crate::{Error, Failure, Result};

/// How the statements of `atelier-sql` run on SQLite.
#[derive(Debug)]
pub struct Sqlite {
    readers: SqlitePool,
    gate: Gate,
    writer: Writer,
    options: SqliteConnectOptions,
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
        schema::migrate(&mut connection, migrations::SQLITE).await?;

        let cores =
            std::thread::available_parallelism().map_or(2, |n| u32::try_from(n.get()).unwrap_or(2));
        let readers = SqlitePoolOptions::new()
            .max_connections(cores)
            .min_connections(cores)
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options.clone().read_only(true))
            .await
            .map_err(|error| failure::from("open", error))?;
        Ok(Self {
            readers,
            gate: Gate::new(cores),
            writer: Writer::start(connection),
            options,
            lock,
        })
    }
}

/// Brings the file at `path` up to date, and tells how many steps that took.
pub(super) async fn migrate(path: &Path) -> Result<usize> {
    let lock = lock(path)?;
    let mut connection = connect(path, &options(path)).await?;
    let steps = schema::migrate(&mut connection, migrations::SQLITE).await?;
    connection
        .close()
        .await
        .map_err(|error| failure::from("migrate", error))?;
    let _ = lock.unlock();
    Ok(steps)
}

/// Claims the file for this process, by a lock on a file beside it that goes with the process.
fn lock(path: &Path) -> Result<File> {
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
    type Bulk = SqliteBulk;

    async fn read(&self, query: Read, binds: Vec<Value>) -> Result<Vec<SqliteRow>> {
        let _place = self.gate.enter().await?;
        let rows = sqlx::query_with(query.text, arguments(&binds)).fetch(&self.readers);
        let (rows, _) = bounded::collect(rows)
            .await
            .map_err(|error| failure::from(query.name, error))?;
        Ok(rows)
    }

    async fn write(&self, change: Write, binds: Vec<Value>) -> Result<Option<i64>> {
        self.writer.write(change, binds).await
    }

    async fn bulk(&self) -> Result<SqliteBulk> {
        let failed = |error| failure::from("load", error);
        let mut connection = self.options.connect().await.map_err(failed)?;
        sqlx::query("begin immediate")
            .execute(&mut connection)
            .await
            .map_err(failed)?;
        Ok(SqliteBulk { connection })
    }

    async fn close(&self) {
        // The last connection to close puts everything into the one file, which a reader could not.
        self.readers.close().await;
        self.writer.close().await;
        // Closing the file alone may not do: a child process that is just being started holds a copy of it.
        let _ = self.lock.unlock();
    }
}

/// A load under way: a transaction of a connection of its own, which ends with it.
pub(crate) struct SqliteBulk {
    connection: SqliteConnection,
}

impl SqliteBulk {
    async fn run(&mut self, text: &'static str, binds: &[Value]) -> Result<()> {
        sqlx::query_with(text, arguments(binds))
            .execute(&mut self.connection)
            .await
            .map(drop)
            .map_err(|error| failure::from("load", error))
    }
}

impl Bulk for SqliteBulk {
    async fn content(&mut self) -> Result<Content> {
        let query = sqlx::query(products::CONTENT.text);
        let row = query
            .fetch_one(&mut self.connection)
            .await
            .map_err(|error| failure::from("load", error))?;
        Content::from_row(&row)
    }

    async fn empty(&mut self) -> Result<()> {
        for text in load::EMPTY {
            self.run(text, &[]).await?;
        }
        Ok(())
    }

    async fn append(&mut self, table: Table, rows: Vec<Vec<Value>>) -> Result<()> {
        self.run(table.insert, &[super::sql_store::json(&rows)?.into()])
            .await
    }

    async fn derive(&mut self, last_review: i64, last_answer: i64) -> Result<()> {
        for text in [load::TOTALS, load::SUMS_SQLITE, load::FORGET_IDS_SQLITE] {
            self.run(text, &[]).await?;
        }
        self.run(load::IDS_SQLITE, &[last_review.into(), last_answer.into()])
            .await
    }

    async fn commit(mut self) -> Result<()> {
        self.run("commit", &[]).await?;
        self.connection
            .close()
            .await
            .map_err(|error| failure::from("load", error))
    }
}
