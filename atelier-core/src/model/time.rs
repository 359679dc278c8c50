//! Instants and the clock.

use std::fmt;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::{Serialize, Serializer};

const MILLIS_PER_DAY: i64 = 86_400_000;

/// An instant: milliseconds since 1970-01-01T00:00:00Z. Serialised as `YYYY-MM-DDTHH:MM:SS.mmmZ`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(pub i64);

impl Millis {
    /// Returns midnight UTC of the same day, the precision in which reviews, questions and answers are served.
    #[must_use]
    pub fn day(self) -> Self {
        Self(self.0.saturating_sub(self.0.rem_euclid(MILLIS_PER_DAY)))
    }
}

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with_text(|text| f.write_str(text))
    }
}

impl Serialize for Millis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.with_text(|text| serializer.serialize_str(text))
    }
}

impl Millis {
    /// Calls `take` with the formatted instant. The digits are written by hand instead of through `fmt`, which took a third of
    /// the time of serialising a page of questions.
    fn with_text<T>(self, take: impl FnOnce(&str) -> T) -> T {
        let (year, month, day) = civil(self.0.div_euclid(MILLIS_PER_DAY));
        let of_day = self.0.rem_euclid(MILLIS_PER_DAY);
        if !(0..=9_999).contains(&year) {
            let (minutes, millis) = (of_day / 60_000, of_day % 60_000);
            return take(&format!(
                "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:03}Z",
                minutes / 60,
                minutes % 60,
                millis / 1_000,
                millis % 1_000
            ));
        }
        let mut text = *b"0000-00-00T00:00:00.000Z";
        let mut put = |end: usize, digits: usize, mut number: i64| {
            for digit in text[end - digits..end].iter_mut().rev() {
                *digit = b'0' + u8::try_from(number % 10).unwrap_or_default();
                number /= 10;
            }
        };
        put(4, 4, year);
        put(7, 2, month);
        put(10, 2, day);
        put(13, 2, of_day / 3_600_000);
        put(16, 2, of_day / 60_000 % 60);
        put(19, 2, of_day / 1_000 % 60);
        put(23, 3, of_day % 1_000);
        take(std::str::from_utf8(&text).unwrap_or_default())
    }
}

/// Converts a number of days since 1970-01-01 to year, month and day of the Gregorian calendar.
fn civil(days: i64) -> (i64, i64, i64) {
    // Days since 1 March of year 0, so that the leap day is the last day of its year.
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// Source of the current time.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The clock of the operating system.
    #[default]
    System,
    /// A clock that a test sets.
    Manual(Arc<ManualClock>),
}

/// A clock for tests: wall-clock time and elapsed time advance only when the test says so.
#[derive(Debug)]
pub struct ManualClock {
    now: AtomicI64,
    elapsed: AtomicU64,
}

impl ManualClock {
    /// Creates a clock that stands at `now`.
    pub fn new(now: Millis) -> Arc<Self> {
        Arc::new(Self {
            now: AtomicI64::new(now.0),
            elapsed: AtomicU64::new(0),
        })
    }

    /// Advances wall-clock time and elapsed time.
    pub fn advance(&self, time: Duration) {
        let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.elapsed.fetch_add(millis, Ordering::Relaxed);
        self.shift(i64::try_from(millis).unwrap_or(i64::MAX));
    }

    /// Moves wall-clock time by `millis`, forward or back, without advancing elapsed time.
    pub fn shift(&self, millis: i64) {
        self.now.fetch_add(millis, Ordering::Relaxed);
    }
}

/// Origin of [`Clock::elapsed`].
static ORIGIN: LazyLock<Instant> = LazyLock::new(Instant::now);

impl Clock {
    /// Returns the current wall-clock time.
    pub fn now(&self) -> Millis {
        match self {
            Self::System => {
                let since = SystemTime::now()
                    .duration_since(UNIX_EPOCH)
                    .unwrap_or_default();
                Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
            }
            Self::Manual(clock) => Millis(clock.now.load(Ordering::Relaxed)),
        }
    }

    /// Returns milliseconds of monotonic time since an arbitrary origin in this process.
    pub fn elapsed(&self) -> u64 {
        match self {
            Self::System => u64::try_from(ORIGIN.elapsed().as_millis()).unwrap_or(u64::MAX),
            Self::Manual(clock) => clock.elapsed.load(Ordering::Relaxed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_formatted_in_utc_with_milliseconds() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_628_865_524_509, "2021-08-13T14:38:44.509Z"),
            (1_709_251_199_999, "2024-02-29T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
            (253_402_300_800_000, "10000-01-01T00:00:00.000Z"),
            (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
            (-62_167_219_200_001, "-001-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(Millis(millis).to_string(), text);
        }
    }

    #[test]
    fn day_is_midnight_utc() {
        assert_eq!(
            Millis(1_709_251_199_999).day().to_string(),
            "2024-02-29T00:00:00.000Z"
        );
        assert_eq!(Millis(-1).day().to_string(), "1969-12-31T00:00:00.000Z");
        assert_eq!(Millis(i64::MIN).day(), Millis(i64::MIN));
    }
}
