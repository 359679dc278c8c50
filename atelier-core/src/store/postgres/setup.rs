//! Connecting to PostgreSQL, and checking and setting up a database.

use std::time::Duration;

use atelier_sql::setup;
use sqlx::migrate::Migrate;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::{ConnectOptions, Connection, Row};
use tokio::time::timeout;

use crate::model::error::{ConnectErrorKind, Error, Failure, Result};
use crate::store::postgres::pool::size::PoolSize;
use crate::store::postgres::{error, migrate};
use crate::store::statement_log::statements_are_logged;
use crate::store::url::DatabaseUrl;

/// Timeout for a connection, and for the first response on it.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Returns the settings of connections to the database at `url`.
pub(crate) fn options(url: &str) -> Result<PgConnectOptions> {
    let DatabaseUrl::Postgres(url) = DatabaseUrl::parse(url)? else {
        return Err(Error::Config(Failure::new(
            "This is not the URL of a PostgreSQL database.",
        )));
    };
    let options = url
        .connect_options()?
        // The statements are written for this level. Under a stricter one, which may be the default of a database or a role,
        // PostgreSQL aborts one of two writes to the same row.
        .options([("default_transaction_isolation", "read committed")]);
    Ok(if statements_are_logged() {
        options
    } else {
        options.disable_statement_logging()
    })
}

/// Adds the settings of connections that serve requests: timeouts, and generic plans. Every read is by key, so planning each
/// execution costs more than it gains. Hash and merge joins read whole tables; PostgreSQL would choose them for the keys of a
/// batch while tables are small.
pub(crate) fn serving(options: PgConnectOptions) -> PgConnectOptions {
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

/// Adds the settings of connections that migrate, without timeouts.
fn migrating(options: PgConnectOptions) -> PgConnectOptions {
    options.options([
        ("statement_timeout", "0"),
        ("lock_timeout", "0"),
        ("idle_in_transaction_session_timeout", "0"),
    ])
}

/// Connects. [`Error::Unavailable`] with a [`ConnectErrorKind`] when that fails.
pub(crate) async fn connect(options: &PgConnectOptions) -> Result<PgConnection> {
    let place = place(options);
    match timeout(CONNECT_TIMEOUT, options.connect()).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(error)) => {
            let kind = ConnectErrorKind::of(&error).unwrap_or(ConnectErrorKind::Other);
            let why = error::convert("connect", error);
            let failure = Failure::new(format!("PostgreSQL at {place} can't be used: {why}"));
            Err(Error::Unavailable(failure.with_connect_error(Some(kind))))
        }
        Err(_) => Err(silent(&place)),
    }
}

/// Returns the address of the server, for messages.
fn place(options: &PgConnectOptions) -> String {
    let (host, port) = (options.get_host(), options.get_port());
    match options.get_socket() {
        Some(directory) => format!("{}/.s.PGSQL.{port}", directory.display()),
        None if host.starts_with('/') => format!("{host}/.s.PGSQL.{port}"),
        None if host.contains(':') => format!("[{host}]:{port}"),
        None => format!("{host}:{port}"),
    }
}

fn silent(place: &str) -> Error {
    let failure = Failure::new(format!("PostgreSQL at {place} did not answer within 5 s"));
    Error::Unavailable(failure.with_connect_error(Some(ConnectErrorKind::TimedOut)))
}

/// Facts about a server and a database.
pub(crate) struct ServerFacts {
    version: i32,
    encoding: String,
    read_only: bool,
    in_recovery: bool,
    /// Connection limits of the role, of the database and of the server.
    limits: [(Option<i64>, ConnectErrorKind); 3],
}

impl ServerFacts {
    async fn ask(connection: &mut PgConnection) -> Result<Self, sqlx::Error> {
        let row: PgRow = sqlx::query(setup::FACTS).fetch_one(connection).await?;
        Ok(Self {
            version: row.try_get(0)?,
            encoding: row.try_get(1)?,
            read_only: row.try_get(2)?,
            in_recovery: row.try_get(3)?,
            limits: [
                (row.try_get(4)?, ConnectErrorKind::RoleConnectionLimit),
                (row.try_get(5)?, ConnectErrorKind::DatabaseConnectionLimit),
                (row.try_get(6)?, ConnectErrorKind::TooManyConnections),
            ],
        })
    }

    /// Checks version and encoding.
    fn check(&self) -> Result<()> {
        let unusable = |what: &str, kind| {
            let failure = Failure::new(what).with_connect_error(Some(kind));
            Err(Error::Config(failure))
        };
        if self.version < 130_000 {
            let what = "The server is older than PostgreSQL 13.";
            return unusable(what, ConnectErrorKind::Version);
        }
        if self.encoding != "UTF8" {
            let what = format!(
                "The encoding of the database is {}, which has no place for every text. It must be UTF8.",
                self.encoding
            );
            return unusable(&what, ConnectErrorKind::Encoding);
        }
        Ok(())
    }

    /// Checks that writes are accepted, now or after a promotion.
    fn check_writable(&self) -> Result<()> {
        if self.read_only && !self.in_recovery {
            let failure = Failure::new(
                "The transactions of this user in this database are read-only by default (default_transaction_read_only).",
            );
            let failure = failure.with_connect_error(Some(ConnectErrorKind::ReadOnly));
            return Err(Error::Config(failure));
        }
        Ok(())
    }

    /// Checks that tables can be created and altered.
    fn check_migratable(&self) -> Result<()> {
        if self.in_recovery {
            let failure = Failure::new(
                "The server is a standby, and its tables can only be made and altered on its primary",
            );
            let failure = failure.with_connect_error(Some(ConnectErrorKind::Standby));
            return Err(Error::Unavailable(failure));
        }
        self.check_writable()
    }

    /// Returns the size of the pool: `wanted`, or less when a limit of the server requires it.
    pub(crate) fn pool_size(&self, wanted: PoolSize) -> Result<PoolSize> {
        let known = self.limits.iter();
        let known = known.filter_map(|(limit, kind)| Some((u32::try_from((*limit)?).ok()?, *kind)));
        let Some((limit, kind)) = known.min_by_key(|(limit, _)| *limit) else {
            return Ok(wanted);
        };
        if limit >= wanted.get() {
            return Ok(wanted);
        }
        let Some(size) = PoolSize::new(limit) else {
            let least = PoolSize::MIN;
            let failure = Failure::new(format!(
                "PostgreSQL allows {limit} connections here, and a server needs {least}."
            ));
            return Err(Error::Config(failure.with_connect_error(Some(kind))));
        };
        tracing::warn!(
            wanted = wanted.get(),
            limit,
            "PostgreSQL allows fewer connections than --pool-size; the pool is smaller"
        );
        Ok(size)
    }
}

/// Connects and reads the facts.
async fn inspect(options: &PgConnectOptions) -> Result<(PgConnection, ServerFacts)> {
    let mut connection = connect(options).await?;
    match timeout(CONNECT_TIMEOUT, ServerFacts::ask(&mut connection)).await {
        Ok(Ok(facts)) => {
            facts.check()?;
            Ok((connection, facts))
        }
        Ok(Err(error)) => Err(error::convert("setup", error)),
        Err(_) => Err(silent(&place(options))),
    }
}

/// Sets up an empty database; of several concurrent processes, one does and the others wait. [`Error::Schema`] when it is not
/// up to date, [`Error::Unavailable`] with the reason of the server when there is no connection.
pub(crate) async fn set_up(options: &PgConnectOptions) -> Result<ServerFacts> {
    // Not through sqlx's pool, which hides the reason of a failure.
    let (mut connection, facts) = inspect(&migrating(options.clone())).await?;
    let checked = migrate::check(&mut connection).await;
    if let Err(Error::Schema(_)) = checked {
        // The database is empty, has another version, or is being set up by a process that holds the lock.
        lock(&mut connection).await?;
        // The table of migrations is created before the first one, and a set-up may have been interrupted in between.
        let fresh: bool = sqlx::query_scalar(setup::IS_EMPTY)
            .fetch_one(&mut connection)
            .await
            .map_err(|error| error::convert("schema", error))?;
        if fresh {
            facts.check_migratable()?;
            migrate::migrate(&mut connection).await?;
        } else {
            migrate::check(&mut connection).await?;
        }
    } else {
        checked?;
    }
    close(connection).await?;
    Ok(facts)
}

/// Migrates the database at `url` and returns the number of applied migrations. Concurrent processes wait for each other.
pub(crate) async fn migrate(url: &str) -> Result<usize> {
    let (mut connection, facts) = inspect(&migrating(options(url)?)).await?;
    facts.check_migratable()?;
    lock(&mut connection).await?;
    let steps = migrate::migrate(&mut connection).await?;
    close(connection).await?;
    Ok(steps)
}

/// Checks that the database at `url` is up to date. [`Error::Schema`] when not.
pub(crate) async fn check_schema(url: &str) -> Result<()> {
    let (mut connection, _) = inspect(&migrating(options(url)?)).await?;
    migrate::check(&mut connection).await?;
    close(connection).await
}

/// Checks that the database at `url` accepts writes.
pub(crate) async fn check_writable(url: &str) -> Result<()> {
    let (connection, facts) = inspect(&options(url)?).await?;
    facts.check_writable()?;
    close(connection).await
}

/// Takes the lock of migrations, which is released with the connection.
async fn lock(connection: &mut PgConnection) -> Result<()> {
    let mut locked = connection.lock();
    if let Ok(locked) = timeout(Duration::from_secs(1), &mut locked).await {
        return locked.map_err(migrate::failed);
    }
    tracing::info!("another process sets the database up, or migrates it; waiting for it");
    locked.await.map_err(migrate::failed)
}

async fn close(connection: PgConnection) -> Result<()> {
    let closed = connection.close().await;
    closed.map_err(|error| error::convert("setup", error))
}
