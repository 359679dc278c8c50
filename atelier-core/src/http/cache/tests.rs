use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::FutureExt;
use futures_util::future::join_all;
use tokio::sync::oneshot;

use super::*;
use crate::model::error::{Error, Failure, Resource};

const KEY: Key = Key {
    asked: Asked::ReviewMeta(ProductId(7)),
    gzip: false,
};

/// A cache, the changes and the time that it is told, and how often something was loaded.
struct Bench {
    cache: Cache,
    changes: Cell<u64>,
    now: Cell<u64>,
    loads: Cell<u32>,
    /// What the last was told of it.
    told: Cell<&'static str>,
    /// What was counted: hits, misses, old answers.
    counted: [Arc<AtomicU64>; 3],
}

impl Bench {
    fn new(shared: bool) -> Self {
        let counted: [Arc<AtomicU64>; 3] = Default::default();
        let [hits, misses, stale] = counted.clone().map(Counter::from_arc);
        let cache = Cache::holding(
            1_024 * 1_024,
            shared,
            Clock::default(),
            InFlight::beside_cache(0),
        )
        .expect("a cache");
        Self {
            cache: Cache {
                hits,
                misses,
                stale,
                ..cache
            },
            changes: Cell::new(0),
            now: Cell::new(0),
            loads: Cell::new(0),
            told: Cell::new(""),
            counted,
        }
    }

    fn counted(&self) -> [u64; 3] {
        self.counted
            .each_ref()
            .map(|count| count.load(Ordering::Relaxed))
    }

    /// The answer, where what is loaded is the number of the load; after `gate` opens.
    async fn ask(
        &self,
        key: Key,
        gate: Option<oneshot::Receiver<Result<(), ApiError>>>,
    ) -> Result<String, ApiError> {
        let load = async {
            self.loads.set(self.loads.get() + 1);
            let body = self.loads.get().to_string().into_bytes();
            if let Some(gate) = gate {
                gate.await.expect("the gate opens")?;
            }
            Ok(Rendered::from(body))
        };
        let (changes, now) = (|| self.changes.get(), || self.now.get());
        let noted = Noted::default();
        let finished = self.cache.answer(key, &noted, changes, now, load).await;
        self.told.set(noted.cache.get().expect("noted"));
        assert_eq!(noted.store.get().is_none(), self.told.get() == "hit");
        let finished = finished?;
        Ok(String::from_utf8_lossy(finished.body()).into_owned())
    }

    /// What is said to 100 who ask at once, while the first waits for the gate.
    async fn ask_together(&self, opened: Result<(), ApiError>) -> Vec<Result<String, ApiError>> {
        let (open, gate) = oneshot::channel();
        let first = self.ask(KEY, Some(gate));
        let others = join_all((0..99).map(|_| self.ask(KEY, None)));
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
async fn who_asks_together_is_answered_by_one_load() {
    let bench = Bench::new(false);
    let answers = bench.ask_together(Ok(())).await;
    assert!(
        answers
            .iter()
            .all(|answer| matches!(answer, Ok(body) if body == "1"))
    );
    assert_eq!(bench.told.get(), "miss");
    assert_eq!(bench.ask(KEY, None).await.expect("kept"), "1");
    assert_eq!(bench.told.get(), "hit");
    assert_eq!(bench.counted(), [1, 100, 0]);
}

#[tokio::test]
async fn a_failure_is_everybodys_and_is_not_kept() {
    let bench = Bench::new(false);
    let answers = bench.ask_together(Err(busy())).await;
    assert!(
        answers
            .iter()
            .all(|answer| matches!(answer, Err(ApiError::Unavailable(_))))
    );
    assert_eq!(bench.loads.get(), 1);
    assert_eq!(bench.ask(KEY, None).await.expect("loaded"), "2");
}

#[tokio::test]
async fn that_there_is_nothing_is_kept() {
    let bench = Bench::new(false);
    let missing = || Err(ApiError::NotFound(Resource::Product));
    for answer in bench.ask_together(missing()).await {
        assert!(matches!(answer, Err(ApiError::NotFound(_))));
    }
    let again = bench.ask(KEY, None).await;
    assert!(matches!(again, Err(ApiError::NotFound(_))));
}

#[tokio::test]
async fn a_change_puts_an_answer_out_of_date() {
    let bench = Bench::new(false);
    assert_eq!(bench.ask(KEY, None).await.expect("loaded"), "1");
    bench.changes.set(1);
    assert_eq!(bench.ask(KEY, None).await.expect("loaded"), "2");
    assert_eq!(bench.ask(KEY, None).await.expect("kept"), "2");
}

#[tokio::test]
async fn who_asks_after_a_change_is_not_given_what_was_being_read_before_it() {
    let bench = Bench::new(false);
    let (open, gate) = oneshot::channel();
    let (before, waited, after, ()) = tokio::join!(biased;
        bench.ask(KEY, Some(gate)),
        bench.ask(KEY, None),
        async {
            bench.changes.set(1);
            bench.ask(KEY, None).await
        },
        async {
            let _ = open.send(Ok(()));
        }
    );
    assert_eq!(before.expect("loaded"), "1");
    // It asked before the change, so either would be true.
    assert_eq!(waited.expect("shared"), "1");
    assert_eq!(after.expect("loaded anew"), "2");
    assert_eq!(bench.ask(KEY, None).await.expect("kept"), "2");
}

#[tokio::test]
async fn who_leaves_while_loading_leaves_it_to_the_next() {
    let bench = Bench::new(false);
    let (_never, gate) = oneshot::channel();
    {
        let mut leaving = std::pin::pin!(bench.ask(KEY, Some(gate)));
        assert!(leaving.as_mut().now_or_never().is_none());
    }
    assert_eq!(bench.ask(KEY, None).await.expect("loaded"), "2");
}

#[tokio::test]
async fn where_others_write_an_answer_lives_for_a_while() {
    let bench = Bench::new(true);
    assert_eq!(bench.ask(KEY, None).await.expect("loaded"), "1");
    bench.now.set(29_999);
    assert_eq!(bench.ask(KEY, None).await.expect("kept"), "1");
    bench.now.set(30_000);
    assert_eq!(bench.ask(KEY, None).await.expect("loaded"), "2");
    let alone = Bench::new(false);
    assert_eq!(alone.ask(KEY, None).await.expect("loaded"), "1");
    alone.now.set(u64::from(u32::MAX));
    assert_eq!(alone.ask(KEY, None).await.expect("kept"), "1");
}

/// What is said to who asks while the store can't be asked.
async fn ask_in_vain(bench: &Bench) -> Result<String, ApiError> {
    let (open, gate) = oneshot::channel();
    let _ = open.send(Err(busy()));
    bench.ask(KEY, Some(gate)).await
}

#[tokio::test]
async fn while_the_store_is_away_an_old_answer_is_given_if_nothing_is_known_to_have_changed() {
    let bench = Bench::new(true);
    assert_eq!(bench.ask(KEY, None).await.expect("loaded"), "1");
    bench.now.set(599_000);
    assert_eq!(ask_in_vain(&bench).await.expect("the old one"), "1");
    assert_eq!(bench.told.get(), "stale");
    assert_eq!(bench.counted(), [0, 1, 1], "each read once");
    // For a second nobody asks again, even when the store is back.
    bench.now.set(599_999);
    assert_eq!(bench.ask(KEY, None).await.expect("the old one"), "1");
    assert_eq!(bench.loads.get(), 2);
    bench.now.set(600_000);
    let too_old = ask_in_vain(&bench).await;
    assert!(matches!(too_old, Err(ApiError::Unavailable(_))));
    assert_eq!(bench.ask(KEY, None).await.expect("loaded"), "4");

    bench.now.set(1_000_000);
    assert_eq!(bench.ask(KEY, None).await.expect("loaded"), "5");
    bench.changes.set(1);
    let changed = ask_in_vain(&bench).await;
    assert!(matches!(changed, Err(ApiError::Unavailable(_))));
}

#[tokio::test]
async fn who_comes_while_an_old_answer_is_asked_anew_is_given_the_old_one() {
    let bench = Bench::new(true);
    assert_eq!(bench.ask(KEY, None).await.expect("loaded"), "1");
    bench.now.set(30_000);
    let answers = bench.ask_together(Ok(())).await;
    let (first, others) = answers.split_last().expect("answers");
    assert!(matches!(first, Ok(body) if body == "2"));
    assert!(
        others
            .iter()
            .all(|answer| matches!(answer, Ok(body) if body == "1"))
    );
    assert_eq!(bench.ask(KEY, None).await.expect("kept"), "2");
}

#[tokio::test(start_paused = true)]
async fn who_has_an_answer_waits_half_a_second_for_another_and_who_has_none_five() {
    let bench = Bench::new(true);
    let silent = async || {
        let (_never, gate) = oneshot::channel();
        let asked = tokio::time::Instant::now();
        (
            bench.ask(KEY, Some(gate)).await,
            asked.elapsed().as_millis(),
        )
    };
    let (none, waited) = silent().await;
    assert!(matches!(none, Err(ApiError::Unavailable(_))));
    assert!((5_000..5_010).contains(&waited), "{waited}");
    assert_eq!(bench.ask(KEY, None).await.expect("loaded"), "2");
    bench.now.set(30_000);
    let (old, waited) = silent().await;
    assert_eq!(old.expect("the old one"), "2");
    assert!((500..510).contains(&waited), "{waited}");
}

#[tokio::test]
async fn no_more_is_kept_than_was_allowed() {
    let bench = Bench::new(false);
    for product in 0..20_000 {
        let asked = Asked::Product(ProductId(product));
        let key = Key { asked, gzip: false };
        bench.ask(key, None).await.expect("loaded");
        assert!(bench.cache.kept.weight() <= 1_024 * 1_024);
    }
    assert!(bench.cache.kept.len() > 1_000, "little is kept");
    assert!(Cache::holding(0, false, Clock::default(), InFlight::beside_cache(0)).is_none());
}
