//! How many may ask the database at once, and how long others wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::line::{Line, Waiting};
use crate::{Error, Failure, Result, metrics};

/// How long one waits for a place.
pub(super) const PATIENCE: Duration = Duration::from_millis(500);

/// How long a read waits in a burst: it may be asked again, and another answer is as good.
pub(super) const READS: Duration = Duration::from_millis(100);

/// How long a write does: whoever made it is to have it stored.
pub(super) const WRITES: Duration = PATIENCE;

/// The nouns of the statements' names, such as `reviews/meta`. All others share a gate.
const NOUNS: [&str; 7] = [
    "products",
    "reviews",
    "questions",
    "answers",
    "cart",
    "idempotency",
    "changes",
];

/// As many places as there are connections, so that nobody waits inside the pool, where a wait and a connect can't be
/// told apart.
///
/// Each noun has a gate of its own to them, with one place less: whatever keeps the statements of one waiting, a lock on
/// its table or a statement that takes seconds, the others have a place. A clone is another door to the same places.
#[derive(Debug, Clone)]
pub(super) struct Gates {
    of_nouns: [Gate; NOUNS.len()],
    of_others: Gate,
}

/// That no connection can be made: who is refused meanwhile is not refused for a crowd.
pub(super) type Away = Arc<AtomicBool>;

impl Gates {
    pub(super) fn new(places: u32, burst: Duration, away: &Away) -> Self {
        let all = Arc::new(Semaphore::new(places as usize));
        let gate = || Gate::to(&all, places.saturating_sub(1).max(1), burst, away);
        Self {
            of_nouns: std::array::from_fn(|_| gate()),
            of_others: gate(),
        }
    }

    /// The gate of the statement with this name.
    pub(super) fn of(&self, name: &str) -> &Gate {
        let noun = name.split('/').next().unwrap_or_default();
        let known = NOUNS.iter().position(|known| *known == noun);
        known.map_or(&self.of_others, |place| &self.of_nouns[place])
    }
}

/// A place, as long as it lives.
#[derive(Debug)]
pub(super) struct Place {
    _own: OwnedSemaphorePermit,
    _all: OwnedSemaphorePermit,
    since: Instant,
    line: Arc<Line>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.line.worked(self.since.elapsed());
    }
}

/// A door to places. Who waits is let in by turn.
#[derive(Debug, Clone)]
pub(super) struct Gate {
    /// How many of the places are for who comes by this one.
    own: Arc<Semaphore>,
    all: Arc<Semaphore>,
    line: Arc<Line>,
    away: Away,
}

impl Gate {
    /// The one gate to so many places.
    pub(super) fn new(places: u32) -> Self {
        let all = Arc::new(Semaphore::new(places as usize));
        Self::to(&all, places, READS, &Away::default())
    }

    /// A gate to `all` places, for so many of them.
    fn to(all: &Arc<Semaphore>, own: u32, burst: Duration, away: &Away) -> Self {
        Self {
            own: Arc::new(Semaphore::new(own as usize)),
            all: Arc::clone(all),
            line: Arc::new(Line::new(burst)),
            away: Arc::clone(away),
        }
    }

    /// A place, after [`PATIENCE`] at most. [`Error::Unavailable`] when none comes free, and at once when too many wait
    /// already.
    pub(super) async fn enter(&self) -> Result<Place> {
        if let Some(place) = self.try_enter() {
            return Ok(place);
        }
        let _waiting = self.join()?;
        let since = Instant::now();
        let place = tokio::time::timeout(PATIENCE, self.place())
            .await
            .map_err(|_| self.late())?;
        metrics::waited(since.elapsed());
        self.let_in();
        Ok(place)
    }

    /// A place, if one is free and nobody waits.
    pub(super) fn try_enter(&self) -> Option<Place> {
        let own = Arc::clone(&self.own).try_acquire_owned().ok()?;
        let all = Arc::clone(&self.all).try_acquire_owned().ok()?;
        Some(self.taken(own, all))
    }

    /// A place, however long that takes.
    pub(super) async fn place(&self) -> Place {
        let own = permit(&self.own).await;
        let all = permit(&self.all).await;
        self.taken(own, all)
    }

    fn taken(&self, own: OwnedSemaphorePermit, all: OwnedSemaphorePermit) -> Place {
        Place {
            _own: own,
            _all: all,
            since: Instant::now(),
            line: Arc::clone(&self.line),
        }
    }

    /// Counts among those who wait, as long as what is returned lives. [`Error::Unavailable`] when they are too many.
    fn join(&self) -> Result<Waiting> {
        Line::join(&self.line).ok_or_else(|| self.busy())
    }

    /// The same for a statement to which others may be added.
    pub(super) fn lead(&self) -> Result<Waiting> {
        Line::lead(&self.line).ok_or_else(|| self.busy())
    }

    /// That somebody may be added to such a statement, or to one that so many others go before.
    /// [`Error::Unavailable`] when that would take too long.
    pub(super) fn follow(&self, ahead: usize) -> Result<()> {
        let may = self.line.follow(ahead);
        may.then_some(()).ok_or_else(|| self.busy())
    }

    /// Tells that somebody who waited got in.
    pub(super) fn let_in(&self) {
        self.line.let_in();
    }

    /// That too many wait for a place.
    fn busy(&self) -> Error {
        self.refused("line")
    }

    /// That no place came free in time.
    pub(super) fn late(&self) -> Error {
        self.refused("wait")
    }

    fn refused(&self, reason: &'static str) -> Error {
        Error::Unavailable(if self.away.load(Ordering::Relaxed) {
            Failure::new("No connection to the database can be made.")
        } else {
            Failure::new("Every connection to the database is busy.").short_of(reason)
        })
    }
}

async fn permit(of: &Arc<Semaphore>) -> OwnedSemaphorePermit {
    match Arc::clone(of).acquire_owned().await {
        Ok(permit) => permit,
        // It is never closed.
        Err(_) => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::{sleep, sleep_until};

    use super::*;

    #[test]
    fn who_is_refused_is_told_whether_there_is_a_crowd_or_no_database() {
        let away = Away::default();
        let gates = Gates::new(1, READS, &away);
        let refused = |late: bool| {
            let gate = gates.of("reviews/list");
            let Error::Unavailable(failure) = (if late { gate.late() } else { gate.busy() }) else {
                panic!("it is refused until later");
            };
            (failure.reason(), failure.to_string())
        };
        let busy = "Every connection to the database is busy.".to_owned();
        assert_eq!(refused(false), ("line", busy.clone()));
        assert_eq!(refused(true), ("wait", busy));
        away.store(true, Ordering::Relaxed);
        let none = "No connection to the database can be made.".to_owned();
        assert_eq!(refused(false), ("database", none.clone()));
        assert_eq!(refused(true), ("database", none));
    }

    /// Four places, each for as long as `work` takes. So many come in a second, for three: of each after how many
    /// milliseconds it came, how many it waited, and whether it got in.
    async fn at_rate(rate: u32, work: Duration) -> Vec<(u128, u128, bool)> {
        let (gate, begun) = (Gate::new(4), Instant::now());
        let clients = (0..3 * rate).map(|number| {
            let gate = gate.clone();
            tokio::spawn(async move {
                sleep_until(begun + Duration::from_secs(1) * number / rate).await;
                let came = Instant::now();
                let place = gate.enter().await;
                let (waited, good) = (came.elapsed().as_millis(), place.is_ok());
                sleep(work).await;
                drop(place);
                ((came - begun).as_millis(), waited, good)
            })
        });
        let clients: Vec<_> = clients.collect();
        let seen = futures_util::future::join_all(clients).await;
        seen.into_iter()
            .map(|seen| seen.expect("no panic"))
            .collect()
    }

    #[tokio::test(start_paused = true)]
    async fn c1_at_ten_times_what_can_be_done_as_much_is_done_and_the_rest_is_refused_at_once() {
        for (millis, capacity) in [(5, 800), (20, 200), (100, 40)] {
            let all = at_rate(10 * capacity, Duration::from_millis(millis)).await;
            let (good, refused): (Vec<_>, Vec<_>) = all.into_iter().partition(|(.., good)| *good);
            for second in 0..3_u128 {
                let within = |(came, ..): &&(u128, u128, bool)| came / 1_000 == second;
                let done = good.iter().filter(within).count();
                assert!(
                    done >= capacity as usize * 4 / 5,
                    "{done} in second {second}"
                );
            }
            let slow = refused.iter().filter(|(_, waited, _)| *waited > 0);
            let slow = slow.count();
            assert!(
                slow * 50 < refused.len(),
                "{slow} of {} refused late",
                refused.len()
            );
            let late = |(came, ..): &&(u128, u128, bool)| *came >= 1_000;
            let longest = good.iter().filter(late).map(|(_, waited, _)| *waited).max();
            let most = u128::from(millis * 2).max(50);
            assert!(longest <= Some(most), "{millis}: {longest:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn c1_nobody_is_refused_as_long_as_all_can_be_done() {
        let all = at_rate(760, Duration::from_millis(5)).await;
        assert!(all.iter().all(|(_, waited, good)| *good && *waited <= 10));
    }

    #[test]
    fn no_noun_has_all_places() {
        let gates = Gates::new(4, READS, &Away::default());
        let reviews: Vec<_> = std::iter::from_fn(|| gates.of("reviews/meta").try_enter()).collect();
        assert_eq!(reviews.len(), 3);
        assert!(gates.of("reviews/list_newest").try_enter().is_none());
        let product = gates.of("products/one").try_enter();
        assert!(product.is_some() && gates.of("cart/list").try_enter().is_none());
        drop(product);
        assert!(gates.of("something/else").try_enter().is_some());
        // The one place of a function is everybody's.
        let gates = Gates::new(1, READS, &Away::default());
        let place = gates.of("schema").try_enter();
        assert!(place.is_some() && gates.of("cart/list").try_enter().is_none());
    }
}
