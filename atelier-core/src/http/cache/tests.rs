use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::FutureExt;
use futures_util::future::join_all;
use tokio::sync::oneshot;

use super::*;
use crate::model::error::{Error, Failure, Resource};
use crate::model::time::{ManualClock, Millis};

const KEY: Variant = Variant {
    key: CacheKey::ReviewMeta(ProductId(7)),
    gzip: false,
};

/// A cache with a manual clock and topic version, and a count of loads.
struct Fixture {
    cache: ResponseCache,
    version: Cell<u64>,
    clock: Arc<ManualClock>,
    loads: Cell<u32>,
    /// Result of the last cache lookup.
    lookup: Cell<&'static str>,
    /// Counters of hits, misses and stale responses.
    counters: [Arc<AtomicU64>; 3],
}

impl Fixture {
    fn new(is_shared: bool) -> Self {
        let counters: [Arc<AtomicU64>; 3] = Default::default();
        let [hits, misses, stale] = counters.clone().map(Counter::from_arc);
        let clock = ManualClock::new(Millis(0));
        let manual = Clock::Manual(Arc::clone(&clock));
        let in_flight = InFlight::beside_cache(0);
        let cache = ResponseCache::with_capacity(1_024 * 1_024, is_shared, manual, in_flight);
        let cache = cache.expect("a cache");
        Self {
            cache: ResponseCache {
                hits,
                misses,
                stale,
                ..cache
            },
            version: Cell::new(0),
            clock,
            loads: Cell::new(0),
            lookup: Cell::new(""),
            counters,
        }
    }

    /// Advances the clock to `millis` after its start.
    fn set_elapsed(&self, millis: u64) {
        let elapsed = self.cache.clock.elapsed();
        self.clock.advance(Duration::from_millis(millis - elapsed));
    }

    fn counted(&self) -> [u64; 3] {
        self.counters
            .each_ref()
            .map(|count| count.load(Ordering::Relaxed))
    }

    /// Gets a response, whose body is the number of its load. A load waits for `gate`.
    async fn get(
        &self,
        variant: Variant,
        gate: Option<oneshot::Receiver<Result<(), ApiError>>>,
    ) -> Result<String, ApiError> {
        let load = async {
            self.loads.set(self.loads.get() + 1);
            let body = self.loads.get().to_string().into_bytes();
            if let Some(gate) = gate {
                gate.await.expect("the gate opens")?;
            }
            Ok(JsonBody::from(body))
        };
        let version = || self.version.get();
        let timings = Timings::default();
        let encoded = self
            .cache
            .get_or_load(variant, &timings, version, load)
            .await;
        self.lookup.set(timings.cache.get().expect("a lookup"));
        assert_eq!(timings.store.get().is_none(), self.lookup.get() == "hit");
        let encoded = encoded?;
        Ok(String::from_utf8_lossy(&encoded.body).into_owned())
    }

    /// Gets 100 responses at once, the first of which loads and waits for the gate.
    async fn get_concurrently(
        &self,
        opened: Result<(), ApiError>,
    ) -> Vec<Result<String, ApiError>> {
        let (open, gate) = oneshot::channel();
        let first = self.get(KEY, Some(gate));
        let others = join_all((0..99).map(|_| self.get(KEY, None)));
        // Polled in this order: the first loads, the others wait, the gate opens.
        let (first, mut all, ()) = tokio::join!(biased; first, others, async {
            let _ = open.send(opened);
        });
        all.push(first);
        all
    }
}

fn busy() -> ApiError {
    Error::Unavailable(Failure::new("busy")).into()
}

#[tokio::test]
async fn concurrent_misses_share_one_load() {
    let fixture = Fixture::new(false);
    let answers = fixture.get_concurrently(Ok(())).await;
    assert!(
        answers
            .iter()
            .all(|answer| matches!(answer, Ok(body) if body == "1"))
    );
    assert_eq!(fixture.lookup.get(), "miss");
    assert_eq!(fixture.get(KEY, None).await.expect("kept"), "1");
    assert_eq!(fixture.lookup.get(), "hit");
    assert_eq!(fixture.counted(), [1, 100, 0]);
}

#[tokio::test]
async fn failure_is_shared_by_waiting_requests_and_not_cached() {
    let fixture = Fixture::new(false);
    let answers = fixture.get_concurrently(Err(busy())).await;
    assert!(
        answers
            .iter()
            .all(|answer| matches!(answer, Err(ApiError::Unavailable(_))))
    );
    assert_eq!(fixture.loads.get(), 1);
    assert_eq!(fixture.get(KEY, None).await.expect("loaded"), "2");
}

#[tokio::test]
async fn not_found_is_cached() {
    let fixture = Fixture::new(false);
    let missing = || Err(ApiError::NotFound(Resource::Product));
    for answer in fixture.get_concurrently(missing()).await {
        assert!(matches!(answer, Err(ApiError::NotFound(_))));
    }
    let again = fixture.get(KEY, None).await;
    assert!(matches!(again, Err(ApiError::NotFound(_))));
}

#[tokio::test]
async fn new_topic_version_makes_entry_stale() {
    let fixture = Fixture::new(false);
    assert_eq!(fixture.get(KEY, None).await.expect("loaded"), "1");
    fixture.version.set(1);
    assert_eq!(fixture.get(KEY, None).await.expect("loaded"), "2");
    assert_eq!(fixture.get(KEY, None).await.expect("kept"), "2");
}

#[tokio::test]
async fn request_after_change_does_not_get_a_load_that_began_before_it() {
    let fixture = Fixture::new(false);
    let (open, gate) = oneshot::channel();
    let (before, waited, after, ()) = tokio::join!(biased;
        fixture.get(KEY, Some(gate)),
        fixture.get(KEY, None),
        async {
            fixture.version.set(1);
            fixture.get(KEY, None).await
        },
        async {
            let _ = open.send(Ok(()));
        }
    );
    assert_eq!(before.expect("loaded"), "1");
    // This request came before the change, so either result is valid.
    assert_eq!(waited.expect("shared"), "1");
    assert_eq!(after.expect("loaded anew"), "2");
    assert_eq!(fixture.get(KEY, None).await.expect("kept"), "2");
}

#[tokio::test]
async fn cancelled_load_is_taken_over_by_the_next_request() {
    let fixture = Fixture::new(false);
    let (_never, gate) = oneshot::channel();
    {
        let mut leaving = std::pin::pin!(fixture.get(KEY, Some(gate)));
        assert!(leaving.as_mut().now_or_never().is_none());
    }
    assert_eq!(fixture.get(KEY, None).await.expect("loaded"), "2");
}

#[tokio::test]
async fn entry_of_shared_store_expires() {
    let fixture = Fixture::new(true);
    assert_eq!(fixture.get(KEY, None).await.expect("loaded"), "1");
    fixture.set_elapsed(29_999);
    assert_eq!(fixture.get(KEY, None).await.expect("kept"), "1");
    fixture.set_elapsed(30_000);
    assert_eq!(fixture.get(KEY, None).await.expect("loaded"), "2");
    let alone = Fixture::new(false);
    assert_eq!(alone.get(KEY, None).await.expect("loaded"), "1");
    alone.set_elapsed(u64::from(u32::MAX));
    assert_eq!(alone.get(KEY, None).await.expect("kept"), "1");
}

/// Gets a response while the store is unreachable.
async fn get_with_store_down(fixture: &Fixture) -> Result<String, ApiError> {
    let (open, gate) = oneshot::channel();
    let _ = open.send(Err(busy()));
    fixture.get(KEY, Some(gate)).await
}

#[tokio::test]
async fn expired_entry_is_served_while_store_is_down_unless_topic_changed() {
    let fixture = Fixture::new(true);
    assert_eq!(fixture.get(KEY, None).await.expect("loaded"), "1");
    fixture.set_elapsed(599_000);
    assert_eq!(
        get_with_store_down(&fixture).await.expect("the old one"),
        "1"
    );
    assert_eq!(fixture.lookup.get(), "stale");
    assert_eq!(fixture.counted(), [0, 1, 1], "each read once");
    // No reload within a second, even if the store is back.
    fixture.set_elapsed(599_999);
    assert_eq!(fixture.get(KEY, None).await.expect("the old one"), "1");
    assert_eq!(fixture.loads.get(), 2);
    fixture.set_elapsed(600_000);
    let too_old = get_with_store_down(&fixture).await;
    assert!(matches!(too_old, Err(ApiError::Unavailable(_))));
    assert_eq!(fixture.get(KEY, None).await.expect("loaded"), "4");

    fixture.set_elapsed(1_000_000);
    assert_eq!(fixture.get(KEY, None).await.expect("loaded"), "5");
    fixture.version.set(1);
    let changed = get_with_store_down(&fixture).await;
    assert!(matches!(changed, Err(ApiError::Unavailable(_))));
}

#[tokio::test]
async fn expired_entry_is_served_while_another_request_reloads_it() {
    let fixture = Fixture::new(true);
    assert_eq!(fixture.get(KEY, None).await.expect("loaded"), "1");
    fixture.set_elapsed(30_000);
    let answers = fixture.get_concurrently(Ok(())).await;
    let (first, others) = answers.split_last().expect("answers");
    assert!(matches!(first, Ok(body) if body == "2"));
    assert!(
        others
            .iter()
            .all(|answer| matches!(answer, Ok(body) if body == "1"))
    );
    assert_eq!(fixture.get(KEY, None).await.expect("kept"), "2");
}

#[tokio::test(start_paused = true)]
async fn reload_of_expired_entry_times_out_sooner_than_a_miss() {
    let fixture = Fixture::new(true);
    let silent = async || {
        let (_never, gate) = oneshot::channel();
        let asked = tokio::time::Instant::now();
        (
            fixture.get(KEY, Some(gate)).await,
            asked.elapsed().as_millis(),
        )
    };
    let (none, waited) = silent().await;
    assert!(matches!(none, Err(ApiError::Unavailable(_))));
    assert!((5_000..5_010).contains(&waited), "{waited}");
    assert_eq!(fixture.get(KEY, None).await.expect("loaded"), "2");
    fixture.set_elapsed(30_000);
    let (old, waited) = silent().await;
    assert_eq!(old.expect("the old one"), "2");
    assert!((500..510).contains(&waited), "{waited}");
}

#[tokio::test]
async fn cache_stays_within_its_capacity() {
    let fixture = Fixture::new(false);
    for product in 0..20_000 {
        let key = CacheKey::Product(ProductId(product));
        let variant = Variant { key, gzip: false };
        fixture.get(variant, None).await.expect("loaded");
        assert!(fixture.cache.entries.weight() <= 1_024 * 1_024);
    }
    assert!(fixture.cache.entries.len() > 1_000, "few entries");
    assert!(
        ResponseCache::with_capacity(0, false, Clock::default(), InFlight::beside_cache(0))
            .is_none()
    );
}
