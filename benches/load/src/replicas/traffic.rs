//! Requests at a constant rate, whatever becomes of them.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use hdrhistogram::Histogram;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use crate::write_ledger::Ids;

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Reads,
    /// Every second request is a write.
    HalfWrites,
}

/// Requests under way.
pub(crate) struct Traffic {
    stop: oneshot::Sender<()>,
    sender: JoinHandle<Outcome>,
}

/// Counts of a run.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) requests: u64,
    /// Without an answer, or with another than the contract's.
    pub(crate) failed: u64,
    pub(crate) first: Option<String>,
    /// Idempotency keys of posts: acknowledged ones, and those with an unknown outcome.
    pub(crate) posts: [Vec<String>; 2],
    /// Votes, in the same order.
    pub(crate) votes: [i64; 2],
    /// Units added to carts, in the same order.
    pub(crate) pieces: [i64; 2],
    latencies: Option<Histogram<u64>>,
}

impl Outcome {
    /// Acknowledged writes.
    pub(crate) fn written(&self) -> i64 {
        i64::try_from(self.posts[0].len()).unwrap_or(i64::MAX) + self.votes[0] + self.pieces[0]
    }

    /// Returns a quantile of the latency in milliseconds, counted from the time when a request was due.
    pub(crate) fn latency(&self, part: f64) -> f64 {
        let latencies = self.latencies.as_ref();
        latencies.map_or(f64::NAN, |all| all.value_at_quantile(part) as f64 / 1e6)
    }
}

/// A write, to be entered.
enum Write {
    Post(String),
    Vote,
    Piece,
}

/// Timeout of a request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);

impl Traffic {
    pub(crate) fn start(address: SocketAddr, rate: u32, ids: Ids, kind: Kind) -> Self {
        let (stop, stopped) = oneshot::channel();
        let sender = tokio::spawn(send(address, rate, ids, kind, stopped));
        Self { stop, sender }
    }

    /// Stops sending, and waits for the requests in flight.
    pub(crate) async fn stop(self) -> Outcome {
        let _ = self.stop.send(());
        self.sender.await.unwrap_or_default()
    }
}

async fn send(
    address: SocketAddr,
    rate: u32,
    ids: Ids,
    kind: Kind,
    mut stopped: oneshot::Receiver<()>,
) -> Outcome {
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let outcome = Arc::new(Mutex::new(Outcome {
        latencies: Histogram::new_with_bounds(1_000, 60_000_000_000, 3).ok(),
        ..Outcome::default()
    }));
    // Each run has marks of its own.
    let run = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.as_nanos());
    let mut due = interval(Duration::from_secs(1) / rate);
    due.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut under_way = JoinSet::new();
    for number in 0_u64.. {
        let at = tokio::select! {
            at = due.tick() => at,
            _ = &mut stopped => break,
        };
        while under_way.try_join_next().is_some() {}
        let write = kind == Kind::HalfWrites && number % 2 == 1;
        let (request, write) = if write {
            let (request, write) = self::write(address, number / 2, run, ids);
            (request, Some(write))
        } else {
            (read(address, number, ids), None)
        };
        let (client, outcome) = (client.clone(), Arc::clone(&outcome));
        under_way.spawn(async move {
            let answer = timeout(REQUEST_TIMEOUT, answer(&client, request)).await;
            let answer = answer.unwrap_or_else(|_| Err("no answer".to_owned()));
            let mut outcome = outcome.lock().unwrap_or_else(PoisonError::into_inner);
            outcome.enter(answer, write, at);
        });
    }
    while under_way.join_next().await.is_some() {}
    let mut outcome = outcome.lock().unwrap_or_else(PoisonError::into_inner);
    std::mem::take(&mut outcome)
}

impl Outcome {
    fn enter(&mut self, answer: Result<StatusCode, String>, write: Option<Write>, at: Instant) {
        self.requests += 1;
        let good = match answer {
            Ok(status) if status.is_success() => Ok(()),
            Ok(status) => Err(status.to_string()),
            Err(words) => Err(words),
        };
        // Refused writes are not stored; without a response, or with one of nginx, the outcome is unknown.
        let known = usize::from(good.is_err());
        match write {
            Some(Write::Post(mark)) => self.posts[known].push(mark),
            Some(Write::Vote) => self.votes[known] += 1,
            Some(Write::Piece) => self.pieces[known] += 1,
            None => {}
        }
        match good {
            Ok(()) => {
                let took = u64::try_from(at.elapsed().as_nanos()).unwrap_or(u64::MAX);
                if let Some(latencies) = &mut self.latencies {
                    latencies.saturating_record(took);
                }
            }
            Err(words) => {
                self.failed += 1;
                self.first.get_or_insert(words);
            }
        }
    }
}

async fn answer(
    client: &Client<HttpConnector, Full<Bytes>>,
    request: Request<Full<Bytes>>,
) -> Result<StatusCode, String> {
    let response = client.request(request).await;
    let response = response.map_err(|error| format!("{error:?}"))?;
    let status = response.status();
    let body = response.into_body().collect().await;
    body.map(|_| status).map_err(|error| format!("{error:?}"))
}

fn request(
    address: SocketAddr,
    method: Method,
    target: &str,
    body: String,
) -> Request<Full<Bytes>> {
    let mut request = Request::new(Full::from(body));
    *request.method_mut() = method;
    if let Ok(uri) = format!("http://{address}{target}").parse() {
        *request.uri_mut() = uri;
    }
    request
}

/// An id below a bound, another with each number, all as often.
fn id(number: u64, most: u64) -> u64 {
    // The step is odd and no divisor of a round number, so that ids come in no order.
    number.wrapping_mul(0x9e37_79b9_7f4a_7c15) % most.max(1) + 1
}

fn read(address: SocketAddr, number: u64, ids: Ids) -> Request<Full<Bytes>> {
    let product = id(number, ids.products);
    let question = id(number, ids.questions);
    let target = match number / 2 % 8 {
        0 => format!("/products?page={}", id(number, ids.products / 5)),
        1 => format!("/products/{product}"),
        2 => format!("/products/{product}/styles"),
        3 => format!("/products/{product}/related"),
        4 => format!("/reviews?product_id={product}&sort=newest"),
        5 => format!("/reviews/meta?product_id={product}"),
        6 => format!("/qa/questions?product_id={product}"),
        _ => format!("/qa/questions/{question}/answers"),
    };
    request(address, Method::GET, &target, String::new())
}

fn write(address: SocketAddr, number: u64, run: u128, ids: Ids) -> (Request<Full<Bytes>>, Write) {
    let product = id(number, ids.products);
    let mark = format!("mark {run:x} {number}");
    let fields = format!(r#""body":"{mark}","name":"r","email":"r@example.org""#);
    let (target, body, write) = match number % 5 {
        0 => (
            "/reviews".to_owned(),
            format!(r#"{{"product_id":{product},"rating":4,"recommend":true,{fields}}}"#),
            Write::Post(mark),
        ),
        1 => (
            "/qa/questions".to_owned(),
            format!(r#"{{"product_id":{product},{fields}}}"#),
            Write::Post(mark),
        ),
        2 => (
            format!("/qa/questions/{}/answers", id(number, ids.questions)),
            format!("{{{fields}}}"),
            Write::Post(mark),
        ),
        3 => (
            format!("/reviews/{}/helpful", id(number, ids.reviews)),
            String::new(),
            Write::Vote,
        ),
        _ => (
            "/cart".to_owned(),
            r#"{"sku_id":1}"#.to_owned(),
            Write::Piece,
        ),
    };
    let method = match write {
        Write::Vote => Method::PUT,
        _ => Method::POST,
    };
    let mut request = request(address, method, &target, body);
    if let Write::Piece = write
        && let Ok(owner) = format!("owner {}", number % 100).parse()
    {
        request.headers_mut().insert("authorization", owner);
    }
    (request, write)
}
