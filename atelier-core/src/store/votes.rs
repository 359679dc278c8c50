//! Votes for one thing at once.
//!
//! A row takes one change at a time, each with its own wait for the disk, so a thing that everybody votes on would be the
//! queue that everything else waits behind. Votes that arrive while one is being written go together in the next
//! statement: a thousand at once are a few statements, on one connection.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::future::Future;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::{Error, Failure, Result, metrics};

/// The noun and the id of what is voted for.
type Key = (&'static str, i64);

/// Somebody who votes.
#[derive(Debug)]
struct Voter {
    /// Under which the vote is counted once.
    mark: Option<String>,
    stored: oneshot::Sender<Result<()>>,
}

/// The voters of each thing that a statement is being written for.
type Voters = HashMap<Key, Vec<Voter>>;

/// The votes of one statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ballot {
    /// Those without a mark.
    pub(super) votes: i64,
    /// The marks of the others.
    pub(super) marks: Vec<String>,
}

impl Ballot {
    fn of(voters: &[Voter]) -> Self {
        let marks: Vec<_> = voters
            .iter()
            .filter_map(|voter| voter.mark.clone())
            .collect();
        Self {
            votes: i64::try_from(voters.len() - marks.len()).unwrap_or(i64::MAX),
            marks,
        }
    }
}

/// Votes on their way to a database.
#[derive(Debug, Default)]
pub(super) struct Votes(Mutex<Voters>);

impl Votes {
    /// Adds one vote for the thing that `key` names, once under its `mark` if it has one; `write` stores what it is told.
    /// Returns when it is stored.
    pub(super) async fn add<W, F>(
        self: &Arc<Self>,
        key: Key,
        mark: Option<String>,
        write: W,
    ) -> Result<()>
    where
        W: Fn(Ballot) -> F + Send + 'static,
        F: Future<Output = Result<()>> + Send + 'static,
    {
        let (sender, stored) = oneshot::channel();
        let voter = Voter {
            mark,
            stored: sender,
        };
        match self.voters().entry(key) {
            Entry::Occupied(waiting) => waiting.into_mut().push(voter),
            Entry::Vacant(nobody) => {
                nobody.insert(vec![voter]);
                // A task of its own: the first voter may leave, the others still want to be counted.
                tokio::spawn(write_all(Arc::clone(self), key, write));
            }
        }
        stored
            .await
            .unwrap_or_else(|_| Err(Error::Unavailable(Failure::new("The database is closed."))))
    }

    fn voters(&self) -> MutexGuard<'_, Voters> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those who wait for the next statement; when there are none, the next voter begins anew.
    fn take(&self, key: Key) -> Option<Vec<Voter>> {
        let mut voters = self.voters();
        let waiting = voters
            .get_mut(&key)
            .filter(|waiting| !waiting.is_empty())
            .map(mem::take);
        if waiting.is_none() {
            voters.remove(&key);
        }
        waiting
    }
}

async fn write_all<F: Future<Output = Result<()>>>(
    votes: Arc<Votes>,
    key: Key,
    write: impl Fn(Ballot) -> F,
) {
    while let Some(voters) = votes.take(key) {
        metrics::batch("votes", voters.len());
        let outcome = write(Ballot::of(&voters)).await;
        for voter in voters {
            // A voter who has left was counted all the same.
            let _ = voter.stored.send(outcome.clone());
        }
    }
}
