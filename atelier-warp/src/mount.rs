//! The API as one filter.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use atelier_core::Atelier;
use atelier_core::http::{ApiError, FromTrustedProxy, Oversized, RequestSummary, refuse};
use bytes::{Buf, Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use http::header::{CONNECTION, CONTENT_LENGTH, EXPECT};
use http::{HeaderMap, HeaderValue, Method, Request, Response, Uri};
use warp::Filter;
use warp::path::FullPath;

use crate::connection::Exchange;

/// What the transport bounds itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How long a body may take to arrive.
    pub body_timeout: Duration,
    /// How long the rest of a body that is too large is read and thrown away, so that its sender sees the answer.
    pub drain_timeout: Duration,
    /// How much of it.
    pub drain_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_timeout: Duration::from_secs(10),
            drain_timeout: Duration::from_secs(2),
            drain_bytes: 64 * 1_024 * 1_024,
        }
    }
}

/// What the loop that serves is told of a request: an extension of the answer would cost three allocations.
pub(crate) struct Told {
    routed: Cell<RequestSummary>,
    exchange: Arc<Exchange>,
}

impl Told {
    pub(crate) fn of(exchange: &Arc<Exchange>) -> Self {
        Self {
            routed: Cell::default(),
            exchange: Arc::clone(exchange),
        }
    }

    /// What became of the request.
    pub(crate) fn routed(&self) -> RequestSummary {
        self.routed.get()
    }
}

tokio::task_local! {
    pub(crate) static TOLD: Told;
}

/// Tells the loop, if there is one, what became of the request.
fn tell(routed: RequestSummary) {
    let _ = TOLD.try_with(|told| told.routed.set(routed));
}

/// The whole API as one filter that takes every request, and rejects none that has its body still.
pub fn mount(
    atelier: Atelier,
    limits: Limits,
) -> impl Filter<Extract = (Response<Bytes>,), Error = warp::Rejection> + Clone + Send + Sync + 'static
{
    let query = warp::query::raw()
        .map(Some)
        .or(warp::any().map(|| None))
        .unify();
    warp::method()
        .and(warp::path::full())
        .and(query)
        .and(warp::header::headers_cloned())
        .and(warp::ext::optional::<FromTrustedProxy>())
        .and(warp::body::stream())
        .then(
            move |method: Method,
                  path: FullPath,
                  query: Option<String>,
                  headers: HeaderMap,
                  proxy: Option<FromTrustedProxy>,
                  body| {
                let atelier = atelier.clone();
                async move {
                    let kept = if method == Method::POST {
                        atelier.settings().max_body
                    } else {
                        0
                    };
                    let body = match read(body, &headers, kept, &limits).await {
                        Ok(body) => body,
                        Err(fault) => {
                            let mut response = refuse(&fault, &method, &headers);
                            tell(RequestSummary {
                                route: atelier.route(path.as_str()),
                                ..RequestSummary::default()
                            });
                            response
                                .headers_mut()
                                .insert(CONNECTION, HeaderValue::from_static("close"));
                            return response;
                        }
                    };
                    let _ = TOLD.try_with(|told| told.exchange.is_read());
                    let target = match &query {
                        Some(query) => Uri::try_from([path.as_str(), "?", query].concat()),
                        None => Uri::try_from(path.as_str()),
                    };
                    // Its parts come from an address that has been parsed, so it is one.
                    let Ok(target) = target else {
                        return refuse(&ApiError::NoRoute, &method, &headers);
                    };
                    let mut request = Request::new(Bytes::new());
                    *request.method_mut() = method;
                    *request.uri_mut() = target;
                    *request.headers_mut() = headers;
                    if let Some(proxy) = proxy {
                        request.extensions_mut().insert(proxy);
                    }
                    match body {
                        Body::Whole(body) => *request.body_mut() = body,
                        Body::Oversized => {
                            request.extensions_mut().insert(Oversized);
                        }
                    }
                    let (response, routed) = atelier.handle_routed(request).await;
                    tell(routed);
                    response
                }
            },
        )
}

/// A body as far as it was kept.
enum Body {
    Whole(Bytes),
    Oversized,
}

/// Reads a body and keeps at most `kept` bytes; one that is longer is thrown away.
async fn read<B: Buf>(
    body: impl Stream<Item = Result<B, warp::Error>>,
    headers: &HeaderMap,
    kept: usize,
    limits: &Limits,
) -> Result<Body, ApiError> {
    let length = headers
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    let announced = length.is_some_and(|length| length > kept);
    if announced && headers.contains_key(EXPECT) {
        // The client waits to be told whether to send it at all.
        return Ok(Body::Oversized);
    }
    let mut body = std::pin::pin!(body);
    let mut whole = BytesMut::new();
    let collect = async {
        while let Some(chunk) = body.next().await {
            let mut chunk = chunk.map_err(|_| ApiError::Unreadable)?;
            if whole.len() + chunk.remaining() > kept {
                return Ok(false);
            }
            while chunk.has_remaining() {
                let part = chunk.chunk();
                whole.extend_from_slice(part);
                let read = part.len();
                chunk.advance(read);
            }
        }
        Ok(true)
    };
    match tokio::time::timeout(limits.body_timeout, collect).await {
        Ok(Ok(true)) => return Ok(Body::Whole(whole.freeze())),
        Ok(Ok(false)) => {}
        Ok(Err(fault)) => return Err(fault),
        Err(_) => return Err(ApiError::BodyTimeout),
    }
    drop(whole);
    let drain = async {
        let mut left = limits.drain_bytes;
        while let Some(Ok(chunk)) = body.next().await {
            left = left.saturating_sub(chunk.remaining());
            if left == 0 {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(limits.drain_timeout, drain).await;
    Ok(Body::Oversized)
}
