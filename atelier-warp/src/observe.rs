//! Telemetry of requests: metrics, a line in the log and a span for each.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Instant, SystemTime};

use atelier_core::http::{
    ApiError, HttpApi, RequestSummary, error_response, list_elements, set_request_id,
};
use bytes::Bytes;
use http::header::CONNECTION;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri};
use http_body_util::Full;
use hyper::body::Body;
use ipnet::IpNet;

mod durations;
mod json_events;
pub mod log;
pub mod metrics;
pub(crate) mod names;
mod non_blocking;
pub mod otel;
pub mod process;
pub(crate) mod record;

use self::log::RequestLog;
use self::metrics::{Active, Metrics};
use self::otel::Tracer;
use self::record::RequestRecord;

/// Counts of requests since the start, without probes.
#[derive(Debug, Default)]
pub struct RequestCounts {
    /// Finished requests, including those whose client disconnected.
    pub requests: AtomicU64,
    /// Requests that were answered with a 5xx status.
    pub failed: AtomicU64,
}

/// Where telemetry goes. Without any of these, it is not collected.
#[derive(Debug, Clone, Default)]
pub struct Telemetry {
    /// Counts for the last line of output.
    pub counts: Arc<RequestCounts>,
    /// Metrics for Prometheus and OpenTelemetry.
    pub metrics: Option<Arc<Metrics>>,
    /// A line for each request.
    pub log: Option<Arc<RequestLog>>,
    /// A span for each request.
    pub tracer: Option<Arc<Tracer>>,
}

/// Observes the requests of a server.
pub(crate) struct RequestObserver {
    pub(crate) telemetry: Telemetry,
    pub(crate) api: HttpApi,
    /// Networks of the operator's proxies.
    pub(crate) trusted_proxies: Vec<IpNet>,
}

/// A request that is not yet answered. Dropping it records that the client disconnected.
pub(crate) struct InFlight {
    observer: Arc<RequestObserver>,
    start: Instant,
    started: SystemTime,
    method: Method,
    uri: Uri,
    client: IpAddr,
    /// The headers in [`TRACE`], if they are needed.
    trace_headers: HeaderMap,
    /// The request's id, apart from the trace headers: nginx adds an id to every request, and a header map would be an
    /// allocation for each.
    id: Option<HeaderValue>,
    finished: bool,
    _active: Option<Active>,
}

/// The headers of the W3C Trace Context.
const TRACE: [HeaderName; 2] = [
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
];

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// nginx's status for a client that disconnected before the response.
const CLIENT_CLOSED_REQUEST: u16 = 499;

impl RequestObserver {
    /// Whether `address` belongs to a trusted proxy.
    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        self.trusted_proxies
            .iter()
            .any(|network| network.contains(&address))
    }

    /// Starts to observe a request from `peer`. `X-Forwarded-For` is read if the peer is a trusted proxy.
    pub(crate) fn begin<B>(
        self: &Arc<Self>,
        request: &Request<B>,
        peer: IpAddr,
        trusted: bool,
    ) -> InFlight {
        let Telemetry {
            metrics,
            log,
            tracer,
            ..
        } = &self.telemetry;
        let headers = request.headers();
        let header = |name: HeaderName| Some((name.clone(), headers.get(name)?.clone()));
        InFlight {
            observer: Arc::clone(self),
            start: Instant::now(),
            started: SystemTime::now(),
            method: request.method().clone(),
            uri: request.uri().clone(),
            client: match log {
                Some(_) if trusted => client_address(headers, peer, |hop| self.trusts(hop)),
                _ => peer,
            },
            trace_headers: if log.is_some() || tracer.is_some() {
                TRACE.into_iter().filter_map(header).collect()
            } else {
                HeaderMap::new()
            },
            id: headers.get(REQUEST_ID).cloned(),
            finished: false,
            _active: metrics.as_ref().map(|metrics| metrics.begin()),
        }
    }

    /// Refuses a malformed request, and records it. The connection ends with the response.
    pub(crate) fn refuse(
        self: &Arc<Self>,
        error: &ApiError,
        request: &Request<()>,
        peer: IpAddr,
        trusted: bool,
    ) -> Response<Bytes> {
        let mut in_flight = self.begin(request, peer, trusted);
        let mut response = error_response(error, request.method(), request.headers());
        in_flight.finish(RequestSummary::default(), &response.clone().map(Full::new));
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(CONNECTION, close);
        response
    }
}

impl InFlight {
    /// Records the response.
    pub(crate) fn finish<B: Body>(&mut self, routed: RequestSummary, response: &Response<B>) {
        self.finished = true;
        let bytes = response.body().size_hint().lower();
        self.record(routed, response.status(), response.headers(), bytes);
    }

    fn record(&self, routed: RequestSummary, status: StatusCode, response: &HeaderMap, bytes: u64) {
        let telemetry = &self.observer.telemetry;
        telemetry.counts.requests.fetch_add(1, Ordering::Relaxed);
        if status.is_server_error() {
            telemetry.counts.failed.fetch_add(1, Ordering::Relaxed);
        }
        let id = response.get(REQUEST_ID);
        let record = RequestRecord {
            method: &self.method,
            route: routed.route,
            cache: routed.cache,
            store: routed.store,
            status,
            duration: self.start.elapsed(),
            started: self.started,
            bytes,
            client: self.client,
            request_id: id.and_then(|id| id.to_str().ok()).unwrap_or_default(),
            trace_headers: &self.trace_headers,
        };
        if let Some(metrics) = &telemetry.metrics {
            metrics.record(&record);
        }
        let trace_id = match &telemetry.tracer {
            Some(tracer) => tracer.record(&record),
            None => otel::trace_id(&self.trace_headers),
        };
        if let Some(log) = &telemetry.log {
            log.write(&record, trace_id.as_deref());
        }
    }
}

/// hyper drops the future of a request whose client has disconnected. This is recorded too, as it happens mostly to slow
/// requests.
impl Drop for InFlight {
    fn drop(&mut self) {
        if self.finished {
            return;
        }
        let status = StatusCode::from_u16(CLIENT_CLOSED_REQUEST).unwrap_or_default();
        let mut response = Response::new(Bytes::new());
        let id = self.id.take().map(|id| (REQUEST_ID, id));
        set_request_id(&id.into_iter().collect(), &mut response);
        let routed = RequestSummary {
            route: self.observer.api.route(self.uri.path()),
            ..RequestSummary::default()
        };
        self.record(routed, status, response.headers(), 0);
    }
}

/// The address of the client behind the trusted proxy at `peer`: the last address of `X-Forwarded-For` that is not a trusted
/// proxy, as each proxy appends the address of its peer. Earlier elements, and all that precede an invalid one, may be forged.
fn client_address(
    headers: &HeaderMap,
    peer: IpAddr,
    is_trusted: impl Fn(IpAddr) -> bool,
) -> IpAddr {
    let lines = headers.get_all("x-forwarded-for").iter();
    let hops: Vec<_> = lines.flat_map(list_elements).collect();
    let mut client = peer;
    for hop in hops.into_iter().rev().filter(|hop| !hop.is_empty()) {
        let Some(address) = parse_hop(hop) else { break };
        client = address;
        if !is_trusted(client) {
            break;
        }
    }
    client
}

/// Parses an element of `X-Forwarded-For`, which may be quoted, in brackets, and have a port.
fn parse_hop(hop: &[u8]) -> Option<IpAddr> {
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

    fn client_of(forwarded: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            let line = HeaderValue::from_str(line).expect("a header");
            headers.append("x-forwarded-for", line);
        }
        let networks: [IpNet; 2] =
            ["10.0.0.0/8", "2001:db8:1::/48"].map(|it| it.parse().expect("a network"));
        let is_trusted = |hop| networks.iter().any(|network| network.contains(&hop));
        client_address(&headers, IpAddr::from([10, 0, 0, 1]), is_trusted).to_string()
    }

    #[test]
    fn client_is_the_last_hop_that_is_not_a_trusted_proxy() {
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
            assert_eq!(client_of(forwarded), client, "{forwarded:?}");
        }
    }
}
