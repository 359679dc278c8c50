//! What an operator sees of each request: numbers at `/metrics`, a line in the log, a span.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use atelier_core::http::Routed;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use hyper::body::Body;

mod durations;
mod events;
mod lines;
pub mod log;
pub mod metrics;
pub mod otel;

use self::log::RequestLog;
use self::metrics::{Active, Metrics};
use self::otel::Tracer;

/// What was served, but for probes.
#[derive(Debug, Default)]
pub struct Served {
    /// Requests answered.
    pub requests: AtomicU64,
    /// Those of them answered with a 5xx.
    pub failed: AtomicU64,
}

/// Looks at requests. Whatever there is none of is not looked at.
#[derive(Debug, Clone, Default)]
pub struct Observer {
    /// Counts them.
    pub served: Arc<Served>,
    /// Times them.
    pub metrics: Option<Arc<Metrics>>,
    /// Writes a line for each.
    pub log: Option<Arc<RequestLog>>,
    /// Makes a span of each.
    pub tracer: Option<Arc<Tracer>>,
}

/// A request under way.
pub(crate) struct Observed {
    begun: Instant,
    started: SystemTime,
    method: Method,
    client: IpAddr,
    /// What came with it, where somebody will want it.
    headers: HeaderMap,
    _active: Option<Active>,
}

/// A request that was answered.
pub(crate) struct Answered<'a> {
    pub(crate) method: &'a Method,
    /// The path of the table of endpoints; empty where the request led nowhere. In an address a client may have put anything.
    pub(crate) route: &'static str,
    /// What the cache had: [`Routed::cache`].
    pub(crate) cache: Option<&'static str>,
    pub(crate) status: StatusCode,
    pub(crate) took: Duration,
    pub(crate) started: SystemTime,
    /// Bytes of the body.
    pub(crate) bytes: u64,
    pub(crate) client: IpAddr,
    pub(crate) request_id: &'a str,
    /// What came with the request.
    pub(crate) headers: &'a HeaderMap,
}

impl Observer {
    /// Begins to look at a request from `peer`; what a trusted proxy says of where it is from is believed.
    pub(crate) fn begin<B>(&self, request: &Request<B>, peer: IpAddr, trusted: bool) -> Observed {
        let headers = match &self.tracer {
            Some(_) => Tracer::headers(request.headers()),
            None => HeaderMap::new(),
        };
        Observed {
            begun: Instant::now(),
            started: SystemTime::now(),
            method: request.method().clone(),
            client: match &self.log {
                Some(_) => client(request.headers(), peer, trusted),
                None => peer,
            },
            headers,
            _active: self.metrics.as_ref().map(|metrics| metrics.begin()),
        }
    }

    /// Tells what became of it.
    pub(crate) fn end<B: Body>(&self, observed: &Observed, routed: Routed, response: &Response<B>) {
        self.served.requests.fetch_add(1, Ordering::Relaxed);
        if response.status().is_server_error() {
            self.served.failed.fetch_add(1, Ordering::Relaxed);
        }
        let id = response.headers().get("x-request-id");
        let answered = Answered {
            method: &observed.method,
            route: routed.route,
            cache: routed.cache,
            status: response.status(),
            took: observed.begun.elapsed(),
            started: observed.started,
            bytes: response.body().size_hint().lower(),
            client: observed.client,
            request_id: id.and_then(|id| id.to_str().ok()).unwrap_or_default(),
            headers: &observed.headers,
        };
        if let Some(metrics) = &self.metrics {
            metrics.end(&answered);
        }
        let trace = self
            .tracer
            .as_ref()
            .and_then(|tracer| tracer.span(&answered));
        if let Some(log) = &self.log {
            log.line(&answered, trace.as_deref());
        }
    }
}

/// Where a request is from: the peer, or, where that is a proxy of the operator's, the last address it says it had it from.
fn client(headers: &HeaderMap, peer: IpAddr, trusted: bool) -> IpAddr {
    if !trusted {
        return peer;
    }
    let said = headers.get_all("x-forwarded-for").iter().next_back();
    let last = said.and_then(|said| said.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
    last.unwrap_or(peer)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn only_a_trusted_proxy_says_where_a_request_is_from() {
        let peer = IpAddr::from([127, 0, 0, 1]);
        let mut headers = HeaderMap::new();
        assert_eq!(client(&headers, peer, true), peer);
        headers.append("x-forwarded-for", HeaderValue::from_static("nonsense"));
        assert_eq!(client(&headers, peer, true), peer);
        headers.append(
            "x-forwarded-for",
            HeaderValue::from_static("198.51.100.7, 203.0.113.9"),
        );
        assert_eq!(client(&headers, peer, true), IpAddr::from([203, 0, 113, 9]));
        assert_eq!(client(&headers, peer, false), peer);
    }
}
