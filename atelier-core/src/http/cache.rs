//! Finished answers: what was asked before, and has not changed since, is answered from memory.
//!
//! An answer remembers how often its topic had been changed before it was read (see
//! [`Store::changes`](crate::Store::changes)), and is out of date as soon as that count is another: nothing has to be
//! found and thrown away when a review comes in, however many pages show it. Where other processes may change the rows
//! as well, an answer also goes out of date with time, should nothing have been heard of a change.

use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache as Map;

use super::fault::Fault;
use super::respond::{Finished, Rendered};
use super::{Answer, Call};
use crate::store::Topic;
use crate::{Millis, Page, ProductId, QuestionId, ReviewSort};

/// A read, as decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Asked {
    Products(Page),
    Product(ProductId),
    Styles(ProductId),
    Related(ProductId),
    Reviews(ProductId, ReviewSort, Page),
    ReviewMeta(ProductId),
    Questions(ProductId, Page),
    Answers(QuestionId, Page),
    OpenApi,
}

impl Asked {
    fn topic(self) -> Topic {
        match self {
            Self::Products(_)
            | Self::Product(_)
            | Self::Styles(_)
            | Self::Related(_)
            | Self::OpenApi => Topic::Catalogue,
            Self::Reviews(product, ..) | Self::ReviewMeta(product) => Topic::Reviews(product),
            Self::Questions(product, _) => Topic::Questions(product),
            Self::Answers(question, _) => Topic::Answers(question),
        }
    }
}

/// How long an answer is kept where others may change the rows, in milliseconds.
const TIME_TO_LIVE: i64 = 30_000;

/// What names an answer: what was asked, and whether the asker takes gzip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    asked: Asked,
    gzip: bool,
}

/// What came of a read.
#[derive(Clone)]
struct Kept {
    /// How often the topic had been changed before.
    changes: u64,
    made: Millis,
    outcome: Result<Arc<Finished>, Arc<Fault>>,
}

impl Kept {
    fn into_outcome(self) -> Result<Arc<Finished>, Fault> {
        self.outcome.map_err(|fault| Fault::clone(&fault))
    }
}

/// The bytes of an entry beside those of its body: the map's own, the key, the tag, and what the allocator cannot use.
/// Measured, as the growth of a server that fills its cache (`make load`).
const OVERHEAD: u64 = 1_024;

#[derive(Clone)]
struct Weight;

impl Weighter<Key, Kept> for Weight {
    fn weight(&self, _: &Key, kept: &Kept) -> u64 {
        OVERHEAD
            + kept
                .outcome
                .as_ref()
                .map_or(0, |finished| finished.len() as u64)
    }
}

/// The answers that are kept.
pub(crate) struct Cache {
    kept: Map<Key, Kept, Weight>,
    /// Whether others may change the rows.
    shared: bool,
}

impl Cache {
    /// A cache of at most `bytes`; none where that is nothing.
    pub(crate) fn holding(bytes: usize, shared: bool) -> Option<Self> {
        let bytes = bytes as u64;
        // A guess at the size of an answer, which decides how large the map begins.
        let kept = Map::with_weighter((bytes / 4_096) as usize, bytes, Weight);
        (bytes > 0).then_some(Self { kept, shared })
    }

    /// What is kept for `key`, or else what `load` comes to, which is asked once however many wait for it: a failure
    /// is everybody's who waited, and is not kept. `changes` tells how often the topic was changed, `now` the time.
    async fn answer(
        &self,
        key: Key,
        changes: impl Fn() -> u64,
        now: impl Fn() -> Millis,
        load: impl Future<Output = Result<Rendered, Fault>>,
    ) -> Result<Arc<Finished>, Fault> {
        let since = changes();
        let good = |kept: &Kept| {
            // What was read after this request came in will do, even if there was a change in the meantime: otherwise
            // nobody would get an answer about what changes all the time.
            kept.changes >= since && self.lives(kept, &now)
        };
        if let Some(kept) = self.kept.get(&key)
            && good(&kept)
        {
            return kept.into_outcome();
        }
        loop {
            match self.kept.get_value_or_guard_async(&key).await {
                Ok(kept) if good(&kept) => return kept.into_outcome(),
                Ok(old) => {
                    let is_old = |kept: &Kept| kept.changes == old.changes && kept.made == old.made;
                    self.kept.remove_if(&key, is_old);
                }
                Err(place) => {
                    let (changes, made) = (changes(), now());
                    let outcome = load.await.map(|rendered| rendered.finish(key.gzip).into());
                    let failed = matches!(&outcome, Err(fault) if fault.status().is_server_error());
                    let kept = Kept {
                        changes,
                        made,
                        outcome: outcome.map_err(Arc::new),
                    };
                    // Whoever waits is handed this, kept or not.
                    let _ = place.insert(kept.clone());
                    if failed {
                        self.kept.remove(&key);
                    }
                    return kept.into_outcome();
                }
            }
        }
    }

    /// Whether an answer is young enough.
    fn lives(&self, kept: &Kept, now: impl Fn() -> Millis) -> bool {
        // A clock that was set back makes no answer live longer.
        let age = || now().0.saturating_sub(kept.made.0);
        !self.shared || (0..TIME_TO_LIVE).contains(&age())
    }
}

impl Call<'_> {
    /// Answers a read, from the cache where that has it. `given` is the text of the request that the answer repeats,
    /// empty where it repeats none.
    pub(super) async fn read(
        &self,
        asked: Asked,
        given: &str,
        load: impl Future<Output = Result<Rendered, Fault>>,
    ) -> Result<Answer, Fault> {
        let gzip = self.gzip();
        // `007` is product 7, and echoed as it was given; few write so, and they are no reason for a longer key.
        let plain = given.len() <= 18 && !given.starts_with('0');
        match self.atelier.cache().filter(|_| plain) {
            Some(cache) => {
                // Who asks again and again never waits for anything, and so would never let another task go on.
                tokio::task::consume_budget().await;
                let changes = || self.atelier.store().changes(asked.topic());
                let now = || self.atelier.now();
                cache.answer(Key { asked, gzip }, changes, now, load).await
            }
            None => Ok(Arc::new(load.await?.finish(gzip))),
        }
        .map(Answer::Read)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use futures_util::FutureExt;
    use futures_util::future::join_all;
    use tokio::sync::oneshot;

    use super::*;
    use crate::{Error, Failure, Noun};

    const KEY: Key = Key {
        asked: Asked::ReviewMeta(ProductId(7)),
        gzip: false,
    };

    /// A cache, the changes and the time that it is told, and how often something was loaded.
    struct Bench {
        cache: Cache,
        changes: Cell<u64>,
        now: Cell<i64>,
        loads: Cell<u32>,
    }

    impl Bench {
        fn new(shared: bool) -> Self {
            Self {
                cache: Cache::holding(1_024 * 1_024, shared).expect("a cache"),
                changes: Cell::new(0),
                now: Cell::new(1_000_000),
                loads: Cell::new(0),
            }
        }

        /// The answer, where what is loaded is the number of the load; after `gate` opens.
        async fn ask(
            &self,
            key: Key,
            gate: Option<oneshot::Receiver<Result<(), Fault>>>,
        ) -> Result<String, Fault> {
            let load = async {
                self.loads.set(self.loads.get() + 1);
                let body = self.loads.get().to_string().into_bytes();
                if let Some(gate) = gate {
                    gate.await.expect("the gate opens")?;
                }
                Ok(Rendered::from(body))
            };
            let (changes, now) = (|| self.changes.get(), || Millis(self.now.get()));
            let finished = self.cache.answer(key, changes, now, load).await?;
            Ok(String::from_utf8_lossy(finished.body()).into_owned())
        }

        /// What is said to 100 who ask at once, while the first waits for the gate.
        async fn ask_together(&self, opened: Result<(), Fault>) -> Vec<Result<String, Fault>> {
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

    fn busy() -> Fault {
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
        assert_eq!(bench.ask(KEY, None).await.expect("kept"), "1");
    }

    #[tokio::test]
    async fn a_failure_is_everybodys_and_is_not_kept() {
        let bench = Bench::new(false);
        let answers = bench.ask_together(Err(busy())).await;
        assert!(
            answers
                .iter()
                .all(|answer| matches!(answer, Err(Fault::Unavailable(_))))
        );
        assert_eq!(bench.loads.get(), 1);
        assert_eq!(bench.ask(KEY, None).await.expect("loaded"), "2");
    }

    #[tokio::test]
    async fn that_there_is_nothing_is_kept() {
        let bench = Bench::new(false);
        let missing = || Err(Fault::NotFound(Noun::Product));
        for answer in bench.ask_together(missing()).await {
            assert!(matches!(answer, Err(Fault::NotFound(_))));
        }
        let again = bench.ask(KEY, None).await;
        assert!(matches!(again, Err(Fault::NotFound(_))));
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
        bench.now.set(1_000_000 + 29_999);
        assert_eq!(bench.ask(KEY, None).await.expect("kept"), "1");
        bench.now.set(1_000_000 + 30_000);
        assert_eq!(bench.ask(KEY, None).await.expect("loaded"), "2");
        // The clock was set back.
        bench.now.set(0);
        assert_eq!(bench.ask(KEY, None).await.expect("loaded"), "3");
        let alone = Bench::new(false);
        assert_eq!(alone.ask(KEY, None).await.expect("loaded"), "1");
        alone.now.set(i64::MAX);
        assert_eq!(alone.ask(KEY, None).await.expect("kept"), "1");
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
        assert!(Cache::holding(0, false).is_none());
    }
}
