//! Logging of outages, and the delay between attempts.

use std::mem;
use std::time::Duration;

use crate::model::error::Result;

/// Mean time between polls, and between attempts to publish.
pub(crate) const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// Logs the beginning and the end of an outage, not each failed attempt.
pub(crate) struct OutageLog {
    task: &'static str,
    is_failing: bool,
}

impl OutageLog {
    pub(crate) fn new(task: &'static str) -> Self {
        Self {
            task,
            is_failing: false,
        }
    }

    pub(crate) fn record(&mut self, outcome: &Result<()>) {
        let was_failing = mem::replace(&mut self.is_failing, outcome.is_err());
        match outcome {
            Err(error) if !was_failing => {
                tracing::warn!("{} failed, and is repeated: {error}", self.task);
            }
            Ok(()) if was_failing => tracing::info!("{} succeeded again", self.task),
            _ => {}
        }
    }
}
