//! The typed API, one file per resource.

mod cart;
mod interactions;
mod products;
mod questions;
mod reviews;

use std::sync::Arc;
use std::time::Duration;

use crate::model::error::{Error, Result};
use crate::model::idempotency::{IdempotencyKey, KeyState, WriteContext};
use crate::model::time::{Clock, Millis};
use crate::store::{Store, SweepCutoffs};

/// The typed API. Cheap to clone; clones share one store.
///
/// The documentation of each method names the endpoint that it implements and its own errors. Besides these, every method may
/// fail with [`Error::Unavailable`] (the store is busy or unreachable; retry later) or [`Error::Internal`] (a defect), every
/// write with [`Error::ReadOnly`], and every method over a store of [`StoreOptions::lambda`](crate::StoreOptions::lambda) with
/// [`Error::Schema`].
///
/// A write is on disk when its method returns, and is visible to every later read through the same store.
#[derive(Clone)]
pub struct Atelier(Arc<Inner>);

struct Inner {
    store: Arc<dyn Store>,
    clock: Clock,
    limits: Limits,
}

/// Limits of the typed API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Maximum rows of a list, whatever `count` a request has.
    pub max_rows: i64,
    /// Time to live of idempotency keys, in milliseconds.
    pub idempotency_ttl: i64,
    /// How long interactions are stored; `None` stores them for ever.
    pub keep_interactions: Option<Duration>,
    /// How long a cart item is stored after the day on which a unit was last added to it; `None` stores it for ever.
    pub keep_carts: Option<Duration>,
    /// Whether every write fails with [`Error::ReadOnly`].
    pub read_only: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_rows: 10_000,
            idempotency_ttl: 24 * 60 * 60 * 1_000,
            keep_interactions: None,
            keep_carts: None,
            read_only: false,
        }
    }
}

impl Atelier {
    /// Creates an API over `store` with the default limits and the system clock.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self::with(store, Limits::default(), Clock::default())
    }

    /// Creates an API over `store`, with creation times of new rows from `clock`.
    pub fn with(store: Arc<dyn Store>, limits: Limits, clock: Clock) -> Self {
        Self(Arc::new(Inner {
            store,
            clock,
            limits,
        }))
    }

    /// Returns the limits.
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// Checks that the store answers, with one small query. Fails with [`Error::Unavailable`] if it does not.
    pub async fn ready(&self) -> Result<()> {
        self.store().ready().await
    }

    /// Returns the store.
    pub fn store(&self) -> &dyn Store {
        &*self.0.store
    }

    /// Returns the clock.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Returns the store for a write; fails with [`Error::ReadOnly`] if writes are disabled.
    fn writable_store(&self) -> Result<&dyn Store> {
        if self.0.limits.read_only {
            return Err(Error::ReadOnly);
        }
        Ok(self.store())
    }

    fn write_context(&self, key: Option<IdempotencyKey>) -> WriteContext {
        let now = self.0.clock.now();
        WriteContext {
            now,
            key,
            key_cutoff: self.key_cutoff(now),
        }
    }

    /// Returns the instant before which stored keys have expired.
    fn key_cutoff(&self, now: Millis) -> Millis {
        Millis(now.0.saturating_sub(self.0.limits.idempotency_ttl))
    }

    /// Returns the state of an idempotency key.
    pub async fn key_state(&self, key: &IdempotencyKey) -> Result<KeyState> {
        let cutoff = self.key_cutoff(self.0.clock.now());
        self.store().key_state(key, cutoff).await
    }

    /// Deletes expired idempotency keys, interactions and cart items by [`Limits::keep_interactions`] and
    /// [`Limits::keep_carts`], and expired entries of the log through which servers invalidate each other's caches. Call it about
    /// every ten minutes; nothing else deletes them.
    pub async fn sweep(&self) -> Result<()> {
        let now = self.0.clock.now();
        let cutoff = |keep: Option<Duration>| {
            let millis = i64::try_from(keep?.as_millis()).unwrap_or(i64::MAX);
            Some(Millis(now.0.saturating_sub(millis)))
        };
        let limits = self.limits();
        let cutoffs = SweepCutoffs {
            now,
            keys: self.key_cutoff(now),
            interactions: cutoff(limits.keep_interactions),
            carts: cutoff(limits.keep_carts),
        };
        self.store().sweep(cutoffs).await
    }

    /// Sets the gauges among the [`metrics`](crate::metrics). Call it whenever the recorder is read.
    pub fn record_gauges(&self) {
        self.store().record_gauges();
    }
}
