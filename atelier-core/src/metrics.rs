//! Metrics, recorded through the [`metrics`](https://docs.rs/metrics) facade; without an installed recorder they cost next to
//! nothing.
//!
//! [`ALL`] lists every name; those that OpenTelemetry defines are used. Gauges of current state, such as the number of
//! connections, are set by [`Atelier::record_gauges`](crate::Atelier::record_gauges).

use std::time::Duration;

use ::metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram};
use ::metrics::{gauge, histogram};

use crate::model::error::ShedReason;

/// The kind of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Increases only.
    Counter,
    /// Increases and decreases.
    Gauge,
    /// A distribution of values.
    Histogram,
}

/// The description of a metric.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// Name, with the unit.
    pub name: &'static str,
    /// Kind.
    pub kind: Kind,
    /// Help text.
    pub help: &'static str,
    /// Names of the labels.
    pub labels: &'static [&'static str],
}

const CACHE: &str = "atelier_cache_requests_total";
const CACHE_BYTES: &str = "atelier_cache_bytes";
const SHED: &str = "atelier_shed_total";
const BATCH: &str = "atelier_batch_size";
const LAG: &str = "atelier_changes_lag_seconds";
const IDEMPOTENCY: &str = "atelier_idempotency_total";
const TRUNCATED: &str = "atelier_answers_cut_total";
const BUGS: &str = "atelier_bugs_total";
const CONNECTIONS: &str = "db_client_connection_count";
const QUEUE: &str = "atelier_queue_length";
const WAIT: &str = "db_client_connection_wait_time_seconds";
const TIMEOUTS: &str = "db_client_connection_timeouts_total";

const fn metric(
    name: &'static str,
    kind: Kind,
    labels: &'static [&'static str],
    help: &'static str,
) -> Metric {
    Metric {
        name,
        kind,
        help,
        labels,
    }
}

/// All metrics of this crate.
#[rustfmt::skip]
pub const ALL: [Metric; 12] = [
    metric(CACHE, Kind::Counter, &["result"], "Reads by result of the response cache: hit, miss, or stale (served while the store was unreachable)."),
    metric(CACHE_BYTES, Kind::Gauge, &[], "Size of the response cache."),
    metric(SHED, Kind::Counter, &["reason"], "Requests shed with 503 by reason: overload (the expected wait exceeds the queue timeout), wait (no connection within the queue timeout), time (a deadline passed), queue (too many queued writes), database (it failed)."),
    metric(BATCH, Kind::Histogram, &["of"], "Requests per statement, by statement name; for SQLite, writes per transaction."),
    metric(LAG, Kind::Gauge, &[], "Time since the changes of other servers were last read."),
    metric(IDEMPOTENCY, Kind::Counter, &["result"], "Repeated idempotency keys: replayed, or refused because the body differs."),
    metric(TRUNCATED, Kind::Counter, &[], "List responses truncated at the maximum response size."),
    metric(BUGS, Kind::Counter, &["kind"], "Defects: internal (a response 500), panic."),
    metric(CONNECTIONS, Kind::Gauge, &["state"], "Connections to PostgreSQL by state: used, idle."),
    metric(QUEUE, Kind::Gauge, &["of"], "Requests waiting for a connection to PostgreSQL: reads, writes."),
    metric(WAIT, Kind::Histogram, &[], "Wait time of requests that found no free connection."),
    metric(TIMEOUTS, Kind::Counter, &[], "Connection attempts that timed out."),
];

/// Describes all metrics to the installed recorder. Call it once. Counters of rare events start at 0, because a counter that
/// appears with its first event shows no increase.
pub fn describe() {
    for Metric {
        name, kind, help, ..
    } in ALL
    {
        let unit = match name {
            CACHE_BYTES => Unit::Bytes,
            LAG | WAIT => Unit::Seconds,
            _ => Unit::Count,
        };
        match kind {
            Kind::Counter => describe_counter!(name, unit, help),
            Kind::Gauge => describe_gauge!(name, unit, help),
            Kind::Histogram => describe_histogram!(name, unit, help),
        }
    }
    for kind in ["internal", "panic"] {
        counter!(BUGS, "kind" => kind).increment(0);
    }
    for reason in ShedReason::ALL {
        counter!(SHED, "reason" => reason.label()).increment(0);
    }
    for result in ["replayed", "refused"] {
        counter!(IDEMPOTENCY, "result" => result).increment(0);
    }
    counter!(TRUNCATED).increment(0);
    counter!(TIMEOUTS).increment(0);
}

/// Returns the counter of one result of the response cache. The caller keeps it, since a lookup per read would be costly.
pub(crate) fn cache(result: &'static str) -> ::metrics::Counter {
    counter!(CACHE, "result" => result)
}

pub(crate) fn cache_bytes(bytes: u64) {
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 bytes")]
    gauge!(CACHE_BYTES).set(bytes as f64);
}

pub(crate) fn shed(reason: ShedReason) {
    counter!(SHED, "reason" => reason.label()).increment(1);
}

pub(crate) fn batch(of: &'static str, size: usize) {
    let size = u32::try_from(size).unwrap_or(u32::MAX);
    histogram!(BATCH, "of" => of).record(size);
}

pub(crate) fn lag(lag: Duration) {
    gauge!(LAG).set(lag);
}

pub(crate) fn idempotency(result: &'static str) {
    counter!(IDEMPOTENCY, "result" => result).increment(1);
}

pub(crate) fn truncated() {
    counter!(TRUNCATED).increment(1);
}

pub(crate) fn bug(kind: &'static str) {
    counter!(BUGS, "kind" => kind).increment(1);
}

pub(crate) fn connections(used: u32, idle: u32) {
    gauge!(CONNECTIONS, "state" => "used").set(used);
    gauge!(CONNECTIONS, "state" => "idle").set(idle);
}

pub(crate) fn queue_lengths(reads: usize, writes: usize) {
    for (of, length) in [("reads", reads), ("writes", writes)] {
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        gauge!(QUEUE, "of" => of).set(length);
    }
}

pub(crate) fn waited(time: Duration) {
    histogram!(WAIT).record(time);
}

pub(crate) fn connection_timeout() {
    counter!(TIMEOUTS).increment(1);
}
