//! `/live`, `/ready` and `/health`: what a supervisor and a load balancer ask.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use atelier_core::Atelier;
use bytes::Bytes;
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use metrics::gauge;

use crate::observe::metrics::READY;

/// How often the database is asked.
const EVERY: Duration = Duration::from_secs(1);

/// Failures in a row that make a server not ready: one slow answer is no outage.
const FAILURES: u32 = 3;

/// Whether this server should be sent requests. Answered from what a background task last saw: a probe that queried would
/// turn a slow database into all servers gone at once.
#[derive(Debug, Clone, Default)]
pub struct Health(Arc<State>);

#[derive(Debug, Default)]
struct State {
    /// That the database has answered once.
    started: AtomicBool,
    reached: AtomicBool,
    draining: AtomicBool,
}

impl State {
    fn ready(&self) -> bool {
        self.reached.load(Ordering::Relaxed) && !self.draining.load(Ordering::Relaxed)
    }

    fn tell(&self) {
        gauge!(READY).set(f64::from(u8::from(self.ready())));
    }
}

impl Health {
    /// Asks the database now and then, as long as the process lives. It has answered for the first time.
    pub fn watch(&self, atelier: Atelier) {
        self.0.reached.store(true, Ordering::Relaxed);
        self.0.started.store(true, Ordering::Relaxed);
        self.0.tell();
        let state = Arc::clone(&self.0);
        tokio::spawn(async move {
            let mut failures = 0;
            loop {
                tokio::time::sleep(EVERY).await;
                let error = atelier.ready().await.err();
                failures = error.as_ref().map_or(0, |_| failures + 1);
                if failures > 0 && failures != FAILURES {
                    continue;
                }
                let was_reached = state.reached.swap(failures == 0, Ordering::Relaxed);
                match error {
                    Some(error) => tracing::warn!("not ready: {error}"),
                    None if !was_reached => tracing::info!("ready again"),
                    None => continue,
                }
                state.tell();
            }
        });
    }

    /// From now on this server is not ready, and closes each connection after its answer.
    pub fn drain(&self) {
        self.0.draining.store(true, Ordering::Relaxed);
        self.0.tell();
    }

    /// Whether the server is about to end.
    pub fn draining(&self) -> bool {
        self.0.draining.load(Ordering::Relaxed)
    }

    fn ready(&self) -> bool {
        self.0.ready()
    }

    /// For a load balancer: a server whose database is away goes on answering what it keeps.
    fn health(&self) -> Response<Bytes> {
        if !self.0.started.load(Ordering::Relaxed) {
            probe(false, "starting")
        } else if self.draining() {
            probe(false, "draining")
        } else if self.ready() {
            probe(true, "healthy")
        } else {
            probe(true, "degraded")
        }
    }

    /// The answer to a probe, 200 or 503; none to what is no probe. Not by warp's filters, each of which would be asked
    /// before every request of the API.
    pub fn answer<B>(&self, request: &Request<B>) -> Option<Response<Bytes>> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return None;
        }
        let path = request.uri().path();
        match path.strip_suffix('/').unwrap_or(path) {
            "/live" => Some(probe(true, "live")),
            "/ready" if self.ready() => Some(probe(true, "ready")),
            "/ready" => Some(probe(false, "not ready")),
            "/health" => Some(self.health()),
            _ => None,
        }
    }
}

fn probe(good: bool, text: &'static str) -> Response<Bytes> {
    let mut response = plain(Bytes::from_static(text.as_bytes()));
    *response.status_mut() = if good {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    response
}

/// A text of the server itself, which nobody may keep.
pub(crate) fn plain(text: Bytes) -> Response<Bytes> {
    let mut response = Response::new(text);
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    response
}
