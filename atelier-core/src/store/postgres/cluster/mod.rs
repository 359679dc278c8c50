//! A PostgreSQL primary with hot standbys that answer reads.
//!
//! A health check polls the status of each server several times a second. [`topology`] derives the primary from that, and for
//! each standby the time as of which it is consistent. A read of a topic may go to a standby that is consistent as of the last
//! change of the topic: so a client reads its own writes, and a response that is read again because of a change has that change.

use std::fmt;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use atelier_sql::{Read, Write};
use futures_util::future::{Either, join_all, select};
use sqlx::postgres::{PgConnectOptions, PgRow};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

mod health_check;
mod topology;

use self::health_check::ProbeError;
use self::topology::{ServerStatus, Topology};
use crate::model::error::{Error, Failure, Result};
use crate::store::Topic;
use crate::store::batching::reads::ReadBatcher;
use crate::store::batching::writes::{BatchError, Outcomes};
use crate::store::postgres::error;
use crate::store::postgres::pool::{Pool, PoolLimits};
use crate::store::random::with_jitter;
use crate::store::rows::{Rows, Value};
use crate::store::topic_versions::TopicVersions;

/// Mean time between probes.
const INTERVAL: Duration = Duration::from_millis(250);

/// Mean time between probes of an unhealthy server.
const FAST_INTERVAL: Duration = Duration::from_millis(100);

/// Minimum time between probes, however often [`Cluster::poll_now`] is called.
const MIN_INTERVAL: Duration = Duration::from_millis(20);

/// How long writes wait for another primary after theirs turned out to be read-only.
const FAILOVER_TIMEOUT: Duration = Duration::from_millis(500);

/// A server.
struct Node {
    options: PgConnectOptions,
    pool: Arc<Pool>,
    reads: Arc<ReadBatcher<Rows<PgRow>>>,
    /// The time as of which it is consistent; 0 when unknown, as for a primary.
    consistent_as_of: AtomicU64,
    /// Whether it accepts no connections.
    unreachable: AtomicBool,
    /// Whether it was logged as unhealthy.
    reported: AtomicBool,
}

/// Omits the options, which hold the password.
impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = health_check::address(&self.options);
        f.debug_struct("Node")
            .field("address", &address)
            .finish_non_exhaustive()
    }
}

/// The current primary, and the number of failovers before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Primary {
    node: usize,
    epoch: u64,
}

/// The servers that hold one database.
#[derive(Debug)]
pub(crate) struct Cluster {
    nodes: Vec<Node>,
    versions: Arc<TopicVersions>,
    topology: Mutex<Topology>,
    primary: watch::Sender<Primary>,
    /// Counts reads, for round-robin over the standbys.
    round_robin: AtomicUsize,
    closed: watch::Sender<bool>,
}

impl Cluster {
    /// Probes each server once; the first of `servers` is expected to be the primary. [`Error::Unavailable`] when no primary is
    /// found and the first server is unreachable.
    pub(crate) async fn discover(
        servers: Vec<PgConnectOptions>,
        limits: PoolLimits,
        versions: &Arc<TopicVersions>,
    ) -> Result<Arc<Self>> {
        let node = |options: PgConnectOptions| Node {
            pool: Arc::new(Pool::for_node(options.clone(), limits)),
            options,
            reads: Arc::new(ReadBatcher::new(limits.queue_timeout)),
            consistent_as_of: AtomicU64::new(0),
            unreachable: AtomicBool::new(false),
            reported: AtomicBool::new(false),
        };
        let nodes: Vec<_> = servers.into_iter().map(node).collect();
        let cluster = Self {
            topology: Mutex::new(Topology::new(nodes.len())),
            nodes,
            versions: Arc::clone(versions),
            primary: watch::Sender::new(Primary { node: 0, epoch: 0 }),
            round_robin: AtomicUsize::new(0),
            closed: watch::Sender::new(false),
        };
        let now = cluster.versions.now();
        let results = join_all(
            cluster
                .nodes
                .iter()
                .map(|node| health_check::probe_once(&node.options)),
        )
        .await;
        let first = results.first().and_then(|result| result.as_ref().err());
        let error = first.map(|failed| failed.error.clone());
        for (node, result) in results.into_iter().enumerate() {
            cluster.apply_status(node, now, result);
        }
        match error {
            Some(error) if cluster.primary.borrow().node == 0 => Err(error),
            _ => Ok(Arc::new(cluster)),
        }
    }

    /// Starts the health checks, which end when the cluster is closed or dropped.
    pub(crate) fn watch(self: &Arc<Self>) {
        for node in 0..self.nodes.len() {
            spawn_health_check(self, node);
        }
    }

    /// Returns the pool of the primary, and its epoch.
    pub(crate) fn primary(&self) -> (Arc<Pool>, u64) {
        let Primary { node, epoch } = *self.primary.borrow();
        (Arc::clone(&self.nodes[node].pool), epoch)
    }

    /// Returns how many connections are in use, and how many are idle.
    pub(crate) fn count(&self) -> (u32, u32) {
        let each = self.nodes.iter().map(|node| node.pool.count());
        each.fold((0, 0), |(used, idle), (more, others)| {
            (used + more, idle + others)
        })
    }

    /// Returns how many requests wait for a connection: reads, and writes that are not batched.
    pub(crate) fn queue_lengths(&self) -> (usize, usize) {
        let each = self.nodes.iter().map(|node| {
            let (reads, writes) = node.pool.queue_lengths();
            (reads + node.reads.queue_length(), writes)
        });
        each.fold((0, 0), |(reads, writes), (more, others)| {
            (reads + more, writes + others)
        })
    }

    /// Returns the settings of connections to the primary.
    pub(crate) fn primary_options(&self) -> &PgConnectOptions {
        &self.nodes[self.primary.borrow().node].options
    }

    fn topology(&self) -> MutexGuard<'_, Topology> {
        self.topology.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the server for a read: a standby that may answer, in round-robin order, or else the primary.
    /// [`Error::Unavailable`] when that is unreachable.
    fn route_read(&self, topic: Option<Topic>) -> Result<usize> {
        let primary = self.primary.borrow().node;
        if let Some(topic) = topic {
            let last_modified = self.versions.last_modified(topic);
            let now = self.versions.now();
            let primary_is_healthy = self.nodes[primary].pool.is_healthy();
            let may_answer = |(_, node): &(usize, &Node)| {
                let as_of = node.consistent_as_of.load(Ordering::SeqCst);
                node.pool.is_healthy()
                    && topology::may_answer(as_of, last_modified, now, primary_is_healthy)
            };
            let standbys = || self.nodes.iter().enumerate().filter(may_answer);
            // Their number may shrink between the two iterations.
            let reads = self.round_robin.fetch_add(1, Ordering::Relaxed);
            let turn = reads.checked_rem(standbys().count());
            if let Some((node, _)) = turn.and_then(|turn| standbys().nth(turn)) {
                return Ok(node);
            }
        }
        if self.nodes[primary].unreachable.load(Ordering::SeqCst) {
            let address = health_check::address(&self.nodes[primary].options);
            return Err(Error::Unavailable(Failure::new(format!(
                "The primary, PostgreSQL at {address}, can't be reached."
            ))));
        }
        Ok(primary)
    }

    /// Executes a read on a standby or on the primary; without a `topic`, only on the primary. When the server is lost
    /// meanwhile, the read is repeated once, on another server or on a new connection.
    pub(crate) async fn read(
        &self,
        read: Read,
        topic: Option<Topic>,
        binds: Vec<Value>,
    ) -> Result<Rows<PgRow>> {
        let first = self.route_read(topic)?;
        let node = &self.nodes[first];
        let is_standby = first != self.primary.borrow().node;
        match node.read(read, binds.clone()).await {
            // Lost; or a busy standby, while the primary may have a free connection.
            Some(Err(Error::Unavailable(_))) if is_standby || !node.pool.is_healthy() => {}
            Some(rows) => return rows,
            None => {}
        }
        let primary = self.primary.borrow().node;
        // Two standbys may be lost at once.
        let second = if first == primary || self.nodes[primary].unreachable.load(Ordering::SeqCst) {
            self.route_read(topic)?
        } else {
            primary
        };
        let evicted = || Err(Error::Unavailable(Failure::new("The server was lost.")));
        let rows = self.nodes[second].read(read, binds).await;
        rows.unwrap_or_else(evicted)
    }

    /// Checks that there is a primary to write to.
    pub(crate) fn can_write(&self) -> Result<()> {
        self.route_read(None).map(drop)
    }

    /// Returns the pool of the primary. [`Error::Unavailable`] when that is unreachable.
    pub(crate) fn writable(&self) -> Result<Arc<Pool>> {
        let node = self.route_read(None)?;
        Ok(Arc::clone(&self.nodes[node].pool))
    }

    /// Executes writes on the next primary, after the previous one turned out to be read-only and stored none of them.
    pub(crate) async fn write_to_next(
        &self,
        read_only_server: &Arc<Pool>,
        write: Write,
        changes: &[&[Value]],
    ) -> std::result::Result<Outcomes, BatchError> {
        let mut primary = self.primary.subscribe();
        self.poll_now();
        let is_next = |node: usize| !Arc::ptr_eq(&self.nodes[node].pool, read_only_server);
        let next = primary.wait_for(|primary| is_next(primary.node));
        let node = match timeout(FAILOVER_TIMEOUT, next).await {
            Ok(Ok(primary)) => primary.node,
            _ => return Err(BatchError::last(error::read_only_server(write))),
        };
        let pool = &self.nodes[node].pool;
        let permit = pool.write_permit(write).await;
        let outcomes = pool.write(permit, write, changes).await?;
        outcomes.ok_or_else(|| BatchError::last(error::read_only_server(write)))
    }

    /// Closes all connections.
    pub(crate) async fn close(&self) {
        self.closed.send_replace(true);
        join_all(self.nodes.iter().map(|node| node.pool.close())).await;
        self.closed.closed().await;
    }
}

impl Cluster {
    /// Applies the result of a probe that was sent at `now`.
    fn apply_status(&self, node: usize, now: u64, result: Result<ServerStatus, ProbeError>) {
        let mut topology = self.topology();
        let (status, failed) = match result {
            Ok(status) => (Some(status), None),
            Err(error) => (None, Some(error)),
        };
        let transition = topology.apply(node, now, status);
        for (index, node) in self.nodes.iter().enumerate() {
            let as_of = topology.consistent_as_of(index);
            node.consistent_as_of.store(as_of, Ordering::SeqCst);
        }
        let probed = &self.nodes[node];
        let is_healthy = failed.is_none() && !transition.is_foreign;
        probed.pool.set_healthy(is_healthy);
        let unreachable = failed.as_ref().is_some_and(|failed| failed.unreachable);
        probed.unreachable.store(unreachable, Ordering::SeqCst);
        let previous = self.primary.borrow().node;
        // Repeated while the server is deposed: a connection may just have been established.
        if transition.role_changed
            || transition.is_deposed
            || unreachable
            || (failed.is_some() && node != previous)
        {
            probed.pool.evict_all();
        }
        if let Some(node) = transition.primary {
            self.primary.send_modify(|primary| {
                *primary = Primary {
                    node,
                    epoch: primary.epoch + 1,
                }
            });
            // Events of the previous primary that were not replicated are lost.
            self.versions.bump_all();
            self.nodes[previous].pool.evict_all();
            let address = |node: usize| health_check::address(&self.nodes[node].options);
            let (from, to) = (address(previous), address(node));
            tracing::warn!(%from, %to, "failover to another PostgreSQL primary");
        }
        if probed.reported.swap(!is_healthy, Ordering::SeqCst) == is_healthy {
            let address = health_check::address(&probed.options);
            match failed {
                Some(failed) => {
                    tracing::warn!("{}", failed.error);
                    // Another server may be about to be promoted.
                    self.poll_now();
                }
                None if transition.is_foreign => tracing::warn!(
                    "PostgreSQL at {address} is not used: it is neither the primary of this database nor a standby of it"
                ),
                None => tracing::info!("PostgreSQL at {address} can be used again"),
            }
        }
    }

    /// Has every server probed at once.
    fn poll_now(&self) {
        for node in &self.nodes {
            node.pool.wake_probe();
        }
    }
}

/// Spawns the task that probes a server, which ends when the cluster is closed or dropped.
fn spawn_health_check(cluster: &Arc<Cluster>, node: usize) {
    let mut closed = cluster.closed.subscribe();
    let cluster = Arc::downgrade(cluster);
    tokio::spawn(async move {
        let checks = pin!(check_health(cluster, node));
        let closed = pin!(closed.wait_for(|closed| *closed));
        select(checks, closed).await;
    });
}

async fn check_health(cluster: Weak<Cluster>, node: usize) {
    let mut connection = None;
    loop {
        let pool = {
            let Some(cluster) = cluster.upgrade() else {
                return;
            };
            let now = cluster.versions.now();
            let result = health_check::probe(&cluster.nodes[node].options, &mut connection).await;
            cluster.apply_status(node, now, result);
            Arc::clone(&cluster.nodes[node].pool)
        };
        sleep(MIN_INTERVAL).await;
        let interval = if pool.is_healthy() {
            INTERVAL
        } else {
            FAST_INTERVAL
        };
        let wanted = pin!(pool.probe_wanted());
        select(pin!(sleep(with_jitter(interval))), wanted).await;
    }
}

impl Node {
    /// Executes a read; `None` when all connections are evicted meanwhile.
    async fn read(&self, read: Read, binds: Vec<Value>) -> Option<Result<Rows<PgRow>>> {
        let evicted = pin!(self.pool.evicted());
        let rows = pin!(self.reads.read(&self.pool, read, binds));
        match select(rows, evicted).await {
            Either::Left((rows, _)) => Some(rows),
            Either::Right(_) => None,
        }
    }
}
