//! Votes for one thing at once.
//!
//! A row takes one change at a time, each with its own wait for the disk, so a thing that everybody votes on would be the
//! queue that everything else waits behind. Votes that arrive while one is being written go together in the next
//! statement: a thousand at once are a few statements, on one connection.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use atelier_sql::Write;
use tokio::sync::oneshot;

use super::dialect::Dialect;
use crate::{Error, Failure, Result};

/// The voters of each thing that a statement is being written for, by the statement's name and the thing's id.
type Voters = HashMap<(&'static str, i64), Vec<oneshot::Sender<Result<()>>>>;

/// Votes on their way to a database.
#[derive(Debug, Default)]
pub(super) struct Votes(Mutex<Voters>);

impl Votes {
    /// Adds one vote by `change`, whose binds are the id and how many votes there are; returns when it is stored.
    pub(super) async fn add<D: Dialect>(
        self: &Arc<Self>,
        dialect: &Arc<D>,
        change: Write,
        id: i64,
    ) -> Result<()> {
        let (voter, stored) = oneshot::channel();
        match self.voters().entry((change.name, id)) {
            Entry::Occupied(waiting) => waiting.into_mut().push(voter),
            Entry::Vacant(nobody) => {
                nobody.insert(vec![voter]);
                // A task of its own: the first voter may leave, the others still want to be counted.
                tokio::spawn(write(Arc::clone(self), Arc::clone(dialect), change, id));
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
    fn take(&self, key: (&'static str, i64)) -> Option<Vec<oneshot::Sender<Result<()>>>> {
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

async fn write<D: Dialect>(votes: Arc<Votes>, dialect: Arc<D>, change: Write, id: i64) {
    while let Some(voters) = votes.take((change.name, id)) {
        let count = i64::try_from(voters.len()).unwrap_or(i64::MAX);
        let outcome = dialect.write(change, vec![id.into(), count.into()]).await;
        for voter in voters {
            // A voter who has left was counted all the same.
            let _ = voter.send(match &outcome {
                Ok(_) => Ok(()),
                Err(Error::Unavailable(why)) => {
                    Err(Error::Unavailable(Failure::new(why.to_string())))
                }
                Err(error) => Err(Error::Internal(Failure::new(error.to_string()))),
            });
        }
    }
}
