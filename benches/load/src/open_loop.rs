//! Open loop: requests at a constant rate. Latency counts from the time when a request was due, even if it was sent
//! later because all connections were busy, so a stalled server cannot hide it (coordinated omission).
//!
//! The runtime's timer has a resolution of a millisecond, so a latency may be up to one millisecond too long, never too short.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::sleep_until;

use crate::client::Connection;
use crate::load::Share;
use crate::targets::Random;

/// Returns the number of requests that are due within `time`.
pub(crate) fn due(rate: u32, time: Duration) -> u64 {
    let due = u128::from(rate) * time.as_nanos() / 1_000_000_000;
    u64::try_from(due).unwrap_or(u64::MAX)
}

/// Returns the time at which a request is due, from the start.
fn time_of(number: u64, rate: u32) -> Duration {
    let nanoseconds = u128::from(number) * 1_000_000_000 / u128::from(rate);
    Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
}

/// Drives one of several connections: when free, it claims the next request and waits until it is due. Fails when the connection
/// breaks.
pub(crate) async fn drive<S: AsyncRead + AsyncWrite + Unpin>(
    mut connection: Connection<S>,
    share: &Share<'_>,
    rate: u32,
    next: &AtomicU64,
    random: &mut Random,
) -> io::Result<()> {
    let mut request = Vec::with_capacity(1_024);
    let due = due(rate, share.end - share.begin);
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= due {
            return Ok(());
        }
        share.source.next(random, &mut request);
        let intended = share.begin + time_of(number, rate);
        sleep_until(intended).await;
        share.exchange(&mut connection, &request, intended).await?;
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
    use tokio::time::{Instant, sleep};

    use super::*;
    use crate::load::Outcome;
    use crate::targets::{Source, get};

    /// Answers all requests at once but the first, which takes a second.
    async fn stalled_once(mut stream: DuplexStream) {
        let mut request = vec![0; get("/").len()];
        let mut stall = Duration::from_secs(1);
        while stream.read_exact(&mut request).await.is_ok() {
            sleep(std::mem::take(&mut stall)).await;
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
            stream.write_all(answer).await.expect("a client");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_stall_counts_for_every_request_that_was_due_meanwhile() {
        let (near, far) = tokio::io::duplex(1_024);
        let server = tokio::spawn(stalled_once(far));
        let source = Source::listed(&["/".to_owned()]);
        let (begin, time) = (Instant::now(), Duration::from_secs(2));
        let share = Share {
            source: &source,
            begin,
            end: begin + time,
            last: begin + 2 * time,
            sheds: false,
            outcome: RefCell::new(Outcome::new(time)),
        };
        let next = AtomicU64::new(0);
        drive(
            Connection::new(near),
            &share,
            100,
            &next,
            &mut Random::new(1),
        )
        .await
        .expect("the connection stays open");
        server.await.expect("the server ends with its client");

        // 100 a second for two seconds: a hundred were due in the first, and waited 1 s, 990 ms, 980 ms, ..
        let outcome = share.outcome.into_inner();
        assert_eq!(outcome.errors.first, None);
        assert_eq!(outcome.latencies.len(), 200);
        for (share, milliseconds) in [(0.5, 0.0), (0.75, 500.0), (0.9, 800.0), (1.0, 1_000.0)] {
            let told = outcome.quantile(share) / 1e3;
            let near = (told - milliseconds).abs() < 12.0;
            assert!(near, "{share}: {told} ms instead of {milliseconds} ms");
        }
    }

    #[test]
    fn requests_are_due_evenly() {
        assert_eq!(due(2_000, Duration::from_millis(1_500)), 3_000);
        assert_eq!(time_of(0, 2_000), Duration::ZERO);
        assert_eq!(time_of(3, 2_000), Duration::from_micros(1_500));
        assert_eq!(time_of(100, 3), Duration::from_nanos(33_333_333_333));
    }
}
