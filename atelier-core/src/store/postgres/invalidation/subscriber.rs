//! How a server learns what others have changed.

use std::mem;
use std::sync::Arc;
use std::time::Duration;

use atelier_sql::changes;
use tokio::time::{Instant, sleep};

use super::{Entry, Home, MOST, Told, pause, topic};
use crate::metrics;
use crate::model::error::{Error, Failure, Result};
use crate::store::postgres::pool::{Connections, arguments};
use crate::store::rows::Row;
use crate::store::topic_versions::Changes;

/// After so long without an answer rows may have gone unseen, and everything may have changed: half the time that they
/// are kept.
const LOST: Duration = Duration::from_mins(5);

/// Reads what others write down.
pub(crate) struct Follower {
    origin: i64,
    changes: Arc<Changes>,
    /// The snapshot of the last answer: what was visible to it has been noted.
    since: Option<String>,
    /// When that was asked for.
    heard: Instant,
    /// How often the log had been elsewhere then: a snapshot of one server says nothing to another.
    term: u64,
}

/// What others wrote.
struct News {
    snapshot: String,
    /// Whether they begin anew, and what was written before is unknown.
    anew: bool,
    entries: Vec<Entry>,
}

impl Follower {
    pub(crate) fn new(origin: i64, changes: &Arc<Changes>) -> Self {
        Self {
            origin,
            changes: Arc::clone(changes),
            since: None,
            heard: Instant::now(),
            term: 0,
        }
    }

    /// Follows for as long as there are connections.
    pub(crate) async fn follow(mut self, home: Home) {
        let mut told = Told::new("What other servers change is not heard of");
        loop {
            sleep(pause()).await;
            let Some((connections, term)) = home.connections() else {
                return;
            };
            let outcome = self.ask(&connections, term).await;
            if connections.is_closed() {
                return;
            }
            metrics::lag(self.heard.elapsed());
            told.note(&outcome);
        }
    }

    /// Asks once, and notes what is new.
    pub(crate) async fn ask(&mut self, connections: &Connections, term: u64) -> Result<()> {
        if mem::replace(&mut self.term, term) != term {
            self.since = None;
        }
        let asked = Instant::now();
        let binds = vec![
            self.origin.into(),
            self.since(asked).into(),
            i64::try_from(MOST).unwrap_or(i64::MAX).into(),
        ];
        let rows = connections
            .ask("changes/follow", changes::FOLLOW, arguments(binds))
            .await?;
        self.note(asked, News::of(&rows)?);
        Ok(())
    }

    /// The snapshot from which to go on, if that can be done.
    fn since(&self, now: Instant) -> Option<String> {
        self.since
            .clone()
            .filter(|_| now.duration_since(self.heard) < LOST)
    }

    fn note(&mut self, asked: Instant, news: News) {
        let all = news.anew || news.entries.len() >= MOST;
        let topics: Option<Vec<_>> = news.entries.into_iter().map(topic).collect();
        match topics {
            Some(topics) if !all => self.changes.note(topics),
            _ => self.changes.note_all(),
        }
        self.since = Some(news.snapshot);
        self.heard = asked;
    }
}

impl News {
    fn of(rows: &[impl Row]) -> Result<Self> {
        let Some(first) = rows.first() else {
            return Err(Error::Internal(Failure::new("changes/follow: no row")));
        };
        let mut entries = Vec::new();
        for row in rows {
            if let Some(kind) = row.maybe_int(2)? {
                entries.push((kind, row.int(3)?));
            }
        }
        Ok(Self {
            snapshot: first.text(0)?.to_owned(),
            anew: first.bool(1)?,
            entries,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ids::ProductId;
    use crate::store::Topic;

    const OF_7: Topic = Topic::Reviews(ProductId(7));
    const OF_8: Topic = Topic::Reviews(ProductId(8));

    fn news(anew: bool, entries: Vec<Entry>) -> News {
        News {
            snapshot: "10:10:".to_owned(),
            anew,
            entries,
        }
    }

    #[test]
    fn what_is_new_is_noted_and_when_in_doubt_everything() {
        let changes = Arc::new(Changes::default());
        let mut follower = Follower::new(1, &changes);
        let mut note = |anew, entries| {
            follower.note(Instant::now(), news(anew, entries));
            [OF_7, OF_8, Topic::Catalogue].map(|topic| changes.count(topic))
        };
        assert_eq!(note(false, vec![]), [0, 0, 0]);
        assert_eq!(note(false, vec![(1, 7), (2, 7)]), [1, 0, 0]);
        assert_eq!(note(true, vec![]), [2, 1, 1]);
        assert_eq!(note(false, vec![(1, 7), (0, 0)]), [3, 2, 2]);
        assert_eq!(note(false, vec![(1, 7); MOST]), [4, 3, 3]);
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_heard_nothing_for_long_begins_anew() {
        let mut follower = Follower::new(1, &Arc::default());
        assert_eq!(follower.since(Instant::now()), None, "nothing before");
        let asked = Instant::now();
        tokio::time::advance(Duration::from_secs(4)).await;
        follower.note(asked, news(false, vec![]));
        let since = follower.since(asked + LOST - Duration::from_secs(1));
        assert_eq!(since.as_deref(), Some("10:10:"));
        // Counted from the question, not from the answer.
        assert_eq!(follower.since(asked + LOST), None);
    }
}
