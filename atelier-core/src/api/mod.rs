//! The API itself.

mod cart;
mod interactions;
mod products;
mod questions;
mod reviews;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "http")]
use sha2::{Digest, Sha256};

#[cfg(feature = "http")]
use crate::http::InFlight;
use crate::model::error::{Error, Result};
use crate::model::idempotency::KeyState;
use crate::model::idempotency::{IdempotencyKey, WriteContext};
use crate::model::time::{Clock, Millis};
use crate::store::{Store, SweepCutoffs};

/// The whole API. Cheap to clone; clones share one store.
///
/// Each method names the route that it mirrors, and the errors that are its own. Beside those any may fail with
/// [`Error::Unavailable`] (the store is busy or away: try again in a moment) or [`Error::Internal`] (a defect, for an operator),
/// and any that changes something with [`Error::ReadOnly`], under [`Settings::read_only`]. One over a store of
/// [`StoreOptions::lambda`](crate::StoreOptions::lambda) may also fail with [`Error::Schema`].
///
/// A change is on disk when its method returns, and every later read through this store shows it.
#[derive(Clone)]
pub struct Atelier(Arc<Inner>);

struct Inner {
    store: Arc<dyn Store>,
    settings: Settings,
    clock: Clock,
    #[cfg(feature = "http")]
    base_paths: Vec<Vec<crate::http::BaseSegment>>,
    #[cfg(feature = "http")]
    cache: Option<crate::http::Cache>,
    #[cfg(feature = "http")]
    in_flight: InFlight,
    /// The SHA-256 of the accepted tokens.
    #[cfg(feature = "http")]
    tokens: Vec<[u8; 32]>,
}

/// What the contract lets the operator choose.
#[derive(Clone, PartialEq, Eq)]
pub struct Settings {
    /// The campus that products show, whatever address they were asked under.
    pub campus: String,
    /// Most rows of one list in one answer, however large a `count` is asked.
    pub max_rows: i64,
    /// Most bytes of a list in one answer, before it is compressed: it ends at an earlier row then.
    pub max_answer_bytes: usize,
    /// Most bytes of a POST body.
    pub max_body: usize,
    /// Tokens of which every request must show one; none means that nobody needs any.
    pub tokens: Vec<String>,
    /// How long a post is known by its `Idempotency-Key`, in milliseconds.
    pub idempotency_ttl: i64,
    /// How long interactions are kept; `None` keeps them for ever.
    pub keep_interactions: Option<Duration>,
    /// How long a line of a cart is kept after the day on which a unit was last added to it; `None` keeps it for ever.
    pub keep_carts: Option<Duration>,
    /// Most bytes of finished answers that are kept; 0 keeps none.
    pub cache: usize,
    /// Whether nothing may be changed: every write is refused with [`Error::ReadOnly`].
    pub read_only: bool,
    /// Where the API is reachable: each begins with a slash, `{name}` stands for any one segment, `/` is the root.
    pub base_paths: Vec<String>,
}

/// Without the tokens.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            campus,
            max_rows,
            max_answer_bytes,
            max_body,
            tokens,
            idempotency_ttl,
            keep_interactions,
            keep_carts,
            cache,
            read_only,
            base_paths,
        } = self;
        f.debug_struct("Settings")
            .field("campus", campus)
            .field("max_rows", max_rows)
            .field("max_answer_bytes", max_answer_bytes)
            .field("max_body", max_body)
            .field("tokens", &tokens.len())
            .field("idempotency_ttl", idempotency_ttl)
            .field("keep_interactions", keep_interactions)
            .field("keep_carts", keep_carts)
            .field("cache", cache)
            .field("read_only", read_only)
            .field("base_paths", base_paths)
            .finish()
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            campus: "hr-rfp".to_owned(),
            max_rows: 10_000,
            max_answer_bytes: 16 * 1_024 * 1_024,
            max_body: 1_048_576,
            tokens: vec![],
            idempotency_ttl: 24 * 60 * 60 * 1_000,
            keep_interactions: None,
            keep_carts: None,
            cache: 128 * 1_024 * 1_024,
            read_only: false,
            base_paths: vec!["/".to_owned(), "/api/fec2/{campus}".to_owned()],
        }
    }
}

impl Atelier {
    /// The API over `store`, with the default [`Settings`] and the machine's clock.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self::with(store, Settings::default(), Clock::default())
    }

    /// The API over `store`, which may be shared with others. New rows get their instant from `clock`.
    pub fn with(store: Arc<dyn Store>, settings: Settings, clock: Clock) -> Self {
        #[cfg(feature = "http")]
        let in_flight = InFlight::beside_cache(settings.cache);
        Self(Arc::new(Inner {
            #[cfg(feature = "http")]
            cache: crate::http::Cache::holding(
                settings.cache,
                store.is_shared(),
                clock.clone(),
                in_flight.clone(),
            ),
            #[cfg(feature = "http")]
            in_flight,
            store,
            #[cfg(feature = "http")]
            base_paths: settings
                .base_paths
                .iter()
                .map(|path| crate::http::BaseSegment::parse(path))
                .collect(),
            #[cfg(feature = "http")]
            tokens: settings
                .tokens
                .iter()
                .map(|token| Sha256::digest(token).into())
                .collect(),
            settings,
            clock,
        }))
    }

    pub(crate) fn limits(&self) -> &Settings {
        &self.0.settings
    }

    /// The settings in force.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// Whether the store answers: asks it one small question. [`Error::Unavailable`] when it does not. This is what a server
    /// tells at `/ready`.
    pub async fn ready(&self) -> Result<()> {
        self.store().ready().await
    }

    #[cfg(feature = "http")]
    pub(crate) fn base_paths(&self) -> &[Vec<crate::http::BaseSegment>] {
        &self.0.base_paths
    }

    #[cfg(feature = "http")]
    pub(crate) fn tokens(&self) -> &[[u8; 32]] {
        &self.0.tokens
    }

    #[cfg(feature = "http")]
    pub(crate) fn cache(&self) -> Option<&crate::http::Cache> {
        self.0.cache.as_ref()
    }

    #[cfg(feature = "http")]
    pub(crate) fn in_flight(&self) -> &InFlight {
        &self.0.in_flight
    }

    pub(crate) fn store(&self) -> &dyn Store {
        &*self.0.store
    }

    /// The store, for a change: [`Error::ReadOnly`] where none may be made.
    pub(crate) fn writable_store(&self) -> Result<&dyn Store> {
        if self.0.settings.read_only {
            return Err(Error::ReadOnly);
        }
        Ok(self.store())
    }

    /// A post made now.
    pub(crate) fn write_context(&self, key: Option<IdempotencyKey>) -> WriteContext {
        let now = self.0.clock.now();
        WriteContext {
            now,
            key,
            key_cutoff: self.key_cutoff(now),
        }
    }

    fn key_cutoff(&self, now: Millis) -> Millis {
        Millis(now.0.saturating_sub(self.0.settings.idempotency_ttl))
    }

    /// What is known of a mark.
    pub async fn key_state(&self, key: &IdempotencyKey) -> Result<KeyState> {
        self.store()
            .key_state(key, self.key_cutoff(self.0.clock.now()))
            .await
    }

    /// Deletes idempotency keys older than [`Settings::idempotency_ttl`], interactions and lines of carts by
    /// [`Settings::keep_interactions`] and [`Settings::keep_carts`], and old entries of the log by which servers that share a
    /// database invalidate each other's caches. To be called every ten minutes or so: nothing else keeps them from growing.
    pub async fn sweep(&self) -> Result<()> {
        let now = self.0.clock.now();
        let cutoff = |keep: Option<Duration>| {
            let millis = i64::try_from(keep?.as_millis()).unwrap_or(i64::MAX);
            Some(Millis(now.0.saturating_sub(millis)))
        };
        let settings = self.settings();
        let cutoffs = SweepCutoffs {
            now,
            keys: self.key_cutoff(now),
            interactions: cutoff(settings.keep_interactions),
            carts: cutoff(settings.keep_carts),
        };
        self.store().sweep(cutoffs).await
    }

    /// Sets the [`metrics`](crate::metrics) that can only be looked at. To be called whenever the recorder is read.
    pub fn record_gauges(&self) {
        self.store().record_gauges();
        #[cfg(feature = "http")]
        if let Some(cache) = self.cache() {
            cache.record_gauges();
        }
    }
}
