//! How many may ask the database at once, and how long others wait.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::line::{Line, Waiting};
use crate::{Error, Failure, Result};

/// How long one waits for a place.
pub(super) const PATIENCE: Duration = Duration::from_millis(500);

/// As many places as there are connections, so that nobody waits inside the pool, where a wait and a connect can't be
/// told apart. Who waits is let in by turn. A clone is another door to the same places.
#[derive(Debug, Clone)]
pub(super) struct Gate {
    places: Arc<Semaphore>,
    line: Arc<Line>,
}

impl Gate {
    pub(super) fn new(places: u32) -> Self {
        Self {
            places: Arc::new(Semaphore::new(places as usize)),
            line: Arc::default(),
        }
    }

    /// A place, after [`PATIENCE`] at most. [`Error::Unavailable`] when none comes free, and at once when too many wait
    /// already.
    pub(super) async fn enter(&self) -> Result<OwnedSemaphorePermit> {
        if let Some(place) = self.try_enter() {
            return Ok(place);
        }
        let _waiting = self.join()?;
        let place = tokio::time::timeout(PATIENCE, self.place())
            .await
            .map_err(|_| busy())?;
        self.let_in(1);
        Ok(place)
    }

    /// A place, if one is free and nobody waits.
    pub(super) fn try_enter(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.places).try_acquire_owned().ok()
    }

    /// A place, however long that takes.
    pub(super) async fn place(&self) -> OwnedSemaphorePermit {
        match Arc::clone(&self.places).acquire_owned().await {
            Ok(place) => place,
            // It is never closed.
            Err(_) => std::future::pending().await,
        }
    }

    /// Counts among those who wait, as long as what is returned lives. [`Error::Unavailable`] when they are too many.
    pub(super) fn join(&self) -> Result<Waiting> {
        Line::join(&self.line).ok_or_else(busy)
    }

    /// Tells that so many who waited got in.
    pub(super) fn let_in(&self, many: usize) {
        self.line.let_in(many);
    }
}

/// That no place came free.
pub(super) fn busy() -> Error {
    Error::Unavailable(Failure::new("Every connection to the database is busy."))
}
