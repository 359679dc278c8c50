//! The API as a warp filter.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use atelier_core::http::{
    ApiError, FromTrustedProxy, HttpApi, Oversized, RequestSummary, error_response,
};
use bytes::{Buf, Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use http::header::{CONNECTION, CONTENT_LENGTH, EXPECT};
use http::{HeaderMap, HeaderValue, Method, Request, Response, Uri};
use warp::Filter;
use warp::path::FullPath;

use crate::connection::Exchange;

/// Limits on the bodies of requests. The size of an accepted body is a setting of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How long a client may take to send a body.
    pub body_timeout: Duration,
    /// How long the rest of an oversized body is read and discarded, so that the client sees the response instead of a reset.
    pub drain_timeout: Duration,
    /// How many bytes of it.
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

/// What the filter reports about a request to the server. A task-local: an extension of the response would cost three
/// allocations.
pub(crate) struct RequestReport {
    routed: Cell<RequestSummary>,
    exchange: Arc<Exchange>,
}

impl RequestReport {
    pub(crate) fn new(exchange: &Arc<Exchange>) -> Self {
        Self {
            routed: Cell::default(),
            exchange: Arc::clone(exchange),
        }
    }

    /// The route and the timings of the request.
    pub(crate) fn routed(&self) -> RequestSummary {
        self.routed.get()
    }
}

tokio::task_local! {
    pub(crate) static REPORT: RequestReport;
}

/// Reports the route and the timings, if the filter runs inside [`serve`](crate::serve::serve).
fn report(routed: RequestSummary) {
    let _ = REPORT.try_with(|report| report.routed.set(routed));
}

/// Returns a filter that handles every request, with any method and path. It rejects a request only if an earlier filter has
/// taken its body.
pub fn mount(
    api: HttpApi,
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
                let api = api.clone();
                async move {
                    let max_body = if method == Method::POST {
                        api.settings().max_body_bytes
                    } else {
                        0
                    };
                    let body = match read(body, &headers, max_body, &limits).await {
                        Ok(body) => body,
                        Err(error) => {
                            let mut response = error_response(&error, &method, &headers);
                            report(RequestSummary {
                                route: api.route(path.as_str()),
                                ..RequestSummary::default()
                            });
                            response
                                .headers_mut()
                                .insert(CONNECTION, HeaderValue::from_static("close"));
                            return response;
                        }
                    };
                    let _ = REPORT.try_with(|report| report.exchange.body_read());
                    let target = match &query {
                        Some(query) => Uri::try_from([path.as_str(), "?", query].concat()),
                        None => Uri::try_from(path.as_str()),
                    };
                    // Path and query are parts of a parsed URI, so this never fails.
                    let Ok(target) = target else {
                        return error_response(&ApiError::NoRoute, &method, &headers);
                    };
                    let mut request = Request::new(Bytes::new());
                    *request.method_mut() = method;
                    *request.uri_mut() = target;
                    *request.headers_mut() = headers;
                    if let Some(proxy) = proxy {
                        request.extensions_mut().insert(proxy);
                    }
                    match body {
                        Body::Complete(body) => *request.body_mut() = body,
                        Body::Oversized => {
                            request.extensions_mut().insert(Oversized);
                        }
                    }
                    let (response, summary) = api.handle_with_summary(request).await;
                    report(summary);
                    response
                }
            },
        )
}

/// A body that was read.
enum Body {
    Complete(Bytes),
    Oversized,
}

/// Reads a body of at most `max_body` bytes; a longer one is discarded.
async fn read<B: Buf>(
    body: impl Stream<Item = Result<B, warp::Error>>,
    headers: &HeaderMap,
    max_body: usize,
    limits: &Limits,
) -> Result<Body, ApiError> {
    let length = headers
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    let announced = length.is_some_and(|length| length > max_body);
    if announced && headers.contains_key(EXPECT) {
        // The client waits for `100 Continue` before it sends the body.
        return Ok(Body::Oversized);
    }
    let mut body = std::pin::pin!(body);
    let mut whole = BytesMut::new();
    let collect = async {
        while let Some(chunk) = body.next().await {
            let mut chunk = chunk.map_err(|_| ApiError::MalformedBody)?;
            if whole.len() + chunk.remaining() > max_body {
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
        Ok(Ok(true)) => return Ok(Body::Complete(whole.freeze())),
        Ok(Ok(false)) => {}
        Ok(Err(error)) => return Err(error),
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
