//! The numbers at `/metrics`, in Prometheus' text, named as OpenTelemetry names them.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ::metrics::{
    Histogram, Recorder, Unit, counter, describe_counter, describe_gauge, describe_histogram,
    gauge, histogram,
};
use atelier_core::Atelier;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use metrics_util::layers::FanoutBuilder;

use super::Answered;
use super::log::RequestLog;
use crate::health::plain;

const DURATION: &str = "http_server_request_duration_seconds";
const ACTIVE: &str = "http_server_active_requests";
const DROPPED: &str = "atelier_log_dropped_total";
const BUILD: &str = "atelier_build_info";
pub(super) const FAILED: &str = "atelier_collector_failures_total";

/// What the server adds to [`atelier_core::metrics::ALL`].
pub const NAMES: [&str; 5] = [DURATION, ACTIVE, DROPPED, FAILED, BUILD];

/// Upper ends in seconds: OpenTelemetry's, and two below for what is kept in memory.
const SECONDS: [f64; 16] = [
    0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];

/// Upper ends of how many go together.
const TOGETHER: [f64; 8] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0];

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

/// Method, route and status: there are few of each.
type Series = (&'static str, &'static str, StatusCode);

thread_local! {
    /// Handles, so that none has to be looked up by its labels for each request, and no thread waits for another.
    static DURATIONS: RefCell<Vec<(Series, Histogram)>> = const { RefCell::new(Vec::new()) };
}

/// The numbers of this process.
pub struct Metrics {
    text: PrometheusHandle,
    active: Arc<AtomicU64>,
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
    pub fn install(also: Option<impl Recorder + Send + Sync + 'static>) -> Result<Self, String> {
        let words = |error: &dyn fmt::Display| format!("Nothing can be counted: {error}.");
        let builder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
            .and_then(|builder| builder.set_buckets(&TOGETHER))
            .map_err(|error| words(&error))?;
        let recorder = builder.build_recorder();
        let text = recorder.handle();
        let set = match also {
            Some(also) => {
                let fanout = FanoutBuilder::default();
                let fanout = fanout.add_recorder(recorder).add_recorder(also).build();
                ::metrics::set_global_recorder(fanout).map_err(|error| words(&error))
            }
            None => ::metrics::set_global_recorder(recorder).map_err(|error| words(&error)),
        };
        set?;
        atelier_core::metrics::describe();
        describe_histogram!(DURATION, Unit::Seconds, "How long requests took.");
        describe_gauge!(ACTIVE, Unit::Count, "Requests under way.");
        describe_counter!(
            DROPPED,
            Unit::Count,
            "Lines of the log that nobody took in time."
        );
        describe_counter!(
            FAILED,
            Unit::Count,
            "What a collector did not take of spans and numbers, each of many."
        );
        describe_gauge!(BUILD, Unit::Count, "1, with the version of the server.");
        counter!(DROPPED).increment(0);
        counter!(FAILED).increment(0);
        gauge!(BUILD, "version" => env!("CARGO_PKG_VERSION")).set(1);
        Ok(Self {
            text,
            active: Arc::default(),
        })
    }

    /// The answer to `GET /metrics`: all numbers, as Prometheus reads them.
    pub(crate) fn answer<B>(&self, request: &Request<B>) -> Option<Response<Bytes>> {
        let reads = matches!(*request.method(), Method::GET | Method::HEAD);
        if !reads || request.uri().path() != "/metrics" {
            return None;
        }
        active(&self.active);
        let mut answer = plain(self.text.render().into());
        let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
        answer.headers_mut().insert(CONTENT_TYPE, kind);
        Some(answer)
    }

    /// Has those numbers looked at now and then that can only be looked at, as long as the process lives.
    pub fn watch(&self, atelier: Atelier, log: Option<Arc<RequestLog>>) {
        let (text, under_way) = (self.text.clone(), Arc::clone(&self.active));
        tokio::spawn(async move {
            let mut every = tokio::time::interval(UPKEEP);
            loop {
                every.tick().await;
                atelier.observe();
                active(&under_way);
                if let Some(log) = &log {
                    counter!(DROPPED).absolute(log.dropped());
                }
                text.run_upkeep();
            }
        });
    }

    /// Counts a request as under way until what is returned goes, however it ends.
    pub(super) fn begin(&self) -> Active {
        self.active.fetch_add(1, Ordering::Relaxed);
        Active(Arc::clone(&self.active))
    }

    pub(super) fn end(answered: &Answered<'_>) {
        let series = (known(answered.method), answered.route, answered.status);
        DURATIONS.with_borrow_mut(|durations| {
            let place = durations.iter().position(|(known, _)| *known == series);
            let place = place.unwrap_or_else(|| {
                let (method, route, status) = series;
                let duration = histogram!(
                    DURATION,
                    "http_request_method" => method,
                    "http_route" => route,
                    "http_response_status_code" => status.as_str().to_owned(),
                );
                durations.push((series, duration));
                durations.len() - 1
            });
            durations[place].1.record(answered.seconds);
            // What comes often is soon found.
            durations.swap(place, place / 2);
        });
    }
}

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
        _ => "_OTHER",
    }
}
