//! PostgreSQL.

use std::str::FromStr;
use std::time::Duration;

use atelier_sql::load::{self, Table};
use atelier_sql::{Read, Write, migrations, products};
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgConnection, PgPool, PgPoolOptions, PgRow};
use sqlx::{Arguments, ConnectOptions, Connection};

use super::dialect::{Bulk, Dialect};
use super::gate::Gate;
use super::value::{Value, impl_row};
use super::{Content, bounded, failure, schema, statements_are_logged};
use crate::{Error, Failure, Result};

/// How the statements of `atelier-sql` run on PostgreSQL.
#[derive(Debug)]
pub struct Postgres {
    pool: PgPool,
    gate: Gate,
}

impl_row!(PgRow);

impl Postgres {
    /// Connects, and sets an empty database up. [`Error::Unavailable`] with the server's own reason when that fails.
    pub(super) async fn open(url: &str) -> Result<Self> {
        let options = options(url)?;
        // Once without the pool, which would hide why it can't connect.
        let mut connection = connect(&options).await?;
        let fresh: bool = sqlx::query_scalar("select to_regclass('_sqlx_migrations') is null")
            .fetch_one(&mut connection)
            .await
            .map_err(|error| failure::from("schema", error))?;
        if fresh {
            schema::migrate(&mut connection, migrations::POSTGRES).await?;
        } else {
            schema::check(&mut connection, migrations::POSTGRES).await?;
        }
        connection
            .close()
            .await
            .map_err(|error| failure::from("schema", error))?;

        // A few connections keep the database's cores busy; more only wait for each other there.
        let cores =
            std::thread::available_parallelism().map_or(2, |n| u32::try_from(n.get()).unwrap_or(2));
        let connections = (2 * cores).clamp(4, 32);
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .min_connections(connections)
            // A ping at each checkout would be a second round trip for each read; a read that meets a dead connection is
            // tried again instead.
            .test_before_acquire(false)
            .acquire_timeout(Duration::from_secs(3))
            .idle_timeout(None)
            .max_lifetime(Duration::from_mins(30))
            .connect_with(serving(options))
            .await
            .map_err(|error| failure::from("connect", error))?;
        Ok(Self {
            pool,
            gate: Gate::new(connections),
        })
    }

    /// A connection. One that has to be made first is made in a task of its own: a caller who gives up does not throw it
    /// away half made.
    async fn connection(&self) -> Result<PoolConnection<sqlx::Postgres>, sqlx::Error> {
        if let Some(connection) = self.pool.try_acquire() {
            return Ok(connection);
        }
        let pool = self.pool.clone();
        match tokio::spawn(async move { pool.acquire().await }).await {
            Ok(connection) => connection,
            Err(_) => Err(sqlx::Error::WorkerCrashed),
        }
    }

    async fn rows(&self, text: &'static str, binds: Vec<Value>) -> Result<Vec<PgRow>, sqlx::Error> {
        let mut connection = self.connection().await?;
        let query = sqlx::query_with(text, arguments(binds));
        let (rows, all) = bounded::collect(query.fetch(&mut *connection)).await?;
        if !all {
            // What is left unread would be read by whoever gets the connection next.
            drop(connection.detach());
        }
        Ok(rows)
    }
}

/// Brings the database at `url` up to date, and tells how many steps that took.
pub(super) async fn migrate(url: &str) -> Result<usize> {
    let mut connection = connect(&options(url)?).await?;
    let steps = schema::migrate(&mut connection, migrations::POSTGRES).await?;
    connection
        .close()
        .await
        .map_err(|error| failure::from("migrate", error))?;
    Ok(steps)
}

fn options(url: &str) -> Result<PgConnectOptions> {
    let options = PgConnectOptions::from_str(url).map_err(|_| {
        // sqlx's own words may quote the address, and with it the password.
        let why =
            "The database URL can't be read. Give postgres://USER:PASSWORD@HOST:PORT/DATABASE.";
        Error::Unusable(Failure::new(why))
    })?;
    let options = options.application_name("atelier");
    Ok(if statements_are_logged() {
        options
    } else {
        options.disable_statement_logging()
    })
}

/// What a serving connection needs beyond one that migrates or loads: bounds on time, and plans made once. A plan for
/// the values of each execution never pays here, where every read is by key.
fn serving(options: PgConnectOptions) -> PgConnectOptions {
    options.options([
        ("statement_timeout", "3s"),
        ("lock_timeout", "1s"),
        ("idle_in_transaction_session_timeout", "10s"),
        ("plan_cache_mode", "force_generic_plan"),
        ("jit", "off"),
    ])
}

async fn connect(options: &PgConnectOptions) -> Result<PgConnection> {
    let place = format!("{}:{}", options.get_host(), options.get_port());
    match tokio::time::timeout(Duration::from_secs(5), options.connect()).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(error)) => {
            let why = failure::from("connect", error);
            Err(Error::Unavailable(Failure::new(format!(
                "PostgreSQL at {place} can't be used: {why}"
            ))))
        }
        Err(_) => Err(Error::Unavailable(Failure::new(format!(
            "PostgreSQL at {place} did not answer within 5 s"
        )))),
    }
}

fn arguments(binds: Vec<Value>) -> PgArguments {
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

impl Dialect for Postgres {
    type Row = PgRow;
    type Bulk = PostgresBulk;

    async fn read(&self, query: Read, binds: Vec<Value>) -> Result<Vec<PgRow>> {
        let _place = self.gate.enter().await?;
        let mut rows = self.rows(query.text, binds.clone()).await;
        if rows.as_ref().is_err_and(failure::connection_lost) {
            rows = self.rows(query.text, binds).await;
        }
        rows.map_err(|error| failure::from(query.name, error))
    }

    async fn write(&self, change: Write, binds: Vec<Value>) -> Result<Option<i64>> {
        let _place = self.gate.enter().await?;
        let rows = self
            .rows(change.postgres, binds)
            .await
            .map_err(|error| failure::from(change.name, error))?;
        rows.first()
            .map(|row| super::value::Row::int(row, 0))
            .transpose()
    }

    async fn bulk(&self) -> Result<PostgresBulk> {
        // Not from the pool, whose connections give up on a long statement.
        let mut connection = connect(&self.pool.connect_options().as_ref().clone().options([
            ("statement_timeout", "0"),
            ("lock_timeout", "0"),
            ("idle_in_transaction_session_timeout", "0"),
        ]))
        .await?;
        sqlx::query("begin")
            .execute(&mut connection)
            .await
            .map_err(|error| failure::from("load", error))?;
        Ok(PostgresBulk { connection })
    }

    async fn close(&self) {
        self.pool.close().await;
    }
}

/// A load under way: a transaction of a connection of its own, which ends with it.
pub(crate) struct PostgresBulk {
    connection: PgConnection,
}

impl PostgresBulk {
    async fn run(&mut self, text: &'static str, binds: Vec<Value>) -> Result<()> {
        sqlx::query_with(text, arguments(binds))
            .execute(&mut self.connection)
            .await
            .map(drop)
            .map_err(|error| failure::from("load", error))
    }
}

impl Bulk for PostgresBulk {
    async fn content(&mut self) -> Result<Content> {
        // Nobody else loads until this one ends.
        self.run("lock table store_facts in exclusive mode", vec![])
            .await?;
        let query = sqlx::query(products::CONTENT.text);
        let row = query
            .fetch_one(&mut self.connection)
            .await
            .map_err(|error| failure::from("load", error))?;
        Content::from_row(&row)
    }

    async fn empty(&mut self) -> Result<()> {
        for text in load::EMPTY {
            self.run(text, vec![]).await?;
        }
        Ok(())
    }

    async fn append(&mut self, table: Table, rows: Vec<Vec<Value>>) -> Result<()> {
        let failed = |error| failure::from("load", error);
        let mut copy = self
            .connection
            .copy_in_raw(table.copy)
            .await
            .map_err(failed)?;
        if let Err(error) = copy.send(copy_text(&rows).into_bytes()).await {
            // A copy that is merely dropped fails later, in the middle of something else.
            let _ = copy.abort("the loader failed").await;
            return Err(failed(error));
        }
        copy.finish().await.map(drop).map_err(failed)
    }

    async fn derive(&mut self, last_review: i64, last_answer: i64) -> Result<()> {
        self.run(load::TOTALS, vec![]).await?;
        self.run(load::SUMS_POSTGRES, vec![]).await?;
        self.run(
            load::IDS_POSTGRES,
            vec![last_review.into(), last_answer.into()],
        )
        .await
    }

    async fn commit(mut self) -> Result<()> {
        self.run("commit", vec![]).await?;
        // The plans are made once, so the tables' figures have to be there before the first.
        self.run("analyze", vec![]).await?;
        self.connection
            .close()
            .await
            .map_err(|error| failure::from("load", error))
    }
}

/// Rows in COPY's text form: tabs between values, backslash escapes, `\N` for null.
fn copy_text(rows: &[Vec<Value>]) -> String {
    let mut text = String::new();
    for row in rows {
        for (column, value) in row.iter().enumerate() {
            if column > 0 {
                text.push('\t');
            }
            match value {
                Value::Int(value) => text.push_str(&value.to_string()),
                Value::Bool(value) => text.push(if *value { 't' } else { 'f' }),
                Value::Null => text.push_str("\\N"),
                Value::Text(value) => {
                    for character in value.chars() {
                        match character {
                            '\\' => text.push_str("\\\\"),
                            '\t' => text.push_str("\\t"),
                            '\n' => text.push_str("\\n"),
                            '\r' => text.push_str("\\r"),
                            other => text.push(other),
                        }
                    }
                }
            }
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copy_escapes_what_would_end_a_value() {
        let row = vec![
            Value::Int(-1),
            Value::Bool(true),
            Value::Null,
            Value::Text("a\tb\nc\\N\r".to_owned()),
        ];
        assert_eq!(copy_text(&[row]), "-1\tt\t\\N\ta\\tb\\nc\\\\N\\r\n");
    }
}
