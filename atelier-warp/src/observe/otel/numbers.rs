//! What is counted, for a collector: under OpenTelemetry's names, where those in [`super::super::metrics`] are Prometheus'.

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

use crate::observe::metrics::bounds;

/// Takes numbers.
pub(super) fn recorder(to: &SdkMeterProvider) -> Arc<dyn Recorder + Send + Sync> {
    Arc::new(Numbers(Registry::new(Instruments(to.meter("atelier")))))
}

/// Carries what is counted over to OpenTelemetry.
struct Numbers(Registry<Key, Instruments>);

/// Makes its instruments.
struct Instruments(Meter);

/// The numbers that OpenTelemetry knows: the name here and there, and the unit.
const STANDARD: [(&str, &str, &str); 5] = [
    (
        "http_server_request_duration_seconds",
        "http.server.request.duration",
        "s",
    ),
    (UNDER_WAY, "http.server.active_requests", "{request}"),
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
const UNDER_WAY: &str = "http_server_active_requests";
const CONNECTIONS: &str = "db_client_connection_count";

/// The name without what Prometheus wants in it, and the unit.
fn name(key: &Key) -> (String, &'static str) {
    let here = key.name();
    if let Some((_, there, unit)) = STANDARD.iter().find(|(name, ..)| *name == here) {
        return ((*there).to_owned(), unit);
    }
    let unit = match here {
        name if name.ends_with("_seconds") => "s",
        name if name.ends_with("_bytes") => "By",
        _ => "1",
    };
    let name = here.strip_suffix("_total").unwrap_or(here);
    let name = name.strip_suffix("_seconds").unwrap_or(name);
    (name.replacen("atelier_", "atelier.", 1), unit)
}

fn attributes(key: &Key) -> Vec<KeyValue> {
    let attribute = |label: &::metrics::Label| {
        let value = label.value();
        let attribute = match label.key() {
            "http_request_method" => KeyValue::new("http.request.method", value.to_owned()),
            // There is none where a request led nowhere.
            "http_route" if value.is_empty() => return None,
            "http_route" => KeyValue::new("http.route", value.to_owned()),
            "http_response_status_code" => {
                KeyValue::new("http.response.status_code", value.parse::<i64>().ok()?)
            }
            "state" if key.name() == CONNECTIONS => {
                KeyValue::new("db.client.connection.state", value.to_owned())
            }
            ours => KeyValue::new(ours.to_owned(), value.to_owned()),
        };
        Some(attribute)
    };
    key.labels().filter_map(attribute).collect()
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

/// What comes and goes.
enum Level {
    /// Of which only the last value says something. It is asked for each time, as some collectors want what is new alone and
    /// this may have been set only once.
    Last(Arc<AtomicU64>),
    /// Of which the sum over all servers does, too.
    UpDown(
        opentelemetry::metrics::UpDownCounter<f64>,
        Vec<KeyValue>,
        Mutex<f64>,
    ),
}

impl Level {
    fn change(&self, change: impl Fn(f64) -> f64) {
        match self {
            Self::Last(last) => {
                let changed = |bits| Some(change(f64::from_bits(bits)).to_bits());
                // This never fails, as it never says none.
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

impl GaugeFn for Level {
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

struct Measuring(opentelemetry::metrics::Histogram<f64>, Vec<KeyValue>);

impl HistogramFn for Measuring {
    fn record(&self, value: f64) {
        self.0.record(value, &self.1);
    }
}

impl Storage<Key> for Instruments {
    type Counter = Arc<Counting>;
    type Gauge = Arc<Level>;
    type Histogram = Arc<Measuring>;

    fn counter(&self, key: &Key) -> Self::Counter {
        let (name, unit) = name(key);
        let counter = self.0.u64_counter(name).with_unit(unit).build();
        Arc::new(Counting(counter, attributes(key), AtomicU64::new(0)))
    }

    fn gauge(&self, key: &Key) -> Self::Gauge {
        let (name, unit) = name(key);
        let attributes = attributes(key);
        if matches!(key.name(), UNDER_WAY | CONNECTIONS) {
            let counter = self.0.f64_up_down_counter(name).with_unit(unit).build();
            return Arc::new(Level::UpDown(counter, attributes, Mutex::new(0.0)));
        }
        let last = Arc::new(AtomicU64::new(0.0_f64.to_bits()));
        let asked = Arc::clone(&last);
        let gauge = self.0.f64_observable_gauge(name).with_unit(unit);
        // It lives as long as the meter does.
        let _ = gauge
            .with_callback(move |observer| {
                let last = f64::from_bits(asked.load(Ordering::Relaxed));
                observer.observe(last, &attributes);
            })
            .build();
        Arc::new(Level::Last(last))
    }

    fn histogram(&self, key: &Key) -> Self::Histogram {
        let (name, unit) = name(key);
        let histogram = self.0.f64_histogram(name).with_unit(unit);
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

#[cfg(test)]
mod tests {
    use ::metrics::Label;

    use super::*;

    #[test]
    fn every_number_has_a_name_of_opentelemetrys_form() {
        let all = atelier_core::metrics::ALL.map(|metric| metric.name);
        let all = all.into_iter().chain(crate::observe::metrics::NAMES);
        for here in all {
            let (there, _) = name(&Key::from_name(here));
            let known = ["atelier.", "http.server.", "db.client.connection."];
            let known = known.iter().any(|start| there.starts_with(start));
            assert!(known && !there.ends_with("_total"), "{here}: {there}");
        }
        // None is left whose name has changed.
        for (here, ..) in STANDARD {
            let core = atelier_core::metrics::ALL.map(|metric| metric.name);
            let there = core.contains(&here) || crate::observe::metrics::NAMES.contains(&here);
            assert!(there, "{here}");
        }
    }

    #[test]
    fn the_connections_have_a_state_as_opentelemetry_names_it() {
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
