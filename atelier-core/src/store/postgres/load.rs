//! A load into PostgreSQL: COPY into tables beside those that are served, a transaction for each batch, so that a load
//! can be gone on with from the last one.

use std::collections::HashMap;
use std::time::Duration;

use async_trait::async_trait;
use atelier_sql::load::{self, TABLES, Table};
use atelier_sql::products;
use futures_util::{StreamExt, TryStreamExt, stream};
use sqlx::error::DatabaseError;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions, PgRow};
use sqlx::{Connection, Executor, Row as _};

use crate::model::bulk::Batch;
use crate::model::error::{ConnectErrorKind, Error, Failure, Result};
use crate::store::load::progress::Progress;
use crate::store::load::row::{Row, Value};
use crate::store::load::{BulkLoad, Claim, Mark, fact, rows, taken};
use crate::store::postgres::setup;
use crate::store::{Content, failure};

/// Connections that fill and index at once. The database's cores are shared with its readers.
const AT_ONCE: usize = 3;

/// How often the exchange is tried, each time waiting [`PATIENCE`] for the readers in front and giving way again.
const EXCHANGES: usize = 100;
/// Less than the time after which PostgreSQL looks for deadlocks: it is the load that gives up, not a reader.
const PATIENCE: Duration = Duration::from_millis(200);

pub(crate) struct PostgresLoad {
    /// Holds the claim.
    _claim: PgConnection,
    pool: PgPool,
    /// How many connections the pool has at most.
    at_once: usize,
    progress: Progress,
}

impl PostgresLoad {
    pub(crate) async fn open(url: &str, when: Claim) -> Result<Self> {
        let options = setup::options(url)?;
        setup::set_up(&options).await?;
        let options = options.options([
            ("statement_timeout", "0"),
            ("lock_timeout", "0"),
            ("idle_in_transaction_session_timeout", "0"),
            // Nobody but the load reads these rows before its end, and its last commit waits for the disk.
            ("synchronous_commit", "off"),
            ("maintenance_work_mem", "256MB"),
        ]);
        let mut claim = setup::connect(&options).await?;
        let mut claimed: bool = sqlx::query_scalar(load::CLAIM_POSTGRES)
            .fetch_one(&mut claim)
            .await
            .map_err(failed)?;
        if !claimed && when == Claim::WhenFree {
            tracing::info!("another load into this database is under way; waiting for it");
            sqlx::query(load::WAIT_FOR_CLAIM_POSTGRES)
                .execute(&mut claim)
                .await
                .map_err(failed)?;
            claimed = true;
        }
        if !claimed {
            return Err(Error::Config(Failure::new(
                "Another load into this database is under way. Wait for it, or stop it.",
            )));
        }
        let at_once = available(&options).await?;
        let pool = PgPoolOptions::new()
            .max_connections(u32::try_from(at_once).unwrap_or(1))
            .connect_with(options)
            .await
            .map_err(failed)?;
        Ok(Self {
            _claim: claim,
            pool,
            at_once,
            progress: Progress::default(),
        })
    }

    async fn fact(&self, name: &'static str) -> Result<Option<String>> {
        sqlx::query_scalar(load::FACT)
            .bind(name)
            .fetch_optional(&self.pool)
            .await
            .map_err(failed)
    }

    async fn append(&self, copies: Vec<Copy>) -> Result<(), sqlx::Error> {
        let mut transaction = self.pool.begin().await?;
        for copy in copies {
            let mut copying = transaction.copy_in_raw(copy.table.copy).await?;
            if let Err(error) = copying.send(copy.text).await {
                // A copy that is merely dropped fails later, in the middle of something else.
                let _ = copying.abort("the loader failed").await;
                return Err(error);
            }
            copying.finish().await?;
            sqlx::query(load::ADVANCE)
                .bind(copy.table.name)
                .bind(copy.last_id)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await
    }

    async fn index(&self, table: Table) -> Result<i64> {
        let mut connection = self.pool.acquire().await.map_err(failed)?;
        for text in table.indexes_postgres {
            sqlx::query(*text)
                .execute(&mut *connection)
                .await
                .map_err(failed)?;
        }
        sqlx::query_scalar(table.count_postgres)
            .fetch_one(&mut *connection)
            .await
            .map_err(failed)
    }

    /// `false` when readers were in the way.
    async fn exchange(&self, mark: Mark<'_>) -> Result<bool> {
        let mut transaction = self.pool.begin().await.map_err(failed)?;
        let content = match lock(&mut transaction).await {
            Ok(content) => content,
            Err(error) if waited_too_long(&error) => return Ok(false),
            Err(error) => return Err(failed(error)),
        };
        let content = Content::from_row(&content)?;
        taken(content)?;
        if content.demo {
            for text in load::FORGET_SHOPPERS {
                transaction.execute(*text).await.map_err(failed)?;
            }
        }
        let (last_review, last_answer) = self.progress.last_parents_of_photos();
        let (name, value) = mark.fact();
        let run = async {
            sqlx::raw_sql(load::EXCHANGE_POSTGRES)
                .execute(&mut *transaction)
                .await?;
            sqlx::query(load::IDS_POSTGRES)
                .bind(last_review)
                .bind(last_answer)
                .execute(&mut *transaction)
                .await?;
            sqlx::query(load::ADD_FACT)
                .bind(name)
                .bind(value)
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await
        };
        run.await.map_err(failed).map(|()| true)
    }
}

/// How many more connections the server takes, up to [`AT_ONCE`]: a role or a small server may be limited to few, and a pool
/// that wants more waits for them until it fails.
async fn available(options: &PgConnectOptions) -> Result<usize> {
    let mut open = Vec::new();
    while open.len() < AT_ONCE {
        match setup::connect(options).await {
            Ok(connection) => open.push(connection),
            Err(error) if open.is_empty() || !no_connection_left(&error) => return Err(error),
            Err(_) => break,
        }
    }
    let available = open.len();
    for connection in open {
        connection.close().await.map_err(failed)?;
    }
    Ok(available)
}

fn no_connection_left(error: &Error) -> bool {
    use ConnectErrorKind::{DatabaseConnectionLimit, RoleConnectionLimit, TooManyConnections};
    matches!(
        error.connect_error(),
        Some(DatabaseConnectionLimit | RoleConnectionLimit | TooManyConnections)
    )
}

/// Locks all that is exchanged: what is served now.
async fn lock(transaction: &mut PgConnection) -> Result<PgRow, sqlx::Error> {
    transaction
        .execute("set local synchronous_commit = on")
        .await?;
    // Nobody uses these but the database's own upkeep, which gives way after a second.
    transaction.execute(load::LOCK_LOADED_POSTGRES).await?;
    sqlx::query(load::LIMIT_WAITS_POSTGRES)
        .bind(PATIENCE.as_millis().to_string())
        .execute(&mut *transaction)
        .await?;
    transaction.execute(load::LOCK_POSTGRES).await?;
    sqlx::query(products::CONTENT.text)
        .fetch_one(transaction)
        .await
}

fn waited_too_long(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    code.is_some_and(|code| code == "55P03")
}

#[async_trait]
impl BulkLoad for PostgresLoad {
    async fn content(&self) -> Result<Content> {
        let row = sqlx::query(products::CONTENT.text)
            .fetch_one(&self.pool)
            .await
            .map_err(failed)?;
        Content::from_row(&row)
    }

    async fn loaded(&self) -> Result<Option<String>> {
        self.fact(fact::LOADED).await
    }

    async fn begin(&self, of: &str) -> Result<()> {
        taken(self.content().await?)?;
        let mut transaction = self.pool.begin().await.map_err(failed)?;
        let run = async {
            sqlx::raw_sql(load::BEGIN_POSTGRES)
                .execute(&mut *transaction)
                .await?;
            sqlx::query(load::FORGET_FACT)
                .bind(fact::LOADING)
                .execute(&mut *transaction)
                .await?;
            sqlx::query(load::ADD_FACT)
                .bind(fact::LOADING)
                .bind(of)
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await
        };
        run.await.map_err(failed)?;
        self.progress.restart(HashMap::new());
        Ok(())
    }

    async fn interrupted(&self) -> Result<Option<String>> {
        self.fact(fact::LOADING).await
    }

    async fn resume(&self) -> Result<()> {
        taken(self.content().await?)?;
        let rows = sqlx::query(load::PROGRESS)
            .fetch_all(&self.pool)
            .await
            .map_err(failed)?;
        let held = rows
            .iter()
            .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
        self.progress
            .restart(held.collect::<Result<_, sqlx::Error>>().map_err(failed)?);
        Ok(())
    }

    async fn put(&self, batch: Batch) -> Result<()> {
        self.progress.see_photos(&batch);
        let copies = Copy::of(&batch, &self.progress)?;
        drop(batch);
        self.append(copies).await.map_err(failed)
    }

    async fn finish(&self, mark: Mark<'_>) -> Result<()> {
        let counts: Vec<i64> = stream::iter(TABLES.iter().copied())
            .map(|table| self.index(table))
            .buffered(self.at_once)
            .try_collect()
            .await?;
        self.progress.compare(&counts)?;
        for _ in 0..EXCHANGES {
            if self.exchange(mark).await? {
                return Ok(());
            }
            tokio::time::sleep(PATIENCE).await;
        }
        Err(Error::Unavailable(Failure::new(
            "The tables that are served are in use without a break, so the loaded ones can't take their place.",
        )))
    }
}

/// Rows for one table, in COPY's text form: tabs between values, backslash escapes, `\N` for null.
struct Copy {
    table: Table,
    text: Vec<u8>,
    last_id: i64,
}

impl Copy {
    fn of(batch: &Batch, progress: &Progress) -> Result<Vec<Self>> {
        let mut copies: Vec<Self> = Vec::new();
        rows::each(batch, progress, &mut |table, id, row| {
            if copies.last().is_none_or(|copy| copy.table != table) {
                copies.push(Self {
                    table,
                    text: Vec::new(),
                    last_id: id,
                });
            }
            if let Some(copy) = copies.last_mut() {
                copy.push(id, row);
            }
            Ok(())
        })?;
        Ok(copies)
    }

    fn push(&mut self, id: i64, row: &Row) {
        self.last_id = id;
        for (column, value) in row.values().enumerate() {
            if column > 0 {
                self.text.push(b'\t');
            }
            match value {
                Value::Int(value) => {
                    // Writing into memory does not fail.
                    let _ = std::io::Write::write_fmt(&mut self.text, format_args!("{value}"));
                }
                Value::Bool(value) => self.text.push(if value { b't' } else { b'f' }),
                Value::Null => self.text.extend_from_slice(b"\\N"),
                Value::Text(value) => escape(value, &mut self.text),
            }
        }
        self.text.push(b'\n');
    }
}

fn escape(value: &[u8], text: &mut Vec<u8>) {
    let mut rest = value;
    while let Some(at) = rest
        .iter()
        .position(|byte| matches!(byte, b'\\' | b'\t' | b'\n' | b'\r'))
    {
        text.extend_from_slice(&rest[..at]);
        text.extend_from_slice(match rest[at] {
            b'\t' => b"\\t",
            b'\n' => b"\\n",
            b'\r' => b"\\r",
            _ => b"\\\\",
        });
        rest = &rest[at + 1..];
    }
    text.extend_from_slice(rest);
}

fn failed(error: sqlx::Error) -> Error {
    failure::from("load", error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copy_escapes_what_would_end_a_value() {
        let mut row = Row::default();
        row.int(-1).bool(true).maybe(None).text("a\tb\nc\\N\r");
        let mut copy = Copy {
            table: load::STYLES,
            text: Vec::new(),
            last_id: 0,
        };
        copy.push(1, &row);
        assert_eq!(copy.text, b"-1\tt\t\\N\ta\\tb\\nc\\\\N\\r\n");
    }
}
