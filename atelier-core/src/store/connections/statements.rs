//! What is asked over a connection, and what becomes of the connection afterwards.

use std::io::ErrorKind;

use atelier_sql::{Read, Write};
use sqlx::Arguments;
use sqlx::postgres::{PgArguments, PgRow};
use tokio::time::timeout;

use super::{Connections, SILENCE};
use crate::store::batch::Reader;
use crate::store::bounded::Rows;
use crate::store::gate::Gate;
use crate::store::value::{Row, Value};
use crate::store::{bounded, failure};
use crate::{Error, Failure, Result};

impl Connections {
    /// The rows of a statement.
    async fn rows(
        &self,
        text: &'static str,
        arguments: PgArguments,
    ) -> Result<Rows<PgRow>, sqlx::Error> {
        let mut lent = self.connection().await?;
        let query = sqlx::query_with(text, arguments);
        let rows = bounded::collect(query.fetch(lent.connection()?), self.most);
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
        text: &'static str,
        arguments: PgArguments,
    ) -> Result<Rows<PgRow>, sqlx::Error> {
        if !self.again {
            let rows = self.rows(text, arguments).await;
            if rows.as_ref().is_err_and(failure::another_may) {
                self.doubt();
            }
            return rows;
        }
        let mut rows = self.rows(text, arguments.clone()).await;
        let lost = |error: &_| failure::connection_lost(error) && !failure::silent(error);
        if rows.as_ref().is_err_and(lost) {
            rows = self.rows(text, arguments).await;
        }
        rows
    }

    /// The rows of a change, which is tried once; none when the server can only be read.
    pub(in crate::store) async fn try_write(
        &self,
        change: Write,
        binds: Vec<Value>,
    ) -> Result<Option<Vec<PgRow>>> {
        let _place = self.writes.of(change.name).enter().await?;
        match self.rows(change.postgres, arguments(binds)).await {
            Ok(rows) => Ok(Some(rows.into_vec())),
            Err(error) if failure::read_only(&error) => Ok(None),
            Err(error) => Err(failure::from(change.name, error)),
        }
    }

    /// The rows of a change, which is tried once.
    pub(in crate::store) async fn write(
        &self,
        change: Write,
        binds: Vec<Value>,
    ) -> Result<Vec<PgRow>> {
        self.ask(change.name, change.postgres, arguments(binds))
            .await
    }

    /// The rows of a statement, which is tried once.
    pub(in crate::store) async fn ask(
        &self,
        name: &str,
        text: &'static str,
        arguments: PgArguments,
    ) -> Result<Vec<PgRow>> {
        let _place = self.writes.of(name).enter().await?;
        let rows = self.rows(text, arguments).await;
        rows.map(Rows::into_vec)
            .map_err(|error| failure::from(name, error))
    }
}

impl Reader for Connections {
    type Rows = Rows<PgRow>;

    fn gate(&self, read: Read) -> &Gate {
        self.reads.of(read.name)
    }

    async fn alone(&self, read: Read, binds: Vec<Value>) -> Result<Rows<PgRow>> {
        let rows = self.read(read.text, arguments(binds)).await;
        rows.map_err(|error| failure::from(read.name, error))
    }

    async fn together(
        &self,
        read: Read,
        text: &'static str,
        questions: &[Vec<i64>],
    ) -> Result<Option<Vec<Rows<PgRow>>>> {
        let rows = match self.read(text, columns(questions)).await {
            Ok(rows) if rows.complete => rows.into_vec(),
            Ok(_) => return Ok(None),
            // One of them may be what takes so long.
            Err(error) if failure::took_too_long(&error) => return Ok(None),
            Err(error) => return Err(failure::from(read.name, error)),
        };
        let mut each: Vec<_> = questions.iter().map(|_| Vec::new()).collect();
        for row in rows {
            // The place of its question, from 1, is the last column.
            let place = row.int(sqlx::Row::len(&row) - 1)?;
            let question = usize::try_from(place - 1)
                .ok()
                .and_then(|place| each.get_mut(place))
                .ok_or_else(|| Error::Internal(Failure::new("a row for a question not asked")))?;
            question.push(row);
        }
        let whole = |rows| Rows::new(rows, true);
        Ok(Some(each.into_iter().map(whole).collect()))
    }
}

pub(in crate::store) fn arguments(binds: Vec<Value>) -> PgArguments {
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

/// The binds of a text for many: each bind of the text for one, with a value for each question.
pub(in crate::store) fn columns(questions: &[Vec<i64>]) -> PgArguments {
    let mut arguments = PgArguments::default();
    let binds = questions.first().map_or(0, Vec::len);
    for bind in 0..binds {
        let column: Vec<i64> = questions.iter().map(|question| question[bind]).collect();
        // Encoding numbers never fails.
        let _ = arguments.add(column);
    }
    arguments
}
