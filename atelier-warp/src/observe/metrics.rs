//! The numbers at `/metrics`, in Prometheus' text, named as OpenTelemetry names them.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use ::metrics::{Recorder, Unit, counter, describe_counter, describe_gauge, gauge};
use atelier_core::Atelier;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use metrics_util::layers::FanoutBuilder;

use super::Answered;
use super::durations::Durations;
use super::log::Log;
use super::process;
use crate::health::plain;

pub(super) const DURATION: &str = "http_server_request_duration_seconds";
const ACTIVE: &str = "http_server_active_requests";
const DROPPED: &str = "atelier_log_dropped_total";
const BUILD: &str = "atelier_build_info";
pub(crate) const READY: &str = "atelier_ready";
pub(crate) const CLOSED: &str = "atelier_connections_closed_total";
pub(super) const FAILED: &str = "atelier_collector_failures_total";
pub(super) const LOST: &str = "atelier_spans_lost_total";

/// What the server adds to [`atelier_core::metrics::ALL`].
pub const NAMES: [&str; 8] = [
    DURATION, ACTIVE, READY, CLOSED, DROPPED, FAILED, LOST, BUILD,
];

/// Upper ends in seconds: OpenTelemetry's, and two below for what is kept in memory.
pub(super) const SECONDS: [f64; 16] = [
    0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];

/// Upper ends of how many go together.
const TOGETHER: [f64; 10] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];

/// Upper ends of the buckets of a histogram.
pub(super) fn bounds(name: &str) -> &'static [f64] {
    if name.ends_with("_seconds") {
        &SECONDS
    } else {
        &TOGETHER
    }
}

/// How often what was measured is put into buckets; it would pile up otherwise.
const UPKEEP: Duration = Duration::from_secs(5);

/// The numbers of this process.
pub struct Metrics {
    text: PrometheusHandle,
    durations: Durations,
    active: Arc<AtomicU64>,
    started: SystemTime,
}

fn active(count: &AtomicU64) {
    let count = count.load(Ordering::Relaxed);
    gauge!(ACTIVE).set(u32::try_from(count).unwrap_or(u32::MAX));
}

/// A request under way.
pub(super) struct Active(Arc<AtomicU64>);

impl Drop for Active {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

impl Metrics {
    /// Begins to count, for this and for `also`; nothing else of this process may have begun. To be called before
    /// anything that counts is made.
    pub fn install(also: Option<Arc<dyn Recorder + Send + Sync>>) -> Result<Self, String> {
        let words = |error: &dyn fmt::Display| format!("Nothing can be counted: {error}.");
        let builder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
            .and_then(|builder| builder.set_buckets(&TOGETHER))
            .map_err(|error| words(&error))?;
        let recorder = builder.build_recorder();
        let text = recorder.handle();
        let set = match &also {
            Some(also) => {
                let fanout = FanoutBuilder::default().add_recorder(recorder);
                let fanout = fanout.add_recorder(Arc::clone(also)).build();
                ::metrics::set_global_recorder(fanout).map_err(|error| words(&error))
            }
            None => ::metrics::set_global_recorder(recorder).map_err(|error| words(&error)),
        };
        set?;
        atelier_core::metrics::describe();
        describe_gauge!(ACTIVE, Unit::Count, "Requests under way.");
        describe_counter!(
            DROPPED,
            Unit::Count,
            "Lines of the log that nobody took in time."
        );
        describe_counter!(
            FAILED,
            Unit::Count,
            "Requests with spans or numbers that the collector did not take, each tried again perhaps."
        );
        describe_counter!(
            LOST,
            Unit::Count,
            "Spans that never came to the collector: it was too slow, or did not take them."
        );
        describe_counter!(
            CLOSED,
            Unit::Count,
            "Connections closed at once, as there were too many."
        );
        describe_gauge!(BUILD, Unit::Count, "1, with the version of the server.");
        counter!(CLOSED).increment(0);
        counter!(DROPPED).increment(0);
        counter!(FAILED).increment(0);
        describe_gauge!(
            READY,
            Unit::Count,
            "1 while the server should be sent requests, else 0."
        );
        gauge!(READY).set(0);
        counter!(LOST).increment(0);
        gauge!(BUILD, "version" => env!("CARGO_PKG_VERSION")).set(1);
        Ok(Self {
            text,
            durations: Durations::and(also),
            active: Arc::default(),
            started: SystemTime::now(),
        })
    }

    /// The answer to `GET /metrics`: all numbers, as Prometheus reads them.
    pub(crate) fn answer<B>(&self, request: &Request<B>) -> Option<Response<Bytes>> {
        let reads = matches!(*request.method(), Method::GET | Method::HEAD);
        if !reads || request.uri().path() != "/metrics" {
            return None;
        }
        active(&self.active);
        let text = self.text.render() + &self.durations.render() + &process::render(self.started);
        let mut answer = plain(text.into());
        let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
        answer.headers_mut().insert(CONTENT_TYPE, kind);
        Some(answer)
    }

    /// Has those numbers looked at now and then that can only be looked at, as long as the process lives.
    pub fn watch(&self, atelier: Atelier, log: Log) {
        let (text, under_way) = (self.text.clone(), Arc::clone(&self.active));
        tokio::spawn(async move {
            let mut every = tokio::time::interval(UPKEEP);
            loop {
                every.tick().await;
                atelier.record_gauges();
                active(&under_way);
                counter!(DROPPED).absolute(log.dropped());
                text.run_upkeep();
            }
        });
    }

    /// Counts a request as under way until what is returned goes, however it ends.
    pub(super) fn begin(&self) -> Active {
        self.active.fetch_add(1, Ordering::Relaxed);
        Active(Arc::clone(&self.active))
    }

    pub(super) fn end(&self, answered: &Answered<'_>) {
        // Methods that a route does not have anybody may ask of each.
        let method = match answered.status {
            StatusCode::METHOD_NOT_ALLOWED => OTHER,
            _ => known(answered.method),
        };
        let series = (method, answered.route, answered.status);
        self.durations.record(series, answered.took);
    }
}

/// Any method that makes no series of its own.
const OTHER: &str = "_OTHER";

/// A method that somebody may have made up is `_OTHER`: it would be a series of its own.
pub(super) fn known(method: &Method) -> &'static str {
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
