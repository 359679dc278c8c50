//! One load on one server: connections shared out over threads, and what they counted.

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
use tokio::time::{Instant, timeout_at};

use crate::client::Connection;
use crate::targets::{Random, Source};
use crate::{Result, closed_loop, open_loop};

/// Threads that send. Of 24 measurements with one and with two, by turns, against the bare server on two cores the
/// median was 37,000 answers a second with one and 47,000 with two, the best 54,000 and 72,000.
const THREADS: usize = 2;

/// How long after its end a load still waits for answers; what comes later counts as an error.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is put on a server.
#[derive(Debug, Clone)]
pub(crate) struct Load {
    pub(crate) address: SocketAddr,
    pub(crate) source: Source,
    pub(crate) connections: usize,
    pub(crate) time: Duration,
    /// Requests in a second; as many as are answered when there is none.
    pub(crate) rate: Option<u32>,
    /// Whether 503 is an answer as well, and no error.
    pub(crate) sheds: bool,
    /// Chance: another seed asks for other ids.
    pub(crate) seed: u64,
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

/// What went wrong: how often, and what it was the first time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Errors {
    pub(crate) count: u64,
    pub(crate) first: Option<String>,
}

impl Errors {
    pub(crate) fn add(&mut self, count: u64, words: impl FnOnce() -> String) {
        self.count += count;
        self.first.get_or_insert_with(words);
    }

    pub(crate) fn join(&mut self, other: Self) {
        self.count += other.count;
        self.first = self.first.take().or(other.first);
    }
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
    /// Sends the request and counts its answer, with its latency since `since`. An error is the end of the connection.
    pub(crate) async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        connection: &mut Connection<S>,
        request: &[u8],
        expected: u16,
        since: Instant,
    ) -> io::Result<()> {
        let answer = connection.exchange(request).await;
        let now = Instant::now();
        let mut outcome = self.outcome.borrow_mut();
        match answer {
            Ok(answer) if answer.status == expected || self.sheds && answer.status == 503 => {
                if now > self.last {
                    return Ok(());
                }
                let took = u64::try_from(now.duration_since(since).as_nanos());
                let latencies = if answer.status == expected {
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
                    format!(
                        "{} instead of {expected}: {asked}: {said:.100}",
                        answer.status
                    )
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
}

/// Puts the load on, until its time is up.
pub(crate) async fn run(load: Load) -> Result<Outcome> {
    let mut groups: Vec<Vec<TcpStream>> = (0..THREADS).map(|_| Vec::new()).collect();
    for place in 0..load.connections {
        let stream = connect(load.address).map_err(|error| format!("no connection: {error}"))?;
        groups[place % THREADS].push(stream);
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

fn on_thread(
    load: &Load,
    next: &AtomicU64,
    begin: Instant,
    streams: Vec<TcpStream>,
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
        last: load.rate.map_or(end, |_| end + PATIENCE),
        sheds: load.sheds,
        outcome: RefCell::new(Outcome::new(load.time)),
    };
    let _inside = runtime.enter();
    let connections: io::Result<Vec<_>> = streams
        .into_iter()
        .map(|stream| tokio::net::TcpStream::from_std(stream).map(Connection::new))
        .collect();
    let connections = connections.map_err(failed)?;
    runtime.block_on(async {
        let each = connections
            .into_iter()
            .enumerate()
            .map(|(place, connection)| {
                let random = Random::new(load.seed << 20 | number << 16 | place as u64);
                let share = &share;
                async move {
                    match load.rate {
                        Some(rate) => open_loop::drive(connection, share, rate, next, random).await,
                        None => closed_loop::drive(connection, share, random).await,
                    }
                }
            });
        let all = futures_util::future::join_all(each);
        if timeout_at(share.end + PATIENCE, all).await.is_err() {
            let words = || format!("no answer within {} s", PATIENCE.as_secs());
            share.outcome.borrow_mut().errors.add(1, words);
        }
    });
    Ok(share.outcome.into_inner())
}
