//! PostgreSQL.

use std::str::FromStr;
use std::time::Duration;

use atelier_sql::{Read, Write, migrations};
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgConnection, PgPool, PgPoolOptions, PgRow};
use sqlx::{Arguments, ConnectOptions, Connection};

use super::dialect::Dialect;
use super::gate::Gate;
use super::value::{Value, impl_row};
use super::{bounded, failure, schema, statements_are_logged};
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
        let options = set_up(url).await?;
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

/// How to connect to the database at `url`, which is set up when it is empty. [`Error::Schema`] when it is not up to date,
/// [`Error::Unavailable`] with the server's own reason when there is no connection.
pub(super) async fn set_up(url: &str) -> Result<PgConnectOptions> {
    let options = options(url)?;
    // Once without a pool, which would hide why it can't connect.
    let mut connection = connect(&options).await?;
    // The list of steps is made before the first step, and a set-up may have been interrupted between them.
    let fresh: bool = sqlx::query_scalar("select to_regclass('products') is null")
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
    Ok(options)
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

pub(super) async fn connect(options: &PgConnectOptions) -> Result<PgConnection> {
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

    const SHARED: bool = true;

    async fn read(&self, query: Read, binds: Vec<Value>) -> Result<Vec<PgRow>> {
        let _place = self.gate.enter().await?;
        let mut rows = self.rows(query.text, binds.clone()).await;
        if rows.as_ref().is_err_and(failure::connection_lost) {
            rows = self.rows(query.text, binds).await;
        }
        rows.map_err(|error| failure::from(query.name, error))
    }

    async fn write(&self, change: Write, binds: Vec<Value>) -> Result<Option<Vec<i64>>> {
        let _place = self.gate.enter().await?;
        let rows = self
            .rows(change.postgres, binds)
            .await
            .map_err(|error| failure::from(change.name, error))?;
        rows.first().map(super::value::Row::ints).transpose()
    }

    async fn close(&self) {
        self.pool.close().await;
    }
}
