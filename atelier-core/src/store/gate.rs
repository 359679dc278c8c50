//! How many may ask the database at once, and how long others wait.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{Error, Failure, Result};

/// How long one waits for a place.
pub(super) const PATIENCE: Duration = Duration::from_millis(500);

/// As many places as there are connections, so that nobody waits inside the pool, where a wait and a connect can't be
/// told apart. Who waits is let in by turn. A clone is another door to the same places.
#[derive(Debug, Clone)]
pub(super) struct Gate(Arc<Semaphore>);

impl Gate {
    pub(super) fn new(places: u32) -> Self {
        Self(Arc::new(Semaphore::new(places as usize)))
    }

    /// A place, after [`PATIENCE`] at most. [`Error::Unavailable`] when none comes free.
    pub(super) async fn enter(&self) -> Result<OwnedSemaphorePermit> {
        if let Some(place) = self.try_enter() {
            return Ok(place);
        }
        tokio::time::timeout(PATIENCE, self.place())
            .await
            .map_err(|_| busy())
    }

    /// A place, if one is free and nobody waits.
    pub(super) fn try_enter(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.0).try_acquire_owned().ok()
    }

    /// A place, however long that takes.
    pub(super) async fn place(&self) -> OwnedSemaphorePermit {
        match Arc::clone(&self.0).acquire_owned().await {
            Ok(place) => place,
            // It is never closed.
            Err(_) => std::future::pending().await,
        }
    }
}

/// That no place came free.
pub(super) fn busy() -> Error {
    Error::Unavailable(Failure::new("All connections to the database are busy."))
}
