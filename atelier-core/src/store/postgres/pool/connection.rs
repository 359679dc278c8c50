//! A connection in use.

use std::time::{Duration, Instant};

use sqlx::Connection;
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgConnection;
use tokio::runtime::Handle;
use tokio::time::timeout;

use crate::store::bulkhead::Permit;

/// How long a probe may take.
pub(crate) const PROBE_TIMEOUT: Duration = Duration::from_millis(500);

/// A little longer than the statement timeout of the server: after that, the connection is considered dead.
pub(crate) const RESPONSE_TIMEOUT: Duration = Duration::from_secs(4);

/// A connection of the pool together with the permit to use it.
#[derive(Debug)]
pub(crate) struct PooledConnection {
    /// `None` once it was returned or closed.
    pub(crate) connection: Option<PoolConnection<sqlx::Postgres>>,
    /// When sqlx's pool handed it out.
    pub(crate) checked_out_at: Instant,
    /// When its last statement ended; unknown while sqlx's pool held it.
    pub(crate) last_used: Option<Instant>,
    /// Whether a connection whose caller was cancelled is drained and returned, instead of closed.
    pub(crate) returns_to_pool: bool,
    /// The generation of the pool at checkout; the connection is closed when the pool has moved on.
    pub(crate) generation: u64,
    /// Held until the statement has ended.
    pub(crate) permit: Option<Permit>,
}

impl PooledConnection {
    pub(crate) fn connection(&mut self) -> Result<&mut PgConnection, sqlx::Error> {
        // It is only taken by methods that consume `self`.
        let connection = self.connection.as_deref_mut();
        connection.ok_or(sqlx::Error::WorkerCrashed)
    }

    /// Probes the connection.
    pub(crate) async fn is_alive(&mut self) -> bool {
        let ping = async { self.connection()?.ping().await };
        matches!(timeout(PROBE_TIMEOUT, ping).await, Ok(Ok(())))
    }

    /// Returns it to sqlx's pool.
    pub(crate) fn return_to_pool(mut self) {
        drop(self.connection.take());
    }

    /// Closes it.
    pub(crate) fn discard(mut self) {
        if let Some(connection) = self.connection.take() {
            drop(connection.detach());
        }
    }
}

/// When a caller is cancelled, the rest of the result is drained in a task of its own, with a timeout that sqlx's pool does
/// not have; then the connection is returned. On Lambda, where the process may be frozen meanwhile, it is closed.
impl Drop for PooledConnection {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else {
            return;
        };
        let permit = self.permit.take();
        let runtime = Handle::try_current().ok().filter(|_| self.returns_to_pool);
        if let Some(runtime) = runtime {
            runtime.spawn(async move {
                if !matches!(
                    timeout(RESPONSE_TIMEOUT, connection.ping()).await,
                    Ok(Ok(()))
                ) {
                    drop(connection.detach());
                }
                // Not earlier: the statement may still run, and counts against its bulkhead.
                drop(permit);
            });
        } else {
            drop(connection.detach());
        }
    }
}
