//! Large reads: bounded concurrency from the query until the response is encoded.
//!
//! A store admits few large reads at a time. Their rows, JSON and compressed form take many megabytes, and longer to process
//! than an async task may block its thread. So the permit of the read is held until the response is encoded.

use std::any::Any;
use std::cell::RefCell;

use tokio::runtime::{Handle, RuntimeFlavor};

/// Bodies above this size are encoded as blocking work.
pub(crate) const BYTES: usize = 1_024 * 1_024;

/// The permit of a large read.
pub(crate) type Permit = Box<dyn Any + Send>;

tokio::task_local! {
    /// The permit of the current request.
    static PERMIT: RefCell<Option<Permit>>;
}

/// Attaches the permit of a read to the current request. Outside [`with_permit`] the permit is released at once.
pub(crate) fn hold(permit: impl Any + Send) {
    let _ = PERMIT.try_with(|held| held.replace(Some(Box::new(permit))));
}

/// Returns whether the current request holds a permit.
pub(crate) fn has_permit() -> bool {
    PERMIT
        .try_with(|held| held.borrow().is_some())
        .unwrap_or(false)
}

/// Runs `work`, and returns the permit that it attached, if any.
pub(crate) async fn with_permit<T>(work: impl Future<Output = T>) -> (T, Option<Permit>) {
    let work = async {
        let output = work.await;
        (output, PERMIT.with(RefCell::take))
    };
    PERMIT.scope(RefCell::default(), work).await
}

/// Runs work that blocks if `is_large`. On a multi-threaded runtime the other tasks of this thread then continue on another
/// one.
pub(crate) fn run_blocking_if<T>(is_large: bool, work: impl FnOnce() -> T) -> T {
    let is_multi_thread = || {
        let runtime = Handle::try_current();
        runtime.is_ok_and(|it| it.runtime_flavor() == RuntimeFlavor::MultiThread)
    };
    if is_large && is_multi_thread() {
        tokio::task::block_in_place(work)
    } else {
        work()
    }
}

#[cfg(all(test, feature = "http"))]
mod tests {
    use std::sync::Arc;

    use tokio::sync::Semaphore;

    use super::*;

    #[tokio::test]
    async fn permit_is_held_until_the_request_ends() {
        let permits = Arc::new(Semaphore::new(1));
        let acquire = || Arc::clone(&permits).try_acquire_owned().expect("a permit");
        let (held, permit) = with_permit(async {
            assert!(!has_permit());
            hold(acquire());
            has_permit()
        })
        .await;
        assert!(held && permits.available_permits() == 0);
        drop(permit);
        assert_eq!(permits.available_permits(), 1);
        // Outside a request, and when a request is cancelled, the permit is released.
        hold(acquire());
        assert_eq!(permits.available_permits(), 1);
        let cancelled = tokio::time::timeout(
            std::time::Duration::ZERO,
            with_permit(async {
                hold(acquire());
                std::future::pending::<()>().await;
            }),
        );
        cancelled.await.expect_err("it times out");
        assert_eq!(permits.available_permits(), 1);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn blocking_work_does_not_block_other_tasks() {
        let (sender, receiver) = std::sync::mpsc::channel();
        tokio::spawn(async move {
            // This occupies the only worker; the spawned task needs another thread.
            run_blocking_if(true, move || {
                tokio::spawn(async move { sender.send(()).expect("it waits") });
                receiver.recv().expect("the other task ran");
            });
        })
        .await
        .expect("no panic");
    }
}
