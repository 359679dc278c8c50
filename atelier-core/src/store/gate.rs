//! How many may ask the database at once, and how long others wait.

use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::{Error, Failure, Result};

/// As many places as there are connections, so that nobody waits inside the pool, where a wait and a connect can't be
/// told apart.
#[derive(Debug)]
pub(super) struct Gate {
    places: Semaphore,
    wait: Duration,
}

impl Gate {
    pub(super) fn new(places: u32) -> Self {
        Self {
            places: Semaphore::new(places as usize),
            wait: Duration::from_millis(500),
        }
    }

    /// A place, after half a second at most. [`Error::Unavailable`] when none comes free.
    pub(super) async fn enter(&self) -> Result<SemaphorePermit<'_>> {
        if let Ok(permit) = self.places.try_acquire() {
            return Ok(permit);
        }
        match tokio::time::timeout(self.wait, self.places.acquire()).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(Error::Unavailable(Failure::new(
                "All connections to the database are busy.",
            ))),
        }
    }
}
