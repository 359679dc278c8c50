//! One line of progress, as text for a terminal or as JSON.

use std::fmt;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::format::{clock, thousands};
use crate::report::progress::FileProgress;

/// Width of a progress bar in characters.
const BAR_WIDTH: u64 = 16;

/// Progress of one part of a load.
#[derive(Debug)]
pub(crate) enum ProgressLine {
    File(FileLine),
    Store(StoreLine),
    /// Building indexes and switching to the new tables.
    Finish {
        elapsed: Duration,
    },
}

/// Progress of reading a file.
#[derive(Debug)]
pub(crate) struct FileLine {
    name: &'static str,
    size: u64,
    bytes: u64,
    records: u64,
    rejected: u64,
    elapsed: Duration,
    ended: bool,
}

/// Progress of storing rows. `rows` grows until `all_read`.
#[derive(Debug)]
pub(crate) struct StoreLine {
    pub(crate) stored: u64,
    pub(crate) rows: u64,
    pub(crate) all_read: bool,
    pub(crate) elapsed: Duration,
}

impl ProgressLine {
    pub(crate) fn file(file: &FileProgress, now: Instant) -> Self {
        let ended = file.ended.get();
        let until = ended.copied().unwrap_or(now);
        let started = file.started.get().copied().unwrap_or(until);
        Self::File(FileLine {
            name: file.table.name,
            size: file.size,
            bytes: file.bytes_read.get(),
            records: file.records.get(),
            rejected: file.rejected.get(),
            elapsed: until.duration_since(started),
            ended: ended.is_some(),
        })
    }

    pub(crate) fn to_json(&self) -> Value {
        match self {
            Self::File(it) => json!({
                "file": it.name, "bytes": it.bytes, "size": it.size, "records": it.records, "rejected": it.rejected,
                "rows_per_s": rate(it.records, it.elapsed),
                "eta_s": if it.ended { Some(0) } else { seconds_left(it.bytes, it.size, it.elapsed) },
                "seconds": seconds(it.elapsed), "ended": it.ended,
            }),
            Self::Store(it) => json!({
                "stored": it.stored, "rows": it.rows, "all_read": it.all_read,
                "rows_per_s": rate(it.stored, it.elapsed),
                "eta_s": if it.all_read { seconds_left(it.stored, it.rows, it.elapsed) } else { None },
                "seconds": seconds(it.elapsed),
            }),
            Self::Finish { elapsed } => json!({ "finishing": true, "seconds": seconds(*elapsed) }),
        }
    }
}

impl fmt::Display for ProgressLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(it) => {
                // A file without bytes is complete too.
                let (done, total) = if it.ended {
                    (1, 1)
                } else {
                    (it.bytes, it.size)
                };
                write_bar(f, it.name, done, total)?;
                write_rows(f, it.records, it.elapsed)?;
                write_time(f, done, total, it.elapsed, it.ended)?;
                write!(f, "  rejected {}", thousands(it.rejected))
            }
            Self::Store(it) if it.all_read => {
                write_bar(f, "into the store", it.stored, it.rows)?;
                write_rows(f, it.stored, it.elapsed)?;
                write_time(f, it.stored, it.rows, it.elapsed, it.stored >= it.rows)?;
                write!(f, "  of {}", thousands(it.rows))
            }
            Self::Store(it) => {
                write!(f, "  {:<27}{:22}", "into the store", "")?;
                write_rows(f, it.stored, it.elapsed)
            }
            Self::Finish { elapsed } => {
                let name = "indexes, exchange";
                write!(f, "  {name:<27}{}", clock(elapsed.as_secs()))
            }
        }
    }
}

fn write_bar(f: &mut fmt::Formatter<'_>, name: &str, done: u64, total: u64) -> fmt::Result {
    let share = |of: u64| {
        let share = u128::from(done) * u128::from(of) / u128::from(total.max(1));
        usize::try_from(share.min(of.into())).unwrap_or_default()
    };
    let (bar, percent) = ("█".repeat(share(BAR_WIDTH)), share(100));
    write!(f, "  {name:<27}{bar:<17}{percent:>3} %")
}

fn write_rows(f: &mut fmt::Formatter<'_>, rows: u64, elapsed: Duration) -> fmt::Result {
    let rate = match rate(rows, elapsed) {
        rate @ 0..10_000 => thousands(rate),
        rate => format!("{}k", thousands(rate / 1_000)),
    };
    write!(f, "{:>13} rows {rate:>7}/s", thousands(rows))
}

fn write_time(
    f: &mut fmt::Formatter<'_>,
    done: u64,
    total: u64,
    elapsed: Duration,
    ended: bool,
) -> fmt::Result {
    if ended {
        return write!(f, "   in {:>7}", clock(elapsed.as_secs()));
    }
    let left = seconds_left(done, total, elapsed).map_or_else(|| "?".to_owned(), clock);
    write!(f, "  ETA {left:>7}")
}

fn seconds(elapsed: Duration) -> f64 {
    (elapsed.as_secs_f64() * 10.0).round() / 10.0
}

/// Returns the rate per second.
fn rate(count: u64, elapsed: Duration) -> u64 {
    let rate = u128::from(count) * 1_000 / elapsed.as_millis().max(1);
    u64::try_from(rate).unwrap_or(u64::MAX)
}

/// Estimates the seconds left at the average rate so far, or `None` before anything is done.
fn seconds_left(done: u64, total: u64, elapsed: Duration) -> Option<u64> {
    let missing = u128::from(total.saturating_sub(done));
    let left = (missing * elapsed.as_millis()).checked_div(u128::from(done))?;
    u64::try_from(left / 1_000).ok()
}
