//! PostgreSQL.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use atelier_sql::{Read, Write, migrations};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::{Column, ConnectOptions, Connection, Row as _, TypeInfo};
use tokio::sync::OnceCell;

use super::batch::Batches;
use super::bounded::Rows;
use super::changes::Changes;
use super::connections::{Connections, PoolSize};
use super::dialect::Dialect;
use super::log::{self, Home, Log};
use super::nodes::Nodes;
use super::value::{Row, Value};
use super::{Topic, failure, schema, statements_are_logged};
use crate::{Error, Failure, Result, metrics};

/// Who answers.
#[derive(Debug)]
enum Servers {
    /// One.
    One(Arc<Connections>, Arc<Batches<Rows<PgRow>>>),
    /// A primary and its standbys.
    Several(Arc<Nodes>),
}

/// How the statements of `atelier-sql` run on PostgreSQL.
#[derive(Debug)]
pub struct Postgres {
    servers: Servers,
    log: Log,
    /// That the schema is that of this program.
    checked: OnceCell<()>,
}

impl Postgres {
    /// Connects, and sets an empty database up. [`Error::Unavailable`] with the server's own reason when that fails.
    /// What other servers change is noted in `changes`.
    pub(super) async fn open(url: &str, size: PoolSize, changes: &Arc<Changes>) -> Result<Self> {
        let options = options(url)?;
        set_up(&options).await?;
        let connections = Arc::new(Connections::open(serving(options), size).await?);
        Ok(Self {
            log: Log::open(Home::Server(Arc::downgrade(&connections)), changes).await?,
            servers: Servers::One(connections, Arc::default()),
            checked: OnceCell::new_with(Some(())),
        })
    }

    /// The same with hot standbys of it, which may also have changed places with it.
    pub(super) async fn with_readers(
        url: &str,
        readers: &[&str],
        size: PoolSize,
        changes: &Arc<Changes>,
    ) -> Result<Self> {
        let urls = std::iter::once(&url).chain(readers);
        let servers = urls.map(|url| Ok(serving(options(url)?)));
        let nodes = Nodes::find(servers.collect::<Result<_>>()?, size, changes).await?;
        set_up(nodes.primary_options()).await?;
        let log = Log::open(Home::Primary(Arc::downgrade(&nodes)), changes).await?;
        nodes.watch();
        Ok(Self {
            log,
            servers: Servers::Several(nodes),
            checked: OnceCell::new_with(Some(())),
        })
    }

    /// The database of a function, to which the first statement connects.
    pub(super) fn of_function(url: &str) -> Result<Self> {
        let connections = Arc::new(Connections::of_function(serving(options(url)?)));
        Ok(Self {
            log: Log::of_function(&connections),
            servers: Servers::One(connections, Arc::default()),
            checked: OnceCell::new(),
        })
    }

    /// That the schema is that of this program, which is asked once.
    async fn check(&self) -> Result<()> {
        let check = || async { self.primary().check(migrations::POSTGRES).await };
        self.checked.get_or_try_init(check).await.copied()
    }

    /// The connections over which changes are made.
    fn primary(&self) -> Arc<Connections> {
        match &self.servers {
            Servers::One(connections, _) => Arc::clone(connections),
            Servers::Several(nodes) => nodes.primary().0,
        }
    }
}

/// Sets a database up when it is empty. [`Error::Schema`] when it is not up to date, [`Error::Unavailable`] with the
/// server's own reason when there is no connection.
pub(super) async fn set_up(options: &PgConnectOptions) -> Result<()> {
    // Once without a pool, which would hide why it can't connect.
    let mut connection = connect(options).await?;
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
        .map_err(|error| failure::from("schema", error))
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

/// Whether the database at `url` is up to date. [`Error::Schema`] when not.
pub(super) async fn check_schema(url: &str) -> Result<()> {
    let mut connection = connect(&options(url)?).await?;
    schema::check(&mut connection, migrations::POSTGRES).await?;
    connection
        .close()
        .await
        .map_err(|error| failure::from("schema", error))
}

/// How to connect to the database at `url`.
pub(super) fn options(url: &str) -> Result<PgConnectOptions> {
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
/// the values of each execution never pays here, where every read is by key; nor does a join that reads all of a table,
/// which PostgreSQL would choose for the keys of a batch while there are a thousand products.
fn serving(options: PgConnectOptions) -> PgConnectOptions {
    options.options([
        ("statement_timeout", "3s"),
        ("lock_timeout", "1s"),
        ("idle_in_transaction_session_timeout", "10s"),
        ("plan_cache_mode", "force_generic_plan"),
        ("enable_hashjoin", "off"),
        ("enable_mergejoin", "off"),
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

impl Dialect for Postgres {
    type Row = PgRow;

    const SHARED: bool = true;

    async fn read(
        &self,
        query: Read,
        about: Option<Topic>,
        binds: Vec<Value>,
    ) -> Result<Rows<PgRow>> {
        self.check().await?;
        match &self.servers {
            Servers::One(connections, batches) => batches.read(connections, query, binds).await,
            // Apart, so that it makes nothing larger where there is one.
            Servers::Several(nodes) => Box::pin(nodes.read(query, about, binds)).await,
        }
    }

    fn can_write(&self) -> Result<()> {
        match &self.servers {
            Servers::One(..) => Ok(()),
            Servers::Several(nodes) => nodes.can_write(),
        }
    }

    async fn write(&self, change: Write, binds: Vec<Value>) -> Result<Option<Vec<i64>>> {
        self.check().await?;
        let rows = match &self.servers {
            Servers::One(connections, _) => connections.write(change, binds).await?,
            Servers::Several(nodes) => Box::pin(nodes.write(change, binds)).await?,
        };
        let numbers = |row: &PgRow| (0..row.len()).map(|column| row.int(column)).collect();
        rows.first().map(numbers).transpose()
    }

    async fn tell(&self, topics: &[Topic]) {
        self.log.tell(topics).await;
    }

    fn thawed(&self) {
        self.primary().thawed();
    }

    fn observe(&self) {
        let (used, idle) = match &self.servers {
            Servers::One(connections, _) => connections.count(),
            Servers::Several(nodes) => nodes.count(),
        };
        metrics::connections(used, idle);
    }

    async fn sweep(&self) -> Result<()> {
        log::sweep(&self.primary()).await
    }

    async fn close(&self) {
        self.log.close().await;
        match &self.servers {
            Servers::One(connections, _) => connections.close().await,
            Servers::Several(nodes) => nodes.close().await,
        }
    }
}

/// What type a column has is not asked for each value: the texts are constants, and tests read every column.
impl Row for PgRow {
    fn maybe_int(&self, column: usize) -> Result<Option<i64>> {
        self.try_get_unchecked(column).map_err(unreadable)
    }

    fn int(&self, column: usize) -> Result<i64> {
        self.try_get_unchecked(column).map_err(unreadable)
    }

    fn bool(&self, column: usize) -> Result<bool> {
        self.try_get_unchecked(column).map_err(unreadable)
    }

    fn maybe_text(&self, column: usize) -> Result<Option<&str>> {
        self.try_get_unchecked(column).map_err(unreadable)
    }

    fn text(&self, column: usize) -> Result<&str> {
        self.try_get_unchecked(column).map_err(unreadable)
    }

    fn weight(&self) -> usize {
        let is_text = |column: &usize| self.column(*column).type_info().name() == "TEXT";
        let texts = (0..self.len()).filter(is_text);
        texts
            .filter_map(|column| self.maybe_text(column).ok().flatten())
            .map(str::len)
            .sum()
    }
}

fn unreadable(error: sqlx::Error) -> Error {
    failure::from("row", error)
}
