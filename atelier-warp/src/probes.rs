//! A port on which probes and `/metrics` are answered, and nothing else: that of the administrator, or any until there is an
//! API behind it.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use atelier_core::http::{Fault, refuse};
use atelier_core::{Error, Failure};
use bytes::Bytes;
use http::header::CONNECTION;
use http::{HeaderValue, Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::health::Health;
use crate::observe::metrics::Metrics;
use crate::serve::accept;

/// How long headers may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Connections at a time.
const CONNECTIONS: usize = 1_000;

/// What is answered to whatever is no probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Otherwise {
    /// That there is nothing: 404.
    Nothing,
    /// That there will be something, and to try again: 503.
    Later,
}

/// Answers the probes of `health`, and `metrics`, if there are any, on `listener` as long as it is polled. Each
/// connection has one request, so that whoever serves on the port next has all that come then.
pub async fn serve(
    listener: &TcpListener,
    health: Option<&Health>,
    metrics: Option<Arc<Metrics>>,
    otherwise: Otherwise,
) -> Infallible {
    let mut http = http1::Builder::new();
    // Without a timer the time-out would panic on every connection.
    http.timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .keep_alive(false);
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Some((stream, _)) = accept(listener).await else {
            continue;
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            continue;
        };
        let (health, metrics) = (health.cloned(), metrics.clone());
        let connection = http.serve_connection(
            TokioIo::new(stream),
            service_fn(move |request: Request<Incoming>| {
                let mut response =
                    answer(health.as_ref(), metrics.as_deref(), &request, otherwise).map(Full::new);
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(CONNECTION, close);
                async { Ok::<_, Infallible>(response) }
            }),
        );
        tokio::spawn(async move {
            // A connection that broke concerns nobody else.
            let _ = connection.await;
            drop(place);
        });
    }
}

fn answer<B>(
    health: Option<&Health>,
    metrics: Option<&Metrics>,
    request: &Request<B>,
    otherwise: Otherwise,
) -> Response<Bytes> {
    if let Some(probed) = health.and_then(|health| health.answer(request)) {
        return probed;
    }
    if let Some(numbers) = metrics.and_then(|metrics| metrics.answer(request)) {
        return numbers;
    }
    let fault = match otherwise {
        Otherwise::Nothing => Fault::NoRoute,
        Otherwise::Later => Fault::Unavailable(Error::Unavailable(Failure::new("no database yet"))),
    };
    refuse(&fault, request.method(), request.headers())
}
