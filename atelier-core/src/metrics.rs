//! What is counted, for whoever installs a recorder of the [`metrics`](https://docs.rs/metrics) facade; for nobody
//! otherwise, and at next to no cost then.
//!
//! Every name is in [`ALL`], in OpenTelemetry's words where it has some. What can only be looked at, such as how many
//! connections there are, is set by [`Atelier::record_gauges`](crate::Atelier::record_gauges).

use std::time::Duration;

use ::metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram};
use ::metrics::{gauge, histogram};

use crate::model::error::ShedReason;

/// What kind of number it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It only grows.
    Counter,
    /// It comes and goes.
    Gauge,
    /// How often which size was seen.
    Histogram,
}

/// One number: how it is called, and what it help.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// Its name, with its unit.
    pub name: &'static str,
    /// What kind it is.
    pub kind: Kind,
    /// What it help.
    pub help: &'static str,
    /// The names of its labels.
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

/// All of them.
#[rustfmt::skip]
pub const ALL: [Metric; 12] = [
    metric(CACHE, Kind::Counter, &["result"], "Reads by what the cache of answers had: hit, miss, or stale where the store could not be asked."),
    metric(CACHE_BYTES, Kind::Gauge, &[], "What the cache of answers weighs."),
    metric(SHED, Kind::Counter, &["reason"], "What was refused with 503: overload (the expected wait exceeds the queue timeout), wait (no connection within the queue timeout), time (too long in all), queue (too many changes), database (it failed)."),
    metric(BATCH, Kind::Histogram, &["of"], "Requests that one statement answers, by its name; of SQLite, changes of one transaction."),
    metric(LAG, Kind::Gauge, &[], "How long nothing has been heard of what other servers change."),
    metric(IDEMPOTENCY, Kind::Counter, &["result"], "Posts under a key that were stored before: replayed, or refused for another body."),
    metric(TRUNCATED, Kind::Counter, &[], "Lists that ended early for the bytes of their answer."),
    metric(BUGS, Kind::Counter, &["kind"], "What should never happen: internal (an answer 500), panic."),
    metric(CONNECTIONS, Kind::Gauge, &["state"], "Connections to PostgreSQL: used, idle."),
    metric(QUEUE, Kind::Gauge, &["of"], "Requests that wait for a connection to PostgreSQL: reads, writes."),
    metric(WAIT, Kind::Histogram, &[], "How long those waited for a connection who found none free."),
    metric(TIMEOUTS, Kind::Counter, &[], "Connections that could not be made in time."),
];

/// Tells the recorder what each number is, and has what should never be begin at 0: a number that appears with its first
/// event has not grown by it. Once, after it was installed.
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

/// A counter of reads by what the cache had, to be kept: they are too many to look it up each time.
pub(crate) fn cache(result: &'static str) -> ::metrics::Counter {
    counter!(CACHE, "result" => result)
}

pub(crate) fn cache_bytes(bytes: u64) {
    // A gauge is a float; of more than 2^53 bytes nobody needs each.
    #[expect(clippy::cast_precision_loss, reason = "see above")]
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
