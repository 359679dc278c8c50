//! Probes: requesting the status of a server.

use std::time::Duration;

use atelier_sql::cluster;
use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use tokio::time::timeout;

use super::topology::ServerStatus;
use crate::model::error::{ConnectErrorKind, Error, Failure, Result};
use crate::store::postgres::error;

/// Timeout for a connection, and for the status.
const PROBE_TIMEOUT: Duration = Duration::from_secs(1);

/// A failed probe.
#[derive(Debug)]
pub(crate) struct ProbeError {
    pub(crate) error: Error,
    /// Whether the server accepts no connections.
    pub(crate) unreachable: bool,
}

/// Returns host and port, for messages.
pub(crate) fn address(options: &PgConnectOptions) -> String {
    format!("{}:{}", options.get_host(), options.get_port())
}

/// Probes a server over a connection of its own.
pub(crate) async fn probe_once(options: &PgConnectOptions) -> Result<ServerStatus, ProbeError> {
    probe(options, &mut None).await
}

/// Probes a server over `connection`, which is established when there is none, and closed when it fails.
pub(crate) async fn probe(
    options: &PgConnectOptions,
    connection: &mut Option<PgConnection>,
) -> Result<ServerStatus, ProbeError> {
    if let Some(open) = connection.take() {
        match request_status(open).await {
            Ok((status, open)) => {
                *connection = Some(open);
                return Ok(status);
            }
            // The server was restarted or is gone: a new connection will show.
            Err(Some(error)) if error::connection_lost(&error) => {}
            Err(error) => return Err(failed(options, error)),
        }
    }
    let open = match timeout(PROBE_TIMEOUT, options.connect()).await {
        Ok(Ok(open)) => open,
        Ok(Err(error)) => {
            let unreachable = error::connection_lost(&error);
            let kind = ConnectErrorKind::of(&error).unwrap_or(ConnectErrorKind::Other);
            return Err(ProbeError {
                unreachable,
                ..unusable(options, error, Some(kind))
            });
        }
        Err(_) => return Err(failed(options, None)),
    };
    match request_status(open).await {
        Ok((status, open)) => {
            *connection = Some(open);
            Ok(status)
        }
        Err(error) => Err(failed(options, error)),
    }
}

/// Requests the status; fails without an error when there is no answer in time.
async fn request_status(
    mut open: PgConnection,
) -> Result<(ServerStatus, PgConnection), Option<sqlx::Error>> {
    let row = sqlx::query(cluster::STATUS).fetch_one(&mut open);
    let row: PgRow = timeout(PROBE_TIMEOUT, row).await.map_err(|_| None)??;
    Ok((ServerStatus::from_row(&row)?, open))
}

fn failed(options: &PgConnectOptions, error: Option<sqlx::Error>) -> ProbeError {
    if let Some(error) = error {
        let kind = ConnectErrorKind::of(&error);
        return unusable(options, error, kind);
    }
    let address = address(options);
    let failure = Failure::new(format!("PostgreSQL at {address} did not answer within 1 s"));
    let kind = Some(ConnectErrorKind::TimedOut);
    ProbeError {
        error: Error::Unavailable(failure.with_connect_error(kind)),
        unreachable: false,
    }
}

fn unusable(
    options: &PgConnectOptions,
    error: sqlx::Error,
    kind: Option<ConnectErrorKind>,
) -> ProbeError {
    let address = address(options);
    let cause = error::convert("cluster", error);
    let failure = Failure::new(format!("PostgreSQL at {address} can't be used: {cause}"));
    ProbeError {
        error: Error::Unavailable(failure.with_connect_error(kind)),
        unreachable: false,
    }
}
