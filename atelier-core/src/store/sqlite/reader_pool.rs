//! The readers of a SQLite file.
//!
//! A reading by key takes less time than waking another thread would, so it runs where it is asked. SQLite itself breaks off
//! one that turns out larger, and that one begins anew on a thread that may take its time: no scan ever keeps a thread
//! from serving.

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
use crate::store::failure;
use crate::store::rows::{self, Kept, Row as _, Rows, Value};
use crate::store::sqlite::backend::{Access, STATEMENT_TIMEOUT, address, interrupt_after, serving};
use crate::store::sqlite::row::{SqliteRow, Told, bind};

/// Steps of SQLite's machine, some fractions of a millisecond, after which a reading is no longer small.
const STEPS: i32 = 20_000;

/// More readings than there can be at once, each of which holds a thread.
const READINGS: u32 = 1 << 16;

/// Connections that only read.
#[derive(Debug)]
pub(crate) struct Readers {
    address: PathBuf,
    access: Access,
    most: usize,
    /// Those that nobody uses. Who finds none opens another: there are never more than threads that read.
    idle: Mutex<Vec<Connection>>,
    /// How many more readings there may be: none once the store is closed.
    readings: Semaphore,
    /// The permits of readings that are not small.
    large: Compartment,
}

impl Readers {
    /// Reads the file at `path`, which is there and has been migrated, on so many `cores`.
    pub(crate) fn open(path: &Path, access: Access, cores: u32) -> Result<Self> {
        let readers = Self {
            address: address(path, access),
            access,
            most: match access {
                Access::Function => rows::MOST_OF_FUNCTION,
                _ => rows::MOST,
            },
            idle: Mutex::default(),
            readings: Semaphore::new(READINGS as usize),
            large: Compartment::alone(cores, QUEUE_TIMEOUT),
        };
        let connection = readers
            .connect()
            .map_err(|error| failure::of_sqlite("open", &error))?;
        readers.idle().push(connection);
        Ok(readers)
    }

    /// The rows of one statement.
    pub(crate) async fn read(
        self: &Arc<Self>,
        query: Read,
        binds: Vec<Value>,
    ) -> Result<Rows<SqliteRow>> {
        // Who asks again and again never waits for anything, and so would never let another task go on.
        tokio::task::consume_budget().await;
        // A function has one thread, and the clock of its answer runs on it.
        if self.access != Access::Function
            && let Some(rows) = self.rows(query, &binds, Some(STEPS))?
        {
            return Ok(rows);
        }
        let permit = self.large.acquire().await?;
        let readers = Arc::clone(self);
        let rows = tokio::task::spawn_blocking(move || {
            let rows = readers.rows(query, &binds, None);
            // Held to the end of the reading, not to the moment when nobody waits for it any more.
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

    /// The rows of one statement, or none where it would take more than so many `steps`.
    fn rows(
        &self,
        query: Read,
        binds: &[Value],
        steps: Option<i32>,
    ) -> Result<Option<Rows<SqliteRow>>> {
        let _reading = self
            .readings
            .try_acquire()
            .map_err(|_| Error::Unavailable(Failure::new("The database is closed.")))?;
        let idle = self.idle().pop();
        let read = || {
            let connection = idle.map_or_else(|| self.connect(), Ok)?;
            let rows = rows(&connection, query, binds, steps, self.most);
            self.idle().push(connection);
            rows
        };
        read().map_err(|error| failure::of_sqlite(query.name, &error))
    }

    fn connect(&self) -> rusqlite::Result<Connection> {
        let connection = serving(&self.address, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        // A thread that serves waits for a lock no longer than a caller waits for a place. Nobody but a foreign program
        // holds one against readers.
        connection.busy_timeout(Duration::from_millis(500))?;
        Ok(connection)
    }

    /// Closes all connections when the last reading has ended; whoever comes later is refused.
    pub(crate) async fn close(&self) {
        let all = self.readings.acquire_many(READINGS).await;
        self.readings.close();
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
    most: usize,
) -> rusqlite::Result<Option<Rows<SqliteRow>>> {
    let told = Told::begin();
    match steps {
        Some(steps) => connection.progress_handler(steps, Some(|| true))?,
        None => interrupt_after(connection, STATEMENT_TIMEOUT)?,
    }
    let mut statement = connection.prepare_cached(query.sqlite)?;
    // A statement counts its steps from one reading to the next.
    statement.reset_status(StatementStatus::VmStep);
    bind(&mut statement, binds)?;
    let columns = statement.column_count();
    let (mut cursor, mut kept, mut bytes) = (statement.raw_query(), Kept::none(most), 0);
    let complete = loop {
        let row = match cursor.next() {
            Ok(Some(row)) => SqliteRow::copy(row, columns)?,
            Ok(None) => break true,
            Err(error) if steps.is_some() && failure::interrupted_on_sqlite(&error) => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        bytes += row.weight();
        if steps.is_some() && bytes > large_reads::BYTES {
            return Ok(None);
        }
        if !kept.keep(row) {
            break false;
        }
    };
    told.end(query.name, query.sqlite);
    Ok(Some(kept.into_rows(complete)))
}
