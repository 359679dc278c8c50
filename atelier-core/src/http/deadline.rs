//! Deadline of requests, and the timings that logs and metrics report.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use tokio::time::timeout;

use super::error::ApiError;
use crate::model::error::{Error, Failure, ShedReason};

/// Maximum duration of a request to a store behind a network. It exceeds the timeouts of a connection, a lock and a statement,
/// which it contains.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

/// Measurements of one request, each set as soon as it is known; see [`RequestSummary`](super::RequestSummary).
#[derive(Debug, Default)]
pub(super) struct Timings {
    /// Result of the cache lookup.
    pub(super) cache: OnceLock<&'static str>,
    /// Time spent in the store.
    pub(super) store: OnceLock<Duration>,
}

/// Runs `work`, within [`REQUEST_TIMEOUT`] if the store is shared, and records how long it took. A write that is in progress at
/// the deadline continues; its idempotency key makes a retry safe.
pub(super) async fn with_deadline<T>(
    is_shared: bool,
    timings: &Timings,
    work: impl Future<Output = Result<T, ApiError>>,
) -> Result<T, ApiError> {
    let start = Instant::now();
    let outcome = if is_shared {
        timeout(REQUEST_TIMEOUT, work).await
    } else {
        Ok(work.await)
    };
    let _ = timings.store.set(start.elapsed());
    outcome.unwrap_or_else(|_| {
        let failure = Failure::new("The store has not answered in time.");
        Err(Error::Unavailable(failure.with_reason(ShedReason::Deadline)).into())
    })
}
