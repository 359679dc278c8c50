//! Spans and numbers for a collector, over OTLP: as the standard `OTEL_*` variables say, and not at all without them.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ::metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit, counter,
};
use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, Request, Response, Uri};
use metrics_util::registry::{Registry, Storage};
use opentelemetry::metrics::{Meter, MeterProvider};
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{Span, SpanKind, Status, TraceContextExt, TracerProvider};
use opentelemetry::{Context, KeyValue};
use opentelemetry_http::{HeaderExtractor, HttpClient, HttpError};
use opentelemetry_otlp::{MetricExporter, SpanExporter, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::{SdkMeterProvider, Temporality};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};

use super::Answered;
use super::metrics::{FAILED, bounds, known};

/// How long the collector may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is sent to a collector.
#[derive(Debug)]
pub struct Otel {
    spans: Option<SdkTracerProvider>,
    numbers: Option<SdkMeterProvider>,
}

impl Otel {
    /// What the environment asks for; none where it names no collector. The failure is in words.
    pub fn from_environment() -> Result<Option<Self>, String> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let off = variable("OTEL_SDK_DISABLED").is_some_and(|off| off.eq_ignore_ascii_case("true"));
        let wanted = |signal: &str| {
            let named = [
                "OTEL_EXPORTER_OTLP_ENDPOINT".to_owned(),
                format!("OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"),
            ];
            let named = named.iter().any(|name| variable(name).is_some());
            let exporter = variable(&format!("OTEL_{signal}_EXPORTER"));
            !off && named && exporter.is_none_or(|exporter| exporter == "otlp")
        };
        let (spans, numbers) = (wanted("TRACES"), wanted("METRICS"));
        if !spans && !numbers {
            return Ok(None);
        }
        for name in [
            "OTEL_EXPORTER_OTLP_PROTOCOL",
            "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
            "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL",
        ] {
            if let Some(other) = variable(name).filter(|protocol| protocol != "http/protobuf") {
                return Err(format!(
                    "{name} is {other}, which is not spoken here.\nTry: {name}=http/protobuf, and the collector's port for it, often 4318"
                ));
            }
        }
        for name in [
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
            "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
        ] {
            // There may be a key in it, so it is not repeated.
            if variable(name).is_some_and(|address| !is_address(&address)) {
                return Err(format!(
                    "{name} is not the address of a collector.\nGive such as: {name}=http://localhost:4318"
                ));
            }
        }
        let named = variable("OTEL_SERVICE_NAME").is_some()
            || variable("OTEL_RESOURCE_ATTRIBUTES")
                .is_some_and(|all| all.contains("service.name="));
        let mut resource = Resource::builder();
        if !named {
            resource = resource.with_service_name("atelier");
        }
        let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        let resource = resource.with_attribute(version).build();
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .http_status_as_error(false);
        let client = Client {
            agent: ureq::Agent::new_with_config(agent.build()),
            away: Arc::default(),
        };
        let words = |error: &dyn fmt::Display| format!("OTEL_* can't be followed: {error}.");
        let spans = spans.then(|| {
            let exporter = SpanExporter::builder()
                .with_http()
                .with_http_client(client.clone())
                .build()?;
            let provider = SdkTracerProvider::builder().with_resource(resource.clone());
            Ok(provider.with_batch_exporter(exporter).build())
        });
        let spans: Result<Option<_>, opentelemetry_otlp::ExporterBuildError> = spans.transpose();
        let numbers = numbers.then(|| {
            // Some collectors take differences alone.
            let preference = variable("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE");
            let temporality = match preference.unwrap_or_default().to_ascii_lowercase().as_str() {
                "delta" => Temporality::Delta,
                "lowmemory" => Temporality::LowMemory,
                _ => Temporality::Cumulative,
            };
            let exporter = MetricExporter::builder()
                .with_http()
                .with_http_client(client)
                .with_temporality(temporality)
                .build()?;
            let provider = SdkMeterProvider::builder().with_resource(resource.clone());
            Ok(provider.with_periodic_exporter(exporter).build())
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
        let instruments = Instruments(numbers.meter("atelier"));
        Some(Arc::new(Numbers(Registry::new(instruments))))
    }

    /// Sends what is left. This blocks.
    pub fn end(&self) {
        // A collector that is away is no reason to stay.
        if let Some(spans) = &self.spans {
            let _ = spans.shutdown_with_timeout(PATIENCE);
        }
        if let Some(numbers) = &self.numbers {
            let _ = numbers.shutdown_with_timeout(PATIENCE);
        }
    }
}

fn is_address(text: &str) -> bool {
    let address = text.parse::<Uri>().ok();
    address.is_some_and(|address| {
        let scheme = matches!(address.scheme_str(), Some("http" | "https"));
        scheme && address.host().is_some_and(|host| !host.is_empty())
    })
}

/// Sends to the collector, from the exporter's own threads, which may wait.
#[derive(Debug, Clone)]
struct Client {
    agent: ureq::Agent,
    /// Whether the last was sent in vain. The log tells when that changes, and not each time.
    away: Arc<AtomicBool>,
}

impl Client {
    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (head, body) = request.into_parts();
        let answer = self.agent.run(Request::from_parts(head, body.to_vec()))?;
        let (head, mut body) = answer.into_parts();
        Ok(Response::from_parts(head, body.read_to_vec()?.into()))
    }
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let address = request.uri().clone();
        let sent = self.send(request);
        let why = match &sent {
            Ok(answer) if answer.status().is_success() => None,
            Ok(answer) => Some(format!("it answers {}", answer.status())),
            Err(error) => Some(error.to_string()),
        };
        if why.is_some() {
            counter!(FAILED).increment(1);
        }
        let was_away = self.away.swap(why.is_some(), Ordering::Relaxed);
        // In its path or query there may be a key.
        let collector = address.authority().map_or("", |host| host.as_str());
        let collector = collector.rsplit('@').next().unwrap_or_default();
        match why {
            Some(why) if !was_away => {
                tracing::warn!(
                    "the collector at {collector} takes nothing: {why}; some of it is lost"
                );
            }
            None if was_away => {
                tracing::info!("the collector at {collector} takes everything again");
            }
            _ => {}
        }
        sent
    }
}

/// Makes a span of each request.
#[derive(Debug)]
pub struct Tracer(SdkTracer);

impl Tracer {
    /// What a span needs of the request.
    pub(super) fn headers(headers: &HeaderMap) -> HeaderMap {
        let names = ["traceparent", "tracestate"].map(HeaderName::from_static);
        let values = names
            .into_iter()
            .filter_map(|name| Some((name.clone(), headers.get(name)?.clone())));
        values.collect()
    }

    /// A span, in the trace that the client began if it did; the id of the trace.
    pub(super) fn span(&self, answered: &Answered<'_>) -> Option<String> {
        use opentelemetry::trace::Tracer as _;
        let parent = TraceContextPropagator::new()
            .extract_with_context(&Context::new(), &HeaderExtractor(answered.headers));
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
        let context = span.span_context().clone();
        span.end();
        let parent = parent.span().span_context().clone();
        [context, parent]
            .iter()
            .find(|context| context.is_valid())
            .map(|context| context.trace_id().to_string())
    }
}

/// Carries what is counted over to OpenTelemetry.
struct Numbers(Registry<Key, Instruments>);

/// Makes its instruments.
struct Instruments(Meter);

fn attributes(key: &Key) -> Vec<KeyValue> {
    let labels = key.labels();
    labels
        .map(|label| KeyValue::new(label.key().to_owned(), label.value().to_owned()))
        .collect()
}

/// The name without what Prometheus wants in it.
fn name(key: &Key) -> String {
    let name = key.name();
    let name = name.strip_suffix("_total").unwrap_or(name);
    let name = name.strip_suffix("_seconds").unwrap_or(name);
    match name {
        "http_server_request_duration" => "http.server.request.duration".to_owned(),
        "http_server_active_requests" => "http.server.active_requests".to_owned(),
        name => name.to_owned(),
    }
}

fn unit(key: &Key) -> &'static str {
    match key.name() {
        name if name.ends_with("_seconds") => "s",
        name if name.ends_with("_bytes") => "By",
        _ => "1",
    }
}

struct Counting(
    opentelemetry::metrics::Counter<u64>,
    Vec<KeyValue>,
    AtomicU64,
);

impl CounterFn for Counting {
    fn increment(&self, value: u64) {
        self.0.add(value, &self.1);
    }

    fn absolute(&self, value: u64) {
        let before = self.2.fetch_max(value, Ordering::Relaxed);
        self.increment(value.saturating_sub(before));
    }
}

/// What comes and goes, as differences.
struct UpDown(
    opentelemetry::metrics::UpDownCounter<f64>,
    Vec<KeyValue>,
    Mutex<f64>,
);

impl GaugeFn for UpDown {
    fn increment(&self, value: f64) {
        *self.now() += value;
        self.0.add(value, &self.1);
    }

    fn decrement(&self, value: f64) {
        self.increment(-value);
    }

    fn set(&self, value: f64) {
        let before = std::mem::replace(&mut *self.now(), value);
        self.0.add(value - before, &self.1);
    }
}

impl UpDown {
    fn now(&self) -> MutexGuard<'_, f64> {
        self.2.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Measuring(opentelemetry::metrics::Histogram<f64>, Vec<KeyValue>);

impl HistogramFn for Measuring {
    fn record(&self, value: f64) {
        self.0.record(value, &self.1);
    }
}

impl Storage<Key> for Instruments {
    type Counter = Arc<Counting>;
    type Gauge = Arc<UpDown>;
    type Histogram = Arc<Measuring>;

    fn counter(&self, key: &Key) -> Self::Counter {
        let counter = self.0.u64_counter(name(key)).with_unit(unit(key)).build();
        Arc::new(Counting(counter, attributes(key), AtomicU64::new(0)))
    }

    fn gauge(&self, key: &Key) -> Self::Gauge {
        let counter = self.0.f64_up_down_counter(name(key));
        let counter = counter.with_unit(unit(key)).build();
        Arc::new(UpDown(counter, attributes(key), Mutex::new(0.0)))
    }

    fn histogram(&self, key: &Key) -> Self::Histogram {
        let histogram = self.0.f64_histogram(name(key)).with_unit(unit(key));
        let histogram = histogram.with_boundaries(bounds(key.name()).to_vec());
        Arc::new(Measuring(histogram.build(), attributes(key)))
    }
}

impl Recorder for Numbers {
    // Prometheus has the words.
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        self.0
            .get_or_create_counter(key, |counter| Counter::from_arc(Arc::clone(counter)))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        self.0
            .get_or_create_gauge(key, |gauge| Gauge::from_arc(Arc::clone(gauge)))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        self.0
            .get_or_create_histogram(key, |histogram| Histogram::from_arc(Arc::clone(histogram)))
    }
}
