//! Who waits for a place, and when nobody more should.
//!
//! A burst is waited out. But where more keep coming than get in, waiting helps nobody: each waits as long as patience
//! lasts, and half of those who get in have been given up by their callers. So once there has been a line for as long as
//! that, only so many may join it as get in within a short time, and the others are refused at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::gate::PATIENCE;

/// How long one waits in a line that does not end.
const SHORT: Duration = Duration::from_millis(30);

/// Those who wait for a place. Its numbers are read and written without a lock: each may be a little old.
#[derive(Debug)]
pub(super) struct Line {
    begun: Instant,
    waiting: AtomicU64,
    /// When somebody last joined an empty line, in nanoseconds since `begun`.
    since: AtomicU64,
    /// When somebody last got in, likewise.
    last: AtomicU64,
    /// How long it takes from one who gets in to the next, in nanoseconds, on average of the last few.
    pace: AtomicU64,
}

impl Default for Line {
    fn default() -> Self {
        Self {
            begun: Instant::now(),
            waiting: AtomicU64::new(0),
            since: AtomicU64::new(0),
            last: AtomicU64::new(0),
            pace: AtomicU64::new(0),
        }
    }
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
    /// Joins the line, unless it should not grow.
    pub(super) fn join(self: &Arc<Self>) -> Option<Waiting> {
        let now = self.now();
        let waiting = self.waiting.load(Ordering::Relaxed);
        if waiting == 0 {
            self.since.store(now, Ordering::Relaxed);
            self.last.store(now, Ordering::Relaxed);
        } else if self.stands(now) && self.takes(now, waiting) > nanos(SHORT) {
            return None;
        }
        self.waiting.fetch_add(1, Ordering::Relaxed);
        Some(Waiting(Arc::clone(self)))
    }

    /// Whether there has been a line for long.
    fn stands(&self, now: u64) -> bool {
        now.saturating_sub(self.since.load(Ordering::Relaxed)) > nanos(PATIENCE)
    }

    /// How long it takes until so many are in: nobody gets in while the database is silent.
    fn takes(&self, now: u64, waiting: u64) -> u64 {
        let silence = now.saturating_sub(self.last.load(Ordering::Relaxed));
        let pace = self.pace.load(Ordering::Relaxed);
        silence.max(waiting.saturating_mul(pace))
    }

    /// Tells that so many got in at once.
    pub(super) fn let_in(&self, many: usize) {
        let (now, many) = (self.now(), many.max(1) as u64);
        let each = now.saturating_sub(self.last.swap(now, Ordering::Relaxed)) / many;
        let pace = self.pace.load(Ordering::Relaxed);
        // An eighth of the difference for each, as if they had come one by one.
        let weight = many.min(8);
        let mean = (pace * (8 - weight) + each * weight) / 8;
        self.pace.store(mean, Ordering::Relaxed);
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

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_waited_out() {
        let line = Arc::new(Line::default());
        let mut waiting: Vec<_> = (0..1_000).filter_map(|_| line.join()).collect();
        for _ in 0..490 {
            advance(MILLI).await;
            line.let_in(1);
            waiting.pop();
            waiting.extend(line.join());
        }
        assert_eq!(waiting.len(), 1_000);
    }

    #[tokio::test(start_paused = true)]
    async fn where_more_keep_coming_the_line_is_as_long_as_is_soon_let_in() {
        let line = Arc::new(Line::default());
        let mut waiting: Vec<_> = (0..1_000).filter_map(|_| line.join()).collect();
        let mut lengths = vec![];
        for _ in 0..3_000 {
            advance(MILLI).await;
            line.let_in(1);
            waiting.pop();
            // Ten times as many as get in.
            waiting.extend((0..10).filter_map(|_| line.join()));
            lengths.push(waiting.len());
        }
        // One gets in each millisecond: 30 do so soon.
        assert!(lengths[2_999] <= 1_001 + 10 * 500 - 3_000 + 31);
        waiting.truncate(30);
        for _ in 0..100 {
            advance(MILLI).await;
            line.let_in(1);
            waiting.pop();
            waiting.extend((0..10).filter_map(|_| line.join()));
            assert!((25..=35).contains(&waiting.len()), "{}", waiting.len());
        }
        // When the line has ended, the next is a burst again.
        waiting.clear();
        waiting.extend((0..1_000).filter_map(|_| line.join()));
        assert_eq!(waiting.len(), 1_000);
    }

    #[tokio::test(start_paused = true)]
    async fn while_nobody_gets_in_nobody_joins() {
        let line = Arc::new(Line::default());
        let first = line.join();
        advance(PATIENCE + MILLI).await;
        assert!(line.join().is_none());
        drop(first);
        assert!(line.join().is_some());
    }
}
