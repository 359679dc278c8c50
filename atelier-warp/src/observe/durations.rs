//! How long requests took, put into buckets as they end. A recorder that keeps each until somebody sorts them makes a busy
//! server write ten megabytes in the five seconds between, and then sort half a million numbers in one go.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ::metrics::{Histogram, Recorder, histogram, with_local_recorder};
use http::StatusCode;

use super::metrics::{DURATION, SECONDS};

/// Method, route and status: there are few of each.
pub(super) type Series = (&'static str, &'static str, StatusCode);

const BUCKETS: usize = SECONDS.len() + 1;

/// What one thread has counted of a series.
#[derive(Debug, Default)]
struct Counted {
    /// How many took up to each bound, and longer than the one before; at the end, those that took longer than all.
    buckets: [AtomicU64; BUCKETS],
    nanos: AtomicU64,
}

impl Counted {
    fn record(&self, took: Duration) {
        let seconds = took.as_secs_f64();
        let bucket = SECONDS.partition_point(|bound| *bound < seconds);
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.nanos.fetch_add(nanos, Ordering::Relaxed);
    }
}

/// Where a thread counts a series.
struct Place {
    series: Series,
    counted: Arc<Counted>,
    also: Option<Histogram>,
}

thread_local! {
    /// So that no thread waits for another.
    static PLACES: RefCell<Vec<Place>> = const { RefCell::new(Vec::new()) };
}

/// The requests of this process, of which there is one of these.
#[derive(Default)]
pub(super) struct Durations {
    /// What each thread has counted.
    all: Mutex<Vec<(Series, Arc<Counted>)>>,
    /// Told of each request as well.
    also: Option<Arc<dyn Recorder + Send + Sync>>,
}

impl Durations {
    pub(super) fn and(also: Option<Arc<dyn Recorder + Send + Sync>>) -> Self {
        Self {
            all: Mutex::default(),
            also,
        }
    }

    /// Counts a request.
    pub(super) fn record(&self, series: Series, took: Duration) {
        PLACES.with_borrow_mut(|places| {
            let known = places.iter().position(|place| place.series == series);
            let known = known.unwrap_or_else(|| {
                places.push(self.place(series));
                places.len() - 1
            });
            let place = &places[known];
            place.counted.record(took);
            if let Some(also) = &place.also {
                also.record(took.as_secs_f64());
            }
            // What comes often is soon found.
            places.swap(known, known / 2);
        });
    }

    /// A place for this thread.
    fn place(&self, series: Series) -> Place {
        let counted = Arc::<Counted>::default();
        self.all().push((series, Arc::clone(&counted)));
        let also = self.also.as_ref().map(|also| {
            let (method, route, status) = series;
            with_local_recorder(also, || {
                histogram!(
                    DURATION,
                    "http_request_method" => method,
                    "http_route" => route,
                    "http_response_status_code" => status.as_str().to_owned(),
                )
            })
        });
        Place {
            series,
            counted,
            also,
        }
    }

    fn all(&self) -> MutexGuard<'_, Vec<(Series, Arc<Counted>)>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All of them, as Prometheus reads them.
    pub(super) fn render(&self) -> String {
        let mut sums = BTreeMap::<_, ([u64; BUCKETS], u64)>::new();
        for ((method, route, status), counted) in &*self.all() {
            let (buckets, nanos) = sums.entry((*route, *method, status.as_u16())).or_default();
            for (sum, bucket) in buckets.iter_mut().zip(&counted.buckets) {
                *sum += bucket.load(Ordering::Relaxed);
            }
            *nanos += counted.nanos.load(Ordering::Relaxed);
        }
        let mut text =
            format!("# HELP {DURATION} How long requests took.\n# TYPE {DURATION} histogram\n");
        for ((route, method, status), (buckets, nanos)) in sums {
            let labels = format!(
                r#"http_request_method="{method}",http_route="{route}",http_response_status_code="{status}""#
            );
            let mut count = 0;
            // To write into a text never fails.
            for (bucket, bound) in buckets.iter().zip(SECONDS) {
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
    fn every_thread_counts_and_prometheus_reads_the_sum() {
        let durations = Arc::new(Durations::default());
        let threads = [1, 2_500, 2_501, 11_000_000].map(|micros| {
            let durations = Arc::clone(&durations);
            std::thread::spawn(move || {
                let took = Duration::from_micros(micros);
                durations.record(("GET", "/reviews", StatusCode::OK), took);
                durations.record(("PUT", "", StatusCode::NOT_FOUND), took);
                durations.record(("GET", "/reviews", StatusCode::OK), took);
            })
        });
        for thread in threads {
            thread.join().expect("counts");
        }
        let text = durations.render();
        let has = |line: &str| assert!(text.contains(&format!("{line}\n")), "{line}: {text}");
        let reviews =
            r#"http_request_method="GET",http_route="/reviews",http_response_status_code="200""#;
        // What takes as long as a bound is in its bucket.
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
