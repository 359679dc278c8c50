//! A recorder of the `metrics` facade that forwards to OpenTelemetry, and translates names from Prometheus' conventions to
//! OpenTelemetry's.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ::metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit,
};
use metrics_util::registry::{Registry, Storage};
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Meter, MeterProvider};
use opentelemetry_sdk::metrics::SdkMeterProvider;

use crate::observe::names::bounds;

/// Returns a recorder that forwards to `provider`.
pub(super) fn recorder(provider: &SdkMeterProvider) -> Arc<dyn Recorder + Send + Sync> {
    Arc::new(MetricsBridge(Registry::new(Instruments(
        provider.meter("atelier"),
    ))))
}

/// Forwards measurements; the registry has one instrument for each name and set of labels.
struct MetricsBridge(Registry<Key, Instruments>);

/// Creates OpenTelemetry instruments.
struct Instruments(Meter);

/// Metrics that OpenTelemetry's semantic conventions define: Prometheus name, OpenTelemetry name and unit.
const STANDARD: [(&str, &str, &str); 5] = [
    (
        "http_server_request_duration_seconds",
        "http.server.request.duration",
        "s",
    ),
    (ACTIVE_REQUESTS, "http.server.active_requests", "{request}"),
    (CONNECTIONS, "db.client.connection.count", "{connection}"),
    (
        "db_client_connection_wait_time_seconds",
        "db.client.connection.wait_time",
        "s",
    ),
    (
        "db_client_connection_timeouts_total",
        "db.client.connection.timeouts",
        "{timeout}",
    ),
];
const ACTIVE_REQUESTS: &str = "http_server_active_requests";
const CONNECTIONS: &str = "db_client_connection_count";

/// The OpenTelemetry name, without Prometheus' suffixes, and the unit.
fn name(key: &Key) -> (String, &'static str) {
    let prometheus = key.name();
    if let Some((_, otel, unit)) = STANDARD.iter().find(|(name, ..)| *name == prometheus) {
        return ((*otel).to_owned(), unit);
    }
    let unit = match prometheus {
        name if name.ends_with("_seconds") => "s",
        name if name.ends_with("_bytes") => "By",
        _ => "1",
    };
    let name = prometheus.strip_suffix("_total").unwrap_or(prometheus);
    let name = name.strip_suffix("_seconds").unwrap_or(name);
    (name.replacen("atelier_", "atelier.", 1), unit)
}

fn attributes(key: &Key) -> Vec<KeyValue> {
    let attribute = |label: &::metrics::Label| {
        let value = label.value();
        let attribute = match label.key() {
            "http_request_method" => KeyValue::new("http.request.method", value.to_owned()),
            // A request without a route has an empty label.
            "http_route" if value.is_empty() => return None,
            "http_route" => KeyValue::new("http.route", value.to_owned()),
            "http_response_status_code" => {
                KeyValue::new("http.response.status_code", value.parse::<i64>().ok()?)
            }
            "state" if key.name() == CONNECTIONS => {
                KeyValue::new("db.client.connection.state", value.to_owned())
            }
            other => KeyValue::new(other.to_owned(), value.to_owned()),
        };
        Some(attribute)
    };
    key.labels().filter_map(attribute).collect()
}

struct OtelCounter(
    opentelemetry::metrics::Counter<u64>,
    Vec<KeyValue>,
    AtomicU64,
);

impl CounterFn for OtelCounter {
    fn increment(&self, value: u64) {
        self.0.add(value, &self.1);
    }

    fn absolute(&self, value: u64) {
        let before = self.2.fetch_max(value, Ordering::Relaxed);
        self.increment(value.saturating_sub(before));
    }
}

enum OtelGauge {
    /// A gauge, as the bits of an `f64`. It is observed at each export: with delta temporality, a synchronous gauge would be
    /// exported only after it was set.
    Gauge(Arc<AtomicU64>),
    /// An additive value, which can be summed over servers; the last value is needed to compute differences.
    UpDown(
        opentelemetry::metrics::UpDownCounter<f64>,
        Vec<KeyValue>,
        Mutex<f64>,
    ),
}

impl OtelGauge {
    fn change(&self, change: impl Fn(f64) -> f64) {
        match self {
            Self::Gauge(last) => {
                let changed = |bits| Some(change(f64::from_bits(bits)).to_bits());
                // The closure never returns none, so this never fails.
                let _ = last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, changed);
            }
            Self::UpDown(counter, attributes, now) => {
                let mut now = now.lock().unwrap_or_else(PoisonError::into_inner);
                let changed = change(*now);
                counter.add(changed - *now, attributes);
                *now = changed;
            }
        }
    }
}

impl GaugeFn for OtelGauge {
    fn increment(&self, value: f64) {
        self.change(|now| now + value);
    }

    fn decrement(&self, value: f64) {
        self.change(|now| now - value);
    }

    fn set(&self, value: f64) {
        self.change(|_| value);
    }
}

struct OtelHistogram(opentelemetry::metrics::Histogram<f64>, Vec<KeyValue>);

impl HistogramFn for OtelHistogram {
    fn record(&self, value: f64) {
        self.0.record(value, &self.1);
    }
}

impl Storage<Key> for Instruments {
    type Counter = Arc<OtelCounter>;
    type Gauge = Arc<OtelGauge>;
    type Histogram = Arc<OtelHistogram>;

    fn counter(&self, key: &Key) -> Self::Counter {
        let (name, unit) = name(key);
        let counter = self.0.u64_counter(name).with_unit(unit).build();
        Arc::new(OtelCounter(counter, attributes(key), AtomicU64::new(0)))
    }

    fn gauge(&self, key: &Key) -> Self::Gauge {
        let (name, unit) = name(key);
        let attributes = attributes(key);
        if matches!(key.name(), ACTIVE_REQUESTS | CONNECTIONS) {
            let counter = self.0.f64_up_down_counter(name).with_unit(unit).build();
            return Arc::new(OtelGauge::UpDown(counter, attributes, Mutex::new(0.0)));
        }
        let last = Arc::new(AtomicU64::new(0.0_f64.to_bits()));
        let observed = Arc::clone(&last);
        let gauge = self.0.f64_observable_gauge(name).with_unit(unit);
        // The meter keeps the callback; dropping the instrument changes nothing.
        let _ = gauge
            .with_callback(move |observer| {
                let last = f64::from_bits(observed.load(Ordering::Relaxed));
                observer.observe(last, &attributes);
            })
            .build();
        Arc::new(OtelGauge::Gauge(last))
    }

    fn histogram(&self, key: &Key) -> Self::Histogram {
        let (name, unit) = name(key);
        let histogram = self.0.f64_histogram(name).with_unit(unit);
        let histogram = histogram.with_boundaries(bounds(key.name()).to_vec());
        Arc::new(OtelHistogram(histogram.build(), attributes(key)))
    }
}

impl Recorder for MetricsBridge {
    // Help texts are only exported to Prometheus.
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

#[cfg(test)]
mod tests {
    use ::metrics::Label;

    use super::*;

    #[test]
    fn every_metric_has_an_opentelemetry_name() {
        let all = atelier_core::metrics::ALL.map(|metric| metric.name);
        let all = all.into_iter().chain(crate::observe::metrics::NAMES);
        for prometheus in all {
            let (otel, _) = name(&Key::from_name(prometheus));
            let known = ["atelier.", "http.server.", "db.client.connection."];
            let known = known.iter().any(|start| otel.starts_with(start));
            assert!(known && !otel.ends_with("_total"), "{prometheus}: {otel}");
        }
        // Each row of the table is about an existing metric.
        for (name, ..) in STANDARD {
            let core = atelier_core::metrics::ALL.map(|metric| metric.name);
            let exists = core.contains(&name) || crate::observe::metrics::NAMES.contains(&name);
            assert!(exists, "{name}");
        }
    }

    #[test]
    fn connection_count_has_opentelemetrys_state_attribute() {
        let key = Key::from_parts(CONNECTIONS, vec![Label::new("state", "idle")]);
        let state = KeyValue::new("db.client.connection.state", "idle");
        assert_eq!(attributes(&key), [state]);
        let (name, unit) = name(&key);
        assert_eq!(
            (&*name, unit),
            ("db.client.connection.count", "{connection}")
        );
    }
}
