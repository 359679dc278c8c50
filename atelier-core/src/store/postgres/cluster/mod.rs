//! A PostgreSQL primary with hot standbys that answer reads.
//!
//! A task for each server asks it what it is, several times a second. From the answers follows who is the primary, and
//! for each standby the instant before which it has all that was stored. What is read about a topic that was not changed
//! since may come from that standby: so who wrote here reads it back at once, and an answer that is read anew because of
//! a change has that change.

use std::fmt;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use atelier_sql::{Read, Write};
use futures_util::future::{Either, join_all, select};
use sqlx::postgres::{PgConnectOptions, PgRow};
use tokio::sync::watch;
use tokio::time::timeout;

mod health_check;
mod topology;

use self::topology::Known;
use crate::model::error::{Error, Failure, Result};
use crate::store::Topic;
use crate::store::batching::reads::ReadBatcher;
use crate::store::batching::writes::{BatchError, Outcomes};
use crate::store::postgres::backend::read_only;
use crate::store::postgres::pool::{Connections, PoolLimits};
use crate::store::rows::{Rows, Value};
use crate::store::topic_versions::Changes;

/// How long writes wait for another primary after theirs turned out to be read-only.
const FAILOVER_TIMEOUT: Duration = Duration::from_millis(500);

/// A server.
struct Node {
    options: PgConnectOptions,
    connections: Arc<Connections>,
    reads: Arc<ReadBatcher<Rows<PgRow>>>,
    /// The instant before which it has all that was stored, as far as is known; 0 for none, as of a primary.
    has_all_before: AtomicU64,
    /// That nobody can connect to it.
    gone: AtomicBool,
    /// That it was told to be of no use.
    told: AtomicBool,
}

/// Without the options, which hold the password.
impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = health_check::place_of(&self.options);
        f.debug_struct("Node")
            .field("place", &place)
            .finish_non_exhaustive()
    }
}

/// Which of the servers is the primary, and how often another had been.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Primary {
    node: usize,
    term: u64,
}

/// The servers that hold one database.
#[derive(Debug)]
pub(crate) struct Nodes {
    all: Vec<Node>,
    changes: Arc<Changes>,
    known: Mutex<Known>,
    primary: watch::Sender<Primary>,
    /// Counts reads, so that standbys take turns.
    turn: AtomicUsize,
    closed: watch::Sender<bool>,
}

impl Nodes {
    /// Asks the servers at these addresses once, the writer's first. [`Error::Unavailable`] when none can be reached that
    /// is a primary, nor the first.
    pub(crate) async fn find(
        servers: Vec<PgConnectOptions>,
        limits: PoolLimits,
        changes: &Arc<Changes>,
    ) -> Result<Arc<Self>> {
        let node = |options: PgConnectOptions| Node {
            connections: Arc::new(Connections::of_node(options.clone(), limits)),
            options,
            reads: Arc::new(ReadBatcher::new(limits.queue_timeout)),
            has_all_before: AtomicU64::new(0),
            gone: AtomicBool::new(false),
            told: AtomicBool::new(false),
        };
        let all: Vec<_> = servers.into_iter().map(node).collect();
        let nodes = Self {
            known: Mutex::new(Known::new(all.len())),
            all,
            changes: Arc::clone(changes),
            primary: watch::Sender::new(Primary { node: 0, term: 0 }),
            turn: AtomicUsize::new(0),
            closed: watch::Sender::new(false),
        };
        let asked = nodes.changes.now();
        let words = join_all(nodes.all.iter().map(health_check::ask_once)).await;
        let mut why = None;
        for (node, said) in words.into_iter().enumerate() {
            if let Err(silence) = &said {
                why = why.or_else(|| (node == 0).then(|| silence.why.clone()));
            }
            nodes.hear(node, asked, said);
        }
        match why {
            Some(why) if nodes.primary.borrow().node == 0 => Err(why),
            _ => Ok(Arc::new(nodes)),
        }
    }

    /// Goes on asking, until the nodes are closed or let go.
    pub(crate) fn watch(self: &Arc<Self>) {
        for node in 0..self.all.len() {
            health_check::spawn(self, node);
        }
    }

    /// The connections to the primary, and how often it had been another.
    pub(crate) fn primary(&self) -> (Arc<Connections>, u64) {
        let Primary { node, term } = *self.primary.borrow();
        (Arc::clone(&self.all[node].connections), term)
    }

    /// How many connections are in use, and how many are not.
    pub(crate) fn count(&self) -> (u32, u32) {
        let each = self.all.iter().map(|node| node.connections.count());
        each.fold((0, 0), |(used, idle), (more, others)| {
            (used + more, idle + others)
        })
    }

    /// How many requests wait for a connection: reads, and writes that are not batched.
    pub(crate) fn queue_lengths(&self) -> (usize, usize) {
        let each = self.all.iter().map(|node| {
            let (reads, writes) = node.connections.queue_lengths();
            (reads + node.reads.queue_length(), writes)
        });
        each.fold((0, 0), |(reads, writes), (more, others)| {
            (reads + more, writes + others)
        })
    }

    /// How to connect to the primary.
    pub(crate) fn primary_options(&self) -> &PgConnectOptions {
        &self.all[self.primary.borrow().node].options
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whom to ask: a standby that may answer, taking turns, or else the primary. [`Error::Unavailable`] when that is
    /// gone.
    fn whom(&self, about: Option<Topic>) -> Result<usize> {
        let primary = self.primary.borrow().node;
        if let Some(topic) = about {
            let changed = self.changes.changed(topic);
            let now = self.changes.now();
            let primary_is_well = self.all[primary].connections.is_well();
            let may_answer = |(_, node): &(usize, &Node)| {
                let instant = node.has_all_before.load(Ordering::SeqCst);
                node.connections.is_well()
                    && topology::may_answer(instant, changed, now, primary_is_well)
            };
            let standbys = || self.all.iter().enumerate().filter(may_answer);
            // They may become fewer in between.
            let turns = self.turn.fetch_add(1, Ordering::Relaxed);
            let turn = turns.checked_rem(standbys().count());
            if let Some((node, _)) = turn.and_then(|turn| standbys().nth(turn)) {
                return Ok(node);
            }
        }
        if self.all[primary].gone.load(Ordering::SeqCst) {
            let place = health_check::place_of(&self.all[primary].options);
            return Err(Error::Unavailable(Failure::new(format!(
                "The primary, PostgreSQL at {place}, can't be reached."
            ))));
        }
        Ok(primary)
    }

    /// The rows of `read`, whose answer depends on the topic that it is `about`, or must be of this moment. When a server
    /// is lost on the way, they are asked of another, or of a new connection to the same.
    pub(crate) async fn read(
        &self,
        read: Read,
        about: Option<Topic>,
        binds: Vec<Value>,
    ) -> Result<Rows<PgRow>> {
        let first = self.whom(about)?;
        let node = &self.all[first];
        let is_standby = first != self.primary.borrow().node;
        match node.read(read, binds.clone()).await {
            // Lost; or a standby that is busy, while the primary may have a place.
            Some(Err(Error::Unavailable(_))) if is_standby || !node.connections.is_well() => {}
            Some(rows) => return rows,
            None => {}
        }
        let primary = self.primary.borrow().node;
        // Of two standbys both may be lost.
        let second = if first == primary || self.all[primary].gone.load(Ordering::SeqCst) {
            self.whom(about)?
        } else {
            primary
        };
        let dropped = || Err(Error::Unavailable(Failure::new("The server was lost.")));
        let rows = self.all[second].read(read, binds).await;
        rows.unwrap_or_else(dropped)
    }

    /// That there is a primary to write to.
    pub(crate) fn can_write(&self) -> Result<()> {
        self.whom(None).map(drop)
    }

    /// The connections to the primary. [`Error::Unavailable`] when it cannot be reached.
    pub(crate) fn writable(&self) -> Result<Arc<Connections>> {
        let node = self.whom(None)?;
        Ok(Arc::clone(&self.all[node].connections))
    }

    /// Makes changes on the server that follows one which turned out to be read-only, and so has made none of them.
    pub(crate) async fn write_to_next(
        &self,
        read_only_server: &Arc<Connections>,
        change: Write,
        changes: &[&[Value]],
    ) -> std::result::Result<Outcomes, BatchError> {
        let mut primary = self.primary.subscribe();
        self.look();
        let is_next = |node: usize| !Arc::ptr_eq(&self.all[node].connections, read_only_server);
        let next = primary.wait_for(|primary| is_next(primary.node));
        let node = match timeout(FAILOVER_TIMEOUT, next).await {
            Ok(Ok(primary)) => primary.node,
            _ => return Err(BatchError::last(read_only(change))),
        };
        let connections = &self.all[node].connections;
        let permit = connections.write_permit(change).await;
        let outcomes = connections.write(permit, change, changes).await?;
        outcomes.ok_or_else(|| BatchError::last(read_only(change)))
    }

    /// Ends all connections.
    pub(crate) async fn close(&self) {
        self.closed.send_replace(true);
        join_all(self.all.iter().map(|node| node.connections.close())).await;
        self.closed.closed().await;
    }
}

impl Node {
    /// The rows of `read`; none when all connections are dropped meanwhile.
    async fn read(&self, read: Read, binds: Vec<Value>) -> Option<Result<Rows<PgRow>>> {
        let dropped = pin!(self.connections.renewed());
        let rows = pin!(self.reads.read(&self.connections, read, binds));
        match select(rows, dropped).await {
            Either::Left((rows, _)) => Some(rows),
            Either::Right(_) => None,
        }
    }
}
