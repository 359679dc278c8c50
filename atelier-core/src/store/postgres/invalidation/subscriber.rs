//! Applies the changes of other servers.

use std::mem;
use std::sync::Arc;
use std::time::Duration;

use atelier_sql::changes;
use tokio::time::{Instant, sleep};

use super::event::{Event, MAX_EVENTS, PrimaryHandle, topic};
use super::outage::{OutageLog, POLL_INTERVAL};
use crate::metrics;
use crate::model::error::{Error, Failure, Result};
use crate::store::postgres::arguments::arguments;
use crate::store::postgres::pool::Pool;
use crate::store::random::with_jitter;
use crate::store::rows::Row;
use crate::store::topic_versions::TopicVersions;

/// After this long without a successful poll, events may have been deleted unread, so all topics count as changed: half of the
/// retention.
const MAX_GAP: Duration = Duration::from_mins(5);

/// Polls the events of other servers.
pub(crate) struct Subscriber {
    server_id: i64,
    versions: Arc<TopicVersions>,
    /// The snapshot of the last poll: events that were visible to it have been applied. Rows become visible in the order of
    /// commits, not of numbers, so a snapshot neither misses nor repeats any.
    snapshot: Option<String>,
    /// When that poll was sent.
    polled_at: Instant,
    /// The epoch of the primary then: a snapshot of one server means nothing to another.
    epoch: u64,
}

/// The result of a poll.
struct PollResult {
    snapshot: String,
    /// Whether the previous snapshot could not be continued from, so that events may have been missed.
    is_reset: bool,
    events: Vec<Event>,
}

impl Subscriber {
    pub(crate) fn new(server_id: i64, versions: &Arc<TopicVersions>) -> Self {
        Self {
            server_id,
            versions: Arc::clone(versions),
            snapshot: None,
            polled_at: Instant::now(),
            epoch: 0,
        }
    }

    /// Polls until the pool is closed or dropped.
    pub(crate) async fn run(mut self, primary: PrimaryHandle) {
        let mut outage = OutageLog::new("polling the changes of other servers");
        loop {
            sleep(with_jitter(POLL_INTERVAL)).await;
            let Some((pool, epoch)) = primary.pool() else {
                return;
            };
            let outcome = self.poll(&pool, epoch).await;
            if pool.is_closed() {
                return;
            }
            metrics::lag(self.polled_at.elapsed());
            outage.record(&outcome);
        }
    }

    /// Polls once, and bumps the versions of changed topics.
    pub(crate) async fn poll(&mut self, pool: &Pool, epoch: u64) -> Result<()> {
        if mem::replace(&mut self.epoch, epoch) != epoch {
            self.snapshot = None;
        }
        let now = Instant::now();
        let binds = vec![
            self.server_id.into(),
            self.snapshot_at(now).into(),
            i64::try_from(MAX_EVENTS).unwrap_or(i64::MAX).into(),
        ];
        let rows = pool
            .query("changes/poll", changes::POLL, arguments(binds))
            .await?;
        self.apply(now, PollResult::from_rows(&rows)?);
        Ok(())
    }

    /// Returns the snapshot to continue from, unless the last poll was too long ago.
    fn snapshot_at(&self, now: Instant) -> Option<String> {
        self.snapshot
            .clone()
            .filter(|_| now.duration_since(self.polled_at) < MAX_GAP)
    }

    fn apply(&mut self, polled_at: Instant, result: PollResult) {
        let is_incomplete = result.is_reset || result.events.len() >= MAX_EVENTS;
        let topics: Option<Vec<_>> = result.events.into_iter().map(topic).collect();
        match topics {
            Some(topics) if !is_incomplete => self.versions.bump(topics),
            _ => self.versions.bump_all(),
        }
        self.snapshot = Some(result.snapshot);
        self.polled_at = polled_at;
    }
}

impl PollResult {
    fn from_rows(rows: &[impl Row]) -> Result<Self> {
        let Some(first) = rows.first() else {
            return Err(Error::Internal(Failure::new("changes/poll: no row")));
        };
        let mut events = Vec::new();
        for row in rows {
            if let Some(kind) = row.optional_int(2)? {
                events.push((kind, row.int(3)?));
            }
        }
        Ok(Self {
            snapshot: first.text(0)?.to_owned(),
            is_reset: first.bool(1)?,
            events,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ids::ProductId;
    use crate::store::Topic;

    fn result(is_reset: bool, events: Vec<Event>) -> PollResult {
        PollResult {
            snapshot: "10:10:".to_owned(),
            is_reset,
            events,
        }
    }

    #[test]
    fn events_bump_their_topics_and_a_gap_bumps_all() {
        let versions = Arc::new(TopicVersions::default());
        let mut subscriber = Subscriber::new(1, &versions);
        let mut apply = |is_reset, events| {
            subscriber.apply(Instant::now(), result(is_reset, events));
            let [seven, eight] = [7, 8].map(|id| Topic::Reviews(ProductId(id)));
            [seven, eight, Topic::Catalogue].map(|topic| versions.version(topic))
        };
        assert_eq!(apply(false, vec![]), [0, 0, 0]);
        assert_eq!(apply(false, vec![(1, 7), (2, 7)]), [1, 0, 0]);
        assert_eq!(apply(true, vec![]), [2, 1, 1]);
        assert_eq!(apply(false, vec![(1, 7), (0, 0)]), [3, 2, 2]);
        assert_eq!(apply(false, vec![(1, 7); MAX_EVENTS]), [4, 3, 3]);
    }

    #[tokio::test(start_paused = true)]
    async fn snapshot_is_dropped_after_a_long_gap() {
        let mut subscriber = Subscriber::new(1, &Arc::default());
        assert_eq!(subscriber.snapshot_at(Instant::now()), None, "no poll yet");
        let polled_at = Instant::now();
        tokio::time::advance(Duration::from_secs(4)).await;
        subscriber.apply(polled_at, result(false, vec![]));
        let snapshot = subscriber.snapshot_at(polled_at + MAX_GAP - Duration::from_secs(1));
        assert_eq!(snapshot.as_deref(), Some("10:10:"));
        // The gap is measured from the poll, not from its result.
        assert_eq!(subscriber.snapshot_at(polled_at + MAX_GAP), None);
    }
}
