//! Finished answers: what was asked before, and has not changed since, is answered from memory.
//!
//! An answer remembers how often its topic had been changed before it was read (see
//! [`Store::changes`](crate::Store::changes)), and is out of date as soon as that count is another: nothing has to be
//! found and thrown away when a review comes in, however many pages show it. Where other processes may change the rows
//! as well, an answer also goes out of date with time, should nothing have been heard of a change; where the store can't
//! be asked then, it is given for a while longer.

use std::sync::Arc;
use std::time::Duration;

use ::metrics::Counter;
use quick_cache::Weighter;
use quick_cache::sync::Cache as Map;
use tokio::time::timeout;

use super::error::ApiError;
use super::in_flight::InFlight;
use super::reply::{Finished, Rendered};
use super::{Answer, Call, Noted, in_time};
use crate::model::ids::{ProductId, QuestionId};
use crate::model::pagination::Page;
use crate::model::reviews::ReviewSort;
use crate::model::time::Clock;
use crate::store::Topic;
use crate::{large_reads, metrics};

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

/// How long an answer is kept where others may change the rows, in milliseconds. Ages are taken from the monotonic clock:
/// the machine's date may be set while the store is away.
const TIME_TO_LIVE: u64 = 30_000;

/// How old an answer may become that nothing is known to have changed, while the store can't be asked, in milliseconds.
const OLDEST: u64 = 10 * 60 * 1_000;

/// For how long one that is out of date with time is given to all others, while somebody asks the store anew, and after
/// that was in vain; in milliseconds.
const AGAIN: u64 = 1_000;

/// How long that one waits for the store, who has an answer already.
const SOON: Duration = Duration::from_millis(500);

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
    /// When, in milliseconds since the cache began, as are all instants here.
    made: u64,
    /// When it is out of date with time.
    until: u64,
    outcome: Result<Arc<Finished>, Arc<ApiError>>,
}

impl Kept {
    fn new(changes: u64, made: u64, outcome: Result<Rendered, ApiError>, gzip: bool) -> Self {
        let outcome = outcome.map(|rendered| rendered.finish(gzip).into());
        Self {
            changes,
            made,
            until: made + TIME_TO_LIVE,
            outcome: outcome.map_err(Arc::new),
        }
    }

    /// Whether it says that the store could not be asked.
    fn failed(&self) -> bool {
        matches!(&self.outcome, Err(fault) if fault.status().is_server_error())
    }

    fn into_outcome(self) -> Result<Arc<Finished>, ApiError> {
        self.outcome.map_err(|fault| ApiError::clone(&fault))
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
    hits: Counter,
    misses: Counter,
    stale: Counter,
    /// Whether others may change the rows.
    shared: bool,
    clock: Clock,
    in_flight: InFlight,
}

impl Cache {
    /// A cache of at most `bytes`; none where that is nothing.
    pub(crate) fn holding(
        bytes: usize,
        shared: bool,
        clock: Clock,
        in_flight: InFlight,
    ) -> Option<Self> {
        let bytes = bytes as u64;
        // A guess at the size of an answer, which decides how large the map begins.
        let kept = Map::with_weighter((bytes / 4_096) as usize, bytes, Weight);
        (bytes > 0).then(|| Self {
            kept,
            hits: metrics::cache("hit"),
            misses: metrics::cache("miss"),
            stale: metrics::cache("stale"),
            shared,
            clock,
            in_flight,
        })
    }

    /// What is kept for `key`, or else what `load` comes to, which is asked once however many wait for it: a failure
    /// is everybody's who waited, and is not kept. `changes` tells how often the topic was changed, `now` the time; what
    /// becomes of it is `noted`.
    async fn answer(
        &self,
        key: Key,
        noted: &Noted,
        changes: impl Fn() -> u64,
        now: impl Fn() -> u64,
        load: impl Future<Output = Result<Rendered, ApiError>>,
    ) -> Result<Arc<Finished>, ApiError> {
        let since = changes();
        if let Some(kept) = self.kept.get(&key)
            && kept.changes >= since
            && self.lives(&kept, &now)
        {
            self.hits.increment(1);
            let _ = noted.cache.set("hit");
            return kept.into_outcome();
        }
        let loaded = self.loaded(key, noted, since, changes, now, load);
        let loaded = in_time(self.shared, noted, loaded).await;
        if noted.cache.set("miss").is_ok() {
            self.misses.increment(1);
        }
        loaded
    }

    /// The same where nothing that will do is kept.
    async fn loaded(
        &self,
        key: Key,
        noted: &Noted,
        since: u64,
        changes: impl Fn() -> u64,
        now: impl Fn() -> u64,
        load: impl Future<Output = Result<Rendered, ApiError>>,
    ) -> Result<Arc<Finished>, ApiError> {
        loop {
            match self.kept.get_value_or_guard_async(&key).await {
                // What was read after this request came in will do, even if there was a change in the meantime:
                // otherwise nobody would get an answer about what changes all the time.
                Ok(kept) if kept.changes >= since && self.lives(&kept, &now) => {
                    return kept.into_outcome();
                }
                Ok(old) => {
                    let is_old = |kept: &Kept| {
                        (kept.changes, kept.made, kept.until) == (old.changes, old.made, old.until)
                    };
                    let first = self.kept.remove_if(&key, is_old).is_some();
                    let asked = now();
                    if first && old.changes >= since && asked < old.made + OLDEST {
                        let until = asked + AGAIN;
                        self.kept.insert(
                            key,
                            Kept {
                                until,
                                ..old.clone()
                            },
                        );
                        return self.renewed(key, noted, old, changes(), asked, load).await;
                    }
                }
                Err(place) => {
                    let (changes, made) = (changes(), now());
                    let loaded = Box::pin(holding_permit(load, &self.in_flight)).await;
                    let kept = Kept::new(changes, made, loaded, key.gzip);
                    // Whoever waits is handed this, kept or not.
                    let _ = place.insert(kept.clone());
                    if kept.failed() {
                        self.kept.remove(&key);
                    }
                    return kept.into_outcome();
                }
            }
        }
    }

    /// What `load` comes to, or the old answer where the store can't be asked soon.
    async fn renewed(
        &self,
        key: Key,
        noted: &Noted,
        old: Kept,
        changes: u64,
        made: u64,
        load: impl Future<Output = Result<Rendered, ApiError>>,
    ) -> Result<Arc<Finished>, ApiError> {
        match timeout(SOON, Box::pin(holding_permit(load, &self.in_flight))).await {
            Ok(Err(ApiError::Unavailable(_))) | Err(_) => {
                self.stale.increment(1);
                let _ = noted.cache.set("stale");
                old.into_outcome()
            }
            Ok(outcome) => {
                let kept = Kept::new(changes, made, outcome, key.gzip);
                if kept.failed() {
                    self.kept.remove(&key);
                } else {
                    self.kept.insert(key, kept.clone());
                }
                kept.into_outcome()
            }
        }
    }

    /// The instant.
    fn now(&self) -> u64 {
        self.clock.elapsed()
    }

    /// Sets what it weighs.
    pub(crate) fn record_gauges(&self) {
        metrics::cache_bytes(self.kept.weight());
    }

    /// Whether an answer is young enough.
    fn lives(&self, kept: &Kept, now: impl Fn() -> u64) -> bool {
        !self.shared || now() < kept.until
    }
}

/// What `load` comes to, with the permits of its reading and of its bytes where these were large. Boxed by its callers, so that
/// an answer that is cached does not carry it around.
async fn holding_permit(
    load: impl Future<Output = Result<Rendered, ApiError>>,
    in_flight: &InFlight,
) -> Result<Rendered, ApiError> {
    let (rendered, permit) = large_reads::with_permit(load).await;
    rendered?.holding(permit, in_flight).await
}

impl Call<'_> {
    /// Answers a read, from the cache where that has it. `given` is the text of the request that the answer repeats,
    /// empty where it repeats none.
    pub(super) async fn read(
        &self,
        asked: Asked,
        given: &str,
        load: impl Future<Output = Result<Rendered, ApiError>>,
    ) -> Result<Answer, ApiError> {
        let gzip = self.gzip();
        // `007` is product 7, and echoed as it was given; few write so, and they are no reason for a longer key.
        let plain = given.len() <= 18 && !given.starts_with('0');
        let finished = if let Some(cache) = self.atelier.cache().filter(|_| plain) {
            // Who asks again and again never waits for anything, and so would never let another task go on.
            tokio::task::consume_budget().await;
            let changes = || self.atelier.store().topic_version(asked.topic());
            let key = Key { asked, gzip };
            let now = || cache.now();
            cache.answer(key, &self.noted, changes, now, load).await
        } else {
            let load = Box::pin(holding_permit(load, self.atelier.in_flight()));
            let rendered = in_time(self.atelier.store().is_shared(), &self.noted, load).await?;
            Ok(Arc::new(rendered.finish(gzip)))
        };
        finished.map(Answer::Read)
    }
}

#[cfg(test)]
mod tests;
