//! Health checks: `/live`, `/ready` and `/health`, for supervisors and load balancers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use atelier_core::Atelier;
use bytes::Bytes;
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use metrics::gauge;

use crate::observe::names::READY;

/// How often the database is probed.
const PROBE_INTERVAL: Duration = Duration::from_secs(1);

/// Consecutive failed probes after which the server is not ready: a single slow response is not an outage.
const FAILURE_THRESHOLD: u32 = 3;

/// The state behind the health checks. A background task probes the database, and the checks report its last result: if each
/// check queried the database, a slow database would take all servers out of the load balancer at once.
#[derive(Debug, Clone, Default)]
pub struct Health(Arc<State>);

#[derive(Debug, Default)]
struct State {
    /// Whether the database has ever been reached.
    started: AtomicBool,
    reachable: AtomicBool,
    draining: AtomicBool,
}

impl State {
    fn ready(&self) -> bool {
        self.reachable.load(Ordering::Relaxed) && !self.draining.load(Ordering::Relaxed)
    }

    fn update_metric(&self) {
        gauge!(READY).set(f64::from(u8::from(self.ready())));
    }
}

impl Health {
    /// Marks the server as started, and spawns the task that probes the database.
    pub fn spawn_probe(&self, atelier: Atelier) {
        self.0.reachable.store(true, Ordering::Relaxed);
        self.0.started.store(true, Ordering::Relaxed);
        self.0.update_metric();
        let state = Arc::clone(&self.0);
        tokio::spawn(async move {
            let mut failures = 0;
            loop {
                tokio::time::sleep(PROBE_INTERVAL).await;
                let error = atelier.ready().await.err();
                failures = error.as_ref().map_or(0, |_| failures + 1);
                if failures > 0 && failures != FAILURE_THRESHOLD {
                    continue;
                }
                let was_reachable = state.reachable.swap(failures == 0, Ordering::Relaxed);
                match error {
                    Some(error) => {
                        tracing::warn!(%error, "database unreachable, the server is not ready");
                    }
                    None if !was_reachable => {
                        tracing::info!("database reachable again, the server is ready");
                    }
                    None => continue,
                }
                state.update_metric();
            }
        });
    }

    /// Marks the server as shutting down: it is no longer ready, and closes each connection after the response.
    pub fn drain(&self) {
        self.0.draining.store(true, Ordering::Relaxed);
        self.0.update_metric();
    }

    /// Whether the server is shutting down.
    pub fn draining(&self) -> bool {
        self.0.draining.load(Ordering::Relaxed)
    }

    fn ready(&self) -> bool {
        self.0.ready()
    }

    /// The check for load balancers. Without its database a server is degraded, but serves cached responses.
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

    /// Responds to a health check with 200 or 503; returns none to other requests. This is not a warp filter, as its rejection
    /// would cost every API request more than routing does.
    pub fn respond<B>(&self, request: &Request<B>) -> Option<Response<Bytes>> {
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

fn probe(healthy: bool, text: &'static str) -> Response<Bytes> {
    let mut response = plain_text(Bytes::from_static(text.as_bytes()));
    *response.status_mut() = if healthy {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    response
}

/// A text response that must not be cached.
pub(crate) fn plain_text(text: Bytes) -> Response<Bytes> {
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
