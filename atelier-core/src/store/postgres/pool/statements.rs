//! Executing statements, and what happens to a connection when one fails.

use std::io::ErrorKind;

use atelier_sql::{Read, Write};
use sqlx::postgres::{PgArguments, PgRow};
use tokio::time::timeout;

use super::Pool;
use super::connection::RESPONSE_TIMEOUT;
use crate::model::error::{Error, Failure, Result};
use crate::store::batching::reads::Reader;
use crate::store::batching::writes::{BatchError, Outcomes};
use crate::store::bulkhead::{Compartment, Permit};
use crate::store::postgres::arguments::{arguments, integer_arrays, write_arrays};
use crate::store::postgres::error;
use crate::store::rows;
use crate::store::rows::{Row, Rows, Value};

impl Pool {
    /// Executes a statement.
    async fn rows(
        &self,
        permit: Permit,
        text: &'static str,
        arguments: PgArguments,
    ) -> Result<Rows<PgRow>, sqlx::Error> {
        let mut connection = self.acquire(permit).await?;
        let query = sqlx::query_with(text, arguments);
        let rows = rows::collect(query.fetch(connection.connection()?), self.max_bytes);
        let timed_out = sqlx::Error::Io(ErrorKind::TimedOut.into());
        match timeout(RESPONSE_TIMEOUT, rows)
            .await
            .unwrap_or(Err(timed_out))
        {
            Ok(rows) => {
                if rows.complete {
                    self.release(connection);
                } else {
                    // The rest of the result would be read by the next user of the connection.
                    connection.discard();
                }
                Ok(rows)
            }
            Err(error) => {
                if error::connection_lost(&error) {
                    connection.discard();
                    self.mark_unhealthy();
                    if error::is_read_only(&error) {
                        // The other connections lead to the same read-only server, though they are alive.
                        self.evict_all();
                    }
                    // The other connections are probably lost too: sqlx's pool probes each one that is returned.
                    self.return_all();
                    while let Some(idle) = self.inner.try_acquire() {
                        drop(idle);
                    }
                }
                Err(error)
            }
        }
    }

    /// Executes a read. It is repeated on another connection when the first one was lost, but not when it timed out: the caller
    /// would wait twice as long.
    async fn read(
        &self,
        permit: Permit,
        text: &'static str,
        arguments: PgArguments,
    ) -> Result<Rows<PgRow>, sqlx::Error> {
        if !self.retries_reads {
            let rows = self.rows(permit, text, arguments).await;
            if rows.as_ref().is_err_and(error::is_retryable_elsewhere) {
                self.mark_unhealthy();
            }
            return rows;
        }
        let mut rows = self.rows(permit.clone(), text, arguments.clone()).await;
        let lost = |error: &_| error::connection_lost(error) && !error::is_timeout(error);
        if rows.as_ref().is_err_and(lost) {
            rows = self.rows(permit, text, arguments).await;
        }
        rows
    }

    /// Executes several writes in one statement, without a repetition, and returns the numbers of each. `None` when the server
    /// is read-only, and so has stored nothing.
    pub(crate) async fn write(
        &self,
        permit: Permit,
        change: Write,
        changes: &[&[Value]],
    ) -> std::result::Result<Option<Outcomes>, BatchError> {
        let rows = match self
            .rows(permit, change.postgres, write_arrays(changes))
            .await
        {
            Ok(rows) => rows.into_vec(),
            Err(error) if error::is_read_only(&error) => return Ok(None),
            Err(error) => {
                let cause = error::batch_cause(&error);
                let error = error::convert(change.name, error);
                return Err(BatchError { cause, error });
            }
        };
        outcomes(&rows, changes.len())
            .map(Some)
            .map_err(BatchError::last)
    }

    /// Executes a statement of the program itself, without a repetition.
    pub(crate) async fn query(
        &self,
        name: &str,
        text: &'static str,
        arguments: PgArguments,
    ) -> Result<Vec<PgRow>> {
        let permit = self.writes.of(name).acquire().await?;
        let rows = self.rows(permit, text, arguments).await;
        rows.map(Rows::into_vec)
            .map_err(|error| error::convert(name, error))
    }
}

impl Reader for Pool {
    type Rows = Rows<PgRow>;

    fn compartment(&self, read: Read) -> &Compartment {
        self.reads.of(read.name)
    }

    async fn run_one(&self, permit: Permit, read: Read, binds: Vec<Value>) -> Result<Rows<PgRow>> {
        let rows = self.read(permit, read.text, arguments(binds)).await;
        rows.map_err(|error| error::convert(read.name, error))
    }

    async fn run_batch(
        &self,
        permit: Permit,
        read: Read,
        text: &'static str,
        reads: &[Vec<i64>],
    ) -> Result<Option<Vec<Rows<PgRow>>>> {
        let rows = match self.read(permit, text, integer_arrays(reads)).await {
            Ok(rows) if rows.complete => rows.into_vec(),
            Ok(_) => return Ok(None),
            // A single read of the batch may be slow.
            Err(error) if error::is_cancelled(&error) => return Ok(None),
            Err(error) => return Err(error::convert(read.name, error)),
        };
        let mut each: Vec<_> = reads.iter().map(|_| Vec::new()).collect();
        for row in rows {
            // The last column is the ordinal of the read.
            let ordinal = row.int(sqlx::Row::len(&row) - 1)?;
            element(&mut each, ordinal)?.push(row);
        }
        let complete = |rows| Rows::new(rows, true);
        Ok(Some(each.into_iter().map(complete).collect()))
    }
}

/// Returns the numbers of each change. The first column of a row is an array of the ordinals of its changes.
fn outcomes(rows: &[PgRow], changes: usize) -> Result<Outcomes> {
    let mut outcomes = vec![None; changes];
    for row in rows {
        let ordinals: Vec<i64> =
            sqlx::Row::try_get_unchecked(row, 0).map_err(|error| error::convert("row", error))?;
        let numbers = (1..sqlx::Row::len(row)).map(|column| row.int(column));
        let numbers: Vec<_> = numbers.collect::<Result<_>>()?;
        for ordinal in ordinals {
            *element(&mut outcomes, ordinal)? = Some(numbers.clone());
        }
    }
    Ok(outcomes)
}

/// Returns the element with an ordinal, from 1, that a statement returned.
fn element<T>(elements: &mut [T], ordinal: i64) -> Result<&mut T> {
    let element = usize::try_from(ordinal - 1)
        .ok()
        .and_then(|index| elements.get_mut(index));
    element.ok_or_else(|| Error::Internal(Failure::new("a row for a request that was not made")))
}
