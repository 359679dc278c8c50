//! How servers that share a PostgreSQL database learn of each other's writes: each writes down in the table `changes`
//! what was changed through it, and asks twice a second what the others wrote there.
//!
//! A server's write neither waits for this nor does more for it; a function's does. What ends with a server before it was told, others find out by
//! the time that a kept answer lives.

use std::mem;
use std::sync::{Arc, Weak};
use std::time::Duration;

use atelier_sql::changes;

mod publisher;
mod subscriber;

use self::publisher::Teller;
use self::subscriber::Follower;
use crate::model::error::Result;
use crate::model::ids::{ProductId, QuestionId};
use crate::store::postgres::cluster::Nodes;
use crate::store::postgres::pool::{Connections, arguments};
use crate::store::rows::Row;
use crate::store::topic_versions::Changes;
use crate::store::{Topic, random};

/// How long it takes from one question to the next, more or less.
const PACE: Duration = Duration::from_millis(500);

/// Most rows of one statement. More than that is everything.
const MOST: usize = 10_000;

/// How long rows are kept, in milliseconds.
const KEPT: i64 = 10 * 60 * 1_000;

/// A kind of change and the id of what was changed: a row, as far as it matters.
type Entry = (i64, i64);

const EVERYTHING: Entry = (0, 0);

fn entry(topic: Topic) -> Entry {
    match topic {
        Topic::Catalogue => EVERYTHING,
        Topic::Reviews(product) => (1, product.0),
        Topic::Questions(product) => (2, product.0),
        Topic::Answers(question) => (3, question.0),
    }
}

/// What an entry is about. None is everything, which is also what a kind may mean that a newer program writes.
fn topic((kind, id): Entry) -> Option<Topic> {
    match kind {
        1 => Some(Topic::Reviews(ProductId(id))),
        2 => Some(Topic::Questions(ProductId(id))),
        3 => Some(Topic::Answers(QuestionId(id))),
        _ => None,
    }
}

/// Where the log is: the primary has it, whichever server that is.
#[derive(Debug, Clone)]
pub(crate) enum Home {
    Server(Weak<Connections>),
    Primary(Weak<Nodes>),
}

impl Home {
    /// The connections to it, as long as they are wanted, and how often it was elsewhere before.
    fn connections(&self) -> Option<(Arc<Connections>, u64)> {
        match self {
            Self::Server(connections) => Some((connections.upgrade()?, 0)),
            Self::Primary(nodes) => Some(nodes.upgrade()?.primary()),
        }
    }
}

/// The log, as one server sees it.
#[derive(Debug)]
pub(crate) struct Log {
    teller: Arc<Teller>,
    /// Whether a write waits until it was told.
    at_once: bool,
}

impl Log {
    /// Begins to note in `changes` what others write. The log does not keep the connections open, and ends with them.
    pub(crate) async fn open(home: Home, changes: &Arc<Changes>) -> Result<Self> {
        let origin = random().cast_signed();
        let mut follower = Follower::new(origin, changes);
        // Before anything is read through this store, so that nothing comes between.
        if let Some((connections, term)) = home.connections() {
            follower.ask(&connections, term).await?;
        }
        tokio::spawn(follower.follow(home.clone()));
        let teller = Teller::new(origin, home);
        Ok(Self {
            teller: Arc::new(teller),
            at_once: false,
        })
    }

    /// The log of a process that keeps no answers, and so need not know what others write, and that may be frozen as
    /// soon as a write is acknowledged: nothing is left to be told later.
    pub(crate) fn of_function(connections: &Arc<Connections>) -> Self {
        let home = Home::Server(Arc::downgrade(connections));
        let teller = Teller::new(random().cast_signed(), home);
        Self {
            teller: Arc::new(teller),
            at_once: true,
        }
    }

    /// Has others learn that `topics` were changed.
    pub(crate) async fn tell(&self, topics: &[Topic]) {
        let first = self.teller.add(topics.iter().map(|topic| entry(*topic)));
        if self.at_once {
            self.teller.tell_the_rest().await;
        } else if first {
            tokio::spawn(Arc::clone(&self.teller).tell());
        }
    }

    /// Tells what has not been told, if that can be done soon.
    pub(crate) async fn close(&self) {
        self.teller.tell_the_rest().await;
    }
}

/// Forgets old rows.
pub(crate) async fn sweep(connections: &Connections) -> Result<()> {
    loop {
        // Some at a time: a statement that takes too long is broken off, and would be each time.
        let most = i64::try_from(MOST).unwrap_or(i64::MAX);
        let binds = arguments(vec![KEPT.into(), most.into()]);
        let rows = connections
            .ask("changes/sweep", changes::SWEEP, binds)
            .await?;
        if rows.first().map_or(Ok(0), |row| row.int(0))? < most {
            return Ok(());
        }
    }
}

/// Says once that something fails, and once that it works again.
struct Told {
    what: &'static str,
    failing: bool,
}

impl Told {
    fn new(what: &'static str) -> Self {
        Self {
            what,
            failing: false,
        }
    }

    fn note(&mut self, outcome: &Result<()>) {
        let before = mem::replace(&mut self.failing, outcome.is_err());
        match outcome {
            Err(error) if !before => tracing::warn!("{}, which is tried on: {error}", self.what),
            Ok(()) if before => tracing::info!("{}: that is over", self.what),
            _ => {}
        }
    }
}

/// How long to the next attempt, with a fifth more or less, so that servers do not keep step.
fn pause() -> Duration {
    PACE * 4 / 5 + Duration::from_millis(random() % 201)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_says_what_it_is_about() {
        for about in [
            Topic::Reviews(ProductId(7)),
            Topic::Questions(ProductId(i64::MAX)),
            Topic::Answers(QuestionId(7)),
        ] {
            assert_eq!(topic(entry(about)), Some(about));
        }
        assert_eq!(topic(entry(Topic::Catalogue)), None);
        assert_eq!(topic((4, 7)), None, "a kind of later");
    }
}
