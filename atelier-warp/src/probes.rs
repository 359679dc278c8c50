//! A server of health checks and `/metrics` alone: for the admin port, and for the public port while the database is awaited.

use std::convert::Infallible;
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use atelier_core::http::{ApiError, error_response};
use atelier_core::{Error, Failure};
use bytes::Bytes;
use http::header::CONNECTION;
use http::{HeaderValue, Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

use crate::connection::Protocol;
use crate::health::Health;
use crate::observe::metrics::Metrics;
use crate::serve::accept;

/// Timeout of reading headers and of each write.
const IO_TIMEOUT: Duration = Duration::from_secs(10);

/// Maximum number of concurrent connections.
const MAX_CONNECTIONS: usize = 1_000;

/// The response to all other requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    /// 404: there are no other routes.
    NotFound,
    /// 503 with `Retry-After`: the API will be served here.
    Unavailable,
}

/// Serves health checks and metrics on `listener` until the future is dropped. Each connection has one request: an idle
/// connection would otherwise stay with this server when the API is served on the port.
pub async fn serve(
    listener: &TcpListener,
    health: Option<&Health>,
    metrics: Option<Arc<Metrics>>,
    fallback: Fallback,
) -> Infallible {
    let protocol = Arc::new(Protocol::new(IO_TIMEOUT, IO_TIMEOUT, false));
    let (_stop, stopped) = watch::channel(false);
    let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let Some((stream, _)) = accept(listener).await else {
            continue;
        };
        let Ok(permit) = Arc::clone(&permits).try_acquire_owned() else {
            continue;
        };
        let (health, metrics) = (health.cloned(), metrics.clone());
        let (protocol, stop) = (Arc::clone(&protocol), stopped.clone());
        tokio::spawn(async move {
            let close = |mut response: Response<Bytes>| {
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(CONNECTION, close);
                response
            };
            let respond = |request: Request<Incoming>, _: &_| {
                let response = respond(health.as_ref(), metrics.as_deref(), &request, fallback);
                ready(close(response).map(Full::new))
            };
            let refuse = |error: &ApiError, request: &Request<()>| {
                close(error_response(error, request.method(), request.headers()))
            };
            protocol.serve(stream, stop, respond, refuse).await;
            drop(permit);
        });
    }
}

fn respond<B>(
    health: Option<&Health>,
    metrics: Option<&Metrics>,
    request: &Request<B>,
    fallback: Fallback,
) -> Response<Bytes> {
    let health = || health?.respond(request);
    let metrics = || metrics?.respond(request);
    if let Some(response) = health().or_else(metrics) {
        return response;
    }
    let error = match fallback {
        Fallback::NotFound => ApiError::NoRoute,
        Fallback::Unavailable => {
            ApiError::Unavailable(Error::Unavailable(Failure::new("no database yet")))
        }
    };
    error_response(&error, request.method(), request.headers())
}
