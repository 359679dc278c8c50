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
    /// Reading a file.
    File {
        name: &'static str,
        size: u64,
        bytes: u64,
        records: u64,
        rejected: u64,
        elapsed: Duration,
        ended: bool,
    },
    /// Storing rows. `rows` grows until `all_read`.
    Store {
        stored: u64,
        rows: u64,
        all_read: bool,
        elapsed: Duration,
    },
    /// Building indexes and switching to the new tables.
    Finish { elapsed: Duration },
}

impl ProgressLine {
    pub(crate) fn file(file: &FileProgress, now: Instant) -> Self {
        let ended = file.ended.get();
        let until = ended.copied().unwrap_or(now);
        let started = file.started.get().copied().unwrap_or(until);
        Self::File {
            name: file.table.name,
            size: file.size,
            bytes: file.bytes_read.get(),
            records: file.records.get(),
            rejected: file.rejected.get(),
            elapsed: until.duration_since(started),
            ended: ended.is_some(),
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        match *self {
            Self::File {
                name,
                size,
                bytes,
                records,
                rejected,
                elapsed,
                ended,
            } => json!({
                "file": name, "bytes": bytes, "size": size, "records": records, "rejected": rejected,
                "rows_per_s": rate(records, elapsed),
                "eta_s": if ended { Some(0) } else { seconds_left(bytes, size, elapsed) },
                "seconds": seconds(elapsed), "ended": ended,
            }),
            Self::Store {
                stored,
                rows,
                all_read,
                elapsed,
            } => json!({
                "stored": stored, "rows": rows, "all_read": all_read, "rows_per_s": rate(stored, elapsed),
                "eta_s": if all_read { seconds_left(stored, rows, elapsed) } else { None },
                "seconds": seconds(elapsed),
            }),
            Self::Finish { elapsed } => json!({ "finishing": true, "seconds": seconds(elapsed) }),
        }
    }
}

impl fmt::Display for ProgressLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::File {
                name,
                size,
                bytes,
                records,
                rejected,
                elapsed,
                ended,
            } => {
                write_bar(f, name, if ended { size } else { bytes }, size)?;
                write_rows(f, records, elapsed)?;
                write_time(f, bytes, size, elapsed, ended)?;
                write!(f, "  rejected {}", thousands(rejected))
            }
            Self::Store {
                stored,
                rows,
                all_read: true,
                elapsed,
            } => {
                write_bar(f, "into the store", stored, rows)?;
                write_rows(f, stored, elapsed)?;
                write_time(f, stored, rows, elapsed, stored >= rows)?;
                write!(f, "  of {}", thousands(rows))
            }
            Self::Store {
                stored, elapsed, ..
            } => {
                write!(f, "  {:<27}{:22}", "into the store", "")?;
                write_rows(f, stored, elapsed)
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
