//! Admission control: whether one more request may wait in a queue.
//!
//! Load shedding for a FIFO queue that is bounded by time. A request is admitted while the expected wait, which is the queue
//! length divided by the measured service rate (Little's law), does not exceed the queue timeout; otherwise it is refused at
//! once. So a queue grows as long as its clients can be served in time, and under overload no request waits for nothing. The
//! rate is measured in statements, because a longer queue makes larger batches.

use std::time::Duration;

use tokio::time::Instant;

/// How long a request waits for a connection, unless [`StoreOptions`](crate::store::StoreOptions) says otherwise.
pub(crate) const QUEUE_TIMEOUT: Duration = Duration::from_secs(2);

/// The time over which the service rate is averaged. It spans the pauses that a database takes, such as a checkpoint: a rate
/// of the last moment would refuse requests because of a pause that is already over.
const AVERAGING: Duration = Duration::from_secs(2);

/// For this long after a queue began, its rate is not known well enough to refuse a request: connections may still be opened,
/// and statements grow with the queue.
const LEARNING: Duration = Duration::from_secs(1);

/// The service rate of one queue, and what follows from it. The queue's own lock guards it.
#[derive(Debug)]
pub(crate) struct Admission {
    queue_timeout: Duration,
    /// Statements that left the queue, and the seconds that took while requests waited: both decay by the same factor.
    statements: f64,
    seconds: f64,
    /// When the queue was last empty.
    begun: Instant,
    /// When the last statement left since.
    last: Instant,
}

impl Admission {
    /// An empty queue, whose service rate is not known.
    pub(crate) fn new(queue_timeout: Duration) -> Self {
        let now = Instant::now();
        Self {
            queue_timeout,
            statements: 0.0,
            seconds: 0.0,
            begun: now,
            last: now,
        }
    }

    /// Whether a request may wait behind `waiting` others, of which up to `batch` leave in one statement.
    pub(crate) fn admits(&mut self, waiting: usize, batch: usize) -> bool {
        let now = Instant::now();
        if waiting == 0 {
            (self.statements, self.seconds) = (0.0, 0.0);
            (self.begun, self.last) = (now, now);
        }
        if now - self.begun < LEARNING {
            return true;
        }
        // Whole statements, its own included.
        #[expect(clippy::cast_precision_loss, reason = "fewer than 2^52 requests")]
        let ahead = (waiting / batch + 1) as f64;
        let expected = (now - self.last).as_secs_f64() + ahead * self.interval();
        expected <= self.queue_timeout.as_secs_f64()
    }

    /// Records that a statement leaves the queue.
    pub(crate) fn statement_left(&mut self) {
        let now = Instant::now();
        let since = (now - self.last).as_secs_f64();
        let decay = (-since / AVERAGING.as_secs_f64()).exp();
        self.statements = self.statements * decay + 1.0;
        self.seconds = self.seconds * decay + since;
        self.last = now;
    }

    /// Seconds from one statement to the next; 0 while that is not known.
    fn interval(&self) -> f64 {
        if self.statements > 0.0 {
            self.seconds / self.statements
        } else {
            0.0
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    const MILLI: Duration = Duration::from_millis(1);
    const TIMEOUT: Duration = Duration::from_secs(2);

    /// A queue that has been long enough for its rate to be known: a statement leaves each 10 ms.
    async fn busy() -> Admission {
        let mut admission = Admission::new(TIMEOUT);
        assert!(admission.admits(0, 1));
        for _ in 0..500 {
            advance(10 * MILLI).await;
            admission.statement_left();
        }
        admission
    }

    #[tokio::test(start_paused = true)]
    async fn requests_are_admitted_as_long_as_they_can_be_served_in_time() {
        let mut admission = busy().await;
        assert!(admission.admits(190, 1));
        assert!(!admission.admits(210, 1));
        // As many statements of 32 requests each.
        assert!(admission.admits(190 * 32, 32));
        assert!(!admission.admits(210 * 32, 32));
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_of_the_database_refuses_no_request_that_can_wait_it_out() {
        let mut admission = busy().await;
        advance(800 * MILLI).await;
        assert!(admission.admits(60, 1), "during the pause");
        admission.statement_left();
        assert!(admission.admits(60, 1), "right after it");
    }

    #[tokio::test(start_paused = true)]
    async fn requests_are_refused_at_once_while_no_statement_leaves() {
        let mut admission = Admission::new(TIMEOUT);
        assert!(admission.admits(0, 32));
        assert!(admission.admits(1, 32));
        advance(TIMEOUT + MILLI).await;
        assert!(!admission.admits(2, 32));
        assert!(admission.admits(0, 32), "the first of a new queue");
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_admitted_as_a_whole() {
        let mut admission = busy().await;
        assert!(admission.admits(0, 1), "the queue was empty");
        advance(300 * MILLI).await;
        admission.statement_left();
        assert!(admission.admits(5_000, 1), "after one slow statement");
    }
}
