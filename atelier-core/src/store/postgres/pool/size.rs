//! The size of the pool, and the settings of sqlx's pool.

use std::io::ErrorKind;
use std::time::Duration;

use sqlx::Connection;
use sqlx::postgres::{PgConnection, PgPoolOptions};
use tokio::time::timeout;

use super::connection::PROBE_TIMEOUT;

/// How long sqlx's pool tries to establish a connection.
pub(crate) const CREATE_TIMEOUT: Duration = Duration::from_secs(3);

/// Lifetime of a connection. The server keeps memory for each statement that a connection has prepared.
pub(crate) const MAX_LIFETIME: Duration = Duration::from_mins(30);

/// Maximum number of connections to each PostgreSQL server.
///
/// The default depends on the number of cores: 12 on two cores, at most 32.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolSize(u32);

impl PoolSize {
    /// The smallest size at which no resource can use every connection.
    pub const MIN: u32 = 4;

    /// The largest size; more connections only wait for each other in the database.
    pub const MAX: u32 = 1_000;

    /// Returns `None` outside of [`Self::MIN`] to [`Self::MAX`].
    pub fn new(connections: u32) -> Option<Self> {
        let range = Self::MIN..=Self::MAX;
        range.contains(&connections).then_some(Self(connections))
    }

    /// Returns the number of connections.
    pub fn get(self) -> u32 {
        self.0
    }

    /// Splits the connections into those for reads and those for writes. A few connections keep the cores of the database busy
    /// with reads. A write waits for the disk, so writes have connections of their own, and more of them, up to 16.
    pub(crate) fn split(self) -> (u32, u32) {
        let (third, half) = (self.0 / 3, self.0 / 2);
        let reads = third.max(self.0.saturating_sub(16)).min(half).max(2);
        (reads, self.0 - reads)
    }
}

impl Default for PoolSize {
    fn default() -> Self {
        let cores =
            std::thread::available_parallelism().map_or(2, |n| u32::try_from(n.get()).unwrap_or(2));
        let reads = (2 * cores).clamp(4, 16);
        Self(reads + (2 * reads).min(16))
    }
}

/// Settings of a pool that establishes connections on demand: with a minimum, sqlx establishes them one after another within
/// the timeout of a single one.
pub(crate) fn options(connections: u32, lifetime: Option<Duration>) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(connections)
        .min_connections(0)
        // A ping at each checkout would double the round trips; a read that meets a dead connection is repeated instead.
        .test_before_acquire(false)
        .acquire_timeout(CREATE_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(lifetime)
        .after_release(|connection, _| Box::pin(alive(connection)))
}

/// Probes a connection that returns to sqlx's pool. The pool does that too, but without a timeout, so an unresponsive
/// connection would take a slot for good.
async fn alive(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let ping = timeout(PROBE_TIMEOUT, connection.ping()).await;
    let timed_out = sqlx::Error::Io(ErrorKind::TimedOut.into());
    ping.unwrap_or(Err(timed_out)).map(|()| true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn split_uses_every_connection_and_gives_each_part_two() {
        for connections in PoolSize::MIN..=PoolSize::MAX {
            let size = PoolSize::new(connections).expect("valid");
            let (reads, writes) = size.split();
            assert_eq!(reads + writes, connections);
            assert!(2 <= reads && reads <= writes, "{size:?}: {reads} reads");
        }
        assert_eq!(PoolSize::new(PoolSize::MIN - 1), None);
        assert_eq!(PoolSize::new(PoolSize::MAX + 1), None);
        // The sizes that are derived from the cores.
        for reads in 4..=16 {
            let writes = (2 * reads).min(16);
            assert_eq!(PoolSize(reads + writes).split(), (reads, writes));
        }
    }
}
