//! The PostgreSQL backend.

use std::sync::Arc;

use atelier_sql::{Read, Write};
use sqlx::postgres::PgRow;
use sqlx::{Column, Row as _, TypeInfo};
use tokio::sync::OnceCell;

use crate::metrics;
use crate::model::error::{Error, Result};
use crate::store::Topic;
use crate::store::admission::QUEUE_TIMEOUT;
use crate::store::backend::{Backend, Change};
use crate::store::batching::reads::ReadBatcher;
use crate::store::batching::writes::{BatchError, Outcomes, WriteBatcher, Writer};
use crate::store::bulkhead::Permit;
use crate::store::postgres::cluster::Cluster;
use crate::store::postgres::error;
use crate::store::postgres::invalidation::{self, Invalidation, PrimaryHandle};
use crate::store::postgres::pool::{Pool, PoolLimits};
use crate::store::postgres::setup::{options, serving, set_up};
use crate::store::rows::{Row, Rows, Value};
use crate::store::topic_versions::TopicVersions;

/// The servers that execute statements.
#[derive(Debug)]
enum Servers {
    /// A single server.
    One(Arc<Pool>, Arc<ReadBatcher<Rows<PgRow>>>),
    /// A primary and its standbys.
    Several(Arc<Cluster>),
}

/// The servers, and what a committed write has to invalidate.
#[derive(Debug)]
struct Shared {
    servers: Servers,
    invalidation: Invalidation,
    versions: Arc<TopicVersions>,
}

/// Executes the statements of `atelier-sql` on PostgreSQL.
#[derive(Debug)]
pub(crate) struct Postgres {
    shared: Arc<Shared>,
    writes: Arc<WriteBatcher>,
    /// Set once the schema was checked.
    checked: OnceCell<()>,
}

impl Postgres {
    /// Connects, and sets up an empty database. [`Error::Unavailable`] with the reason of the server when that fails. Writes of
    /// other servers bump `versions`.
    pub(crate) async fn open(
        url: &str,
        limits: PoolLimits,
        versions: &Arc<TopicVersions>,
    ) -> Result<Self> {
        let options = options(url)?;
        let limits = PoolLimits {
            size: set_up(&options).await?.pool_size(limits.size)?,
            ..limits
        };
        let pool = Arc::new(Pool::open(serving(options), limits).await?);
        let reads = Arc::new(ReadBatcher::new(limits.queue_timeout));
        Ok(Self {
            shared: Arc::new(Shared {
                invalidation: Invalidation::open(
                    PrimaryHandle::Server(Arc::downgrade(&pool)),
                    versions,
                )
                .await?,
                servers: Servers::One(pool, reads),
                versions: Arc::clone(versions),
            }),
            writes: Arc::new(limits.write_batcher()),
            checked: OnceCell::new_with(Some(())),
        })
    }

    /// Connects to a primary and its hot standbys. After a failover, `url` may be the address of a standby.
    pub(crate) async fn open_cluster(
        url: &str,
        readers: &[&str],
        limits: PoolLimits,
        versions: &Arc<TopicVersions>,
    ) -> Result<Self> {
        let urls = std::iter::once(&url).chain(readers);
        let servers = urls.map(|url| Ok(serving(options(url)?)));
        let cluster = Cluster::discover(servers.collect::<Result<_>>()?, limits, versions).await?;
        set_up(cluster.primary_options()).await?;
        let invalidation =
            Invalidation::open(PrimaryHandle::Cluster(Arc::downgrade(&cluster)), versions).await?;
        cluster.watch();
        Ok(Self {
            shared: Arc::new(Shared {
                invalidation,
                servers: Servers::Several(cluster),
                versions: Arc::clone(versions),
            }),
            writes: Arc::new(limits.write_batcher()),
            checked: OnceCell::new_with(Some(())),
        })
    }

    /// Prepares a connection for Lambda, which the first statement establishes.
    pub(crate) fn for_lambda(url: &str, versions: &Arc<TopicVersions>) -> Result<Self> {
        let pool = Arc::new(Pool::for_lambda(serving(options(url)?)));
        Ok(Self {
            shared: Arc::new(Shared {
                invalidation: Invalidation::for_lambda(&pool),
                servers: Servers::One(pool, Arc::new(ReadBatcher::new(QUEUE_TIMEOUT))),
                versions: Arc::clone(versions),
            }),
            writes: Arc::new(WriteBatcher::new(QUEUE_TIMEOUT, 1)),
            checked: OnceCell::new(),
        })
    }

    /// Checks the schema, once.
    async fn check(&self) -> Result<()> {
        let check = || async { self.primary().check_schema().await };
        self.checked.get_or_try_init(check).await.copied()
    }

    /// Returns the pool of the primary.
    fn primary(&self) -> Arc<Pool> {
        match &self.shared.servers {
            Servers::One(pool, _) => Arc::clone(pool),
            Servers::Several(cluster) => cluster.primary().0,
        }
    }
}

/// The server that a write goes to, and the permit to use a connection.
#[derive(Debug)]
pub(crate) struct WriteSlot {
    pub(crate) pool: Arc<Pool>,
    pub(crate) permit: Permit,
}

impl Writer for Shared {
    type Slot = WriteSlot;

    fn is_unreachable(&self) -> bool {
        match &self.servers {
            Servers::One(pool, _) => pool.is_unreachable(),
            Servers::Several(cluster) => cluster.primary().0.is_unreachable(),
        }
    }

    async fn slot(&self, write: Write) -> Result<WriteSlot> {
        let pool = match &self.servers {
            Servers::One(pool, _) => Arc::clone(pool),
            Servers::Several(cluster) => cluster.writable()?,
        };
        let permit = pool.write_permit(write).await;
        Ok(WriteSlot { pool, permit })
    }

    async fn run(
        &self,
        slot: &WriteSlot,
        write: Write,
        changes: &[&[Value]],
    ) -> std::result::Result<Outcomes, BatchError> {
        let WriteSlot { pool, permit } = slot;
        let outcomes = pool.write(permit.clone(), write, changes).await?;
        match (outcomes, &self.servers) {
            (Some(outcomes), _) => Ok(outcomes),
            (None, Servers::Several(cluster)) => cluster.write_to_next(pool, write, changes).await,
            (None, Servers::One(..)) => Err(BatchError::last(error::read_only_server(write))),
        }
    }

    async fn record(&self, topics: &[Topic]) {
        self.versions.bump(topics.iter().copied());
        self.invalidation.publish(topics).await;
    }
}

impl Backend for Postgres {
    type Row = PgRow;

    const SHARED: bool = true;

    async fn read(
        &self,
        query: Read,
        topic: Option<Topic>,
        binds: Vec<Value>,
    ) -> Result<Rows<PgRow>> {
        self.check().await?;
        match &self.shared.servers {
            Servers::One(pool, batches) => batches.read(pool, query, binds).await,
            // Boxed, so that the future of the single-server case stays small.
            Servers::Several(cluster) => Box::pin(cluster.read(query, topic, binds)).await,
        }
    }

    fn can_write(&self) -> Result<()> {
        match &self.shared.servers {
            Servers::One(..) => Ok(()),
            Servers::Several(cluster) => cluster.can_write(),
        }
    }

    async fn write(&self, change: Change) -> Result<Option<Vec<i64>>> {
        self.check().await?;
        self.writes.write(&self.shared, change).await
    }

    fn after_freeze(&self) {
        self.primary().after_freeze();
    }

    fn record_gauges(&self) {
        let (used, idle) = match &self.shared.servers {
            Servers::One(pool, _) => pool.count(),
            Servers::Several(cluster) => cluster.count(),
        };
        metrics::connections(used, idle);
        let (reads, writes) = match &self.shared.servers {
            Servers::One(pool, batcher) => {
                let (reads, writes) = pool.queue_lengths();
                (reads + batcher.queue_length(), writes)
            }
            Servers::Several(cluster) => cluster.queue_lengths(),
        };
        metrics::queue_lengths(reads, writes + self.writes.queue_length());
    }

    async fn sweep(&self) -> Result<()> {
        invalidation::sweep(&self.primary()).await
    }

    async fn close(&self) {
        self.shared.invalidation.close().await;
        match &self.shared.servers {
            Servers::One(pool, _) => pool.close().await,
            Servers::Several(cluster) => cluster.close().await,
        }
    }
}

/// Columns are decoded without checking their type: statements are constants, and tests decode every column.
impl Row for PgRow {
    fn optional_int(&self, column: usize) -> Result<Option<i64>> {
        self.try_get_unchecked(column).map_err(unreadable)
    }

    fn int(&self, column: usize) -> Result<i64> {
        self.try_get_unchecked(column).map_err(unreadable)
    }

    fn bool(&self, column: usize) -> Result<bool> {
        self.try_get_unchecked(column).map_err(unreadable)
    }

    fn optional_text(&self, column: usize) -> Result<Option<&str>> {
        self.try_get_unchecked(column).map_err(unreadable)
    }

    fn text(&self, column: usize) -> Result<&str> {
        self.try_get_unchecked(column).map_err(unreadable)
    }

    fn text_bytes(&self) -> usize {
        let is_text = |column: &usize| self.column(*column).type_info().name() == "TEXT";
        let texts = (0..self.len()).filter(is_text);
        texts
            .filter_map(|column| self.optional_text(column).ok().flatten())
            .map(str::len)
            .sum()
    }
}

fn unreadable(error: sqlx::Error) -> Error {
    error::convert("row", error)
}
