//! Response cache.
//!
//! Each entry holds the version of its topic as of before it was read (see
//! [`Store::topic_version`](crate::Store::topic_version)). Writes bump the version and evict nothing; an entry with another
//! version is stale. Concurrent misses for one key share one load (single-flight). If other processes write to the database,
//! entries also expire after [`CACHE_TTL`]; while the database is unreachable, expired entries are served for up to
//! [`STALE_IF_ERROR`].

use std::sync::Arc;
use std::time::Duration;

use ::metrics::Counter;
use quick_cache::Weighter;
use quick_cache::sync::Cache as Map;
use tokio::time::timeout;

use super::body::{EncodedResponse, JsonBody};
use super::deadline::{Timings, with_deadline};
use super::error::ApiError;
use super::in_flight::InFlight;
use super::reply::Reply;
use crate::model::ids::{ProductId, QuestionId};
use crate::model::pagination::Page;
use crate::model::reviews::ReviewSort;
use crate::model::time::Clock;
use crate::store::{Store, Topic};
use crate::{large_reads, metrics};

/// The decoded request that a cached response answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum CacheKey {
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

impl CacheKey {
    /// Returns the topic whose changes make the response stale.
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

/// Time to live of an entry if other processes write to the database, in milliseconds of monotonic time.
const CACHE_TTL: u64 = 30_000;

/// Maximum age of an entry that is served while the database is unreachable (stale-if-error), in milliseconds.
const STALE_IF_ERROR: u64 = 10 * 60 * 1_000;

/// How long an expired entry is served to other requests while one request reloads it, and after that failed
/// (stale-while-revalidate), in milliseconds.
const STALE_WHILE_REVALIDATE: u64 = 1_000;

/// How long the request that reloads an expired entry waits for the store before it is served the expired entry.
const REVALIDATE_TIMEOUT: Duration = Duration::from_millis(500);

/// Key of one encoding of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Variant {
    key: CacheKey,
    gzip: bool,
}

/// A cached result. "Not found" is cached as well.
#[derive(Clone)]
struct CacheEntry {
    /// Version of the topic before the read.
    version: u64,
    /// Time of the read, in milliseconds of monotonic time as all instants here.
    loaded_at: u64,
    expires_at: u64,
    outcome: Result<Arc<EncodedResponse>, Arc<ApiError>>,
}

impl CacheEntry {
    fn new(version: u64, loaded_at: u64, outcome: Result<JsonBody, ApiError>, gzip: bool) -> Self {
        let outcome = outcome.map(|body| body.encode(gzip).into());
        Self {
            version,
            loaded_at,
            expires_at: loaded_at + CACHE_TTL,
            outcome: outcome.map_err(Arc::new),
        }
    }

    /// Returns whether the read failed in the store; such results are not cached.
    fn is_failure(&self) -> bool {
        matches!(&self.outcome, Err(error) if error.status().is_server_error())
    }

    fn into_outcome(self) -> Result<Arc<EncodedResponse>, ApiError> {
        self.outcome.map_err(|error| ApiError::clone(&error))
    }
}

/// Memory of an entry beside its body, in bytes: map, key, tag and allocator overhead. Measured as the growth of a server that
/// fills its cache (`make load`).
const ENTRY_OVERHEAD: u64 = 1_024;

#[derive(Clone)]
struct EntryWeight;

impl Weighter<Variant, CacheEntry> for EntryWeight {
    fn weight(&self, _: &Variant, entry: &CacheEntry) -> u64 {
        ENTRY_OVERHEAD
            + entry
                .outcome
                .as_ref()
                .map_or(0, |encoded| encoded.len() as u64)
    }
}

/// The cached responses of an API.
pub(super) struct ResponseCache {
    entries: Map<Variant, CacheEntry, EntryWeight>,
    hits: Counter,
    misses: Counter,
    stale: Counter,
    /// Whether other processes write to the database.
    is_shared: bool,
    clock: Clock,
    in_flight: InFlight,
}

impl ResponseCache {
    /// Creates a cache of at most `bytes`; `None` for 0.
    pub(super) fn with_capacity(
        bytes: usize,
        is_shared: bool,
        clock: Clock,
        in_flight: InFlight,
    ) -> Option<Self> {
        let bytes = bytes as u64;
        // An estimate of the number of entries, which is the initial size of the map.
        let entries = Map::with_weighter((bytes / 4_096) as usize, bytes, EntryWeight);
        (bytes > 0).then(|| Self {
            entries,
            hits: metrics::cache("hit"),
            misses: metrics::cache("miss"),
            stale: metrics::cache("stale"),
            is_shared,
            clock,
            in_flight,
        })
    }

    /// Returns a fresh entry, or else the result of `load`. `version` returns the version of the topic.
    async fn get_or_load(
        &self,
        variant: Variant,
        timings: &Timings,
        version: impl Fn() -> u64,
        load: impl Future<Output = Result<JsonBody, ApiError>>,
    ) -> Result<Arc<EncodedResponse>, ApiError> {
        let min_version = version();
        if let Some(entry) = self.entries.get(&variant)
            && entry.version >= min_version
            && self.is_fresh(&entry)
        {
            self.hits.increment(1);
            let _ = timings.cache.set("hit");
            return entry.into_outcome();
        }
        let loaded = self.load_once(variant, timings, min_version, version, load);
        let loaded = with_deadline(self.is_shared, timings, loaded).await;
        if timings.cache.set("miss").is_ok() {
            self.misses.increment(1);
        }
        loaded
    }

    /// Loads a missing or stale entry. Concurrent calls for one key share one load, whose failure they share as well.
    async fn load_once(
        &self,
        variant: Variant,
        timings: &Timings,
        min_version: u64,
        version: impl Fn() -> u64,
        load: impl Future<Output = Result<JsonBody, ApiError>>,
    ) -> Result<Arc<EncodedResponse>, ApiError> {
        loop {
            match self.entries.get_value_or_guard_async(&variant).await {
                // A read that began after this request is recent enough, even if the topic changed meanwhile. Otherwise
                // requests about a topic that changes all the time would reload forever.
                Ok(entry) if entry.version >= min_version && self.is_fresh(&entry) => {
                    return entry.into_outcome();
                }
                Ok(old) => {
                    let is_old = |entry: &CacheEntry| {
                        (entry.version, entry.loaded_at, entry.expires_at)
                            == (old.version, old.loaded_at, old.expires_at)
                    };
                    let is_first = self.entries.remove_if(&variant, is_old).is_some();
                    let start = self.clock.elapsed();
                    if is_first
                        && old.version >= min_version
                        && start < old.loaded_at + STALE_IF_ERROR
                    {
                        let expires_at = start + STALE_WHILE_REVALIDATE;
                        self.entries.insert(
                            variant,
                            CacheEntry {
                                expires_at,
                                ..old.clone()
                            },
                        );
                        return self
                            .revalidate(variant, timings, old, version(), start, load)
                            .await;
                    }
                }
                Err(guard) => {
                    let (version, loaded_at) = (version(), self.clock.elapsed());
                    let loaded = Box::pin(with_permits(load, &self.in_flight)).await;
                    let entry = CacheEntry::new(version, loaded_at, loaded, variant.gzip);
                    // Waiting requests get the entry from the guard, even if it is removed right after.
                    let _ = guard.insert(entry.clone());
                    if entry.is_failure() {
                        self.entries.remove(&variant);
                    }
                    return entry.into_outcome();
                }
            }
        }
    }

    /// Reloads an expired entry, or returns it if the store is unreachable or slow.
    async fn revalidate(
        &self,
        variant: Variant,
        timings: &Timings,
        old: CacheEntry,
        version: u64,
        loaded_at: u64,
        load: impl Future<Output = Result<JsonBody, ApiError>>,
    ) -> Result<Arc<EncodedResponse>, ApiError> {
        match timeout(
            REVALIDATE_TIMEOUT,
            Box::pin(with_permits(load, &self.in_flight)),
        )
        .await
        {
            Ok(Err(ApiError::Unavailable(_))) | Err(_) => {
                self.stale.increment(1);
                let _ = timings.cache.set("stale");
                old.into_outcome()
            }
            Ok(outcome) => {
                let entry = CacheEntry::new(version, loaded_at, outcome, variant.gzip);
                if entry.is_failure() {
                    self.entries.remove(&variant);
                } else {
                    self.entries.insert(variant, entry.clone());
                }
                entry.into_outcome()
            }
        }
    }

    /// Sets the gauge of the size of the cache.
    pub(super) fn record_gauges(&self) {
        metrics::cache_bytes(self.entries.weight());
    }

    /// Returns whether an entry has not expired. Without other writers it never does.
    fn is_fresh(&self, entry: &CacheEntry) -> bool {
        !self.is_shared || self.clock.elapsed() < entry.expires_at
    }
}

/// Runs `load`, and attaches the permits of a large read and of a large body. Callers box the future, so that a cache hit does
/// not pay for its size.
async fn with_permits(
    load: impl Future<Output = Result<JsonBody, ApiError>>,
    in_flight: &InFlight,
) -> Result<JsonBody, ApiError> {
    let (body, permit) = large_reads::with_permit(load).await;
    body?.with_permits(permit, in_flight).await
}

/// Serves the reads of one request from the cache, or from the store.
pub(super) struct CachedReads<'a> {
    pub(super) store: &'a dyn Store,
    /// `None` if the cache is disabled.
    pub(super) cache: Option<&'a ResponseCache>,
    pub(super) in_flight: &'a InFlight,
    /// Whether the client accepts gzip.
    pub(super) gzip: bool,
    pub(super) timings: &'a Timings,
}

impl CachedReads<'_> {
    /// Returns the cached response for `key`, or else the result of `load`. `echoed` is the part of the request that the
    /// response repeats; empty if there is none.
    pub(super) async fn get(
        &self,
        key: CacheKey,
        echoed: &str,
        load: impl Future<Output = Result<JsonBody, ApiError>>,
    ) -> Result<Reply, ApiError> {
        // `007` is product 7 but echoed as `007`. Such requests are rare and bypass the cache, so keys need not hold the text.
        let is_canonical = echoed.len() <= 18 && !echoed.starts_with('0');
        let encoded = if let Some(cache) = self.cache.filter(|_| is_canonical) {
            // A task that only hits the cache never waits, and would starve the other tasks of its thread.
            tokio::task::consume_budget().await;
            let version = || self.store.topic_version(key.topic());
            let variant = Variant {
                key,
                gzip: self.gzip,
            };
            cache
                .get_or_load(variant, self.timings, version, load)
                .await
        } else {
            let load = Box::pin(with_permits(load, self.in_flight));
            let body = with_deadline(self.store.is_shared(), self.timings, load).await?;
            Ok(Arc::new(body.encode(self.gzip)))
        };
        encoded.map(Reply::Read)
    }
}

#[cfg(test)]
mod tests;
