//! The record of a finished request, which log, metrics and traces share.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, Method, StatusCode};

/// A finished request.
pub(crate) struct RequestRecord<'a> {
    pub(crate) method: &'a Method,
    /// The path pattern in the table of endpoints; empty if no route matched. The request's own path may contain anything.
    pub(crate) route: &'static str,
    /// The result of the cache: [`RequestSummary::cache`](atelier_core::http::RequestSummary::cache).
    pub(crate) cache: Option<&'static str>,
    /// The time spent in the store: [`RequestSummary::store`](atelier_core::http::RequestSummary::store).
    pub(crate) store: Option<Duration>,
    pub(crate) status: StatusCode,
    pub(crate) duration: Duration,
    pub(crate) started: SystemTime,
    /// Size of the response's body.
    pub(crate) bytes: u64,
    pub(crate) client: IpAddr,
    pub(crate) request_id: &'a str,
    pub(crate) trace_headers: &'a HeaderMap,
}
