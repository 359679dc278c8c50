//! Permits to use a connection, apart for each resource (the bulkhead pattern).
//!
//! There are as many permits as connections, so no request waits inside sqlx's pool, which does not distinguish waiting from
//! connecting. Each resource may hold all permits but one: when a lock or a slow statement blocks one resource, the others still
//! have a connection.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

use crate::metrics;
use crate::model::error::{Error, Failure, Result, ShedReason};
use crate::store::admission::Admission;

/// The resources in the statements' names, such as `reviews/meta`. All others share a compartment.
const RESOURCES: [&str; 7] = [
    "products",
    "reviews",
    "questions",
    "answers",
    "cart",
    "idempotency",
    "changes",
];

/// Why a request gets no connection.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Refusal {
    /// It is not admitted to the queue.
    Overload,
    /// It waited for the queue timeout.
    Timeout,
}

impl Refusal {
    /// The failure of the request. While no connection can be made, that is its reason.
    pub(crate) fn error(self, is_unreachable: bool) -> Error {
        if is_unreachable {
            return Error::Unavailable(Failure::new("No connection to the database can be made."));
        }
        let reason = match self {
            Self::Overload => ShedReason::Overload,
            Self::Timeout => ShedReason::QueueTimeout,
        };
        Error::Unavailable(
            Failure::new("Every connection to the database is busy.").with_reason(reason),
        )
    }
}

/// Whether no connection can be made: requests refused meanwhile are counted with the reason `database`, not `overload`.
pub(crate) type Unreachable = Arc<AtomicBool>;

/// The compartments of all resources.
#[derive(Debug)]
pub(crate) struct Bulkhead {
    of_resources: [Compartment; RESOURCES.len()],
    of_others: Compartment,
}

impl Bulkhead {
    /// Shares out permits for that many connections.
    pub(crate) fn new(
        connections: u32,
        queue_timeout: Duration,
        unreachable: &Unreachable,
    ) -> Self {
        let all = Arc::new(Semaphore::new(connections as usize));
        let own = connections.saturating_sub(1).max(1);
        let compartment = || Compartment::new(&all, own, queue_timeout, unreachable);
        Self {
            of_resources: std::array::from_fn(|_| compartment()),
            of_others: compartment(),
        }
    }

    /// The compartment of the statement with this name.
    pub(crate) fn of(&self, name: &str) -> &Compartment {
        let resource = name.split('/').next().unwrap_or_default();
        let known = RESOURCES.iter().position(|known| *known == resource);
        known.map_or(&self.of_others, |place| &self.of_resources[place])
    }

    /// How many requests wait for a permit by themselves, outside of batches.
    pub(crate) fn queue_length(&self) -> usize {
        let all = self.of_resources.iter().chain([&self.of_others]);
        all.map(|compartment| compartment.waiting.load(Ordering::Relaxed))
            .sum()
    }
}

/// The right to use a connection. It ends when all clones are dropped: the caller holds one, and the connection another until
/// its statement has ended, even if the caller has left by then.
#[derive(Debug, Clone)]
pub(crate) struct Permit {
    _permits: Arc<(OwnedSemaphorePermit, OwnedSemaphorePermit)>,
}

/// The permits that one resource may hold, and the requests that wait for one, first in, first out.
#[derive(Debug)]
pub(crate) struct Compartment {
    own: Arc<Semaphore>,
    all: Arc<Semaphore>,
    queue_timeout: Duration,
    admission: Mutex<Admission>,
    waiting: AtomicUsize,
    unreachable: Unreachable,
}

/// Counts a request as waiting.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Compartment {
    /// The only compartment of that many permits.
    pub(crate) fn alone(permits: u32, queue_timeout: Duration) -> Self {
        let all = Arc::new(Semaphore::new(permits as usize));
        Self::new(&all, permits, queue_timeout, &Unreachable::default())
    }

    fn new(
        all: &Arc<Semaphore>,
        own: u32,
        queue_timeout: Duration,
        unreachable: &Unreachable,
    ) -> Self {
        Self {
            own: Arc::new(Semaphore::new(own as usize)),
            all: Arc::clone(all),
            queue_timeout,
            admission: Mutex::new(Admission::new(queue_timeout)),
            waiting: AtomicUsize::new(0),
            unreachable: Arc::clone(unreachable),
        }
    }

    /// A permit, for which the request waits its turn up to the queue timeout. [`Error::Unavailable`] after that, and at once
    /// when the expected wait is longer.
    pub(crate) async fn acquire(&self) -> Result<Permit> {
        if let Some(permit) = self.try_acquire() {
            return Ok(permit);
        }
        let waiting = self.waiting.load(Ordering::Relaxed);
        if !self.admission().admits(waiting, 1) {
            return Err(Refusal::Overload.error(self.is_unreachable()));
        }
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let _waiting = Waiting(&self.waiting);
        let since = Instant::now();
        let permit = timeout(self.queue_timeout, self.wait())
            .await
            .map_err(|_| Refusal::Timeout.error(self.is_unreachable()))?;
        metrics::waited(since.elapsed());
        self.admission().statement_left();
        Ok(permit)
    }

    /// Returns a permit if one is free and no request waits for it.
    pub(crate) fn try_acquire(&self) -> Option<Permit> {
        let own = Arc::clone(&self.own).try_acquire_owned().ok()?;
        let all = Arc::clone(&self.all).try_acquire_owned().ok()?;
        Some(permit(own, all))
    }

    /// A permit, without a limit on the wait.
    pub(crate) async fn wait(&self) -> Permit {
        let own = acquire_owned(&self.own).await;
        let all = acquire_owned(&self.all).await;
        permit(own, all)
    }

    /// Whether no connection can be made.
    pub(crate) fn is_unreachable(&self) -> bool {
        self.unreachable.load(Ordering::Relaxed)
    }

    fn admission(&self) -> MutexGuard<'_, Admission> {
        self.admission
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn permit(own: OwnedSemaphorePermit, all: OwnedSemaphorePermit) -> Permit {
    Permit {
        _permits: Arc::new((own, all)),
    }
}

async fn acquire_owned(semaphore: &Arc<Semaphore>) -> OwnedSemaphorePermit {
    match Arc::clone(semaphore).acquire_owned().await {
        Ok(permit) => permit,
        // It is never closed.
        Err(_) => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::{sleep, sleep_until};

    use super::super::admission::QUEUE_TIMEOUT;
    use super::*;

    fn bulkhead(connections: u32) -> Bulkhead {
        Bulkhead::new(connections, QUEUE_TIMEOUT, &Unreachable::default())
    }

    #[test]
    fn a_refusal_gives_the_database_as_its_reason_while_that_is_unreachable() {
        let reason = |refusal: Refusal, is_unreachable| match refusal.error(is_unreachable) {
            Error::Unavailable(failure) => failure.reason(),
            other => panic!("{other:?}"),
        };
        assert_eq!(reason(Refusal::Overload, false), ShedReason::Overload);
        assert_eq!(reason(Refusal::Timeout, false), ShedReason::QueueTimeout);
        assert_eq!(reason(Refusal::Overload, true), ShedReason::Database);
        assert_eq!(reason(Refusal::Timeout, true), ShedReason::Database);
    }

    #[test]
    fn no_resource_holds_every_permit() {
        let bulkhead = bulkhead(4);
        let reviews: Vec<_> =
            std::iter::from_fn(|| bulkhead.of("reviews/meta").try_acquire()).collect();
        assert_eq!(reviews.len(), 3);
        assert!(bulkhead.of("reviews/list_newest").try_acquire().is_none());
        let product = bulkhead.of("products/one").try_acquire();
        assert!(product.is_some() && bulkhead.of("cart/list").try_acquire().is_none());
        drop(product);
        assert!(bulkhead.of("something/else").try_acquire().is_some());
    }

    #[test]
    fn a_single_permit_is_shared_by_all_resources() {
        let bulkhead = bulkhead(1);
        let permit = bulkhead.of("schema").try_acquire();
        assert!(permit.is_some() && bulkhead.of("cart/list").try_acquire().is_none());
    }

    #[test]
    fn a_permit_is_free_again_when_its_last_clone_is_dropped() {
        let compartment = Compartment::alone(1, QUEUE_TIMEOUT);
        let caller = compartment.try_acquire().expect("a permit");
        let connection = caller.clone();
        drop(caller);
        assert!(compartment.try_acquire().is_none());
        drop(connection);
        assert!(compartment.try_acquire().is_some());
    }

    /// What became of a request: when it came, how long it waited, and whether it was served.
    struct Served {
        came: Duration,
        waited: Duration,
        good: bool,
    }

    /// Four permits, each used for `work`; `rate` requests come in a second, for six seconds.
    async fn open_loop(rate: u32, work: Duration) -> Vec<Served> {
        let compartment = Arc::new(Compartment::alone(4, QUEUE_TIMEOUT));
        let begun = Instant::now();
        let clients = (0..6 * rate).map(|number| {
            let compartment = Arc::clone(&compartment);
            tokio::spawn(async move {
                sleep_until(begun + Duration::from_secs(1) * number / rate).await;
                let came = Instant::now();
                let permit = compartment.acquire().await;
                let (waited, good) = (came.elapsed(), permit.is_ok());
                sleep(work).await;
                drop(permit);
                let came = came - begun;
                Served { came, waited, good }
            })
        });
        let clients: Vec<_> = clients.collect();
        let seen = futures_util::future::join_all(clients).await;
        seen.into_iter()
            .map(|seen| seen.expect("no panic"))
            .collect()
    }

    #[tokio::test(start_paused = true)]
    async fn overload_keeps_goodput_and_bounds_the_wait() {
        for (millis, capacity) in [(5, 800), (20, 200), (100, 40)] {
            let all = open_loop(10 * capacity, Duration::from_millis(millis)).await;
            let (good, refused): (Vec<_>, Vec<_>) = all.into_iter().partition(|one| one.good);
            let served_per_second = good.len() / 8;
            assert!(
                served_per_second >= capacity as usize * 9 / 10,
                "{served_per_second} of {capacity}"
            );
            let longest = good.iter().map(|one| one.waited).max();
            assert!(longest <= Some(QUEUE_TIMEOUT), "{longest:?}");
            // Once the rate is known, requests are refused without a wait.
            let late = |one: &&Served| {
                one.came > Duration::from_secs(3) && one.waited > Duration::from_millis(50)
            };
            let late = refused.iter().filter(late).count();
            assert!(
                late * 20 < refused.len(),
                "{late} of {} refused late",
                refused.len()
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_closed_loop_refuses_nothing() {
        let compartment = Arc::new(Compartment::alone(4, QUEUE_TIMEOUT));
        let clients = (0..1_500).map(|_| {
            let compartment = Arc::clone(&compartment);
            tokio::spawn(async move {
                for _ in 0..5 {
                    let permit = compartment.acquire().await.expect("is served");
                    sleep(Duration::from_millis(5)).await;
                    drop(permit);
                }
            })
        });
        let clients: Vec<_> = clients.collect();
        for client in futures_util::future::join_all(clients).await {
            client.expect("no refusal");
        }
    }
}
