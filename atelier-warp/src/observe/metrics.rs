//! Metrics in Prometheus' text format at `/metrics`, with names after OpenTelemetry's semantic conventions.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use ::metrics::{Recorder, Unit, counter, describe_counter, describe_gauge, gauge};
use atelier_core::http::HttpApi;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use metrics_util::layers::FanoutBuilder;

use super::RequestRecord;
use super::durations::DurationHistograms;
use super::log::Log;
use super::process;
use crate::health::plain_text;

pub(super) const DURATION: &str = "http_server_request_duration_seconds";
const ACTIVE: &str = "http_server_active_requests";
const LOG_DROPPED: &str = "atelier_log_dropped_total";
const BUILD_INFO: &str = "atelier_build_info";
pub(crate) const READY: &str = "atelier_ready";
pub(crate) const CONNECTIONS_CLOSED: &str = "atelier_connections_closed_total";
pub(super) const EXPORT_FAILURES: &str = "atelier_collector_failures_total";
pub(super) const SPANS_LOST: &str = "atelier_spans_lost_total";

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
pub(super) const DURATION_BOUNDS: [f64; 16] = [
    0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];

/// Bucket bounds of batch sizes.
const BATCH_BOUNDS: [f64; 10] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];

/// The bucket bounds of a histogram.
pub(super) fn bounds(name: &str) -> &'static [f64] {
    if name.ends_with("_seconds") {
        &DURATION_BOUNDS
    } else {
        &BATCH_BOUNDS
    }
}

/// How often gauges are updated and the recorder moves samples into buckets, which would otherwise accumulate.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);

/// The metrics of this process.
pub struct Metrics {
    prometheus: PrometheusHandle,
    durations: DurationHistograms,
    active: Arc<AtomicU64>,
    started: SystemTime,
}

fn set_active(count: &AtomicU64) {
    let count = count.load(Ordering::Relaxed);
    gauge!(ACTIVE).set(u32::try_from(count).unwrap_or(u32::MAX));
}

/// Counts a request as active until it is dropped.
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
    /// Installs the global recorder of the `metrics` facade, which records for Prometheus and for `otel`. Must be called before
    /// the store is opened, as counters that exist before are not recorded. Fails if there is a recorder already.
    pub fn install(otel: Option<Arc<dyn Recorder + Send + Sync>>) -> Result<Self, String> {
        let describe = |error: &dyn fmt::Display| format!("Metrics can't be recorded: {error}.");
        let builder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &DURATION_BOUNDS)
            .and_then(|builder| builder.set_buckets(&BATCH_BOUNDS))
            .map_err(|error| describe(&error))?;
        let recorder = builder.build_recorder();
        let prometheus = recorder.handle();
        let installed = match &otel {
            Some(otel) => {
                let fanout = FanoutBuilder::default().add_recorder(recorder);
                let fanout = fanout.add_recorder(Arc::clone(otel)).build();
                ::metrics::set_global_recorder(fanout).map_err(|error| describe(&error))
            }
            None => ::metrics::set_global_recorder(recorder).map_err(|error| describe(&error)),
        };
        installed?;
        describe_metrics();
        Ok(Self {
            prometheus,
            durations: DurationHistograms::new(otel),
            active: Arc::default(),
            started: SystemTime::now(),
        })
    }

    /// Responds to `GET /metrics`; returns none to other requests.
    pub(crate) fn respond<B>(&self, request: &Request<B>) -> Option<Response<Bytes>> {
        let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
        if !is_read || request.uri().path() != "/metrics" {
            return None;
        }
        set_active(&self.active);
        let text =
            self.prometheus.render() + &self.durations.render() + &process::render(self.started);
        let mut response = plain_text(text.into());
        let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, kind);
        Some(response)
    }

    /// Starts a task that updates gauges every five seconds.
    pub fn spawn_upkeep(&self, api: HttpApi, log: Log) {
        let (prometheus, active) = (self.prometheus.clone(), Arc::clone(&self.active));
        tokio::spawn(async move {
            let mut interval = tokio::time::interval(UPKEEP_INTERVAL);
            loop {
                interval.tick().await;
                api.record_gauges();
                set_active(&active);
                counter!(LOG_DROPPED).absolute(log.dropped());
                prometheus.run_upkeep();
            }
        });
    }

    /// Counts a request as active until the returned guard is dropped.
    pub(super) fn begin(&self) -> Active {
        self.active.fetch_add(1, Ordering::Relaxed);
        Active(Arc::clone(&self.active))
    }

    /// Records the duration of a finished request.
    pub(super) fn record(&self, record: &RequestRecord<'_>) {
        // Otherwise clients could add a series for each pair of route and method.
        let method = match record.status {
            StatusCode::METHOD_NOT_ALLOWED => OTHER,
            _ => known_method(record.method),
        };
        let series = (method, record.route, record.status);
        self.durations.record(series, record.duration);
    }
}

/// Registers help texts and the initial values of counters: an alert on a rate needs the value before the first increment.
fn describe_metrics() {
    atelier_core::metrics::describe();
    describe_gauge!(ACTIVE, Unit::Count, "Requests that are not yet answered.");
    describe_gauge!(
        READY,
        Unit::Count,
        "1 if the server should receive requests, else 0."
    );
    describe_gauge!(BUILD_INFO, Unit::Count, "1, labelled with the version.");
    let counters = [
        (
            CONNECTIONS_CLOSED,
            "Connections closed because --max-connections was reached.",
        ),
        (
            LOG_DROPPED,
            "Log lines dropped because the buffer was full.",
        ),
        (
            EXPORT_FAILURES,
            "Failed requests to the OpenTelemetry collector, retries included.",
        ),
        (
            SPANS_LOST,
            "Spans lost in failed exports to the OpenTelemetry collector.",
        ),
    ];
    for (name, help) in counters {
        describe_counter!(name, Unit::Count, help);
        counter!(name).increment(0);
    }
    gauge!(READY).set(0);
    gauge!(BUILD_INFO, "version" => env!("CARGO_PKG_VERSION")).set(1);
}

/// The label of all unknown methods, as OpenTelemetry defines it.
const OTHER: &str = "_OTHER";

/// The label of a method: clients could add a series with each invented one.
pub(super) fn known_method(method: &Method) -> &'static str {
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
