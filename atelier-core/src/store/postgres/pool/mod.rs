//! The pool of connections to one PostgreSQL server.
//!
//! sqlx's pool establishes and replaces connections, and probes each one that is returned: a second round trip per statement.
//! So a healthy connection stays in an idle list of this pool for a minute, and goes from statement to statement.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use atelier_sql::Write;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPool};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio::time::timeout;

use self::connection::{PooledConnection, RESPONSE_TIMEOUT};
pub use self::size::PoolSize;
use crate::metrics;
use crate::model::error::{Error, Failure, Result};
use crate::store::admission::QUEUE_TIMEOUT;
use crate::store::batching::writes::WriteBatcher;
use crate::store::bulkhead::{Bulkhead, Permit, Unreachable};
use crate::store::postgres::setup::connect;
use crate::store::postgres::{error, migrate};
use crate::store::rows;

mod connection;
pub(crate) mod size;
mod statements;

/// How long a request waits for a connection that has to be established.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_millis(500);

/// A connection that was idle for longer is probed before use: the server or a proxy may have closed it, and a write that
/// fails on it might have been stored.
const PROBE_AFTER: Duration = Duration::from_secs(1);

/// How long a connection stays in the idle list before it returns to sqlx's pool, which checks its lifetime.
const IDLE_TIME: Duration = Duration::from_mins(1);

/// The size of the pool of each server, and how long requests wait for a connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PoolLimits {
    pub(crate) size: PoolSize,
    pub(crate) queue_timeout: Duration,
}

impl PoolLimits {
    /// Returns a batcher that lets statements of one kind use a quarter of the write connections. With more, each statement
    /// carries fewer writes, which costs the database more than parallel waits for the disk gain.
    pub(crate) fn write_batcher(self) -> WriteBatcher {
        let (_, writes) = self.size.split();
        WriteBatcher::new(self.queue_timeout, (writes / 4).max(1) as usize)
    }
}

/// The pool of connections to one server.
#[derive(Debug)]
pub(crate) struct Pool {
    inner: PgPool,
    idle: Mutex<Vec<PooledConnection>>,
    /// Maximum text in the rows of one result.
    max_bytes: usize,
    is_lambda: bool,
    /// Whether idle connections are probed before their next use.
    probe_next: AtomicBool,
    /// Whether a read that meets a dead connection is repeated on another.
    retries_reads: bool,
    /// Whether the last health check succeeded.
    healthy: AtomicBool,
    /// Wakes the health check.
    probe_wanted: Notify,
    /// Incremented when all connections are evicted.
    generation: AtomicU64,
    /// Notified when all connections are evicted.
    evicted: Notify,
    reads: Arc<Bulkhead>,
    writes: Arc<Bulkhead>,
    /// Whether the last attempt to get a connection failed.
    unreachable: Unreachable,
    /// How long a request waits for a connection that has to be established.
    connect_timeout: Duration,
}

impl Pool {
    /// Connects.
    pub(crate) async fn open(options: PgConnectOptions, limits: PoolLimits) -> Result<Self> {
        let (reads, writes) = limits.size.split();
        let pool = size::options(reads + writes, Some(size::MAX_LIFETIME))
            .connect_with(options)
            .await
            .map_err(|error| error::convert("connect", error))?;
        Ok(Self::with_pool(pool, reads, writes, limits.queue_timeout))
    }

    /// Returns the pool of one server of a cluster, which connects on demand. Reads that fail are not repeated on it, but on
    /// another server.
    pub(crate) fn for_node(options: PgConnectOptions, limits: PoolLimits) -> Self {
        let (reads, writes) = limits.size.split();
        let pool =
            size::options(reads + writes, Some(size::MAX_LIFETIME)).connect_lazy_with(options);
        let mut pool = Self::with_pool(pool, reads, writes, limits.queue_timeout);
        pool.retries_reads = false;
        pool
    }

    fn with_pool(pool: PgPool, reads: u32, writes: u32, queue_timeout: Duration) -> Self {
        let unreachable = Unreachable::default();
        Self {
            inner: pool,
            idle: Mutex::default(),
            max_bytes: rows::MAX_RESULT_BYTES,
            is_lambda: false,
            probe_next: AtomicBool::new(false),
            retries_reads: true,
            healthy: AtomicBool::new(true),
            probe_wanted: Notify::new(),
            generation: AtomicU64::new(0),
            evicted: Notify::new(),
            reads: Arc::new(Bulkhead::new(reads, queue_timeout, &unreachable)),
            writes: Arc::new(Bulkhead::new(writes, queue_timeout, &unreachable)),
            unreachable,
            connect_timeout: CONNECT_TIMEOUT,
        }
    }

    /// Returns a pool of a single connection, for a process that handles one request at a time. It connects on demand.
    pub(crate) fn for_lambda(options: PgConnectOptions) -> Self {
        let pool = size::options(1, None).connect_lazy_with(options);
        let mut pool = Self::with_pool(pool, 1, 1, QUEUE_TIMEOUT);
        pool.writes = Arc::clone(&pool.reads);
        pool.max_bytes = rows::MAX_RESULT_BYTES_LAMBDA;
        pool.is_lambda = true;
        // No background task establishes it: the process may be frozen.
        pool.connect_timeout = size::CREATE_TIMEOUT;
        pool
    }

    /// Whether the last health check succeeded.
    pub(crate) fn is_healthy(&self) -> bool {
        self.healthy.load(Ordering::SeqCst)
    }

    /// Sets whether the server is healthy.
    pub(crate) fn set_healthy(&self, healthy: bool) {
        self.healthy.store(healthy, Ordering::SeqCst);
    }

    /// Considers the server unhealthy until the next health check succeeds.
    fn mark_unhealthy(&self) {
        self.set_healthy(false);
        self.wake_probe();
    }

    /// Wakes the health check of the server, if there is one.
    pub(crate) fn wake_probe(&self) {
        self.probe_wanted.notify_one();
    }

    /// Waits until a health check is wanted.
    pub(crate) async fn probe_wanted(&self) {
        self.probe_wanted.notified().await;
    }

    /// Closes all connections: idle ones at once, those in use when they are released.
    pub(crate) fn evict_all(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.evicted.notify_waiters();
        self.discard_idle();
    }

    /// Closes the idle connections of this pool and of sqlx's.
    fn discard_idle(&self) {
        for connection in self.idle().drain(..) {
            connection.discard();
        }
        while let Some(idle) = self.inner.try_acquire() {
            drop(idle.detach());
        }
    }

    /// Waits until all connections are evicted.
    pub(crate) fn evicted(&self) -> Notified<'_> {
        self.evicted.notified()
    }

    /// Has the idle connection probed before its next use.
    pub(crate) fn after_freeze(&self) {
        self.probe_next.store(self.is_lambda, Ordering::Relaxed);
    }

    /// Checks that the schema is up to date. [`Error::Schema`] when not.
    pub(crate) async fn check_schema(&self) -> Result<()> {
        let permit = self.writes.of("schema").acquire().await?;
        let mut connection = match self.acquire(permit).await {
            Ok(connection) => connection,
            // sqlx's pool repeats the attempt and hides its error.
            Err(sqlx::Error::PoolTimedOut) => {
                connect(&self.inner.connect_options()).await?;
                return Err(error::convert("schema", sqlx::Error::PoolTimedOut));
            }
            Err(error) => return Err(error::convert("schema", error)),
        };
        let open = connection
            .connection()
            .map_err(|error| error::convert("schema", error))?;
        let checked = timeout(RESPONSE_TIMEOUT, migrate::check(open)).await;
        match checked {
            Ok(Ok(())) => {
                self.release(connection);
                Ok(())
            }
            Ok(Err(error)) => Err(error),
            Err(_) => Err(Error::Unavailable(Failure::new("schema: no answer"))),
        }
    }

    /// Returns a connection that holds `permit`.
    async fn acquire(&self, permit: Permit) -> Result<PooledConnection, sqlx::Error> {
        let mut connection = self.take().await;
        // Stored only when it changes, because every request loads it.
        if self.is_unreachable() != connection.is_err() {
            self.unreachable
                .store(connection.is_err(), Ordering::Relaxed);
        }
        if let Ok(connection) = &mut connection {
            connection.permit = Some(permit);
        }
        connection
    }

    /// Whether the last attempt to get a connection failed.
    pub(crate) fn is_unreachable(&self) -> bool {
        self.unreachable.load(Ordering::Relaxed)
    }

    /// Waits for the permit of a write, without a timeout.
    pub(crate) async fn write_permit(&self, write: Write) -> Permit {
        self.writes.of(write.name).wait().await
    }

    /// Returns how many requests wait for a permit outside of batches: reads, then writes.
    pub(crate) fn queue_lengths(&self) -> (usize, usize) {
        (self.reads.queue_length(), self.writes.queue_length())
    }

    /// Returns an idle or a new connection. A new one is established in a task of its own, so that a caller that gives up, as
    /// all do soon, does not abort it.
    async fn take(&self) -> Result<PooledConnection, sqlx::Error> {
        if self.probe_next.swap(false, Ordering::Relaxed) {
            self.probe_idle().await;
        }
        while let Some(mut connection) = self.idle_connection() {
            let is_fresh = connection
                .last_used
                .is_some_and(|last_used| last_used.elapsed() < PROBE_AFTER);
            if is_fresh || connection.is_alive().await {
                return Ok(connection);
            }
            connection.discard();
            // The others have been idle for at least as long, and were probably closed with it.
            self.discard_idle();
        }
        let generation = self.generation.load(Ordering::SeqCst);
        let pool = self.inner.clone();
        let connecting = tokio::spawn(async move { pool.acquire().await });
        let Ok(connected) = timeout(self.connect_timeout, connecting).await else {
            metrics::connection_timeout();
            // Another request may have released one, as is likely right after a start.
            return self.pop_idle().ok_or(sqlx::Error::PoolTimedOut);
        };
        let connected = connected.unwrap_or(Err(sqlx::Error::WorkerCrashed))?;
        Ok(self.guard(connected, generation))
    }

    /// Returns the connection of the idle list that was used last, or an idle one of sqlx's pool.
    fn idle_connection(&self) -> Option<PooledConnection> {
        let generation = self.generation.load(Ordering::SeqCst);
        let of_pool = || Some(self.guard(self.inner.try_acquire()?, generation));
        self.pop_idle().or_else(of_pool)
    }

    fn guard(
        &self,
        connection: PoolConnection<sqlx::Postgres>,
        generation: u64,
    ) -> PooledConnection {
        PooledConnection {
            connection: Some(connection),
            checked_out_at: Instant::now(),
            last_used: None,
            returns_to_pool: !self.is_lambda,
            generation,
            permit: None,
        }
    }

    /// Closes the idle connections that do not answer a probe.
    async fn probe_idle(&self) {
        let unknown = std::mem::take(&mut *self.idle());
        for mut connection in unknown {
            if connection.is_alive().await {
                connection.checked_out_at = Instant::now();
                self.release(connection);
            } else {
                connection.discard();
            }
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<PooledConnection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the idle connection that was used last; those that were checked out too long ago return to sqlx's pool.
    fn pop_idle(&self) -> Option<PooledConnection> {
        let mut idle = self.idle();
        for old in idle.extract_if(.., |connection| {
            connection.checked_out_at.elapsed() >= IDLE_TIME
        }) {
            old.return_to_pool();
        }
        idle.pop()
    }

    /// Releases a connection whose result was read to its end.
    fn release(&self, mut connection: PooledConnection) {
        // Dropped last, so that the next holder of the permit finds the connection.
        let _permit = connection.permit.take();
        connection.last_used = Some(Instant::now());
        let mut idle = self.idle();
        if connection.generation != self.generation.load(Ordering::SeqCst) {
            return connection.discard();
        }
        // sqlx's pool waits for connections that are checked out when it closes.
        if !self.inner.is_closed() && connection.checked_out_at.elapsed() < IDLE_TIME {
            idle.push(connection);
        } else {
            connection.return_to_pool();
        }
    }

    /// Returns how many connections are in use, and how many are idle.
    pub(crate) fn count(&self) -> (u32, u32) {
        let idle = self.inner.num_idle() + self.idle().len();
        let idle = u32::try_from(idle).unwrap_or(u32::MAX);
        (self.inner.size().saturating_sub(idle), idle)
    }

    /// Whether the pool is closed or closing.
    pub(crate) fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }

    /// Closes all connections.
    pub(crate) async fn close(&self) {
        let closed = self.inner.close();
        self.return_all();
        closed.await;
    }

    fn return_all(&self) {
        for connection in self.idle().drain(..) {
            connection.return_to_pool();
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        for connection in self.idle().drain(..) {
            // Returning it needs a runtime, which may be gone.
            connection.discard();
        }
    }
}
