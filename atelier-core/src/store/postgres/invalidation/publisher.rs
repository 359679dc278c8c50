//! Publishes the changes of this server.

use std::collections::HashSet;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use atelier_sql::changes;
use tokio::time::{sleep, timeout};

use super::event::{ALL_TOPICS, Event, MAX_EVENTS, PrimaryHandle};
use super::outage::{OutageLog, POLL_INTERVAL};
use crate::model::error::Result;
use crate::store::postgres::arguments::integer_arrays;
use crate::store::postgres::pool::{CONNECT_TIMEOUT, Pool};
use crate::store::random::with_jitter;

/// How long events are collected before they are published: under load in one statement, instead of one per batch of writes.
/// Other servers poll every 500 ms, so the delay hardly matters.
const PUBLISH_DELAY: Duration = Duration::from_millis(20);

/// Collects and publishes events.
#[derive(Debug)]
pub(crate) struct Publisher {
    server_id: i64,
    primary: PrimaryHandle,
    pending: Mutex<HashSet<Event>>,
    /// One statement at a time; events that arrive meanwhile are part of the next one.
    publishing: tokio::sync::Mutex<()>,
}

impl Publisher {
    pub(crate) fn new(server_id: i64, primary: PrimaryHandle) -> Self {
        Self {
            server_id,
            primary,
            pending: Mutex::default(),
            publishing: tokio::sync::Mutex::default(),
        }
    }

    fn pending(&self) -> MutexGuard<'_, HashSet<Event>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds events. Returns true when they are the first ones, and the caller has to start [`Publisher::publish`].
    pub(crate) fn enqueue(&self, events: impl IntoIterator<Item = Event>) -> bool {
        let mut pending = self.pending();
        let was_empty = pending.is_empty();
        pending.extend(events);
        if pending.len() > MAX_EVENTS {
            *pending = HashSet::from([ALL_TOPICS]);
        }
        was_empty && !pending.is_empty()
    }

    /// Publishes pending events, and repeats that until it succeeds.
    pub(crate) async fn publish(self: Arc<Self>) {
        sleep(PUBLISH_DELAY).await;
        let _publishing = self.publishing.lock().await;
        let mut outage = OutageLog::new("publishing changes to other servers");
        while let Some((pool, _)) = self.primary.pool() {
            let outcome = self.attempt(&pool).await;
            if pool.is_closed() {
                return;
            }
            outage.record(&outcome);
            if outcome.is_ok() {
                return;
            }
            drop(pool);
            sleep(with_jitter(POLL_INTERVAL)).await;
        }
    }

    /// Publishes pending events, with a short timeout: before the pool is closed, or the process is frozen.
    pub(crate) async fn flush(&self) {
        let attempt = async {
            let _publishing = self.publishing.lock().await;
            if let Some((pool, _)) = self.primary.pool() {
                let _ = self.attempt(&pool).await;
            }
        };
        // On failure, cached responses of other servers expire by their time to live.
        let _ = timeout(CONNECT_TIMEOUT, attempt).await;
    }

    /// Publishes once. The caller holds `publishing`.
    async fn attempt(&self, pool: &Pool) -> Result<()> {
        let events = mem::take(&mut *self.pending());
        if events.is_empty() {
            return Ok(());
        }
        let row = |(kind, id): &Event| vec![self.server_id, *kind, *id];
        let binds = integer_arrays(&events.iter().map(row).collect::<Vec<_>>());
        let outcome = pool.query("changes/publish", changes::PUBLISH, binds).await;
        if outcome.is_err() {
            self.enqueue(events);
        }
        outcome.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Weak;

    use super::*;

    #[test]
    fn pending_events_are_merged_and_bounded() {
        let publisher = Publisher::new(1, PrimaryHandle::Server(Weak::new()));
        assert!(!publisher.enqueue([]), "no event");
        assert!(publisher.enqueue([(1, 7), (1, 8)]), "the first");
        assert!(!publisher.enqueue([(1, 7), (2, 7)]), "not the first");
        assert_eq!(
            *publisher.pending(),
            HashSet::from([(1, 7), (1, 8), (2, 7)])
        );
        for id in 0..100_000 {
            publisher.enqueue([(3, id)]);
            assert!(publisher.pending().len() <= MAX_EVENTS);
        }
        assert!(publisher.pending().contains(&ALL_TOPICS));
    }
}
