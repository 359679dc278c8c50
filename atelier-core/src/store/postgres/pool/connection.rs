//! A connection while somebody has it.

use std::time::Instant;

use sqlx::Connection;
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgConnection;
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::{PROBE_TIMEOUT, SILENCE};
use crate::store::bulkhead::Permit;

/// A connection that the pool has lent.
#[derive(Debug)]
pub(crate) struct Lent {
    /// Until it is given back or thrown away.
    pub(crate) connection: Option<PoolConnection<sqlx::Postgres>>,
    pub(crate) since: Instant,
    /// When its last statement ended; unknown while the pool had it.
    pub(crate) used: Option<Instant>,
    /// Whether it is of further use once somebody has left while the database answered.
    pub(crate) lasting: bool,
    /// The age in which it was lent: in another it is of no use.
    pub(crate) age: u64,
    /// The right to use it, until its statement has ended.
    pub(crate) permit: Option<Permit>,
}

impl Lent {
    pub(crate) fn connection(&mut self) -> Result<&mut PgConnection, sqlx::Error> {
        // It is there as long as nobody has taken it to end this.
        let connection = self.connection.as_deref_mut();
        connection.ok_or(sqlx::Error::WorkerCrashed)
    }

    /// Whether it answers a probe in time.
    pub(crate) async fn is_alive(&mut self) -> bool {
        let ping = async { self.connection()?.ping().await };
        matches!(timeout(PROBE_TIMEOUT, ping).await, Ok(Ok(())))
    }

    /// Gives it back to the pool.
    pub(crate) fn give_back(mut self) {
        drop(self.connection.take());
    }

    /// Throws it away.
    pub(crate) fn discard(mut self) {
        if let Some(connection) = self.connection.take() {
            drop(connection.detach());
        }
    }
}

/// Who leaves while the database answers: once what is left unread has come, the connection is as good as before. The pool
/// would wait for that without end. A function, which may be frozen meanwhile, makes another.
impl Drop for Lent {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else {
            return;
        };
        let permit = self.permit.take();
        let runtime = Handle::try_current().ok().filter(|_| self.lasting);
        if let Some(runtime) = runtime {
            runtime.spawn(async move {
                if !matches!(timeout(SILENCE, connection.ping()).await, Ok(Ok(()))) {
                    drop(connection.detach());
                }
                // Not before: the statement may still run, and would hold one connection more than its resource may.
                drop(permit);
            });
        } else {
            drop(connection.detach());
        }
    }
}
