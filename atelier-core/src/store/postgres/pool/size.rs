//! The pool that makes the connections.

use std::io::ErrorKind;
use std::time::Duration;

use sqlx::Connection;
use sqlx::postgres::{PgConnection, PgPoolOptions};
use tokio::time::timeout;

use super::PROBE_TIMEOUT;

/// How long the pool tries to make a connection.
pub(crate) const MAKING: Duration = Duration::from_secs(3);

/// How long a connection lives: the database takes memory for each statement that it has met.
pub(crate) const LIFE: Duration = Duration::from_mins(30);

/// How many connections to each PostgreSQL server a store has at most.
///
/// What is not said follows from the machine's cores: 12 on two, 32 at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolSize(u32);

impl PoolSize {
    /// With fewer, what keeps the statements about one noun waiting would keep all others waiting too.
    pub const LEAST: u32 = 4;

    /// More only wait for each other in the database.
    pub const MOST: u32 = 1_000;

    /// So many; none where that is less than [`Self::LEAST`] or more than [`Self::MOST`].
    pub fn new(connections: u32) -> Option<Self> {
        let range = Self::LEAST..=Self::MOST;
        range.contains(&connections).then_some(Self(connections))
    }

    /// How many that is.
    pub fn get(self) -> u32 {
        self.0
    }

    /// How many may read at once, and how many write. A few connections keep the database's cores busy with reads; more
    /// only wait for each other there. A write waits for the disk, and those that wait together are written together, so
    /// they have places of their own, and more, up to 16.
    pub(crate) fn places(self) -> (u32, u32) {
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

/// A pool of so many connections, each of which lives as long as `life`. It is made when it is first wanted: a pool that keeps
/// up a number makes them one after another, under the time limit of a single one.
pub(crate) fn options(connections: u32, life: Option<Duration>) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(connections)
        .min_connections(0)
        // A ping at each checkout would be a second round trip for each read; a read that meets a dead connection is tried
        // again instead.
        .test_before_acquire(false)
        .acquire_timeout(MAKING)
        .idle_timeout(None)
        .max_lifetime(life)
        .after_release(|connection, _| Box::pin(alive(connection)))
}

/// That a connection that goes back to the pool is alive. The pool asks as well, and waits for the answer of one that is
/// silent without end, with one place less meanwhile.
async fn alive(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let ping = timeout(PROBE_TIMEOUT, connection.ping()).await;
    let silent = sqlx::Error::Io(ErrorKind::TimedOut.into());
    ping.unwrap_or(Err(silent)).map(|()| true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_connection_is_a_place_and_nobody_has_one_alone() {
        for connections in PoolSize::LEAST..=PoolSize::MOST {
            let size = PoolSize::new(connections).expect("a size");
            let (reads, writes) = size.places();
            assert_eq!(reads + writes, connections);
            assert!(2 <= reads && reads <= writes, "{size:?}: {reads} reads");
        }
        assert_eq!(PoolSize::new(PoolSize::LEAST - 1), None);
        assert_eq!(PoolSize::new(PoolSize::MOST + 1), None);
        // What follows from the cores is parted as well as before there was a choice.
        for reads in 4..=16 {
            let writes = (2 * reads).min(16);
            assert_eq!(PoolSize(reads + writes).places(), (reads, writes));
        }
    }
}
