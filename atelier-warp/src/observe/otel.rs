//! Spans and numbers for a collector, over OTLP: as the standard `OTEL_*` variables say, and not at all without them.

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use ::metrics::Recorder;
use http::HeaderMap;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{Span, SpanContext, SpanKind, Status, TraceContextExt, TracerProvider};
use opentelemetry::{Context, KeyValue};
use opentelemetry_http::HeaderExtractor;
use opentelemetry_otlp::{MetricExporter, SpanExporter, WithHttpConfig};
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider, Temporality};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};

use super::Answered;
use super::metrics::known;

mod client;
mod numbers;
mod queue;
mod resource;
mod variables;

use self::client::Client;
use self::queue::Queue;
use self::variables::variable;

/// How long the exporters may take to shut down.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

/// How long it may take at the end, for all that is left.
const AT_THE_END: Duration = Duration::from_secs(2);

/// What is sent to a collector.
#[derive(Debug)]
pub struct Otel {
    spans: Option<SdkTracerProvider>,
    numbers: Option<SdkMeterProvider>,
}

impl Otel {
    /// What the environment asks for; none where it names no collector. The failure is in words.
    pub fn from_environment() -> Result<Option<Self>, String> {
        let Some(wanted) = variables::wanted()? else {
            return Ok(None);
        };
        let resource = resource::from_environment();
        let words = |error: &dyn fmt::Display| format!("OTEL_* can't be followed: {error}.");
        let spans = wanted.spans.then(|| {
            let exporter = SpanExporter::builder()
                .with_http()
                .with_http_client(Client::of("spans", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT"))
                .build()?;
            let provider = SdkTracerProvider::builder().with_resource(resource.clone());
            Ok(provider.with_span_processor(Queue::to(exporter)).build())
        });
        let spans: Result<Option<_>, opentelemetry_otlp::ExporterBuildError> = spans.transpose();
        let numbers = wanted.numbers.then(|| {
            // Some collectors take differences alone.
            let preference = variable("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE");
            let temporality = match preference.unwrap_or_default().to_ascii_lowercase().as_str() {
                "delta" => Temporality::Delta,
                "lowmemory" => Temporality::LowMemory,
                _ => Temporality::Cumulative,
            };
            let exporter = MetricExporter::builder()
                .with_http()
                .with_http_client(Client::of("numbers", "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT"))
                .with_temporality(temporality)
                .build()?;
            let every = variables::millis("OTEL_METRIC_EXPORT_INTERVAL", Duration::from_mins(1));
            let reader = PeriodicReader::builder(exporter).with_interval(every);
            let provider = SdkMeterProvider::builder().with_resource(resource.clone());
            Ok(provider.with_reader(reader.build()).build())
        });
        let numbers: Result<Option<_>, opentelemetry_otlp::ExporterBuildError> =
            numbers.transpose();
        Ok(Some(Self {
            spans: spans.map_err(|error| words(&error))?,
            numbers: numbers.map_err(|error| words(&error))?,
        }))
    }

    /// Makes spans, where they are wanted.
    pub fn tracer(&self) -> Option<Arc<Tracer>> {
        let spans = self.spans.as_ref()?;
        Some(Arc::new(Tracer(spans.tracer("atelier"))))
    }

    /// Takes numbers, where they are wanted.
    pub fn recorder(&self) -> Option<Arc<dyn Recorder + Send + Sync>> {
        let numbers = self.numbers.as_ref()?;
        Some(numbers::recorder(numbers))
    }

    /// Sends what is left, for two seconds at most. This blocks.
    pub fn end(&self) {
        // Both at once, and from threads that nobody waits for: the process may end before them.
        let (ended, endings) = mpsc::channel();
        let begin = |end: Box<dyn FnOnce() + Send>| {
            let ended = ended.clone();
            let end = move || {
                end();
                // Nobody listens where it took too long.
                let _ = ended.send(());
            };
            thread::Builder::new().spawn(end).is_ok()
        };
        let mut expected = 0;
        // A collector that is away is told of by who sends to it.
        if let Some(spans) = self.spans.clone() {
            expected += i32::from(begin(Box::new(move || {
                let _ = spans.shutdown_with_timeout(SHUTDOWN_TIMEOUT);
            })));
        }
        if let Some(numbers) = self.numbers.clone() {
            expected += i32::from(begin(Box::new(move || {
                let _ = numbers.shutdown_with_timeout(SHUTDOWN_TIMEOUT);
            })));
        }
        let until = Instant::now() + AT_THE_END;
        for _ in 0..expected {
            let left = until.saturating_duration_since(Instant::now());
            if endings.recv_timeout(left).is_err() {
                tracing::warn!("the collector did not take in time what was left, which is lost");
                return;
            }
        }
    }
}

/// Makes a span of each request.
#[derive(Debug)]
pub struct Tracer(SdkTracer);

impl Tracer {
    /// A span, in the trace that the client began if it did; the id of the trace.
    pub(super) fn span(&self, answered: &Answered<'_>) -> Option<String> {
        use opentelemetry::trace::Tracer as _;
        let parent = parent(answered.headers);
        let method = known(answered.method);
        let status = i64::from(answered.status.as_u16());
        let mut attributes = vec![
            KeyValue::new("http.request.method", method),
            KeyValue::new("http.response.status_code", status),
            KeyValue::new("atelier.request_id", answered.request_id.to_owned()),
        ];
        if !answered.route.is_empty() {
            attributes.push(KeyValue::new("http.route", answered.route));
        }
        let name = match answered.route {
            "" => method.to_owned(),
            route => format!("{method} {route}"),
        };
        let span = self.0.span_builder(name).with_kind(SpanKind::Server);
        let span = span
            .with_start_time(answered.started)
            .with_attributes(attributes);
        let mut span = span.start_with_context(&self.0, &parent);
        if answered.status.is_server_error() {
            span.set_status(Status::error(""));
        }
        let own = id(span.span_context());
        span.end();
        own.or_else(|| id(parent.span().span_context()))
    }
}

/// The id of the trace that the client says its request is part of.
pub(super) fn trace_of(headers: &HeaderMap) -> Option<String> {
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
