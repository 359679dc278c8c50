//! The HTTP protocol between the service and the process of a function.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::{MAX_RESPONSE, Outcome, lock};

#[derive(Debug)]
pub(super) struct Invocation {
    pub(super) id: String,
    pub(super) event: Bytes,
    pub(super) timeout: Duration,
    pub(super) begun: oneshot::Sender<Instant>,
    pub(super) outcome: oneshot::Sender<Outcome>,
}

/// State of all connections.
#[derive(Debug)]
pub(super) struct State {
    pub(super) events: tokio::sync::Mutex<mpsc::UnboundedReceiver<Invocation>>,
    pub(super) open: Mutex<HashMap<String, oneshot::Sender<Outcome>>>,
    /// When the process asked for an event for the first time.
    pub(super) first_poll: OnceLock<Instant>,
    /// Whether it waits for one.
    pub(super) waits: watch::Sender<bool>,
    pub(super) init_error: Mutex<Option<String>>,
    pub(super) next_id: AtomicU64,
    pub(super) process: OnceLock<Pid>,
    pub(super) stops: AtomicBool,
    pub(super) stopped: AtomicBool,
}

pub(super) async fn serve(listener: TcpListener, state: Arc<State>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    connections.spawn(connection(stream, Arc::clone(&state)));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Serves one connection. Nagle's algorithm is off, because head and body leave in one piece.
async fn connection(stream: TcpStream, state: Arc<State>) {
    let service = service_fn(|request| {
        let state = Arc::clone(&state);
        async move { io::Result::Ok(state.answer(request).await) }
    });
    if stream.set_nodelay(true).is_ok() {
        // A process that ends closes its connection, which is no failure.
        let _ = http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .await;
    }
}

impl State {
    pub(super) fn new(events: mpsc::UnboundedReceiver<Invocation>) -> Self {
        Self {
            events: tokio::sync::Mutex::new(events),
            open: Mutex::default(),
            first_poll: OnceLock::new(),
            waits: watch::Sender::new(false),
            init_error: Mutex::default(),
            next_id: AtomicU64::new(1),
            process: OnceLock::new(),
            stops: AtomicBool::new(false),
            stopped: AtomicBool::new(false),
        }
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let path = request.uri().path().to_owned();
        let Some(path) = path.strip_prefix("/2018-06-01/runtime/") else {
            return failure(StatusCode::NOT_FOUND, "NotFound", "no such path");
        };
        let post = request.method() == Method::POST;
        match path.split('/').collect::<Vec<_>>()[..] {
            ["invocation", "next"] if request.method() == Method::GET => self.next().await,
            ["invocation", id, kind @ ("response" | "error")] if post => {
                match request.into_body().collect().await {
                    Ok(body) => self.outcome(id, kind, body.to_bytes()),
                    Err(_) => failure(StatusCode::BAD_REQUEST, "Truncated", "the body broke off"),
                }
            }
            ["init", "error"] if post => {
                let body = request.into_body().collect().await;
                let body = body
                    .map(http_body_util::Collected::to_bytes)
                    .unwrap_or_default();
                *lock(&self.init_error) = Some(String::from_utf8_lossy(&body).into_owned());
                accepted()
            }
            _ => failure(StatusCode::NOT_FOUND, "NotFound", "no such path"),
        }
    }

    /// The long poll. Dropped when the connection ends.
    async fn next(&self) -> Response<Full<Bytes>> {
        self.first_poll.get_or_init(Instant::now);
        let mut events = self.events.lock().await;
        // A process with a queued event is not stopped.
        let invocation = if let Ok(invocation) = events.try_recv() {
            invocation
        } else {
            if self.stops.load(Ordering::Relaxed) {
                self.signal(Signal::STOP);
            }
            self.waits.send_replace(true);
            let invocation = events.recv().await;
            self.waits.send_replace(false);
            match invocation {
                Some(invocation) => invocation,
                None => return failure(StatusCode::GONE, "Gone", "there will be no more events"),
            }
        };
        if self.stopped.load(Ordering::Relaxed) {
            self.signal(Signal::CONT);
        }
        let deadline = SystemTime::now() + invocation.timeout;
        let deadline = deadline.duration_since(UNIX_EPOCH).unwrap_or_default();
        lock(&self.open).insert(invocation.id.clone(), invocation.outcome);
        // The event is delivered even when nothing waits for the outcome.
        let _ = invocation.begun.send(Instant::now());
        let answer = Response::builder()
            .header("content-type", "application/json")
            .header("lambda-runtime-aws-request-id", invocation.id)
            .header(
                "lambda-runtime-deadline-ms",
                deadline.as_millis().to_string(),
            )
            .header(
                "lambda-runtime-invoked-function-arn",
                "arn:aws:lambda:eu-central-1:000000000000:function:atelier",
            )
            .header(
                "lambda-runtime-trace-id",
                "Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0",
            );
        answer
            .body(Full::new(invocation.event))
            .expect("constant headers and numbers")
    }

    fn outcome(&self, id: &str, kind: &str, body: Bytes) -> Response<Full<Bytes>> {
        let Some(waiting) = lock(&self.open).remove(id) else {
            return failure(StatusCode::BAD_REQUEST, "InvalidRequestID", "unknown id");
        };
        let (outcome, said) = if kind == "error" {
            let json = String::from_utf8_lossy(&body).into_owned();
            (Outcome::Error(json), accepted())
        } else if body.len() > MAX_RESPONSE {
            let words = format!(
                "{} bytes exceed the {MAX_RESPONSE} of an answer",
                body.len()
            );
            let kind = "Function.ResponseSizeTooLarge";
            let json = json!({"errorType": kind, "errorMessage": words}).to_string();
            let refused = failure(
                StatusCode::PAYLOAD_TOO_LARGE,
                "RequestEntityTooLarge",
                &words,
            );
            (Outcome::Error(json), refused)
        } else {
            (Outcome::Answer(body), accepted())
        };
        let _ = waiting.send(outcome);
        said
    }

    /// Sends a signal; a process that has ended is no failure.
    pub(super) fn signal(&self, signal: Signal) {
        if let Some(process) = self.process.get() {
            let _ = kill_process(*process, signal);
            if signal == Signal::STOP || signal == Signal::CONT {
                let stopped = signal == Signal::STOP;
                self.stopped.store(stopped, Ordering::Relaxed);
            }
        }
    }
}

fn accepted() -> Response<Full<Bytes>> {
    json_answer(StatusCode::ACCEPTED, r#"{"status":"OK"}"#.to_owned())
}

fn failure(status: StatusCode, kind: &str, words: &str) -> Response<Full<Bytes>> {
    let json = json!({"errorType": kind, "errorMessage": words});
    json_answer(status, json.to_string())
}

fn json_answer(status: StatusCode, json: String) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::new(Bytes::from(json)));
    *answer.status_mut() = status;
    let json = http::HeaderValue::from_static("application/json");
    answer
        .headers_mut()
        .insert(http::header::CONTENT_TYPE, json);
    answer
}
