//! One line about what is going on in a load, for a terminal or for a program.

use std::fmt::{self, Write as _};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::load::inputs::Input;
use crate::report::counts::thousands;
use crate::report::progress::FileProgress;
use crate::schema::Layout;

/// What a line is about.
#[derive(Debug)]
pub(crate) enum Part {
    File {
        layout: &'static Layout,
        size: u64,
        bytes: u64,
        records: u64,
        rejected: u64,
        took: Duration,
        ended: bool,
    },
    Store {
        rows: u64,
        of: u64,
        /// Until then it is not known of how many.
        all_read: bool,
        took: Duration,
    },
    Finish {
        took: Duration,
    },
}

impl Part {
    /// What there is to tell of a file now.
    pub(crate) fn file(input: &Input, file: &FileProgress, now: Instant) -> Self {
        let ended = file.ended.get();
        let until = ended.copied().unwrap_or(now);
        let began = file.began.get().copied().unwrap_or(until);
        Self::File {
            layout: input.layout,
            size: input.size,
            bytes: file.read.get(),
            records: file.records.get(),
            rejected: file.rejected.get(),
            took: until.duration_since(began),
            ended: ended.is_some(),
        }
    }

    /// With plain keys, for programs.
    pub(crate) fn json(&self) -> Value {
        match *self {
            Self::File {
                layout,
                size,
                bytes,
                records,
                rejected,
                took,
                ended,
            } => json!({
                "file": layout.name, "bytes": bytes, "size": size, "records": records, "rejected": rejected,
                "rows_per_s": rate(records, took), "eta_s": left(bytes, size, took, ended),
                "seconds": seconds(took), "ended": ended,
            }),
            Self::Store {
                rows,
                of,
                all_read,
                took,
            } => json!({
                "stored": rows, "rows": of, "all_read": all_read, "rows_per_s": rate(rows, took),
                "eta_s": if all_read { left(rows, of, took, false) } else { None },
                "seconds": seconds(took),
            }),
            Self::Finish { took } => json!({ "finishing": true, "seconds": seconds(took) }),
        }
    }
}

/// As it is drawn.
impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::File {
                layout,
                size,
                bytes,
                records,
                rejected,
                took,
                ended,
            } => {
                let done = if ended { 100 } else { percent(bytes, size) };
                let rate = rate(records, took);
                write!(f, "  {:<27}{} {done:>3} %", layout.name, bar(done))?;
                write!(f, "{:>13} rows {:>7}/s", thousands(records), short(rate))?;
                match left(bytes, size, took, ended) {
                    _ if ended => write!(f, "   in {:>7}", clock(took.as_secs()))?,
                    Some(left) => write!(f, "  ETA {:>7}", clock(left))?,
                    None => write!(f, "  ETA       ?")?,
                }
                write!(f, "  rejected {}", thousands(rejected))
            }
            Self::Store {
                rows,
                of,
                all_read,
                took,
            } => {
                let done = percent(rows, of);
                let rate = rate(rows, took);
                if !all_read {
                    write!(f, "  {:<27}{:22}", "into the store", "")?;
                    return write!(f, "{:>13} rows {:>7}/s", thousands(rows), short(rate));
                }
                write!(f, "  {:<27}{} {done:>3} %", "into the store", bar(done))?;
                write!(f, "{:>13} rows {:>7}/s", thousands(rows), short(rate))?;
                match left(rows, of, took, false) {
                    _ if rows >= of => write!(f, "   in {:>7}", clock(took.as_secs()))?,
                    Some(left) => write!(f, "  ETA {:>7}", clock(left))?,
                    None => write!(f, "  ETA       ?")?,
                }
                write!(f, "  of {}", thousands(of))
            }
            Self::Finish { took } => {
                let name = "indexes, exchange";
                write!(f, "  {name:<27}{}", clock(took.as_secs()))
            }
        }
    }
}

fn percent(done: u64, of: u64) -> u64 {
    let percent = u128::from(done) * 100 / u128::from(of.max(1));
    u64::try_from(percent.min(100)).unwrap_or(100)
}

/// Sixteen places, each filled by eighths.
fn bar(percent: u64) -> String {
    let eighths = percent * 16 * 8 / 100;
    let mut bar: String = (0..eighths / 8).map(|_| '█').collect();
    bar.extend([' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'].get((eighths % 8) as usize));
    let _ = write!(
        bar,
        "{:1$}",
        "",
        17_usize.saturating_sub(bar.chars().count())
    );
    bar
}

fn seconds(took: Duration) -> f64 {
    (took.as_secs_f64() * 10.0).round() / 10.0
}

/// A second.
fn rate(count: u64, took: Duration) -> u64 {
    let rate = u128::from(count) * 1_000 / took.as_millis().max(1);
    u64::try_from(rate).unwrap_or(u64::MAX)
}

/// Seconds that are left if all goes on as fast as so far; `None` while that is not known.
fn left(done: u64, of: u64, took: Duration, ended: bool) -> Option<u64> {
    if ended {
        return Some(0);
    }
    let missing = u128::from(of.saturating_sub(done));
    let left = (missing * took.as_millis()).checked_div(u128::from(done))?;
    u64::try_from(left / 1_000).ok()
}

/// `214k`
fn short(number: u64) -> String {
    match number {
        0..10_000 => thousands(number),
        _ => format!("{}k", thousands(number / 1_000)),
    }
}

/// `0:04`, `1:02:03`
pub(crate) fn clock(seconds: u64) -> String {
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    match minutes / 60 {
        0 => format!("{minutes}:{seconds:02}"),
        hours => format!("{hours}:{:02}:{seconds:02}", minutes % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_fills_from_left_to_right() {
        for (percent, expected) in [
            (0, " "),
            (1, "▏"),
            (50, "████████ "),
            (99, "███████████████▊"),
            (100, "████████████████ "),
        ] {
            assert_eq!(bar(percent), format!("{expected:17}"), "{percent}");
        }
    }
}
