//! PostgreSQL.

use std::sync::Arc;

use atelier_sql::{Read, Write, migrations};
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use tokio::sync::OnceCell;

use crate::metrics;
use crate::model::error::{Error, Failure, Result};
use crate::store::admission::QUEUE_TIMEOUT;
use crate::store::backend::{Change, Dialect};
use crate::store::batching::reads::ReadBatcher;
use crate::store::batching::writes::{BatchError, Outcomes, WriteBatcher, Writer};
use crate::store::bulkhead::Permit;
use crate::store::postgres::cluster::Nodes;
use crate::store::postgres::invalidation::{self, Home, Log};
use crate::store::postgres::pool::{Connections, PoolLimits};
use crate::store::postgres::setup::{options, serving, set_up};
use crate::store::rows::{Row, Rows, Value};
use crate::store::topic_versions::Changes;
use crate::store::{Topic, failure};

/// Who answers.
#[derive(Debug)]
enum Servers {
    /// One.
    One(Arc<Connections>, Arc<ReadBatcher<Rows<PgRow>>>),
    /// A primary and its standbys.
    Several(Arc<Nodes>),
}

/// What writes need beside a connection.
#[derive(Debug)]
struct Shared {
    servers: Servers,
    log: Log,
    versions: Arc<Changes>,
}

/// How the statements of `atelier-sql` run on PostgreSQL.
#[derive(Debug)]
pub struct Postgres {
    shared: Arc<Shared>,
    writes: Arc<WriteBatcher>,
    /// That the schema is that of this program.
    checked: OnceCell<()>,
}

impl Postgres {
    /// Connects, and sets an empty database up. [`Error::Unavailable`] with the server's own reason when that fails.
    /// What other servers change is noted in `changes`.
    pub(crate) async fn open(
        url: &str,
        limits: PoolLimits,
        changes: &Arc<Changes>,
    ) -> Result<Self> {
        let options = options(url)?;
        let limits = PoolLimits {
            size: set_up(&options).await?.pool_size(limits.size)?,
            ..limits
        };
        let connections = Arc::new(Connections::open(serving(options), limits).await?);
        let reads = Arc::new(ReadBatcher::new(limits.queue_timeout));
        Ok(Self {
            shared: Arc::new(Shared {
                log: Log::open(Home::Server(Arc::downgrade(&connections)), changes).await?,
                servers: Servers::One(connections, reads),
                versions: Arc::clone(changes),
            }),
            writes: Arc::new(limits.write_batcher()),
            checked: OnceCell::new_with(Some(())),
        })
    }

    /// The same with hot standbys of it, which may also have changed places with it.
    pub(crate) async fn with_readers(
        url: &str,
        readers: &[&str],
        limits: PoolLimits,
        changes: &Arc<Changes>,
    ) -> Result<Self> {
        let urls = std::iter::once(&url).chain(readers);
        let servers = urls.map(|url| Ok(serving(options(url)?)));
        let nodes = Nodes::find(servers.collect::<Result<_>>()?, limits, changes).await?;
        set_up(nodes.primary_options()).await?;
        let log = Log::open(Home::Primary(Arc::downgrade(&nodes)), changes).await?;
        nodes.watch();
        Ok(Self {
            shared: Arc::new(Shared {
                log,
                servers: Servers::Several(nodes),
                versions: Arc::clone(changes),
            }),
            writes: Arc::new(limits.write_batcher()),
            checked: OnceCell::new_with(Some(())),
        })
    }

    /// The database of a function, to which the first statement connects.
    pub(crate) fn of_function(url: &str, versions: &Arc<Changes>) -> Result<Self> {
        let connections = Arc::new(Connections::of_function(serving(options(url)?)));
        Ok(Self {
            shared: Arc::new(Shared {
                log: Log::of_function(&connections),
                servers: Servers::One(connections, Arc::new(ReadBatcher::new(QUEUE_TIMEOUT))),
                versions: Arc::clone(versions),
            }),
            writes: Arc::new(WriteBatcher::new(QUEUE_TIMEOUT, 1)),
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
        match &self.shared.servers {
            Servers::One(connections, _) => Arc::clone(connections),
            Servers::Several(nodes) => nodes.primary().0,
        }
    }
}

/// The connections of the server that a statement goes to, and the permit to use one.
#[derive(Debug)]
pub(crate) struct WriteSlot {
    pub(crate) connections: Arc<Connections>,
    pub(crate) permit: Permit,
}

impl Writer for Shared {
    type Slot = WriteSlot;

    fn is_unreachable(&self) -> bool {
        match &self.servers {
            Servers::One(connections, _) => connections.is_unreachable(),
            Servers::Several(nodes) => nodes.primary().0.is_unreachable(),
        }
    }

    async fn slot(&self, write: Write) -> Result<WriteSlot> {
        let connections = match &self.servers {
            Servers::One(connections, _) => Arc::clone(connections),
            Servers::Several(nodes) => nodes.writable()?,
        };
        let permit = connections.write_permit(write).await;
        Ok(WriteSlot {
            connections,
            permit,
        })
    }

    async fn run(
        &self,
        slot: &WriteSlot,
        write: Write,
        changes: &[&[Value]],
    ) -> std::result::Result<Outcomes, BatchError> {
        let WriteSlot {
            connections,
            permit,
        } = slot;
        let outcomes = connections.write(permit.clone(), write, changes).await?;
        match (outcomes, &self.servers) {
            (Some(outcomes), _) => Ok(outcomes),
            (None, Servers::Several(nodes)) => {
                nodes.write_to_next(connections, write, changes).await
            }
            (None, Servers::One(..)) => Err(BatchError::last(read_only(write))),
        }
    }

    async fn record(&self, topics: &[Topic]) {
        self.versions.note(topics.iter().copied());
        self.log.tell(topics).await;
    }
}

/// The failure of a write that a server in recovery, or with a read-only default, has not made.
pub(crate) fn read_only(write: Write) -> Error {
    let name = write.name;
    Error::Unavailable(Failure::new(format!(
        "{name}: the server can only be read."
    )))
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
        match &self.shared.servers {
            Servers::One(connections, batches) => batches.read(connections, query, binds).await,
            // Apart, so that it makes nothing larger where there is one.
            Servers::Several(nodes) => Box::pin(nodes.read(query, about, binds)).await,
        }
    }

    fn can_write(&self) -> Result<()> {
        match &self.shared.servers {
            Servers::One(..) => Ok(()),
            Servers::Several(nodes) => nodes.can_write(),
        }
    }

    async fn write(&self, change: Change) -> Result<Option<Vec<i64>>> {
        self.check().await?;
        self.writes.write(&self.shared, change).await
    }

    fn thawed(&self) {
        self.primary().thawed();
    }

    fn observe(&self) {
        let (used, idle) = match &self.shared.servers {
            Servers::One(connections, _) => connections.count(),
            Servers::Several(nodes) => nodes.count(),
        };
        metrics::connections(used, idle);
        let (reads, writes) = match &self.shared.servers {
            Servers::One(connections, batcher) => {
                let (reads, writes) = connections.queue_lengths();
                (reads + batcher.queue_length(), writes)
            }
            Servers::Several(nodes) => nodes.queue_lengths(),
        };
        metrics::queue_lengths(reads, writes + self.writes.queue_length());
    }

    async fn sweep(&self) -> Result<()> {
        invalidation::sweep(&self.primary()).await
    }

    async fn close(&self) {
        self.shared.log.close().await;
        match &self.shared.servers {
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
        // Numbers count as well: which columns are texts takes longer to find out.
        let values = (0..self.len()).filter_map(|column| self.try_get_raw(column).ok());
        values
            .map(|value| value.as_bytes().map_or(0, <[u8]>::len))
            .sum()
    }
}

fn unreadable(error: sqlx::Error) -> Error {
    failure::from("row", error)
}
