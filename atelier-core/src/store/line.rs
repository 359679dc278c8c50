//! Who waits for a place, and when nobody more should.
//!
//! A burst is waited out, as far as that can be done soon: who would get in later is refused at once. But where more
//! keep coming than get in, waiting helps nobody: each waits as long as patience lasts, and half of those who get in have
//! been given up by their callers. So once there has been a line for a while, only so many may join it as get in within
//! about the time that the work itself takes, and the others are refused at once.
//!
//! It is statements that wait. What is asked together with others in one makes nobody wait longer, and the more gather the
//! more is done.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// After so long without anybody getting in the database is silent, and nobody joins; a burst is waited out all the same.
const SILENCE: Duration = Duration::from_millis(250);

/// How long one waits at least in a line that does not end, however little time the work takes.
const SHORT: Duration = Duration::from_millis(10);

/// For how long after somebody was refused a new line is the old one: it may end for a moment where far too many come.
/// Where only a few too many do, calm returns in between, or there would be none while anybody is refused.
const CALM: Duration = Duration::from_millis(100);

/// Those who wait for a place. Its numbers are read and written without a lock: each may be a little old.
#[derive(Debug)]
pub(super) struct Line {
    begun: Instant,
    /// How long one waits in a burst, and how long a line is one.
    burst: Duration,
    waiting: AtomicU64,
    /// When somebody last joined an empty line, in nanoseconds since `begun`.
    since: AtomicU64,
    /// When somebody last got in, likewise.
    last: AtomicU64,
    /// How long it takes from one who gets in to the next, in nanoseconds, on average of the last few.
    pace: AtomicU64,
    /// How long one keeps a place, likewise.
    work: AtomicU64,
    /// When somebody was last refused, likewise; 0 while nobody was.
    refused: AtomicU64,
}

/// One who waits.
#[derive(Debug)]
pub(super) struct Waiting(Arc<Line>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Line {
    /// Nobody waits yet.
    pub(super) fn new(burst: Duration) -> Self {
        Self {
            begun: Instant::now(),
            burst,
            waiting: AtomicU64::new(0),
            since: AtomicU64::new(0),
            last: AtomicU64::new(0),
            pace: AtomicU64::new(0),
            work: AtomicU64::new(0),
            refused: AtomicU64::new(0),
        }
    }
    /// Joins the line, unless it should not grow.
    pub(super) fn join(self: &Arc<Self>) -> Option<Waiting> {
        self.join_if(|now, waiting| self.takes(waiting) <= self.most(now))
    }

    /// Joins the line for a statement to which others may be added, of which there are few: unless nobody gets in.
    pub(super) fn lead(self: &Arc<Self>) -> Option<Waiting> {
        self.join_if(|_, _| true)
    }

    /// Whether somebody may wait for such a statement, after so many others that are not in the line yet.
    pub(super) fn follow(&self, ahead: usize) -> bool {
        let (now, waiting) = (self.now(), self.waiting.load(Ordering::Relaxed));
        // How many come while others are under way differs: what is over goes with the next but one.
        let soon = || self.takes(waiting + ahead as u64) <= 2 * self.most(now);
        let good = !self.is_silent(now) && (ahead == 0 || soon());
        if !good {
            self.refused.store(now, Ordering::Relaxed);
        }
        good
    }

    fn join_if(self: &Arc<Self>, good: impl Fn(u64, u64) -> bool) -> Option<Waiting> {
        let now = self.now();
        let waiting = self.waiting.load(Ordering::Relaxed);
        if waiting == 0 {
            self.last.store(now, Ordering::Relaxed);
            let refused = self.refused.load(Ordering::Relaxed);
            if refused == 0 || now.saturating_sub(refused) > nanos(CALM) {
                self.since.store(now, Ordering::Relaxed);
                // What is known of the last line may be long past.
                self.pace.store(0, Ordering::Relaxed);
            }
        } else if self.is_silent(now) || !good(now, waiting) {
            self.refused.store(now, Ordering::Relaxed);
            return None;
        }
        self.waiting.fetch_add(1, Ordering::Relaxed);
        Some(Waiting(Arc::clone(self)))
    }

    /// How long one may have to wait.
    fn most(&self, now: u64) -> u64 {
        if now.saturating_sub(self.since.load(Ordering::Relaxed)) <= nanos(self.burst) {
            return nanos(self.burst);
        }
        let work = self.work.load(Ordering::Relaxed);
        work.clamp(nanos(SHORT), nanos(SILENCE))
    }

    /// How long it takes until so many are in.
    fn takes(&self, waiting: u64) -> u64 {
        waiting.saturating_mul(self.pace.load(Ordering::Relaxed))
    }

    fn is_silent(&self, now: u64) -> bool {
        now.saturating_sub(self.last.load(Ordering::Relaxed)) > nanos(SILENCE.max(self.burst))
    }

    /// Tells that somebody got in.
    pub(super) fn let_in(&self) {
        let now = self.now();
        let since = now.saturating_sub(self.last.swap(now, Ordering::Relaxed));
        let pace = self.pace.load(Ordering::Relaxed);
        let mean = (pace * 7 + since.min(nanos(SILENCE))) / 8;
        self.pace.store(mean, Ordering::Relaxed);
    }

    /// Tells how long somebody kept a place.
    pub(super) fn worked(&self, time: Duration) {
        let work = self.work.load(Ordering::Relaxed);
        let mean = (work * 7 + nanos(time)) / 8;
        self.work.store(mean, Ordering::Relaxed);
    }

    fn now(&self) -> u64 {
        nanos(self.begun.elapsed())
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    const MILLI: Duration = Duration::from_millis(1);
    const BURST: Duration = Duration::from_millis(100);

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_waited_out_as_far_as_that_is_soon() {
        let line = Arc::new(Line::new(BURST));
        let mut waiting: Vec<_> = (0..80).filter_map(|_| line.join()).collect();
        for _ in 0..80 {
            advance(MILLI).await;
            line.let_in();
            waiting.pop();
            waiting.extend(line.join());
            assert_eq!(waiting.len(), 80);
        }
        // One gets in each millisecond: more than 100 would not do so soon.
        waiting.extend((0..1_000).filter_map(|_| line.join()));
        assert!((95..=105).contains(&waiting.len()), "{}", waiting.len());
    }

    #[tokio::test(start_paused = true)]
    async fn where_more_keep_coming_the_line_is_as_long_as_is_soon_let_in() {
        let line = Arc::new(Line::new(BURST));
        let mut waiting: Vec<_> = (0..1_000).filter_map(|_| line.join()).collect();
        let mut lengths = vec![];
        for _ in 0..3_000 {
            advance(MILLI).await;
            line.let_in();
            waiting.pop();
            // Ten times as many as get in.
            waiting.extend((0..10).filter_map(|_| line.join()));
            lengths.push(waiting.len());
        }
        // One gets in each millisecond, which is known after a few: 10 do so soon.
        assert!(lengths.iter().all(|length| *length <= 1_100));
        assert!(
            lengths[1_100..]
                .iter()
                .all(|length| (5..=15).contains(length))
        );
        for _ in 0..100 {
            advance(MILLI).await;
            line.let_in();
            waiting.pop();
            waiting.extend((0..10).filter_map(|_| line.join()));
            assert!((5..=15).contains(&waiting.len()), "{}", waiting.len());
        }
        // When the line has ended for long, the next is a burst again.
        waiting.clear();
        waiting.extend(line.join());
        assert!(line.most(line.now()) < nanos(BURST), "it is the same line");
        waiting.clear();
        advance(CALM + MILLI).await;
        waiting.extend((0..1_000).filter_map(|_| line.join()));
        assert_eq!(waiting.len(), 1_000);
    }

    #[tokio::test(start_paused = true)]
    async fn while_nobody_gets_in_nobody_joins() {
        let line = Arc::new(Line::new(BURST));
        let first = line.join();
        line.worked(Duration::from_secs(4));
        advance(SILENCE + MILLI).await;
        assert!(line.join().is_none());
        drop(first);
        assert!(line.join().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn what_goes_with_others_may_gather() {
        let line = Arc::new(Line::new(BURST));
        let mut leading = vec![];
        for _ in 0..100 {
            leading.push(line.lead().expect("few lead"));
            advance(5 * MILLI).await;
            line.let_in();
        }
        assert!(line.join().is_none(), "a hundred wait");
        assert!(line.follow(0), "they wait anyway");
        assert!(!line.follow(1), "one more than a hundred");
        advance(SILENCE + MILLI).await;
        assert!(!line.follow(0) && line.lead().is_none(), "nobody gets in");
    }
}
