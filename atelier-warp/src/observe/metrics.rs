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

use super::durations::DurationHistograms;
use super::log::Log;
pub use super::names::NAMES;
use super::names::{
    ACTIVE, BATCH_BOUNDS, BUILD_INFO, CONNECTIONS_CLOSED, DURATION_BOUNDS, EXPORT_FAILURES,
    LOG_DROPPED, OTHER, READY, SPANS_LOST, known_method,
};
use super::process;
use super::record::RequestRecord;
use crate::health::plain_text;

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
