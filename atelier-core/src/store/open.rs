//! Opening, migrating and checking stores.

use std::sync::Arc;
use std::time::Duration;

use crate::model::bulk::Batch;
use crate::model::error::{Error, Failure, FileFault, Result};
use crate::store::Store;
use crate::store::admission::QUEUE_TIMEOUT;
use crate::store::load::{BulkLoad, Lock, Provenance, fill_with};
use crate::store::postgres::backend::Postgres;
use crate::store::postgres::load::PostgresLoad;
use crate::store::postgres::pool::{PoolLimits, PoolSize};
use crate::store::postgres::setup;
use crate::store::sql_store::SqlStore;
use crate::store::sqlite::backend::{self as sqlite, Sqlite};
use crate::store::sqlite::connection::OpenMode;
use crate::store::sqlite::load::SqliteLoad;
use crate::store::topic_versions::TopicVersions;
use crate::store::url::DatabaseUrl;

/// How a store is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreOptions {
    /// Hot standbys that may answer reads; each URL must always lead to the same server. PostgreSQL only.
    pub readers: Vec<DatabaseUrl>,
    /// Maximum number of connections to each PostgreSQL server. Health checks of standbys use one more for each server.
    pub pool_size: PoolSize,
    /// How long a request waits for a connection, 2 s by default. A request whose expected wait is longer is refused at once.
    /// Together with the statement timeout of 3 s it should not exceed the request timeout of 5 s.
    pub queue_timeout: Duration,
    /// The kind of process.
    pub mode: Mode,
}

/// The kind of process that opens a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A server with concurrent requests.
    Server,
    /// A Lambda function, which handles one request at a time and is frozen between them. It has one connection to PostgreSQL,
    /// which the first request establishes, and calls [`Store::after_freeze`] before each request. The schema is checked by
    /// the first request. A SQLite file must be opened read-only, because files do not outlive the function.
    Lambda,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            readers: Vec::new(),
            pool_size: PoolSize::default(),
            queue_timeout: QUEUE_TIMEOUT,
            mode: Mode::Server,
        }
    }
}

/// Opens the store at `url`. A SQLite file is created and migrated where needed, unless it is opened read-only. An empty
/// PostgreSQL database is set up.
///
/// With [`StoreOptions::readers`], a standby answers a read when it lags at most one second and has replayed the last change of
/// the topic. Writes go to the primary, also after a failover. A standby that is unreachable is not used until it recovers.
///
/// [`Error::Unavailable`] when the database is unreachable; [`Error::Schema`] when its schema is older or newer than this program
/// (see [`migrate`]); [`Error::Config`] when the file is in use or can't be opened, when there are read URLs and one of all URLs
/// is not PostgreSQL, and on Lambda for a SQLite file that is not read-only.
pub async fn open(url: &DatabaseUrl, options: &StoreOptions) -> Result<Arc<dyn Store>> {
    if !options.readers.is_empty() {
        return open_cluster(url, options).await;
    }
    let versions = Arc::default();
    Ok(match (url, options.mode) {
        (DatabaseUrl::Sqlite(path), Mode::Server) => {
            let sqlite = Sqlite::open(path, &versions).await?;
            Arc::new(SqlStore::new(sqlite, versions))
        }
        (DatabaseUrl::Sqlite(path), Mode::Lambda) => {
            let path = path.display();
            return Err(Error::Config(Failure::new(format!(
                "Files of a Lambda function do not outlive it, so nothing can be written to sqlite:{path}. Name a PostgreSQL \
                 database; or sqlite:{path}?mode=ro to serve a file that is packed with the function, without changes."
            ))));
        }
        (DatabaseUrl::SqliteReadOnly(path), mode) => {
            let mode = match mode {
                Mode::Server => OpenMode::Immutable,
                Mode::Lambda => OpenMode::ImmutableLambda,
            };
            let sqlite = Sqlite::open_read_only(path, mode).await?;
            Arc::new(SqlStore::new(sqlite, versions))
        }
        (DatabaseUrl::Postgres(url), Mode::Server) => {
            let postgres = Postgres::open(url.expose(), options.limits(), &versions).await?;
            Arc::new(SqlStore::new(postgres, versions))
        }
        (DatabaseUrl::Postgres(url), Mode::Lambda) => {
            let postgres = Postgres::for_lambda(url.expose(), &versions)?;
            Arc::new(SqlStore::new(postgres, versions))
        }
    })
}

async fn open_cluster(url: &DatabaseUrl, options: &StoreOptions) -> Result<Arc<dyn Store>> {
    let readers = options.readers.iter().map(postgres_only);
    let readers = readers.collect::<Result<Vec<_>>>()?;
    let url = postgres_only(url)?;
    let versions = Arc::new(TopicVersions::with_times());
    let postgres = Postgres::open_cluster(url, &readers, options.limits(), &versions).await?;
    Ok(Arc::new(SqlStore::new(postgres, versions)))
}

fn postgres_only(url: &DatabaseUrl) -> Result<&str> {
    match url {
        DatabaseUrl::Postgres(url) => Ok(url.expose()),
        other => Err(Error::Config(Failure::new(format!(
            "{other} is neither a PostgreSQL server nor a standby of one: there are no readers beside it."
        )))),
    }
}

impl StoreOptions {
    /// Returns the options of a Lambda function.
    pub fn lambda() -> Self {
        Self {
            mode: Mode::Lambda,
            ..Self::default()
        }
    }

    fn limits(&self) -> PoolLimits {
        PoolLimits {
            size: self.pool_size,
            queue_timeout: self.queue_timeout,
        }
    }
}

/// Migrates the database at `url` and returns the number of applied migrations. Fails as [`open`] does, and with
/// [`Error::Config`] when `url` is read-only.
pub async fn migrate(url: &DatabaseUrl) -> Result<usize> {
    match url {
        DatabaseUrl::Sqlite(path) => sqlite::migrate(path).await,
        DatabaseUrl::SqliteReadOnly(_) => Err(only_read(url)),
        DatabaseUrl::Postgres(url) => setup::migrate(url.expose()).await,
    }
}

/// Checks that the schema of the database at `url` is that of this program, without changing anything. [`Error::Schema`] when a
/// migration is missing, when the SQLite file does not exist, or when the database is newer than this program.
pub async fn check_schema(url: &DatabaseUrl) -> Result<()> {
    match url {
        DatabaseUrl::Sqlite(path) | DatabaseUrl::SqliteReadOnly(path) => {
            sqlite::check_schema(path).await
        }
        DatabaseUrl::Postgres(url) => setup::check_schema(url.expose()).await,
    }
}

/// Checks that the database at `url` accepts writes. [`Error::Config`] with
/// [`ConnectErrorKind::ReadOnly`](crate::ConnectErrorKind::ReadOnly) when transactions of PostgreSQL are read-only by default. SQLite
/// files are not checked.
pub async fn check_writable(url: &DatabaseUrl) -> Result<()> {
    match url {
        DatabaseUrl::Sqlite(_) | DatabaseUrl::SqliteReadOnly(_) => Ok(()),
        DatabaseUrl::Postgres(url) => setup::check_writable(url.expose()).await,
    }
}

pub(crate) fn only_read(url: &DatabaseUrl) -> Error {
    let failure = Failure::new(format!(
        "{url} is only read. To change the file, leave ?mode=ro out."
    ));
    Error::Config(failure.with_file_fault(Some(FileFault::OnlyRead)))
}

/// Locks the store at `url` for a load; the store is created or set up where needed. [`Error::Config`] while another load
/// holds the lock, or while a server has the SQLite file open.
pub async fn bulk_load(url: &DatabaseUrl) -> Result<Box<dyn BulkLoad>> {
    Ok(match url {
        DatabaseUrl::Sqlite(path) => Box::new(SqliteLoad::open(path).await?),
        DatabaseUrl::SqliteReadOnly(_) => return Err(only_read(url)),
        DatabaseUrl::Postgres(url) => {
            let lock = Lock::Immediate;
            Box::new(PostgresLoad::open(url.expose(), lock).await?)
        }
    })
}

/// Does what [`bulk_load`] does, but waits while another load into a PostgreSQL database holds the lock.
pub async fn bulk_load_when_free(url: &DatabaseUrl) -> Result<Box<dyn BulkLoad>> {
    match url {
        DatabaseUrl::Postgres(url) => {
            let lock = Lock::Wait;
            let load = PostgresLoad::open(url.expose(), lock).await?;
            Ok(Box::new(load))
        }
        _ => bulk_load(url).await,
    }
}

/// Fills a store that is empty or holds the demo catalogue with `rows` in any order; totals are computed from them.
/// [`Error::Config`] when the store holds other products.
pub async fn fill(url: &DatabaseUrl, rows: Batch, provenance: Provenance<'_>) -> Result<()> {
    fill_with(&*bulk_load(url).await?, rows, provenance).await
}
