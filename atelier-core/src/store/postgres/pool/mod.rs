//! The connections to PostgreSQL: how a statement gets one, and what becomes of it afterwards.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use atelier_sql::Write;
use atelier_sql::migrations::Migration;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPool};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio::time::timeout;

use self::connection::Lent;
pub use self::size::PoolSize;
pub(crate) use self::statements::{arguments, columns};
use crate::metrics;
use crate::model::error::{Error, Failure, Result};
use crate::store::admission::QUEUE_TIMEOUT;
use crate::store::batching::writes::WriteBatcher;
use crate::store::bulkhead::{Bulkhead, Permit, Unreachable};
use crate::store::postgres::setup::connect;
use crate::store::{failure, rows, schema};

mod connection;
mod size;
mod statements;

/// How long a request waits for a connection that has to be made.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_millis(500);

/// After this long without use, a connection is probed before it is used: the server or a proxy may have closed it, which a
/// write would learn only once it may be stored.
const PROBE_AFTER: Duration = Duration::from_secs(1);

/// How long a connection may take to show that it is alive.
const PROBE_TIMEOUT: Duration = Duration::from_millis(500);

/// A little longer than PostgreSQL lets a statement run: after that, the connection is dead.
const SILENCE: Duration = Duration::from_secs(4);

/// How long a connection goes from statement to statement before the pool looks at it again, and at its age.
const AT_HAND: Duration = Duration::from_mins(1);

/// How many connections a store has to a server, and how long requests wait for one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PoolLimits {
    pub(crate) size: PoolSize,
    pub(crate) queue_timeout: Duration,
}

impl PoolLimits {
    /// Batches writes: a quarter of the connections that write execute statements of one kind at once. With more, each statement
    /// carries fewer writes, which costs the database more than it gains by waiting for the disk several times at once.
    pub(crate) fn write_batcher(self) -> WriteBatcher {
        let (_, writes) = self.size.places();
        WriteBatcher::new(self.queue_timeout, (writes / 4).max(1) as usize)
    }
}

/// The connections, and who may have one.
///
/// The pool makes, tests and replaces them. It asks each that is given back whether it is alive, a second round trip
/// for each statement, so those that are well are kept at hand instead.
#[derive(Debug)]
pub(crate) struct Connections {
    pool: PgPool,
    at_hand: Mutex<Vec<Lent>>,
    /// Bytes of text after which no more rows are taken.
    most: usize,
    /// Whether it is the one of a function.
    of_function: bool,
    /// Whether what is at hand may be gone.
    doubtful: AtomicBool,
    /// Whether a read that meets a dead connection is tried on another.
    again: bool,
    /// Whether the server was well when it was last seen.
    well: AtomicBool,
    /// Wakes who watches the server.
    alarm: Notify,
    /// How often all connections were dropped.
    age: AtomicU64,
    /// Tells who waits for an answer that they were.
    renewed: Notify,
    reads: Arc<Bulkhead>,
    writes: Arc<Bulkhead>,
    /// Whether the last connection that was wanted could not be made.
    unreachable: Unreachable,
    /// How long one waits for a connection that has to be made.
    making: Duration,
}

impl Connections {
    /// Connects.
    pub(crate) async fn open(options: PgConnectOptions, limits: PoolLimits) -> Result<Self> {
        let (reads, writes) = limits.size.places();
        let pool = size::options(reads + writes, Some(size::LIFE))
            .connect_with(options)
            .await
            .map_err(|error| failure::from("connect", error))?;
        Ok(Self::over(pool, reads, writes, limits.queue_timeout))
    }

    /// The connections to one of several servers, made when they are first wanted. What is lost on the way to it may be
    /// asked elsewhere.
    pub(crate) fn of_node(options: PgConnectOptions, limits: PoolLimits) -> Self {
        let (reads, writes) = limits.size.places();
        let pool = size::options(reads + writes, Some(size::LIFE)).connect_lazy_with(options);
        let mut connections = Self::over(pool, reads, writes, limits.queue_timeout);
        connections.again = false;
        connections
    }

    fn over(pool: PgPool, reads: u32, writes: u32, queue_timeout: Duration) -> Self {
        let unreachable = Unreachable::default();
        Self {
            pool,
            at_hand: Mutex::default(),
            most: rows::MOST,
            of_function: false,
            doubtful: AtomicBool::new(false),
            again: true,
            well: AtomicBool::new(true),
            alarm: Notify::new(),
            age: AtomicU64::new(0),
            renewed: Notify::new(),
            reads: Arc::new(Bulkhead::new(reads, queue_timeout, &unreachable)),
            writes: Arc::new(Bulkhead::new(writes, queue_timeout, &unreachable)),
            unreachable,
            making: CONNECT_TIMEOUT,
        }
    }

    /// The one connection of a process that answers one request at a time, made when it is first wanted.
    pub(crate) fn of_function(options: PgConnectOptions) -> Self {
        let pool = size::options(1, None).connect_lazy_with(options);
        let mut connections = Self::over(pool, 1, 1, QUEUE_TIMEOUT);
        connections.writes = Arc::clone(&connections.reads);
        connections.most = rows::MOST_OF_FUNCTION;
        connections.of_function = true;
        // Nobody makes it meanwhile: the process may be frozen.
        connections.making = size::MAKING;
        connections
    }

    /// Whether the server was well when it was last seen.
    pub(crate) fn is_well(&self) -> bool {
        self.well.load(Ordering::SeqCst)
    }

    /// Sets whether the server is well.
    pub(crate) fn set_well(&self, well: bool) {
        self.well.store(well, Ordering::SeqCst);
    }

    /// Takes the server for lost until it is seen well.
    fn doubt(&self) {
        self.set_well(false);
        self.alarm();
    }

    /// Has the server looked at, if anybody watches it.
    pub(crate) fn alarm(&self) {
        self.alarm.notify_one();
    }

    /// Waits until the server should be looked at.
    pub(crate) async fn alarmed(&self) {
        self.alarm.notified().await;
    }

    /// Drops all connections: those at hand, those in the pool, and those in use as they come back.
    pub(crate) fn renew(&self) {
        self.age.fetch_add(1, Ordering::SeqCst);
        self.renewed.notify_waiters();
        self.discard_idle();
    }

    /// Drops the connections at hand and those in the pool.
    fn discard_idle(&self) {
        for lent in self.at_hand().drain(..) {
            lent.discard();
        }
        while let Some(idle) = self.pool.try_acquire() {
            drop(idle.detach());
        }
    }

    /// Waits until all connections are dropped.
    pub(crate) fn renewed(&self) -> Notified<'_> {
        self.renewed.notified()
    }

    /// Has the connection at hand asked whether it is alive before it is used again.
    pub(crate) fn thawed(&self) {
        self.doubtful.store(self.of_function, Ordering::Relaxed);
    }

    /// That the schema is up to date. [`Error::Schema`] when not.
    pub(crate) async fn check(&self, steps: &[Migration]) -> Result<()> {
        let permit = self.writes.of("schema").acquire().await?;
        let mut lent = match self.connection(permit).await {
            Ok(lent) => lent,
            // The pool has tried again and again, and does not tell why.
            Err(sqlx::Error::PoolTimedOut) => {
                connect(&self.pool.connect_options()).await?;
                return Err(failure::from("schema", sqlx::Error::PoolTimedOut));
            }
            Err(error) => return Err(failure::from("schema", error)),
        };
        let connection = lent
            .connection()
            .map_err(|error| failure::from("schema", error))?;
        let checked = timeout(SILENCE, schema::check(connection, steps)).await;
        match checked {
            Ok(Ok(())) => {
                self.push(lent);
                Ok(())
            }
            Ok(Err(error)) => Err(error),
            Err(_) => Err(Error::Unavailable(Failure::new("schema: no answer"))),
        }
    }

    /// A connection, if there is one or one can be made.
    async fn connection(&self, permit: Permit) -> Result<Lent, sqlx::Error> {
        let mut lent = self.lend().await;
        // Every request reads it, and it seldom changes.
        if self.is_unreachable() != lent.is_err() {
            self.unreachable.store(lent.is_err(), Ordering::Relaxed);
        }
        if let Ok(lent) = &mut lent {
            lent.permit = Some(permit);
        }
        lent
    }

    /// Whether the last connection that was wanted could not be made.
    pub(crate) fn is_unreachable(&self) -> bool {
        self.unreachable.load(Ordering::Relaxed)
    }

    /// Waits for the permit that a write needs, without a limit.
    pub(crate) async fn write_permit(&self, write: Write) -> Permit {
        self.writes.of(write.name).wait().await
    }

    /// How many requests wait for a permit by themselves: reads, then writes.
    pub(crate) fn queue_lengths(&self) -> (usize, usize) {
        (self.reads.queue_length(), self.writes.queue_length())
    }

    /// A connection. One that has to be made first is made in a task of its own: a caller who gives up, as all do soon, does
    /// not throw it away half made.
    async fn lend(&self) -> Result<Lent, sqlx::Error> {
        if self.doubtful.swap(false, Ordering::Relaxed) {
            self.test().await;
        }
        while let Some(mut lent) = self.idle_connection() {
            let is_fresh = lent.used.is_some_and(|used| used.elapsed() < PROBE_AFTER);
            if is_fresh || lent.is_alive().await {
                return Ok(lent);
            }
            lent.discard();
            // The others have been idle for as long, and were probably closed with it.
            self.discard_idle();
        }
        let age = self.age.load(Ordering::SeqCst);
        let pool = self.pool.clone();
        let making = tokio::spawn(async move { pool.acquire().await });
        let Ok(made) = timeout(self.making, making).await else {
            metrics::connection_timeout();
            // Another request's may have come back meanwhile, as is likely right after a start.
            return self.pop().ok_or(sqlx::Error::PoolTimedOut);
        };
        let made = made.unwrap_or(Err(sqlx::Error::WorkerCrashed))?;
        Ok(self.lent(made, age))
    }

    /// A connection that is in use no longer: the one that was used last, or one that the pool has.
    fn idle_connection(&self) -> Option<Lent> {
        let age = self.age.load(Ordering::SeqCst);
        let of_pool = || Some(self.lent(self.pool.try_acquire()?, age));
        self.pop().or_else(of_pool)
    }

    fn lent(&self, connection: PoolConnection<sqlx::Postgres>, age: u64) -> Lent {
        Lent {
            connection: Some(connection),
            since: Instant::now(),
            used: None,
            lasting: !self.of_function,
            age,
            permit: None,
        }
    }

    /// Keeps of those at hand the ones that answer at once.
    async fn test(&self) {
        let doubtful = std::mem::take(&mut *self.at_hand());
        for mut lent in doubtful {
            if lent.is_alive().await {
                lent.since = Instant::now();
                self.push(lent);
            } else {
                lent.discard();
            }
        }
    }

    fn at_hand(&self) -> MutexGuard<'_, Vec<Lent>> {
        self.at_hand.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The one at hand that was used last; those that were lent too long ago go back to the pool.
    fn pop(&self) -> Option<Lent> {
        let mut at_hand = self.at_hand();
        for old in at_hand.extract_if(.., |lent| lent.since.elapsed() >= AT_HAND) {
            old.give_back();
        }
        at_hand.pop()
    }

    /// Keeps a connection at hand that has nothing left to read.
    fn push(&self, mut lent: Lent) {
        // Given up last: with a permit, a request finds a connection.
        let _permit = lent.permit.take();
        lent.used = Some(Instant::now());
        let mut at_hand = self.at_hand();
        if lent.age != self.age.load(Ordering::SeqCst) {
            return lent.discard();
        }
        // A pool that closes waits for those it has lent.
        if !self.pool.is_closed() && lent.since.elapsed() < AT_HAND {
            at_hand.push(lent);
        } else {
            lent.give_back();
        }
    }

    /// How many connections are in use, and how many are not.
    pub(crate) fn count(&self) -> (u32, u32) {
        let idle = self.pool.num_idle() + self.at_hand().len();
        let idle = u32::try_from(idle).unwrap_or(u32::MAX);
        (self.pool.size().saturating_sub(idle), idle)
    }

    /// Whether all connections were ended, or are about to be.
    pub(crate) fn is_closed(&self) -> bool {
        self.pool.is_closed()
    }

    /// Ends all connections.
    pub(crate) async fn close(&self) {
        let closed = self.pool.close();
        self.give_all_back();
        closed.await;
    }

    fn give_all_back(&self) {
        for lent in self.at_hand().drain(..) {
            lent.give_back();
        }
    }
}

impl Drop for Connections {
    fn drop(&mut self) {
        for lent in self.at_hand().drain(..) {
            // To be given back it would need a runtime, which may be gone.
            lent.discard();
        }
    }
}
