//! Large answers: how much of them is in memory at once, and on which threads they are worked on.
//!
//! A store lets in few large readings at a time. What it has read is not small for having been read: the rows, the JSON of
//! them and its compressed form are many megabytes, and take longer than a serving thread may be kept. So the permit of a
//! reading goes with its rows until the answer is ready to be sent.

use std::any::Any;
use std::cell::RefCell;

use tokio::runtime::{Handle, RuntimeFlavor};

/// Bytes from which work on an answer takes longer than a serving thread may be kept.
pub(crate) const BYTES: usize = 1_024 * 1_024;

/// The permit of a large reading.
pub(crate) type Permit = Box<dyn Any + Send>;

tokio::task_local! {
    /// The permit of the request that is being answered.
    static PERMIT: RefCell<Option<Permit>>;
}

/// Keeps the permit of a reading until the request that made it is answered; not at all where nobody asks for it by
/// [`with_permit`].
pub(crate) fn hold(permit: impl Any + Send) {
    let _ = PERMIT.try_with(|held| held.replace(Some(Box::new(permit))));
}

/// Whether the request that is being answered has made a large reading.
pub(crate) fn has_permit() -> bool {
    PERMIT
        .try_with(|held| held.borrow().is_some())
        .unwrap_or(false)
}

/// What `work` comes to, and the permit of its reading where that was large.
pub(crate) async fn with_permit<T>(work: impl Future<Output = T>) -> (T, Option<Permit>) {
    let work = async {
        let done = work.await;
        (done, PERMIT.with(RefCell::take))
    };
    PERMIT.scope(RefCell::default(), work).await
}

/// Runs work that takes long; where there are several threads the other tasks of this one go on elsewhere meanwhile.
pub(crate) fn run_blocking<T>(work: impl FnOnce() -> T) -> T {
    let flavor = Handle::try_current().map(|handle| handle.runtime_flavor());
    match flavor {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}

#[cfg(all(test, feature = "http"))]
mod tests {
    use std::sync::Arc;

    use tokio::sync::Semaphore;

    use super::*;

    #[tokio::test]
    async fn permit_of_a_reading_is_held_until_the_request_is_answered() {
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
        // A reading for nobody's answer keeps it no longer than itself, and one that failed no longer than its request.
        hold(acquire());
        assert_eq!(permits.available_permits(), 1);
        let left = tokio::time::timeout(
            std::time::Duration::ZERO,
            with_permit(async {
                hold(acquire());
                std::future::pending::<()>().await;
            }),
        );
        left.await.expect_err("the client has left");
        assert_eq!(permits.available_permits(), 1);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn long_work_leaves_the_thread_to_other_tasks() {
        let (done, heard) = std::sync::mpsc::channel();
        tokio::spawn(async move {
            // The one worker is in here; only another thread can run the task that ends it.
            run_blocking(move || {
                tokio::spawn(async move { done.send(()).expect("it waits") });
                heard.recv().expect("the other task ran");
            });
        })
        .await
        .expect("no panic");
    }
}
