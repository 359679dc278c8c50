//! Bulk loading into SQLite: a staging file is filled in large transactions, indexed, and renamed over the served file.

use std::collections::HashMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use atelier_sql::load::{self, TABLES};
use atelier_sql::products;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OptionalExtension, ToSql};

use crate::model::bulk::Batch;
use crate::model::error::{Error, Failure, Result};
use crate::store::Content;
use crate::store::load::progress::Progress;
use crate::store::load::row::Value;
use crate::store::load::{BulkLoad, Provenance, ensure_empty, fact, rows};
use crate::store::sqlite::file_lock::FileLock;
use crate::store::sqlite::{backend, disk_space, error, replacement};

/// Minimum number of rows per transaction: an interrupted load repeats at most one transaction.
const COMMIT_ROWS: usize = 50_000;

pub(crate) struct SqliteLoad {
    served: PathBuf,
    staging: PathBuf,
    shared: Arc<Shared>,
    /// Held until the end of the load, so that no server opens the file.
    _lock: FileLock,
}

#[derive(Default)]
struct Shared {
    progress: Progress,
    filling: Mutex<Option<Filling>>,
}

/// The connection to the staging file, and the number of rows in its transaction.
struct Filling {
    connection: Connection,
    open: usize,
}

impl SqliteLoad {
    pub(crate) async fn open(path: &Path) -> Result<Self> {
        let served = replacement::target(path)?;
        let lock = FileLock::to_write(&served)?;
        backend::set_up(&served).await?;
        let mut staging = served.as_os_str().to_owned();
        staging.push(".load");
        Ok(Self {
            served,
            staging: staging.into(),
            shared: Arc::default(),
            _lock: lock,
        })
    }

    /// Runs a closure on a thread that may block.
    async fn blocking<T: Send + 'static>(
        &self,
        run: impl FnOnce(&Shared) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.blocking_on(vec![self.staging.clone()], run).await
    }

    /// Does the same for work that writes to `places`: when a disk is full, the error names it.
    async fn blocking_on<T: Send + 'static>(
        &self,
        places: Vec<PathBuf>,
        run: impl FnOnce(&Shared) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let shared = Arc::clone(&self.shared);
        tokio::task::spawn_blocking(move || {
            run(&shared).map_err(|error| disk_space::name_full_disk(error, &places))
        })
        .await
        .unwrap_or_else(|error| Err(Error::Internal(Failure::new("load").with_source(error))))
    }

    async fn start(&self, resumed: bool) -> Result<()> {
        let staging = self.staging.clone();
        self.blocking(move |shared| {
            let connection = connect(&staging)?;
            let mut loaded_up_to = HashMap::new();
            if resumed {
                let mut statement = connection.prepare(load::PROGRESS).map_err(failed)?;
                let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
                loaded_up_to = rows.and_then(Iterator::collect).map_err(failed)?;
            }
            shared.progress.restart(loaded_up_to);
            *shared.filling() = Some(Filling {
                connection,
                open: 0,
            });
            Ok(())
        })
        .await
    }
}

impl Shared {
    fn filling(&self) -> std::sync::MutexGuard<'_, Option<Filling>> {
        self.filling.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl BulkLoad for SqliteLoad {
    async fn content(&self) -> Result<Content> {
        let served = self.served.clone();
        self.blocking(move |_| {
            Connection::open(served)
                .and_then(|connection| {
                    connection.query_row(products::CONTENT.text, [], |row| {
                        Ok(Content {
                            products: row.get(0)?,
                            demo: row.get::<_, Option<String>>(1)?.is_some(),
                        })
                    })
                })
                .map_err(failed)
        })
        .await
    }

    async fn loaded(&self) -> Result<Option<String>> {
        let served = self.served.clone();
        self.blocking(move |_| fact_of(&served, fact::LOADED)).await
    }

    async fn begin(&self, source: &str) -> Result<()> {
        ensure_empty(self.content().await?)?;
        replacement::ensure_one_name(&self.served)?;
        remove(&self.staging)?;
        replacement::create(&self.staging, &self.served)?;
        backend::set_up(&self.staging).await?;
        let (staging, source) = (self.staging.clone(), source.to_owned());
        self.blocking(move |_| {
            let mut connection = connect(&staging)?;
            let begin = connection.transaction().map_err(failed)?;
            begin.execute_batch(load::BEGIN_SQLITE).map_err(failed)?;
            begin
                .execute(load::ADD_FACT, [fact::LOADING, &source])
                .map_err(failed)?;
            begin.commit().map_err(failed)
        })
        .await?;
        self.start(false).await
    }

    async fn interrupted(&self) -> Result<Option<String>> {
        let staging = self.staging.clone();
        if !staging.exists() {
            return Ok(None);
        }
        self.blocking(move |_| {
            let connection = Connection::open(&staging).map_err(failed)?;
            let begun = connection.query_row(load::BEGUN_SQLITE, [], |row| row.get(0));
            drop(connection);
            if begun.map_err(failed)? {
                fact_of(&staging, fact::LOADING)
            } else {
                Ok(None)
            }
        })
        .await
    }

    async fn resume(&self) -> Result<()> {
        ensure_empty(self.content().await?)?;
        replacement::ensure_one_name(&self.served)?;
        self.start(true).await
    }

    async fn put(&self, batch: Batch) -> Result<()> {
        self.blocking(move |shared| {
            shared.progress.track_photo_ids(&batch);
            match &mut *shared.filling() {
                Some(filling) => filling.append(&batch, &shared.progress),
                None => Err(Error::Internal(Failure::new("the load has not begun"))),
            }
        })
        .await
    }

    async fn finish(&self, provenance: Provenance<'_>) -> Result<()> {
        let (name, value) = provenance.fact();
        let (value, served, staging) =
            (value.to_owned(), self.served.clone(), self.staging.clone());
        let content = self.content().await?;
        // Indexes are sorted in temporary files.
        let places = vec![self.staging.clone(), disk_space::sqlite_temp_dir()];
        self.blocking_on(places, move |shared| {
            let Some(filling) = shared.filling().take() else {
                return Err(Error::Internal(Failure::new("the load has not begun")));
            };
            let ids = shared.progress.last_parents_of_photos();
            let counts = filling
                .complete(ids, (name, &value), (!content.demo).then_some(&*served))
                .map_err(failed)?;
            shared.progress.compare(&counts)?;
            replacement::copy_owner_and_mode(&served, &staging)?;
            replace(&served, &staging)
                .map_err(|error| Error::Internal(Failure::new("load").with_source(error)))
        })
        .await
    }
}

impl Filling {
    fn append(&mut self, batch: &Batch, progress: &Progress) -> Result<()> {
        if self.connection.is_autocommit() {
            self.connection.execute_batch("begin").map_err(failed)?;
        }
        let connection = &self.connection;
        let mut tables: Vec<(load::Table, i64, usize)> = Vec::new();
        let mut statement = None;
        rows::each(batch, progress, &mut |table, id, row| {
            if tables.last().is_none_or(|(last, ..)| *last != table) {
                statement = Some(connection.prepare(table.insert).map_err(failed)?);
                tables.push((table, id, 0));
            }
            if let Some((_, last_id, rows)) = tables.last_mut() {
                *last_id = id;
                *rows += 1;
            }
            let Some(statement) = &mut statement else {
                return Ok(());
            };
            for (at, value) in row.values().enumerate() {
                statement
                    .raw_bind_parameter(at + 1, value)
                    .map_err(failed)?;
            }
            statement.raw_execute().map(drop).map_err(failed)
        })?;
        drop(statement);
        for (table, last_id, rows) in tables {
            connection
                .execute(load::ADVANCE, (table.name, last_id))
                .map_err(failed)?;
            self.open += rows;
        }
        if self.open >= COMMIT_ROWS {
            self.commit().map_err(failed)?;
        }
        Ok(())
    }

    fn commit(&mut self) -> rusqlite::Result<()> {
        if !self.connection.is_autocommit() {
            self.connection.execute_batch("commit")?;
        }
        self.open = 0;
        Ok(())
    }

    /// Creates the indexes and facts of the file, and returns the number of rows of each table.
    fn complete(
        mut self,
        (last_review, last_answer): (i64, i64),
        fact: (&str, &str),
        keep: Option<&Path>,
    ) -> rusqlite::Result<Vec<i64>> {
        self.commit()?;
        let mut connection = self.connection;
        // The maps of the loader are freed by now; sorting needs memory.
        connection.pragma_update(None, "cache_size", -64 * 1024)?;
        if let Some(served) = keep {
            connection.execute(load::ATTACH_SQLITE, [served.to_string_lossy()])?;
        }
        let end = connection.transaction()?;
        for text in TABLES.iter().flat_map(|table| table.indexes_sqlite) {
            end.execute_batch(text)?;
        }
        let counts = TABLES
            .iter()
            .map(|table| end.query_row(table.count_sqlite, [], |row| row.get(0)))
            .collect::<rusqlite::Result<_>>()?;
        if keep.is_some() {
            end.execute_batch(load::KEEP_CLIENT_DATA_SQLITE)?;
        }
        end.execute(load::DELETE_IDS_SQLITE, [])?;
        end.execute(load::IDS_SQLITE, [last_review, last_answer])?;
        end.execute(load::DELETE_FACT, [fact::LOADING])?;
        end.execute(load::ADD_FACT, [fact.0, fact.1])?;
        end.execute_batch(load::END_SQLITE)?;
        end.commit()?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.close().map_err(|(_, error)| error)?;
        Ok(counts)
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(value) => ValueRef::Integer(*value),
            Value::Bool(value) => ValueRef::Integer(i64::from(*value)),
            Value::Text(value) => ValueRef::Text(value),
        }))
    }
}

/// Opens the staging file. Transactions of new pages write little to the rollback journal, so the file survives a crash of
/// the process at little cost.
fn connect(path: &Path) -> Result<Connection> {
    let open = || {
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "truncate")?;
        connection.pragma_update(None, "synchronous", "normal")?;
        connection.pragma_update(None, "locking_mode", "exclusive")?;
        connection.pragma_update(None, "cache_size", -32 * 1024)?;
        Ok(connection)
    };
    open().map_err(failed)
}

fn fact_of(path: &Path, name: &str) -> Result<Option<String>> {
    Connection::open(path)
        .and_then(|connection| {
            connection
                .query_row(load::FACT, [name], |row| row.get(0))
                .optional()
        })
        .map_err(failed)
}

/// Renames `staging` over `served`, durably.
fn replace(served: &Path, staging: &Path) -> std::io::Result<()> {
    File::open(staging)?.sync_all()?;
    // A WAL of the old file would be applied to the new one.
    for end in ["-wal", "-shm"] {
        let mut log = served.as_os_str().to_owned();
        log.push(end);
        remove_file(Path::new(&log))?;
    }
    fs::rename(staging, served)?;
    match served
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        Some(folder) => File::open(folder)?.sync_all(),
        None => File::open(".")?.sync_all(),
    }
}

fn remove(path: &Path) -> Result<()> {
    for end in ["", "-journal", "-wal", "-shm"] {
        let mut file = path.as_os_str().to_owned();
        file.push(end);
        remove_file(Path::new(&file)).map_err(|error| {
            Error::Config(Failure::new(format!(
                "Cannot remove {}: {error}.",
                Path::new(&file).display()
            )))
        })?;
    }
    Ok(())
}

fn remove_file(path: &Path) -> std::io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn failed(error: rusqlite::Error) -> Error {
    let code = error.sqlite_error().map(|error| error.extended_code);
    let failure = Failure::new(format!("load: {error}"));
    let failure = failure.with_file_fault(code.and_then(error::file_fault));
    Error::Internal(match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => failure.with_source(error),
        _ => failure,
    })
}
