//! Batching: requests that wait for a connection are executed in one statement.
//!
//! Requests of one kind wait in a [`Queue`]. Its leader, a task, waits for a permit on behalf of all, and then executes the
//! requests in the queue as one statement. No timer delays a request: while connections are free, statements are small, and the more requests wait,
//! the more leave at once.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};

use crate::metrics;
use crate::model::error::{Error, Failure, Result};
use crate::store::admission::Admission;
use crate::store::bulkhead::Refusal;

pub(crate) mod reads;
pub(crate) mod writes;

/// Requests of one statement at first, and at least once statements are slow.
const INITIAL_BATCH: usize = 32;

/// Requests of one statement at most. The share of a round trip and of a commit is small by then, and every request waits for
/// all others of its statement.
const MAX_BATCH: usize = 512;

/// Bytes that the requests of one statement carry at most, unless a single one carries more.
const MAX_BATCH_BYTES: usize = 1024 * 1024;

/// Statements that take less time than this may become larger.
const TARGET_TIME: Duration = Duration::from_millis(40);

/// What a request carries.
pub(crate) trait Batched: Send + 'static {
    /// The bytes that it adds to its statement.
    fn bytes(&self) -> usize {
        0
    }

    /// What no two requests of one statement have in common.
    fn unique_key(&self) -> Option<&str> {
        None
    }

    /// The row that no two statements may have in common at the same time.
    fn row(&self) -> Option<i64> {
        None
    }
}

/// A request that waits, with the channel on which its outcome is awaited.
#[derive(Debug)]
pub(crate) struct Pending<I, O> {
    id: u64,
    since: Instant,
    item: I,
    outcome: oneshot::Sender<Result<O>>,
}

impl<I, O> Pending<I, O> {
    /// Whether the caller has left.
    fn is_abandoned(&self) -> bool {
        self.outcome.is_closed()
    }

    /// Sends the outcome to the caller, unless the caller has left.
    fn end(self, outcome: Result<O>) {
        let _ = self.outcome.send(outcome);
    }
}

/// A leader while it leads. If it panics, the queue is not left without one.
struct Leading<'a, I: Batched, O>(&'a Queue<I, O>);

impl<I: Batched, O> Drop for Leading<'_, I, O> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.state().leaders -= 1;
        }
    }
}

/// Requests of one kind that wait for a connection, first in, first out.
#[derive(Debug)]
pub(crate) struct Queue<I, O> {
    state: Mutex<State<I, O>>,
    timeout: Duration,
    max_leaders: usize,
}

#[derive(Debug)]
struct State<I, O> {
    waiting: VecDeque<Pending<I, O>>,
    admission: Admission,
    next_id: u64,
    /// How many requests may leave in one statement: adapted to the time that statements take.
    batch: usize,
    /// Tasks that will take requests out of the queue.
    leaders: usize,
    /// The rows of the statements that are under way.
    in_flight: HashSet<i64>,
}

impl<I: Batched, O> Queue<I, O> {
    /// Creates an empty queue with at most `max_leaders` leaders at once.
    pub(crate) fn new(queue_timeout: Duration, max_leaders: usize) -> Self {
        let state = State {
            waiting: VecDeque::new(),
            admission: Admission::new(queue_timeout),
            next_id: 0,
            batch: INITIAL_BATCH,
            leaders: 0,
            in_flight: HashSet::new(),
        };
        Self {
            state: Mutex::new(state),
            timeout: queue_timeout,
            max_leaders,
        }
    }

    /// Has `item` wait its turn, and returns its outcome; `lead` starts a leader where one more may act.
    ///
    /// [`Error::Unavailable`] when the request is not admitted, or has not left the queue within the queue timeout; it is
    /// never executed then.
    pub(crate) async fn submit(
        &self,
        item: I,
        is_unreachable: impl Fn() -> bool,
        lead: impl FnOnce(),
    ) -> Result<O> {
        let (outcome, mut ended) = oneshot::channel();
        let row = item.row();
        let (id, leads) = {
            let mut state = self.state();
            let State { waiting, batch, .. } = &*state;
            let (waiting, batch) = (waiting.len(), *batch);
            if !state.admission.admits(waiting, batch) {
                return Err(Refusal::Overload.error(is_unreachable()));
            }
            let id = state.next_id;
            state.next_id += 1;
            state.waiting.push_back(Pending {
                id,
                since: Instant::now(),
                item,
                outcome,
            });
            // Where the row is in flight, the leader of that statement takes the request next.
            let leads = state.leaders < self.max_leaders
                && row.is_none_or(|row| !state.in_flight.contains(&row));
            state.leaders += usize::from(leads);
            (id, leads)
        };
        if leads {
            lead();
        }
        let ended = match timeout(self.timeout, &mut ended).await {
            Ok(ended) => ended,
            Err(_) if self.withdraw(id) => return Err(Refusal::Timeout.error(is_unreachable())),
            // It is being executed, which takes no longer than a statement may.
            Err(_) => ended.await,
        };
        ended.unwrap_or_else(|_| Err(Error::Unavailable(Failure::new("The database is closed."))))
    }

    /// Takes a request out of the queue; false when it has left already.
    fn withdraw(&self, id: u64) -> bool {
        let mut state = self.state();
        let place = state
            .waiting
            .binary_search_by_key(&id, |pending| pending.id);
        place.is_ok_and(|place| state.waiting.remove(place).is_some())
    }

    /// Returns the requests of the next statement, and whether the caller stays the leader, which `stays` decides by the numbers of
    /// requests that leave and that remain. Their rows are in flight until [`Queue::land`].
    fn take(&self, stays: impl FnOnce(usize, usize) -> bool) -> (Vec<Pending<I, O>>, bool) {
        let mut state = self.state();
        let state = &mut *state;
        let (mut taken, mut passed_over) = (Vec::new(), Vec::new());
        let (mut keys, mut bytes) = (HashSet::new(), 0);
        while taken.len() < state.batch {
            let Some(next) = state.waiting.pop_front() else {
                break;
            };
            if next.is_abandoned() {
                continue;
            }
            let is_in_flight = |row| state.in_flight.contains(&row);
            let key = next.item.unique_key().map(str::to_owned);
            if next.item.row().is_some_and(is_in_flight) || key.is_some_and(|key| !keys.insert(key))
            {
                passed_over.push(next);
                continue;
            }
            bytes += next.item.bytes();
            if bytes > MAX_BATCH_BYTES && !taken.is_empty() {
                state.waiting.push_front(next);
                break;
            }
            metrics::waited(next.since.elapsed());
            taken.push(next);
        }
        for pending in passed_over.into_iter().rev() {
            state.waiting.push_front(pending);
        }
        if !taken.is_empty() {
            state.admission.statement_left();
        }
        let rows = taken.iter().filter_map(|pending| pending.item.row());
        state.in_flight.extend(rows);
        let stays = stays(taken.len(), state.waiting.len());
        state.leaders -= usize::from(!stays);
        (taken, stays)
    }

    /// Whether the caller is to start one more leader, because requests wait and one more may act.
    fn claim_lead(&self) -> bool {
        let mut state = self.state();
        let claims = !state.waiting.is_empty() && state.leaders < self.max_leaders;
        state.leaders += usize::from(claims);
        claims
    }

    /// Ends the flight of rows.
    fn land<'a>(&self, rows: impl IntoIterator<Item = &'a i64>) {
        let mut state = self.state();
        for row in rows {
            state.in_flight.remove(row);
        }
    }

    /// Adapts the size of statements to the time that one of `size` requests took.
    fn adapt(&self, size: usize, took: Duration) {
        let mut state = self.state();
        if took > 2 * TARGET_TIME {
            state.batch = (state.batch / 2).max(INITIAL_BATCH);
        } else if took < TARGET_TIME && size == state.batch {
            state.batch = (state.batch * 2).min(MAX_BATCH);
        }
    }

    /// How many requests wait.
    pub(crate) fn len(&self) -> usize {
        self.state().waiting.len()
    }

    fn state(&self) -> MutexGuard<'_, State<I, O>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
