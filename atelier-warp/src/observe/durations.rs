//! Histograms of request durations. Each thread counts in buckets of its own. The Prometheus recorder stores every sample
//! until its upkeep: under load that is ten megabytes in five seconds, and then half a million samples to sort at once.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ::metrics::{self, Recorder, histogram, with_local_recorder};
use http::StatusCode;

use super::names::{DURATION, DURATION_BOUNDS};

/// Method, route and status, all from small sets.
pub(super) type Series = (&'static str, &'static str, StatusCode);

/// Number of buckets, with the one above the last bound.
const BUCKETS: usize = DURATION_BOUNDS.len() + 1;

/// The histogram of one series on one thread.
#[derive(Debug, Default)]
struct Histogram {
    /// Number of durations up to each bound and above the previous one; the last bucket is above all bounds.
    buckets: [AtomicU64; BUCKETS],
    nanos: AtomicU64,
}

impl Histogram {
    fn record(&self, duration: Duration) {
        let seconds = duration.as_secs_f64();
        let bucket = DURATION_BOUNDS.partition_point(|bound| *bound < seconds);
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        self.nanos.fetch_add(nanos, Ordering::Relaxed);
    }
}

/// A series in the list of a thread.
struct Entry {
    series: Series,
    histogram: Arc<Histogram>,
    otel: Option<metrics::Histogram>,
}

thread_local! {
    /// Per thread, so that threads do not contend for cache lines.
    static SERIES: RefCell<Vec<Entry>> = const { RefCell::new(Vec::new()) };
}

/// The histograms of all threads. There is one instance in a process.
#[derive(Default)]
pub(super) struct DurationHistograms {
    all: Mutex<Vec<(Series, Arc<Histogram>)>>,
    /// Records each duration for OpenTelemetry too.
    otel: Option<Arc<dyn Recorder + Send + Sync>>,
}

impl DurationHistograms {
    pub(super) fn new(otel: Option<Arc<dyn Recorder + Send + Sync>>) -> Self {
        Self {
            all: Mutex::default(),
            otel,
        }
    }

    /// Records the duration of a request.
    pub(super) fn record(&self, series: Series, duration: Duration) {
        SERIES.with_borrow_mut(|entries| {
            let known = entries.iter().position(|entry| entry.series == series);
            let known = known.unwrap_or_else(|| {
                entries.push(self.register(series));
                entries.len() - 1
            });
            let entry = &entries[known];
            entry.histogram.record(duration);
            if let Some(otel) = &entry.otel {
                otel.record(duration.as_secs_f64());
            }
            // Moves frequent series to the front, where the linear search finds them.
            entries.swap(known, known / 2);
        });
    }

    /// Adds a histogram for this thread.
    fn register(&self, series: Series) -> Entry {
        let histogram = Arc::<Histogram>::default();
        self.all().push((series, Arc::clone(&histogram)));
        let otel = self.otel.as_ref().map(|otel| {
            let (method, route, status) = series;
            with_local_recorder(otel, || {
                histogram!(
                    DURATION,
                    "http_request_method" => method,
                    "http_route" => route,
                    "http_response_status_code" => status.as_str().to_owned(),
                )
            })
        });
        Entry {
            series,
            histogram,
            otel,
        }
    }

    fn all(&self) -> MutexGuard<'_, Vec<(Series, Arc<Histogram>)>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Renders the sums over all threads in Prometheus' text format.
    pub(super) fn render(&self) -> String {
        let mut sums = BTreeMap::<_, ([u64; BUCKETS], u64)>::new();
        for ((method, route, status), histogram) in &*self.all() {
            let (buckets, nanos) = sums.entry((*route, *method, status.as_u16())).or_default();
            for (sum, bucket) in buckets.iter_mut().zip(&histogram.buckets) {
                *sum += bucket.load(Ordering::Relaxed);
            }
            *nanos += histogram.nanos.load(Ordering::Relaxed);
        }
        let mut text =
            format!("# HELP {DURATION} Duration of requests.\n# TYPE {DURATION} histogram\n");
        for ((route, method, status), (buckets, nanos)) in sums {
            let labels = format!(
                r#"http_request_method="{method}",http_route="{route}",http_response_status_code="{status}""#
            );
            let mut count = 0;
            // Writing to a `String` never fails.
            for (bucket, bound) in buckets.iter().zip(DURATION_BOUNDS) {
                count += bucket;
                let _ = writeln!(
                    text,
                    r#"{DURATION}_bucket{{{labels},le="{bound}"}} {count}"#
                );
            }
            count += buckets[BUCKETS - 1];
            let sum = Duration::from_nanos(nanos).as_secs_f64();
            let _ = writeln!(text, r#"{DURATION}_bucket{{{labels},le="+Inf"}} {count}"#);
            let _ = writeln!(text, "{DURATION}_sum{{{labels}}} {sum}");
            let _ = writeln!(text, "{DURATION}_count{{{labels}}} {count}");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rendered_histogram_is_the_sum_over_threads() {
        let durations = Arc::new(DurationHistograms::default());
        let threads = [1, 2_500, 2_501, 11_000_000].map(|micros| {
            let durations = Arc::clone(&durations);
            std::thread::spawn(move || {
                let duration = Duration::from_micros(micros);
                durations.record(("GET", "/reviews", StatusCode::OK), duration);
                durations.record(("PUT", "", StatusCode::NOT_FOUND), duration);
                durations.record(("GET", "/reviews", StatusCode::OK), duration);
            })
        });
        for thread in threads {
            thread.join().expect("counts");
        }
        let text = durations.render();
        let has = |line: &str| assert!(text.contains(&format!("{line}\n")), "{line}: {text}");
        let reviews =
            r#"http_request_method="GET",http_route="/reviews",http_response_status_code="200""#;
        // Bounds are inclusive.
        for (bound, count) in [
            ("0.001", 2),
            ("0.0025", 4),
            ("0.005", 6),
            ("10", 6),
            ("+Inf", 8),
        ] {
            has(&format!(
                r#"{DURATION}_bucket{{{reviews},le="{bound}"}} {count}"#
            ));
        }
        has(&format!("{DURATION}_sum{{{reviews}}} 22.010004"));
        has(&format!("{DURATION}_count{{{reviews}}} 8"));
        has(&format!(
            r#"{DURATION}_count{{http_request_method="PUT",http_route="",http_response_status_code="404"}} 4"#
        ));
        let (comments, series) = (2, 2);
        assert_eq!(text.lines().count(), comments + series * (BUCKETS + 2));
    }
}
