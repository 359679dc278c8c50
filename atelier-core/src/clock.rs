//! Instants, and the one place that asks what time it is.

use std::fmt;
use std::sync::Arc;
#[cfg(feature = "http")]
use std::sync::LazyLock;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
#[cfg(feature = "http")]
use std::time::Instant;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Serialize, Serializer};

const DAY: i64 = 86_400_000;

/// An instant: milliseconds since 1970-01-01T00:00:00Z. Rendered `YYYY-MM-DDTHH:MM:SS.mmmZ`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(pub i64);

impl Millis {
    /// Midnight UTC of the same day: what reviews, questions and answers show of their instant.
    #[must_use]
    pub fn day(self) -> Self {
        Self(self.0.saturating_sub(self.0.rem_euclid(DAY)))
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
    /// Hands over the text. Its digits are put in place one by one: every review, question and answer shows an instant,
    /// and formatting them was a third of what it took to render a page of questions.
    fn with_text<T>(self, take: impl FnOnce(&str) -> T) -> T {
        let (year, month, day) = civil(self.0.div_euclid(DAY));
        let of_day = self.0.rem_euclid(DAY);
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

/// Year, month and day of a day counted from 1970-01-01, in the Gregorian calendar.
fn civil(days: i64) -> (i64, i64, i64) {
    // Counted from 1 March of year 0, so that the leap day is the last of its year.
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

/// Where new rows get their instant from.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    System,
    /// A clock that a test sets by hand.
    Manual(Arc<ManualClock>),
}

/// The date and the time that has passed, each of which a test sets by hand.
#[derive(Debug)]
pub struct ManualClock {
    now: AtomicI64,
    elapsed: AtomicU64,
}

impl ManualClock {
    /// A clock that shows `now`, and goes on showing it.
    pub fn new(now: Millis) -> Arc<Self> {
        Arc::new(Self {
            now: AtomicI64::new(now.0),
            elapsed: AtomicU64::new(0),
        })
    }

    /// Lets time pass.
    pub fn advance(&self, time: Duration) {
        let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.elapsed.fetch_add(millis, Ordering::Relaxed);
        self.shift(i64::try_from(millis).unwrap_or(i64::MAX));
    }

    /// Sets the date forward or back by so many milliseconds, while no time passes.
    pub fn shift(&self, millis: i64) {
        self.now.fetch_add(millis, Ordering::Relaxed);
    }
}

/// When this process first asked how much time has passed.
#[cfg(feature = "http")]
static BEGUN: LazyLock<Instant> = LazyLock::new(Instant::now);

impl Clock {
    /// The present instant.
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

    /// The time since some start, in milliseconds. It never goes back, and does not depend on the machine's date.
    #[cfg(feature = "http")]
    pub(crate) fn elapsed(&self) -> u64 {
        match self {
            Self::System => u64::try_from(BEGUN.elapsed().as_millis()).unwrap_or(u64::MAX),
            Self::Manual(clock) => clock.elapsed.load(Ordering::Relaxed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_rendered_in_utc_with_milliseconds() {
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
    fn a_day_begins_at_midnight_utc() {
        assert_eq!(
            Millis(1_709_251_199_999).day().to_string(),
            "2024-02-29T00:00:00.000Z"
        );
        assert_eq!(Millis(-1).day().to_string(), "1969-12-31T00:00:00.000Z");
        assert_eq!(Millis(i64::MIN).day(), Millis(i64::MIN));
    }
}
