//! A pool of read-only connections to a SQLite file.
//!
//! A read by key takes less time than waking another thread, so it runs on the thread of the caller. SQLite interrupts a read
//! that takes more than [`INLINE_VM_STEPS`]; it is then repeated on a blocking thread, so that a scan does not block the runtime.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use atelier_sql::Read;
use rusqlite::{Connection, OpenFlags, StatementStatus};
use tokio::sync::Semaphore;

use crate::large_reads;
use crate::model::error::{Error, Failure, Result};
use crate::store::admission::QUEUE_TIMEOUT;
use crate::store::bulkhead::Compartment;
use crate::store::rows::{self, BoundedRows, Row as _, Rows, Value};
use crate::store::sqlite::connection::{
    OpenMode, STATEMENT_TIMEOUT, interrupt_after, open_serving, uri,
};
use crate::store::sqlite::error;
use crate::store::sqlite::row::{SqliteRow, bind};
use crate::store::statement_log::StatementLog;

/// Maximum number of steps of SQLite's virtual machine for a read on the thread of the caller: a fraction of a millisecond.
const INLINE_VM_STEPS: i32 = 20_000;

/// More than the number of concurrent reads, each of which occupies a thread.
const MAX_READS: u32 = 1 << 16;

/// Read-only connections.
#[derive(Debug)]
pub(crate) struct ReaderPool {
    uri: PathBuf,
    mode: OpenMode,
    max_bytes: usize,
    /// Idle connections. When there is none, a read opens another, so there are at most as many as reading threads.
    idle: Mutex<Vec<Connection>>,
    /// Limits concurrent reads; closed with the store.
    reads: Semaphore,
    /// The permits of large reads.
    large: Compartment,
}

impl ReaderPool {
    /// Opens a migrated file; at most `cores` large reads run at once.
    pub(crate) fn open(path: &Path, mode: OpenMode, cores: u32) -> Result<Self> {
        let readers = Self {
            uri: uri(path, mode),
            mode,
            max_bytes: match mode {
                OpenMode::ImmutableLambda => rows::MAX_RESULT_BYTES_LAMBDA,
                _ => rows::MAX_RESULT_BYTES,
            },
            idle: Mutex::default(),
            reads: Semaphore::new(MAX_READS as usize),
            large: Compartment::alone(cores, QUEUE_TIMEOUT),
        };
        let connection = readers
            .connect()
            .map_err(|error| error::convert("open", &error))?;
        readers.idle().push(connection);
        Ok(readers)
    }

    /// Executes a read.
    pub(crate) async fn read(
        self: &Arc<Self>,
        query: Read,
        binds: Vec<Value>,
    ) -> Result<Rows<SqliteRow>> {
        // Yield to the scheduler: a task that only reads inline never awaits.
        tokio::task::consume_budget().await;
        // On Lambda the only thread also runs the timer of the response deadline.
        if self.mode != OpenMode::ImmutableLambda
            && let Some(rows) = self.rows(query, &binds, Some(INLINE_VM_STEPS))?
        {
            return Ok(rows);
        }
        let permit = self.large.acquire().await?;
        let readers = Arc::clone(self);
        let rows = tokio::task::spawn_blocking(move || {
            let rows = readers.rows(query, &binds, None);
            // Held until the read has ended, even if the caller was cancelled.
            (rows, permit)
        });
        match rows.await {
            Ok((rows, permit)) => {
                large_reads::hold(permit);
                Ok(rows?.unwrap_or_else(|| Rows::new(Vec::new(), true)))
            }
            Err(error) => Err(Error::Internal(Failure::new(query.name).with_source(error))),
        }
    }

    /// Executes a read; `None` when it takes more than `steps`.
    fn rows(
        &self,
        query: Read,
        binds: &[Value],
        steps: Option<i32>,
    ) -> Result<Option<Rows<SqliteRow>>> {
        let _read = self
            .reads
            .try_acquire()
            .map_err(|_| Error::Unavailable(Failure::new("The database is closed.")))?;
        let idle = self.idle().pop();
        let read = || {
            let connection = idle.map_or_else(|| self.connect(), Ok)?;
            let rows = rows(&connection, query, binds, steps, self.max_bytes);
            self.idle().push(connection);
            rows
        };
        read().map_err(|error| error::convert(query.name, &error))
    }

    fn connect(&self) -> rusqlite::Result<Connection> {
        let connection = open_serving(&self.uri, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        // Only another program can hold a lock against readers. This bounds how long a thread of the runtime waits.
        connection.busy_timeout(Duration::from_millis(500))?;
        Ok(connection)
    }

    /// Closes all connections when the last read has ended; later reads are refused.
    pub(crate) async fn close(&self) {
        let all = self.reads.acquire_many(MAX_READS).await;
        self.reads.close();
        drop(all);
        self.idle().clear();
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn rows(
    connection: &Connection,
    query: Read,
    binds: &[Value],
    steps: Option<i32>,
    max_bytes: usize,
) -> rusqlite::Result<Option<Rows<SqliteRow>>> {
    let log = StatementLog::begin();
    match steps {
        Some(steps) => connection.progress_handler(steps, Some(|| true))?,
        None => interrupt_after(connection, STATEMENT_TIMEOUT)?,
    }
    let mut statement = connection.prepare_cached(query.sqlite)?;
    // A statement accumulates its steps over executions.
    statement.reset_status(StatementStatus::VmStep);
    bind(&mut statement, binds)?;
    let columns = statement.column_count();
    let (mut cursor, mut bounded, mut bytes) =
        (statement.raw_query(), BoundedRows::new(max_bytes), 0);
    let complete = loop {
        let row = match cursor.next() {
            Ok(Some(row)) => SqliteRow::copy(row, columns)?,
            Ok(None) => break true,
            Err(error) if steps.is_some() && error::is_interrupted(&error) => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        bytes += row.text_bytes();
        if steps.is_some() && bytes > large_reads::BYTES {
            return Ok(None);
        }
        if !bounded.push(row) {
            break false;
        }
    };
    log.end(query.name, query.sqlite);
    Ok(Some(bounded.into_rows(complete)))
}
