//! Bulk loading into PostgreSQL: `COPY` into staging tables, one transaction per batch, from which a load can be resumed.

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
use crate::store::Content;
use crate::store::load::progress::Progress;
use crate::store::load::row::{Row, Value};
use crate::store::load::{BulkLoad, Lock, Provenance, ensure_empty, fact, rows};
use crate::store::postgres::{error, setup};
use crate::store::rows::content as decode_content;

/// Number of connections for loading and indexing. Readers need cores of the database as well.
const MAX_CONNECTIONS: usize = 3;

/// How often the exchange of tables is tried. Each attempt waits for readers up to [`LOCK_TIMEOUT`], and then lets them pass.
const MAX_SWAP_ATTEMPTS: usize = 100;
/// Shorter than `deadlock_timeout`, so that the load gives up, not a reader.
const LOCK_TIMEOUT: Duration = Duration::from_millis(200);

pub(crate) struct PostgresLoad {
    /// Holds the advisory lock.
    _lock: PgConnection,
    pool: PgPool,
    /// Maximum size of the pool.
    connections: usize,
    progress: Progress,
}

impl PostgresLoad {
    pub(crate) async fn open(url: &str, when: Lock) -> Result<Self> {
        let options = setup::options(url)?;
        setup::set_up(&options).await?;
        let options = options.options([
            ("statement_timeout", "0"),
            ("lock_timeout", "0"),
            ("idle_in_transaction_session_timeout", "0"),
            // The rows are not served before the last commit, which waits for the disk.
            ("synchronous_commit", "off"),
            ("maintenance_work_mem", "256MB"),
        ]);
        let mut lock = setup::connect(&options).await?;
        let mut locked: bool = sqlx::query_scalar(load::CLAIM_POSTGRES)
            .fetch_one(&mut lock)
            .await
            .map_err(failed)?;
        if !locked && when == Lock::Wait {
            tracing::info!("another load into this database is under way; waiting for it");
            sqlx::query(load::WAIT_FOR_CLAIM_POSTGRES)
                .execute(&mut lock)
                .await
                .map_err(failed)?;
            locked = true;
        }
        if !locked {
            return Err(Error::Config(Failure::new(
                "Another load into this database is under way. Wait for it, or stop it.",
            )));
        }
        let connections = available(&options).await?;
        let pool = PgPoolOptions::new()
            .max_connections(u32::try_from(connections).unwrap_or(1))
            .connect_with(options)
            .await
            .map_err(failed)?;
        Ok(Self {
            _lock: lock,
            pool,
            connections,
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
                // Dropping a copy would fail a later statement instead.
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

    /// Replaces the served tables; returns false when their locks could not be had in time.
    async fn exchange(&self, provenance: Provenance<'_>) -> Result<bool> {
        let mut transaction = self.pool.begin().await.map_err(failed)?;
        let content = match lock(&mut transaction).await {
            Ok(content) => content,
            Err(error) if lock_timed_out(&error) => return Ok(false),
            Err(error) => return Err(failed(error)),
        };
        let content = decode_content(&content)?;
        ensure_empty(content)?;
        if content.demo {
            for text in load::DELETE_CLIENT_DATA {
                transaction.execute(*text).await.map_err(failed)?;
            }
        }
        let (last_review, last_answer) = self.progress.last_parents_of_photos();
        let (name, value) = provenance.fact();
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

/// Returns how many more connections the server accepts, up to [`MAX_CONNECTIONS`]: a role or a small server may be limited to
/// few, and a larger pool would wait for connections until it fails.
async fn available(options: &PgConnectOptions) -> Result<usize> {
    let mut open = Vec::new();
    while open.len() < MAX_CONNECTIONS {
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

/// Locks the tables of the exchange, and returns what the served ones hold.
async fn lock(transaction: &mut PgConnection) -> Result<PgRow, sqlx::Error> {
    transaction
        .execute("set local synchronous_commit = on")
        .await?;
    // Only autovacuum uses these, and it yields after a second.
    transaction.execute(load::LOCK_LOADED_POSTGRES).await?;
    sqlx::query(load::LIMIT_WAITS_POSTGRES)
        .bind(LOCK_TIMEOUT.as_millis().to_string())
        .execute(&mut *transaction)
        .await?;
    transaction.execute(load::LOCK_POSTGRES).await?;
    sqlx::query(products::CONTENT.text)
        .fetch_one(transaction)
        .await
}

fn lock_timed_out(error: &sqlx::Error) -> bool {
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
        decode_content(&row)
    }

    async fn loaded(&self) -> Result<Option<String>> {
        self.fact(fact::LOADED).await
    }

    async fn begin(&self, source: &str) -> Result<()> {
        ensure_empty(self.content().await?)?;
        let mut transaction = self.pool.begin().await.map_err(failed)?;
        let run = async {
            sqlx::raw_sql(load::BEGIN_POSTGRES)
                .execute(&mut *transaction)
                .await?;
            sqlx::query(load::DELETE_FACT)
                .bind(fact::LOADING)
                .execute(&mut *transaction)
                .await?;
            sqlx::query(load::ADD_FACT)
                .bind(fact::LOADING)
                .bind(source)
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
        ensure_empty(self.content().await?)?;
        let rows = sqlx::query(load::PROGRESS)
            .fetch_all(&self.pool)
            .await
            .map_err(failed)?;
        let loaded_up_to = rows
            .iter()
            .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
        self.progress.restart(
            loaded_up_to
                .collect::<Result<_, sqlx::Error>>()
                .map_err(failed)?,
        );
        Ok(())
    }

    async fn put(&self, batch: Batch) -> Result<()> {
        self.progress.track_photo_ids(&batch);
        let copies = Copy::of(&batch, &self.progress)?;
        drop(batch);
        self.append(copies).await.map_err(failed)
    }

    async fn finish(&self, provenance: Provenance<'_>) -> Result<()> {
        let counts: Vec<i64> = stream::iter(TABLES.iter().copied())
            .map(|table| self.index(table))
            .buffered(self.connections)
            .try_collect()
            .await?;
        self.progress.compare(&counts)?;
        for _ in 0..MAX_SWAP_ATTEMPTS {
            if self.exchange(provenance).await? {
                return Ok(());
            }
            tokio::time::sleep(LOCK_TIMEOUT).await;
        }
        Err(Error::Unavailable(Failure::new(
            "The served tables are in constant use, so the loaded tables could not replace them.",
        )))
    }
}

/// Rows for one table in the text format of `COPY`: tab-separated values, backslash escapes, `\N` for null.
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
    error::convert("load", error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_characters_are_escaped_for_copy() {
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
