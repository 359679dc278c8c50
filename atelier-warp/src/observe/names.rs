//! Names, labels and bucket bounds of the server's metrics.

use http::Method;

pub(crate) const DURATION: &str = "http_server_request_duration_seconds";
pub(crate) const ACTIVE: &str = "http_server_active_requests";
pub(crate) const LOG_DROPPED: &str = "atelier_log_dropped_total";
pub(crate) const BUILD_INFO: &str = "atelier_build_info";
pub(crate) const READY: &str = "atelier_ready";
pub(crate) const CONNECTIONS_CLOSED: &str = "atelier_connections_closed_total";
pub(crate) const EXPORT_FAILURES: &str = "atelier_collector_failures_total";
pub(crate) const SPANS_LOST: &str = "atelier_spans_lost_total";

/// The server's metrics, in addition to [`atelier_core::metrics::ALL`].
pub const NAMES: [&str; 8] = [
    DURATION,
    ACTIVE,
    READY,
    CONNECTIONS_CLOSED,
    LOG_DROPPED,
    EXPORT_FAILURES,
    SPANS_LOST,
    BUILD_INFO,
];

/// Bucket bounds in seconds: OpenTelemetry's, and two lower ones for cached answers.
pub(crate) const DURATION_BOUNDS: [f64; 16] = [
    0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];

/// Bucket bounds of batch sizes.
pub(crate) const BATCH_BOUNDS: [f64; 10] =
    [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];

/// The bucket bounds of a histogram.
pub(crate) fn bounds(name: &str) -> &'static [f64] {
    if name.ends_with("_seconds") {
        &DURATION_BOUNDS
    } else {
        &BATCH_BOUNDS
    }
}

/// The label of all unknown methods, as OpenTelemetry defines it.
pub(crate) const OTHER: &str = "_OTHER";

/// The label of a method: clients could add a series with each invented one.
pub(crate) fn known_method(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        "PATCH" => "PATCH",
        "OPTIONS" => "OPTIONS",
        "CONNECT" => "CONNECT",
        "TRACE" => "TRACE",
        _ => OTHER,
    }
}
