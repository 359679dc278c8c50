//! Cache invalidation between servers that share a PostgreSQL database: each server publishes its changes in the table
//! `changes`, and polls that table twice a second for the events of the others.
//!
//! A write does not wait for its event to be published, except on Lambda. Events that are lost when a server crashes are covered
//! by the time to live of cached responses.

use std::sync::Arc;

use atelier_sql::changes;

mod event;
mod outage;
mod publisher;
mod subscriber;

pub(crate) use self::event::PrimaryHandle;
use self::event::{MAX_EVENTS, RETENTION_MS, event};
use self::publisher::Publisher;
use self::subscriber::Subscriber;
use crate::model::error::Result;
use crate::store::Topic;
use crate::store::postgres::arguments::arguments;
use crate::store::postgres::pool::Pool;
use crate::store::random::random;
use crate::store::rows::Row;
use crate::store::topic_versions::TopicVersions;

/// Publishes the changes of this server, and applies those of the others.
#[derive(Debug)]
pub(crate) struct Invalidation {
    publisher: Arc<Publisher>,
    /// Whether a write waits until its events are published.
    synchronous: bool,
}

impl Invalidation {
    /// Starts to bump `versions` by the events of other servers. This ends with the pool, and does not keep it open.
    pub(crate) async fn open(
        primary: PrimaryHandle,
        versions: &Arc<TopicVersions>,
    ) -> Result<Self> {
        let server_id = random().cast_signed();
        let mut subscriber = Subscriber::new(server_id, versions);
        // Before the first read, so that no event in between is missed.
        if let Some((pool, epoch)) = primary.pool() {
            subscriber.poll(&pool, epoch).await?;
        }
        tokio::spawn(subscriber.run(primary.clone()));
        let publisher = Publisher::new(server_id, primary);
        Ok(Self {
            publisher: Arc::new(publisher),
            synchronous: false,
        })
    }

    /// Returns a publisher without a subscriber, for Lambda: the process caches no responses, and may be frozen as soon as a
    /// write is acknowledged, so events are published before that.
    pub(crate) fn for_lambda(pool: &Arc<Pool>) -> Self {
        let primary = PrimaryHandle::Server(Arc::downgrade(pool));
        let publisher = Publisher::new(random().cast_signed(), primary);
        Self {
            publisher: Arc::new(publisher),
            synchronous: true,
        }
    }

    /// Publishes that `topics` were changed.
    pub(crate) async fn publish(&self, topics: &[Topic]) {
        let is_first = self.publisher.enqueue(topics.iter().copied().map(event));
        if self.synchronous {
            self.publisher.flush().await;
        } else if is_first {
            tokio::spawn(Arc::clone(&self.publisher).publish());
        }
    }

    /// Publishes pending events, if that is possible at once.
    pub(crate) async fn close(&self) {
        self.publisher.flush().await;
    }
}

/// Deletes old events.
pub(crate) async fn sweep(pool: &Pool) -> Result<()> {
    loop {
        // In batches: a statement that exceeds the statement timeout would do so every time.
        let limit = i64::try_from(MAX_EVENTS).unwrap_or(i64::MAX);
        let binds = arguments(vec![RETENTION_MS.into(), limit.into()]);
        let rows = pool.query("changes/sweep", changes::SWEEP, binds).await?;
        if rows.first().map_or(Ok(0), |row| row.int(0))? < limit {
            return Ok(());
        }
    }
}
