//! What is asked over a connection, and what becomes of the connection afterwards.

use std::io::ErrorKind;

use atelier_sql::{Read, Write};
use sqlx::Arguments;
use sqlx::postgres::{PgArguments, PgRow};
use tokio::time::timeout;

use super::{Connections, SILENCE};
use crate::model::error::{Error, Failure, Result};
use crate::store::batching::reads::Reader;
use crate::store::batching::writes::{BatchError, Outcomes};
use crate::store::bulkhead::{Compartment, Permit};
use crate::store::rows::{Row, Rows, Value};
use crate::store::{failure, rows};

impl Connections {
    /// The rows of a statement.
    async fn rows(
        &self,
        permit: Permit,
        text: &'static str,
        arguments: PgArguments,
    ) -> Result<Rows<PgRow>, sqlx::Error> {
        let mut lent = self.connection(permit).await?;
        let query = sqlx::query_with(text, arguments);
        let rows = rows::collect(query.fetch(lent.connection()?), self.most);
        let silent = sqlx::Error::Io(ErrorKind::TimedOut.into());
        match timeout(SILENCE, rows).await.unwrap_or(Err(silent)) {
            Ok(rows) => {
                if rows.complete {
                    self.push(lent);
                } else {
                    // What is left unread would be read by whoever gets the connection next.
                    lent.discard();
                }
                Ok(rows)
            }
            Err(error) => {
                if failure::connection_lost(&error) {
                    lent.discard();
                    self.doubt();
                    if failure::read_only(&error) {
                        // The others lead there as well, though they are alive.
                        self.renew();
                    }
                    // The others probably are too: the pool asks each that comes back, and replaces it.
                    self.give_all_back();
                    while let Some(idle) = self.pool.try_acquire() {
                        drop(idle);
                    }
                }
                Err(error)
            }
        }
    }

    /// The same of a statement that changes nothing, which is tried on another connection when the first is lost, but not
    /// when it was silent: nobody waits as long as twice that.
    async fn read(
        &self,
        permit: Permit,
        text: &'static str,
        arguments: PgArguments,
    ) -> Result<Rows<PgRow>, sqlx::Error> {
        if !self.again {
            let rows = self.rows(permit, text, arguments).await;
            if rows.as_ref().is_err_and(failure::another_may) {
                self.doubt();
            }
            return rows;
        }
        let mut rows = self.rows(permit.clone(), text, arguments.clone()).await;
        let lost = |error: &_| failure::connection_lost(error) && !failure::silent(error);
        if rows.as_ref().is_err_and(lost) {
            rows = self.rows(permit, text, arguments).await;
        }
        rows
    }

    /// Makes several changes in one statement, which is tried once: the numbers of each. `None` when the server can only be
    /// read, and so has changed nothing.
    pub(crate) async fn write(
        &self,
        permit: Permit,
        change: Write,
        changes: &[&[Value]],
    ) -> std::result::Result<Option<Outcomes>, BatchError> {
        let rows = match self.rows(permit, change.postgres, arrays(changes)).await {
            Ok(rows) => rows.into_vec(),
            Err(error) if failure::read_only(&error) => return Ok(None),
            Err(error) => {
                let cause = failure::batch_cause(&error);
                let error = failure::from(change.name, error);
                return Err(BatchError { cause, error });
            }
        };
        outcomes(&rows, changes.len())
            .map(Some)
            .map_err(BatchError::last)
    }

    /// The rows of a statement, which is tried once.
    pub(crate) async fn ask(
        &self,
        name: &str,
        text: &'static str,
        arguments: PgArguments,
    ) -> Result<Vec<PgRow>> {
        let permit = self.writes.of(name).acquire().await?;
        let rows = self.rows(permit, text, arguments).await;
        rows.map(Rows::into_vec)
            .map_err(|error| failure::from(name, error))
    }
}

impl Reader for Connections {
    type Rows = Rows<PgRow>;

    fn compartment(&self, read: Read) -> &Compartment {
        self.reads.of(read.name)
    }

    async fn run_one(&self, permit: Permit, read: Read, binds: Vec<Value>) -> Result<Rows<PgRow>> {
        let rows = self.read(permit, read.text, arguments(binds)).await;
        rows.map_err(|error| failure::from(read.name, error))
    }

    async fn run_batch(
        &self,
        permit: Permit,
        read: Read,
        text: &'static str,
        reads: &[Vec<i64>],
    ) -> Result<Option<Vec<Rows<PgRow>>>> {
        let rows = match self.read(permit, text, columns(reads)).await {
            Ok(rows) if rows.complete => rows.into_vec(),
            Ok(_) => return Ok(None),
            // One of them may be what takes so long.
            Err(error) if failure::took_too_long(&error) => return Ok(None),
            Err(error) => return Err(failure::from(read.name, error)),
        };
        let mut each: Vec<_> = reads.iter().map(|_| Vec::new()).collect();
        for row in rows {
            // The place of its read, from 1, is the last column.
            let place = row.int(sqlx::Row::len(&row) - 1)?;
            at(&mut each, place)?.push(row);
        }
        let whole = |rows| Rows::new(rows, true);
        Ok(Some(each.into_iter().map(whole).collect()))
    }
}

/// The numbers of each of so many changes. A row begins with the places of the changes that it is about.
fn outcomes(rows: &[PgRow], changes: usize) -> Result<Outcomes> {
    let mut outcomes = vec![None; changes];
    for row in rows {
        let places: Vec<i64> =
            sqlx::Row::try_get_unchecked(row, 0).map_err(|error| failure::from("row", error))?;
        let numbers = (1..sqlx::Row::len(row)).map(|column| row.int(column));
        let numbers: Vec<_> = numbers.collect::<Result<_>>()?;
        for place in places {
            *at(&mut outcomes, place)? = Some(numbers.clone());
        }
    }
    Ok(outcomes)
}

pub(crate) fn arguments(binds: Vec<Value>) -> PgArguments {
    let mut arguments = PgArguments::default();
    for bind in binds {
        // Encoding a number or a text never fails.
        let _ = match bind {
            Value::Int(value) => arguments.add(value),
            Value::Bool(value) => arguments.add(value),
            Value::Text(value) => arguments.add(value),
            Value::Null => arguments.add(None::<String>),
        };
    }
    arguments
}

/// The element at a place that a statement returned, which counts from 1.
fn at<T>(elements: &mut [T], place: i64) -> Result<&mut T> {
    let element = usize::try_from(place - 1)
        .ok()
        .and_then(|place| elements.get_mut(place));
    element.ok_or_else(|| Error::Internal(Failure::new("a row for a request that was not made")))
}

/// The binds of a text that makes several changes: each bind of one change, as an array with an element for each.
fn arrays(changes: &[&[Value]]) -> PgArguments {
    let mut arguments = PgArguments::default();
    let binds = changes.first().map_or(0, |binds| binds.len());
    for bind in 0..binds {
        let column = || changes.iter().map(|binds| &binds[bind]);
        let mut values = column().filter(|value| !matches!(value, Value::Null));
        // Encoding numbers and texts never fails.
        let _ = match values.next() {
            Some(Value::Int(_)) => arguments.add(column().map(Value::as_int).collect::<Vec<_>>()),
            Some(Value::Bool(_)) => arguments.add(column().map(Value::as_bool).collect::<Vec<_>>()),
            _ => arguments.add(column().map(Value::as_text).collect::<Vec<_>>()),
        };
    }
    arguments
}

/// The binds of a text for many: each bind of the text for one, with a value for each question.
pub(crate) fn columns(questions: &[Vec<i64>]) -> PgArguments {
    let mut arguments = PgArguments::default();
    let binds = questions.first().map_or(0, Vec::len);
    for bind in 0..binds {
        let column: Vec<i64> = questions.iter().map(|question| question[bind]).collect();
        // Encoding numbers never fails.
        let _ = arguments.add(column);
    }
    arguments
}
