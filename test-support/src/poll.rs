//! Waiting for a condition.

use std::time::Duration;

use tokio::time::{sleep, timeout};

/// Pause between two checks. A loop without one would keep a core busy that the server under test needs.
const PAUSE: Duration = Duration::from_millis(5);

/// How long a condition may take to become true.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Waits as long as a polling loop does between two checks.
pub async fn pause() {
    sleep(PAUSE).await;
}

/// Waits until `condition` returns true, and checks it every 5 ms.
///
/// # Panics
/// When the condition is still false after a minute; the message contains `what`.
pub async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let polling = async {
        while !condition().await {
            pause().await;
        }
    };
    let polled = timeout(TIMEOUT, polling).await;
    polled.unwrap_or_else(|_| panic!("timed out after {TIMEOUT:?} waiting until {what}"));
}
