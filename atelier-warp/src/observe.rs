//! What an operator sees of each request: numbers at `/metrics`, a line in the log, a span.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use atelier_core::Atelier;
use atelier_core::http::{ApiError, RequestSummary, list_elements, refuse, set_request_id};
use bytes::Bytes;
use http::header::CONNECTION;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri};
use http_body_util::Full;
use hyper::body::Body;
use ipnet::IpNet;

mod durations;
mod events;
mod lines;
pub mod log;
pub mod metrics;
pub mod otel;
pub mod process;

use self::log::RequestLog;
use self::metrics::{Active, Metrics};
use self::otel::Tracer;

/// What was served, but for probes.
#[derive(Debug, Default)]
pub struct Served {
    /// Requests, answered or given up by their clients.
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

/// What looks at the requests to an API.
pub(crate) struct Watch {
    pub(crate) observer: Observer,
    pub(crate) atelier: Atelier,
    /// Where the operator's own proxies are.
    pub(crate) trusted_proxies: Vec<IpNet>,
}

/// A request under way.
pub(crate) struct Observed {
    watch: Arc<Watch>,
    begun: Instant,
    started: SystemTime,
    method: Method,
    uri: Uri,
    client: IpAddr,
    /// What it says of its trace, where somebody will want that.
    headers: HeaderMap,
    /// The id that it came with: by itself, as every request from nginx has one and a map would be allocated.
    id: Option<HeaderValue>,
    answered: bool,
    _active: Option<Active>,
}

/// What tells of a trace.
const TRACE: [HeaderName; 2] = [
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
];

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// As nginx calls it: the client left before there was an answer.
const LEFT: u16 = 499;

/// A request that was answered.
pub(crate) struct Answered<'a> {
    pub(crate) method: &'a Method,
    /// The path of the table of endpoints; empty where the request led nowhere. In an address a client may have put anything.
    pub(crate) route: &'static str,
    /// What the cache had: [`RequestSummary::cache`].
    pub(crate) cache: Option<&'static str>,
    /// How long the store took: [`RequestSummary::store`].
    pub(crate) store: Option<Duration>,
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

impl Watch {
    /// Whether a proxy of the operator's is at `address`.
    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        self.trusted_proxies
            .iter()
            .any(|network| network.contains(&address))
    }

    /// Begins to look at a request from `peer`; what a trusted proxy says of where it is from is believed.
    pub(crate) fn begin<B>(
        self: &Arc<Self>,
        request: &Request<B>,
        peer: IpAddr,
        trusted: bool,
    ) -> Observed {
        let Observer {
            metrics,
            log,
            tracer,
            ..
        } = &self.observer;
        let headers = request.headers();
        let wanted = |name: HeaderName| Some((name.clone(), headers.get(name)?.clone()));
        Observed {
            watch: Arc::clone(self),
            begun: Instant::now(),
            started: SystemTime::now(),
            method: request.method().clone(),
            uri: request.uri().clone(),
            client: match log {
                Some(_) if trusted => client(headers, peer, |hop| self.trusts(hop)),
                _ => peer,
            },
            headers: if log.is_some() || tracer.is_some() {
                TRACE.into_iter().filter_map(wanted).collect()
            } else {
                HeaderMap::new()
            },
            id: headers.get(REQUEST_ID).cloned(),
            answered: false,
            _active: metrics.as_ref().map(|metrics| metrics.begin()),
        }
    }
}

impl Watch {
    /// Refuses what is no request of the API, and tells of it; the connection ends with that.
    pub(crate) fn refuse(
        self: &Arc<Self>,
        fault: &ApiError,
        request: &Request<()>,
        peer: IpAddr,
        trusted: bool,
    ) -> Response<Bytes> {
        let mut observed = self.begin(request, peer, trusted);
        let mut response = refuse(fault, request.method(), request.headers());
        observed.end(RequestSummary::default(), &response.clone().map(Full::new));
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(CONNECTION, close);
        response
    }
}

impl Observed {
    /// Tells what became of it.
    pub(crate) fn end<B: Body>(&mut self, routed: RequestSummary, response: &Response<B>) {
        self.answered = true;
        let bytes = response.body().size_hint().lower();
        self.tell(routed, response.status(), response.headers(), bytes);
    }

    fn tell(&self, routed: RequestSummary, status: StatusCode, response: &HeaderMap, bytes: u64) {
        let observer = &self.watch.observer;
        observer.served.requests.fetch_add(1, Ordering::Relaxed);
        if status.is_server_error() {
            observer.served.failed.fetch_add(1, Ordering::Relaxed);
        }
        let id = response.get(REQUEST_ID);
        let answered = Answered {
            method: &self.method,
            route: routed.route,
            cache: routed.cache,
            store: routed.store,
            status,
            took: self.begun.elapsed(),
            started: self.started,
            bytes,
            client: self.client,
            request_id: id.and_then(|id| id.to_str().ok()).unwrap_or_default(),
            headers: &self.headers,
        };
        if let Some(metrics) = &observer.metrics {
            metrics.end(&answered);
        }
        let trace = match &observer.tracer {
            Some(tracer) => tracer.span(&answered),
            None => otel::trace_of(&self.headers),
        };
        if let Some(log) = &observer.log {
            log.line(&answered, trace.as_deref());
        }
    }
}

/// A client that waits no longer takes its request with it, and most of all where the answer is slow: that is told as well.
impl Drop for Observed {
    fn drop(&mut self) {
        if self.answered {
            return;
        }
        let status = StatusCode::from_u16(LEFT).unwrap_or_default();
        let mut nothing = Response::new(Bytes::new());
        let id = self.id.take().map(|id| (REQUEST_ID, id));
        set_request_id(&id.into_iter().collect(), &mut nothing);
        let route = self.watch.atelier.route(self.uri.path());
        let routed = RequestSummary {
            route,
            ..RequestSummary::default()
        };
        self.tell(routed, status, nothing.headers(), 0);
    }
}

/// Where a request is from that a proxy of the operator's at `peer` sent: the last address of `X-Forwarded-For` that is no
/// such proxy, since each puts in where it had the request from. What stands before that the client may have made up, and
/// so may what stands before something that is no address.
fn client(headers: &HeaderMap, peer: IpAddr, is_trusted: impl Fn(IpAddr) -> bool) -> IpAddr {
    let lines = headers.get_all("x-forwarded-for").iter();
    let hops: Vec<_> = lines.flat_map(list_elements).collect();
    let mut client = peer;
    for hop in hops.into_iter().rev().filter(|hop| !hop.is_empty()) {
        let Some(address) = address(hop) else { break };
        client = address;
        if !is_trusted(client) {
            break;
        }
    }
    client
}

/// The address of a hop, which may be in quotes, in brackets, and with a port.
fn address(hop: &[u8]) -> Option<IpAddr> {
    let hop = std::str::from_utf8(hop).ok()?;
    let hop = hop
        .strip_prefix('"')
        .and_then(|hop| hop.strip_suffix('"'))
        .unwrap_or(hop);
    let bracketed = hop.strip_prefix('[').and_then(|hop| hop.strip_suffix(']'));
    let address = bracketed.unwrap_or(hop).parse();
    let with_port = || hop.parse().map(|socket: SocketAddr| socket.ip());
    let address: IpAddr = address.or_else(|_| with_port()).ok()?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(forwarded: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            let line = HeaderValue::from_str(line).expect("a header");
            headers.append("x-forwarded-for", line);
        }
        let networks: [IpNet; 2] =
            ["10.0.0.0/8", "2001:db8:1::/48"].map(|it| it.parse().expect("a network"));
        let is_trusted = |hop| networks.iter().any(|network| network.contains(&hop));
        client(&headers, IpAddr::from([10, 0, 0, 1]), is_trusted).to_string()
    }

    #[test]
    fn the_client_is_the_last_hop_that_is_no_trusted_proxy() {
        for (forwarded, client) in [
            (&[][..], "10.0.0.1"),
            (&["nonsense"], "10.0.0.1"),
            (&[""], "10.0.0.1"),
            (&["203.0.113.9"], "203.0.113.9"),
            (&["198.51.100.7, 203.0.113.9"], "203.0.113.9"),
            (
                &["198.51.100.7, 203.0.113.9, 10.0.0.2,10.0.0.3"],
                "203.0.113.9",
            ),
            (&["198.51.100.7", "203.0.113.9", "10.0.0.2"], "203.0.113.9"),
            (&["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            (&["198.51.100.7, unknown, 10.0.0.2"], "10.0.0.2"),
            (&["203.0.113.9, ,"], "203.0.113.9"),
            (&["203.0.113.9:49152"], "203.0.113.9"),
            (&["\"203.0.113.9:49152\""], "203.0.113.9"),
            (&["2001:db8:2::7"], "2001:db8:2::7"),
            (&["[2001:db8:2::7]"], "2001:db8:2::7"),
            (&["\"[2001:db8:2::7]:443\", 2001:db8:1::1"], "2001:db8:2::7"),
            (&["::ffff:203.0.113.9, ::ffff:10.0.0.2"], "203.0.113.9"),
        ] {
            assert_eq!(from(forwarded), client, "{forwarded:?}");
        }
    }
}
