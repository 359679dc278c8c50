//! Running blocking work on tokio's blocking threads.

use tokio::task::{JoinError, spawn_blocking};

use crate::error::Error;

/// Runs a closure that blocks on files.
pub(crate) async fn run_blocking<T: Send + 'static>(
    run: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    flatten(spawn_blocking(run).await)
}

/// Returns the result of a task, or resumes its panic.
pub(crate) fn flatten<T>(joined: Result<Result<T, Error>, JoinError>) -> Result<T, Error> {
    match joined {
        Ok(result) => result,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
