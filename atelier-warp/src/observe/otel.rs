//! Export of spans and metrics to an OpenTelemetry collector by OTLP, configured by the standard `OTEL_*` variables. Without
//! an endpoint among them, nothing is exported.

use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use ::metrics::{Recorder, counter};
use http::HeaderMap;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{Span, SpanContext, SpanKind, Status, TraceContextExt, TracerProvider};
use opentelemetry::{Context, KeyValue};
use opentelemetry_http::HeaderExtractor;
use opentelemetry_otlp::{ExporterBuildError, MetricExporter, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, SdkTracer, SdkTracerProvider, SpanData, SpanExporter,
};
use tracing::{Level, Metadata};

use super::names::{SPANS_LOST, known_method};
use super::record::RequestRecord;

mod client;
mod environment;
mod metrics_bridge;
mod resource;

use self::client::CollectorClient;
pub use self::environment::OtelError;
use self::environment::{Signals, duration, positive};

/// How long a stopping server waits for the last exports.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(2);

/// The exporters of spans and metrics.
#[derive(Debug)]
pub struct Otel {
    traces: Option<SdkTracerProvider>,
    metrics: Option<SdkMeterProvider>,
}

impl Otel {
    /// Starts the exporters that the environment asks for. Returns none if it names no collector.
    pub fn from_environment() -> Result<Option<Self>, OtelError> {
        let signals = Signals::from_environment()?;
        if !signals.traces && !signals.metrics {
            return Ok(None);
        }
        let resource = resource::from_environment();
        let start = || {
            let traces = signals.traces.then(|| tracer_provider(&resource));
            let metrics = signals.metrics.then(|| meter_provider(&resource));
            Ok(Some(Self {
                traces: traces.transpose()?,
                metrics: metrics.transpose()?,
            }))
        };
        start().map_err(|error: ExporterBuildError| OtelError {
            message: format!("The OpenTelemetry exporter can't be started: {error}."),
            hint: String::new(),
        })
    }

    /// The tracer that records requests, if spans are exported.
    pub fn tracer(&self) -> Option<Arc<Tracer>> {
        let traces = self.traces.as_ref()?;
        Some(Arc::new(Tracer(traces.tracer("atelier"))))
    }

    /// A recorder of the `metrics` facade, if metrics are exported.
    pub fn recorder(&self) -> Option<Arc<dyn Recorder + Send + Sync>> {
        self.metrics.as_ref().map(metrics_bridge::recorder)
    }

    /// Exports the rest, and blocks for at most two seconds.
    pub fn shutdown(&self) {
        let (traces, metrics) = (self.traces.clone(), self.metrics.clone());
        let (finished, results) = mpsc::channel();
        // Both at the same time, on threads that are not joined: the reader of metrics ignores the timeout it is given.
        let start = |shutdown: Box<dyn FnOnce() + Send>| {
            let finished = finished.clone();
            let run = move || {
                shutdown();
                let _ = finished.send(());
            };
            thread::Builder::new().spawn(run).is_ok()
        };
        // Failed exports are logged by the client.
        let started = [
            start(Box::new(move || {
                let _ = traces.map(|traces| traces.shutdown_with_timeout(SHUTDOWN_TIMEOUT));
            })),
            start(Box::new(move || {
                let _ = metrics.map(|metrics| metrics.shutdown_with_timeout(SHUTDOWN_TIMEOUT));
            })),
        ];
        let deadline = Instant::now() + SHUTDOWN_TIMEOUT;
        for _ in started.into_iter().filter(|started| *started) {
            let remaining = deadline.saturating_duration_since(Instant::now());
            if results.recv_timeout(remaining).is_err() {
                tracing::warn!(
                    "the OpenTelemetry collector did not accept the last export in time: it is lost"
                );
                return;
            }
        }
    }
}

fn tracer_provider(resource: &Resource) -> Result<SdkTracerProvider, ExporterBuildError> {
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_http_client(CollectorClient::new(
            "spans",
            "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
        ))
        .build()?;
    let size = |name, default| usize::try_from(positive(name, default)).unwrap_or(usize::MAX);
    let config = BatchConfigBuilder::default()
        .with_max_queue_size(size("OTEL_BSP_MAX_QUEUE_SIZE", 2_048))
        .with_max_export_batch_size(size("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 512))
        .with_scheduled_delay(duration("OTEL_BSP_SCHEDULE_DELAY", 5_000));
    let processor =
        BatchSpanProcessor::builder(FailureCounter(exporter)).with_batch_config(config.build());
    let provider = SdkTracerProvider::builder().with_resource(resource.clone());
    Ok(provider.with_span_processor(processor.build()).build())
}

fn meter_provider(resource: &Resource) -> Result<SdkMeterProvider, ExporterBuildError> {
    let exporter = MetricExporter::builder()
        .with_http()
        .with_http_client(CollectorClient::new(
            "metrics",
            "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT",
        ))
        .build()?;
    let interval = duration("OTEL_METRIC_EXPORT_INTERVAL", 60_000);
    let reader = PeriodicReader::builder(exporter).with_interval(interval);
    let provider = SdkMeterProvider::builder().with_resource(resource.clone());
    Ok(provider.with_reader(reader.build()).build())
}

/// Counts the spans of failed exports.
#[derive(Debug)]
struct FailureCounter<E>(E);

impl<E: SpanExporter> SpanExporter for FailureCounter<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = u64::try_from(batch.len()).unwrap_or(u64::MAX);
        let result = self.0.export(batch).await;
        if result.is_err() {
            counter!(SPANS_LOST).increment(spans);
        }
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.set_resource(resource);
    }
}

/// Whether an event of the SDK belongs into the log: its warnings do. Others may contain a key: at lower levels in the
/// endpoint, and in the values of invalid variables, which [`environment`] reports. The SDK also reports each failed export,
/// where [`CollectorClient`] reports the first one.
pub(super) fn is_logged(event: &Metadata<'_>) -> bool {
    let name = event.name();
    let excluded =
        name.ends_with(".ExportError") || name.starts_with("Export.") || name.contains(".Config.");
    !event.target().starts_with("opentelemetry") || (*event.level() <= Level::WARN && !excluded)
}

/// Records a span for each request.
#[derive(Debug)]
pub struct Tracer(SdkTracer);

impl Tracer {
    /// Records the span of a finished request, as a child of the client's span if the request has a `traceparent`. Returns the
    /// id of the trace.
    pub(super) fn record(&self, record: &RequestRecord<'_>) -> Option<String> {
        use opentelemetry::trace::Tracer as _;
        let parent = parent(record.trace_headers);
        let method = known_method(record.method);
        let status = i64::from(record.status.as_u16());
        let mut attributes = vec![
            KeyValue::new("http.request.method", method),
            KeyValue::new("http.response.status_code", status),
            KeyValue::new("atelier.request_id", record.request_id.to_owned()),
        ];
        if !record.route.is_empty() {
            attributes.push(KeyValue::new("http.route", record.route));
        }
        let name = match record.route {
            "" => method.to_owned(),
            route => format!("{method} {route}"),
        };
        let span = self.0.span_builder(name).with_kind(SpanKind::Server);
        let span = span
            .with_start_time(record.started)
            .with_attributes(attributes);
        let mut span = span.start_with_context(&self.0, &parent);
        if record.status.is_server_error() {
            span.set_status(Status::error(""));
        }
        let own = id(span.span_context());
        span.end();
        own.or_else(|| id(parent.span().span_context()))
    }
}

/// The id of the trace that the `traceparent` header names.
pub(super) fn trace_id(headers: &HeaderMap) -> Option<String> {
    if headers.is_empty() {
        return None;
    }
    id(parent(headers).span().span_context())
}

fn parent(headers: &HeaderMap) -> Context {
    TraceContextPropagator::new().extract_with_context(&Context::new(), &HeaderExtractor(headers))
}

fn id(span: &SpanContext) -> Option<String> {
    span.is_valid().then(|| span.trace_id().to_string())
}
