//! The SQLite backend: opening a file, and its readers and writer.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use atelier_sql::Read;
use atelier_sql::migrations::{FOREIGN_SQLITE, SQLITE};
use rusqlite::{Connection, OpenFlags};

use crate::model::error::{Error, Failure, FileFault, Result};
use crate::store::Topic;
use crate::store::backend::{Backend, Change};
use crate::store::rows::{Rows, Value};
use crate::store::sqlite::connection::{OpenMode, connect, uri};
use crate::store::sqlite::file_lock::FileLock;
use crate::store::sqlite::reader_pool::ReaderPool;
use crate::store::sqlite::row::SqliteRow;
use crate::store::sqlite::writer::Writer;
use crate::store::sqlite::{error, migrate};
use crate::store::topic_versions::TopicVersions;

/// Executes the statements of `atelier-sql` on a SQLite file.
#[derive(Debug)]
pub(crate) struct Sqlite {
    readers: Arc<ReaderPool>,
    /// `None` when the file is served read-only.
    writer: Option<Writer>,
    /// Held while the store is open: the file has one server that writes it, or any number that only read it.
    lock: Mutex<Option<FileLock>>,
}

impl Sqlite {
    /// Opens the file at `path`; creates and migrates it where needed. Writes bump `versions`.
    pub(crate) async fn open(path: &Path, versions: &Arc<TopicVersions>) -> Result<Self> {
        let lock = FileLock::to_write(path)?;
        let opened = match open_as(path, OpenMode::Shared, versions).await {
            // Reads work without disk space, and writes as soon as there is some again.
            Err(error) if error.file_fault() == Some(FileFault::Full) => {
                let opened = open_as(path, OpenMode::Exclusive, versions).await?;
                tracing::warn!(
                    path = %path.display(),
                    "the disk is full: writes are refused until there is room, and other programs can't read the file until a restart"
                );
                opened
            }
            opened => opened?,
        };
        Ok(Self {
            readers: Arc::new(opened.0),
            writer: Some(opened.1),
            lock: Mutex::new(Some(lock)),
        })
    }

    /// Opens the file at `path` read-only. It must be up to date, and nothing may write it.
    pub(crate) async fn open_read_only(path: &Path, mode: OpenMode) -> Result<Self> {
        ensure_immutable(path)?;
        let lock = FileLock::to_read(path)?;
        let file = path.to_owned();
        blocking(move || check_at(&file, mode)).await?;
        Ok(Self {
            readers: Arc::new(ReaderPool::open(path, mode, cores())?),
            writer: None,
            lock: Mutex::new(Some(lock)),
        })
    }
}

/// Opens a file to read and write it. Any step may find the disk too full for the file of the WAL index.
async fn open_as(
    path: &Path,
    mode: OpenMode,
    versions: &Arc<TopicVersions>,
) -> Result<(ReaderPool, Writer)> {
    set_up_as(path, mode).await?;
    let readers = ReaderPool::open(path, mode, cores())?;
    let writer = Writer::open(&uri(path, mode), Arc::clone(versions))?;
    Ok((readers, writer))
}

fn cores() -> u32 {
    std::thread::available_parallelism().map_or(2, |n| u32::try_from(n.get()).unwrap_or(2))
}

/// Checks that the file exists and has no WAL. [`Error::Config`] when a server has it open or did not shut down cleanly: then
/// part of its content is in the WAL.
fn ensure_immutable(path: &Path) -> Result<()> {
    let unusable = |reason: &str| {
        let path = path.display();
        let failure = Failure::new(format!(
            "The SQLite file {path} can't be served read-only: {reason}."
        ));
        Err(Error::Config(
            failure.with_file_fault(Some(FileFault::NotReadOnly)),
        ))
    };
    if !path.is_file() {
        return unusable("there is no such file");
    }
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    match std::fs::metadata(wal) {
        Ok(wal) if wal.len() > 0 => unusable(
            "a server writes it, or did not shut down cleanly. Stop the server; if there is none, start one and stop it",
        ),
        _ => Ok(()),
    }
}

/// Migrates the file at `path` and returns the number of applied migrations.
pub(crate) async fn migrate(path: &Path) -> Result<usize> {
    let _lock = FileLock::to_write(path)?;
    set_up(path).await
}

/// Checks that the file at `path` exists and is up to date, also while a server has it open. [`Error::Schema`] when not.
pub(crate) async fn check_schema(path: &Path) -> Result<()> {
    if !path.exists() {
        return Err(Error::Schema(Failure::new(
            "There is no such file yet. Run: atelier migrate",
        )));
    }
    // Without a WAL, the file can be read without creating files beside it.
    let mode = match ensure_immutable(path) {
        Ok(()) => OpenMode::Immutable,
        Err(_) => OpenMode::Shared,
    };
    let path = path.to_owned();
    blocking(move || check_at(&path, mode)).await
}

fn check_at(path: &Path, mode: OpenMode) -> Result<()> {
    let connection = open_file(path, mode, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    migrate::check(&connection, SQLITE)
}

/// Creates and migrates the file at `path` where needed, and returns the number of applied migrations. The caller holds the lock.
pub(crate) async fn set_up(path: &Path) -> Result<usize> {
    set_up_as(path, OpenMode::Shared).await
}

async fn set_up_as(path: &Path, mode: OpenMode) -> Result<usize> {
    let path = path.to_owned();
    blocking(move || {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let mut connection = open_file(&path, mode, flags)?;
        let count = migrate::migrate(&mut connection, SQLITE)?;
        connection
            .close()
            .map_err(|(_, error)| error::convert("migrate", &error))?;
        Ok(count)
    })
    .await
}

/// Runs a closure on a thread that may wait for the disk, or for the lock of another program.
async fn blocking<T: Send + 'static>(
    run: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(run)
        .await
        .unwrap_or_else(|error| Err(Error::Internal(Failure::new("open").with_source(error))))
}

/// How long opening a file waits for the lock of another program.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

/// Opens a file for migrations. [`Error::Config`] when it can't be opened, or has the tables of another program.
fn open_file(path: &Path, mode: OpenMode, access: OpenFlags) -> Result<Connection> {
    let open = || {
        let connection = connect(&uri(path, mode), access)?;
        connection.busy_timeout(LOCK_TIMEOUT)?;
        if access.contains(OpenFlags::SQLITE_OPEN_READ_WRITE) {
            connection.pragma_update(None, "journal_mode", "wal")?;
            connection.pragma_update(None, "synchronous", "full")?;
        }
        let is_foreign = connection.query_row(FOREIGN_SQLITE, [], |row| row.get(0))?;
        Ok((connection, is_foreign))
    };
    let unusable =
        |message: String, fault| Error::Config(Failure::new(message).with_file_fault(fault));
    let path = path.display();
    match open() {
        Ok((connection, false)) => Ok(connection),
        Ok((_, true)) => {
            let message = format!(
                "The SQLite file {path} holds tables of another program. Name another file."
            );
            Err(unusable(message, Some(FileFault::Foreign)))
        }
        Err(error) => {
            let cause = error::convert("open", &error);
            let message = format!("The SQLite file {path} can't be opened: {cause}");
            Err(unusable(message, cause.file_fault()))
        }
    }
}

impl Backend for Sqlite {
    type Row = SqliteRow;

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
        // The last connection to close checkpoints the WAL, which a read-only one cannot do.
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

    /// A test of the program checks that this mode is used on a full disk.
    #[tokio::test]
    async fn exclusive_mode_keeps_the_wal_index_in_memory() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("100% of the shop?.db");
        set_up(&path).await.expect("a file");
        let mode = OpenMode::Exclusive;
        let readers = Arc::new(ReaderPool::open(&path, mode, 1).expect("opens"));
        let writer = Writer::open(&uri(&path, mode), Arc::default()).expect("opens");
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
