//! One load on one server: connections spread over threads, and their counts.

use std::cell::RefCell;
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use hdrhistogram::Histogram;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, sleep_until, timeout, timeout_at};

use crate::client::Connection;
use crate::targets::{Random, Source};
use crate::{Result, closed_loop, open_loop};

/// Threads that send. Against the bare server on two cores, 24 alternating measurements had a median of 37,000 responses per second
/// with one thread and 47,000 with two; the best were 54,000 and 72,000.
const THREADS: usize = 2;

/// A request without an answer after this time counts as failed.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// Wait after a refused connection, before the next attempt.
const RECONNECT_DELAY: Duration = Duration::from_millis(100);

/// A load to put on a server.
#[derive(Debug, Clone)]
pub(crate) struct Load {
    pub(crate) address: SocketAddr,
    pub(crate) source: Source,
    pub(crate) connections: usize,
    pub(crate) time: Duration,
    /// Requests per second; `None` is a closed loop.
    pub(crate) rate: Option<u32>,
    /// Whether 503 counts as an expected response.
    pub(crate) sheds: bool,
    /// Seed of the random ids.
    pub(crate) seed: u64,
    pub(crate) pace: Pace,
}

/// How the clients of a closed loop behave. By default all begin at once and never pause.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Pace {
    /// Time over which the clients begin, one after the other.
    pub(crate) ramp: Duration,
    /// Pause of a client after each answer.
    pub(crate) sleep: Duration,
}

/// What a load came to.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// Of the answers as expected, in nanoseconds.
    pub(crate) latencies: Histogram<u64>,
    /// Of those that were refused until later, where that is no error.
    pub(crate) refused: Histogram<u64>,
    time: Duration,
    pub(crate) bytes: u64,
    pub(crate) errors: Errors,
}

/// Counts failed requests: transport errors, time-outs, and answers outside 2xx and 304.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Errors {
    pub(crate) count: u64,
    /// All requests, failed or not.
    pub(crate) requests: u64,
    /// Describes the first failure.
    pub(crate) first: Option<String>,
}

impl Errors {
    pub(crate) fn add(&mut self, count: u64, words: impl FnOnce() -> String) {
        self.count += count;
        self.first.get_or_insert_with(words);
    }

    pub(crate) fn join(&mut self, other: Self) {
        self.count += other.count;
        self.requests += other.requests;
        self.first = self.first.take().or(other.first);
    }

    /// Share of the requests that failed, from 0 to 1.
    pub(crate) fn share(&self) -> f64 {
        if self.requests == 0 {
            0.0
        } else {
            self.count as f64 / self.requests as f64
        }
    }

    /// The share as text: `0` when no request failed, otherwise at least two digits, such as `0.0012 %`.
    pub(crate) fn text(&self) -> String {
        let percent = 100.0 * self.share();
        match self.count {
            0 => "0".to_owned(),
            _ if percent >= 0.1 => format!("{percent:.1} %"),
            _ => format!("{percent:.4} %"),
        }
    }
}

/// Whether an answer with this status counts towards goodput.
const fn is_success(status: u16) -> bool {
    matches!(status, 200..=299 | 304)
}

impl Outcome {
    pub(crate) fn new(time: Duration) -> Self {
        // To a minute, to three digits: the bounds are within what the histogram takes.
        let empty = || Histogram::new_with_bounds(1_000, 60_000_000_000, 3).expect("valid bounds");
        Self {
            latencies: empty(),
            refused: empty(),
            time,
            bytes: 0,
            errors: Errors::default(),
        }
    }

    /// Answers in a second.
    pub(crate) fn rate(&self) -> f64 {
        self.latencies.len() as f64 / self.time.as_secs_f64()
    }

    /// Microseconds that an answer took on average.
    pub(crate) fn mean(&self) -> f64 {
        self.latencies.mean() / 1e3
    }

    /// Microseconds within which this share of the answers came.
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        self.latencies.value_at_quantile(share) as f64 / 1e3
    }

    fn join(&mut self, other: Self) -> Result<()> {
        let joined = self.latencies.add(other.latencies);
        joined
            .and_then(|()| self.refused.add(other.refused))
            .map_err(|error| error.to_string())?;
        self.bytes += other.bytes;
        self.errors.join(other.errors);
        Ok(())
    }
}

/// What the connections of a thread have in common.
pub(crate) struct Share<'a> {
    pub(crate) source: &'a Source,
    pub(crate) begin: Instant,
    pub(crate) end: Instant,
    /// Answers that come later do not count.
    pub(crate) last: Instant,
    /// Whether 503 is an answer as well.
    pub(crate) sheds: bool,
    pub(crate) outcome: RefCell<Outcome>,
}

impl Share<'_> {
    /// Sends the request and counts its answer, with its latency since `since`. After an error the connection is of no
    /// more use.
    pub(crate) async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        connection: &mut Connection<S>,
        request: &[u8],
        since: Instant,
    ) -> io::Result<()> {
        let answer = timeout(REQUEST_TIMEOUT, connection.exchange(request)).await;
        let answer = answer.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        let now = Instant::now();
        let mut outcome = self.outcome.borrow_mut();
        outcome.errors.requests += 1;
        match answer {
            Ok(answer) if is_success(answer.status) || self.sheds && answer.status == 503 => {
                if now > self.last {
                    return Ok(());
                }
                let took = u64::try_from(now.duration_since(since).as_nanos());
                let latencies = if is_success(answer.status) {
                    &mut outcome.latencies
                } else {
                    &mut outcome.refused
                };
                latencies.saturating_record(took.unwrap_or(u64::MAX));
                outcome.bytes += answer.body.len() as u64;
                Ok(())
            }
            Ok(answer) => {
                outcome.errors.add(1, || {
                    let first_line = request.split(|byte| *byte == b'\r').next();
                    let asked = String::from_utf8_lossy(first_line.unwrap_or_default());
                    let said = String::from_utf8_lossy(answer.body);
                    format!("{}: {asked}: {said:.100}", answer.status)
                });
                Ok(())
            }
            Err(error) => {
                outcome
                    .errors
                    .add(1, || format!("a connection broke: {error}"));
                Err(error)
            }
        }
    }

    /// Opens a connection; a refused one counts as a failed request, and the next attempt follows until the load ends.
    async fn connect(&self, address: SocketAddr) -> Option<Connection<tokio::net::TcpStream>> {
        while Instant::now() < self.end {
            let stream = timeout(REQUEST_TIMEOUT, tokio::net::TcpStream::connect(address)).await;
            let stream = stream.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
            match stream.and_then(|stream| stream.set_nodelay(true).map(|()| stream)) {
                Ok(stream) => return Some(Connection::new(stream)),
                Err(error) => {
                    let mut outcome = self.outcome.borrow_mut();
                    outcome.errors.requests += 1;
                    outcome.errors.add(1, || format!("no connection: {error}"));
                }
            }
            sleep(RECONNECT_DELAY).await;
        }
        None
    }
}

/// Puts the load on, until its time is up.
pub(crate) async fn run(load: Load) -> Result<Outcome> {
    let mut groups: Vec<Vec<Client>> = (0..THREADS).map(|_| Vec::new()).collect();
    for place in 0..load.connections {
        // Clients of a ramp connect when they begin: a server closes a connection that sends nothing.
        let stream = if load.pace.ramp.is_zero() {
            let stream = connect(load.address);
            Some(stream.map_err(|error| format!("no connection: {error}"))?)
        } else {
            None
        };
        groups[place % THREADS].push(Client { place, stream });
    }
    groups.retain(|group| !group.is_empty());

    // A moment for all threads to be there.
    let begin = Instant::now() + Duration::from_millis(20);
    let (load, next) = (Arc::new(load), Arc::new(AtomicU64::new(0)));
    let mut threads = Vec::new();
    for (number, group) in groups.into_iter().enumerate() {
        let (ended, outcome) = oneshot::channel();
        let (load, next) = (Arc::clone(&load), Arc::clone(&next));
        thread::spawn(move || {
            // Nobody waits for it any more when the run was interrupted.
            drop(ended.send(on_thread(&load, &next, begin, group, number as u64)));
        });
        threads.push(outcome);
    }
    let mut all = Outcome::new(load.time);
    for outcome in threads {
        let outcome = outcome.await.map_err(|_| "a thread of the load is gone")?;
        all.join(outcome?)?;
    }
    if let Some(rate) = load.rate {
        // What no connection was left for was never sent.
        let due = open_loop::due(rate, load.time);
        let sent = next.load(Ordering::Relaxed).min(due);
        if sent < due {
            let words = || "no connection was left to send it".to_owned();
            all.errors.requests += due - sent;
            all.errors.add(due - sent, words);
        }
    }
    Ok(all)
}

fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, Duration::from_secs(5))?;
    stream.set_nodelay(true)?;
    stream.set_nonblocking(true)?;
    Ok(stream)
}

/// One client of the load; its place among all of them decides when it begins.
struct Client {
    place: usize,
    stream: Option<TcpStream>,
}

fn on_thread(
    load: &Load,
    next: &AtomicU64,
    begin: Instant,
    clients: Vec<Client>,
    number: u64,
) -> Result<Outcome> {
    let failed = |error: io::Error| format!("a thread of the load can't start: {error}");
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_all().build().map_err(failed)?;
    let end = begin + load.time;
    let share = Share {
        source: &load.source,
        begin,
        end,
        last: load.rate.map_or(end, |_| end + REQUEST_TIMEOUT),
        sheds: load.sheds,
        outcome: RefCell::new(Outcome::new(load.time)),
    };
    runtime.block_on(async {
        let each = clients.into_iter().map(|client| {
            let random = Random::new(load.seed << 40 | number << 32 | client.place as u64);
            drive(client, load, &share, next, random)
        });
        let all = futures_util::future::join_all(each);
        if timeout_at(end + 2 * REQUEST_TIMEOUT, all).await.is_err() {
            let words = || "requests were still waiting for a connection".to_owned();
            share.outcome.borrow_mut().errors.add(1, words);
        }
    });
    Ok(share.outcome.into_inner())
}

/// Runs one client until the load ends. A broken connection is replaced, so the number of clients stays the same.
async fn drive(
    client: Client,
    load: &Load,
    share: &Share<'_>,
    next: &AtomicU64,
    mut random: Random,
) {
    let stream = client.stream.map(tokio::net::TcpStream::from_std);
    let mut connection = stream.and_then(io::Result::ok).map(Connection::new);
    let part = client.place as f64 / load.connections as f64;
    sleep_until(share.begin + load.pace.ramp.mul_f64(part)).await;
    loop {
        if connection.is_none() {
            connection = share.connect(load.address).await;
        }
        let Some(connection) = connection.take() else {
            return;
        };
        let driven = match load.rate {
            Some(rate) => open_loop::drive(connection, share, rate, next, &mut random).await,
            None => closed_loop::drive(connection, share, load.pace.sleep, &mut random).await,
        };
        if driven.is_ok() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_2xx_and_304_count_towards_goodput() {
        for status in [200, 201, 204, 299, 304] {
            assert!(is_success(status), "{status}");
        }
        for status in [0, 101, 199, 300, 302, 404, 422, 500, 503] {
            assert!(!is_success(status), "{status}");
        }
    }

    #[test]
    fn failure_share_counts_all_requests() {
        let mut errors = Errors::default();
        assert_eq!((errors.share(), errors.text()), (0.0, "0".to_owned()));
        errors.requests = 400;
        errors.add(1, || "503".to_owned());
        errors.join(Errors {
            requests: 400,
            ..Errors::default()
        });
        assert_eq!(
            (errors.share(), errors.text()),
            (0.00125, "0.1 %".to_owned())
        );
        errors.requests = 1_000_000;
        assert_eq!(errors.text(), "0.0001 %");
    }
}
