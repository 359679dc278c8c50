//! How a server tells what was changed through it.

use std::collections::HashSet;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use atelier_sql::changes;
use tokio::time::{sleep, timeout};

use super::{EVERYTHING, Entry, Home, MOST, Told, pause};
use crate::model::error::Result;
use crate::store::postgres::pool::{CONNECT_TIMEOUT, Connections, columns};

/// How long entries gather before they are published: under load they are one statement of many, instead of one for each
/// batch of writes. Other servers poll every 500 ms, so it delays little what they learn.
const PUBLISH_DELAY: Duration = Duration::from_millis(20);

/// Writes down what was changed here.
#[derive(Debug)]
pub(crate) struct Teller {
    origin: i64,
    home: Home,
    waiting: Mutex<HashSet<Entry>>,
    /// One statement at a time: what gathers meanwhile goes with the next.
    turn: tokio::sync::Mutex<()>,
}

impl Teller {
    pub(crate) fn new(origin: i64, home: Home) -> Self {
        Self {
            origin,
            home,
            waiting: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        }
    }

    fn waiting(&self) -> MutexGuard<'_, HashSet<Entry>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has entries wait. True when they are the first, and somebody has to tell them.
    pub(crate) fn add(&self, entries: impl IntoIterator<Item = Entry>) -> bool {
        let mut waiting = self.waiting();
        let none = waiting.is_empty();
        waiting.extend(entries);
        if waiting.len() > MOST {
            *waiting = HashSet::from([EVERYTHING]);
        }
        none && !waiting.is_empty()
    }

    /// Tells what waits, however often that has to be tried.
    pub(crate) async fn tell(self: Arc<Self>) {
        sleep(PUBLISH_DELAY).await;
        let _turn = self.turn.lock().await;
        let mut told = Told::new("Other servers can't be told what was changed here");
        while let Some((connections, _)) = self.home.connections() {
            let outcome = self.attempt(&connections).await;
            if connections.is_closed() {
                return;
            }
            told.note(&outcome);
            if outcome.is_ok() {
                return;
            }
            drop(connections);
            sleep(pause()).await;
        }
    }

    /// Tells what waits, if that can be done soon: before the connections are ended, or nobody may do it later.
    pub(crate) async fn tell_the_rest(&self) {
        let attempt = async {
            let _turn = self.turn.lock().await;
            if let Some((connections, _)) = self.home.connections() {
                let _ = self.attempt(&connections).await;
            }
        };
        // If not, others find out later.
        let _ = timeout(CONNECT_TIMEOUT, attempt).await;
    }

    /// To be called by whose turn it is.
    async fn attempt(&self, connections: &Connections) -> Result<()> {
        let entries = mem::take(&mut *self.waiting());
        if entries.is_empty() {
            return Ok(());
        }
        let row = |(kind, id): &Entry| vec![self.origin, *kind, *id];
        let rows: Vec<_> = entries.iter().map(row).collect();
        let told = connections
            .ask("changes/tell", changes::TELL, columns(&rows))
            .await;
        if told.is_err() {
            self.add(entries);
        }
        told.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Weak;

    use super::*;

    #[test]
    fn what_waits_is_merged_and_bounded() {
        let teller = Teller::new(1, Home::Server(Weak::new()));
        assert!(!teller.add([]), "nothing to tell");
        assert!(teller.add([(1, 7), (1, 8)]), "the first");
        assert!(!teller.add([(1, 7), (2, 7)]), "somebody tells already");
        assert_eq!(*teller.waiting(), HashSet::from([(1, 7), (1, 8), (2, 7)]));
        for id in 0..100_000 {
            teller.add([(3, id)]);
            assert!(teller.waiting().len() <= MOST);
        }
        assert!(teller.waiting().contains(&EVERYTHING));
    }
}
