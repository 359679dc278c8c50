//! A port on which probes and `/metrics` are answered, and nothing else: that of the administrator, or any until there is an
//! API behind it.

use std::convert::Infallible;
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use atelier_core::http::{ApiError, refuse};
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

/// How long headers may take, and how long a client may take no byte of an answer.
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
    let protocol = Arc::new(Protocol::new(PATIENCE, PATIENCE, false));
    let (_ending, ends) = watch::channel(false);
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Some((stream, _)) = accept(listener).await else {
            continue;
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            continue;
        };
        let (health, metrics) = (health.cloned(), metrics.clone());
        let (protocol, ends) = (Arc::clone(&protocol), ends.clone());
        tokio::spawn(async move {
            let close = |mut response: Response<Bytes>| {
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(CONNECTION, close);
                response
            };
            let answer = |request: Request<Incoming>, _: &_| {
                let answer = answer(health.as_ref(), metrics.as_deref(), &request, otherwise);
                ready(close(answer).map(Full::new))
            };
            let refuse = |fault: &ApiError, request: &Request<()>| {
                close(refuse(fault, request.method(), request.headers()))
            };
            protocol.serve(stream, ends, answer, refuse).await;
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
        Otherwise::Nothing => ApiError::NoRoute,
        Otherwise::Later => {
            ApiError::Unavailable(Error::Unavailable(Failure::new("no database yet")))
        }
    };
    refuse(&fault, request.method(), request.headers())
}
