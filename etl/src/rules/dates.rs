//! Instants, in the forms the files have them.

use crate::rules::outcome::Reason;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Milliseconds since 1970-01-01T00:00:00Z. Read are 13 digits (milliseconds), 10 digits (seconds), `YYYY-MM-DD`
/// (midnight UTC), an ISO instant with `Z` or an offset, and what JavaScript makes of a date:
/// `Tue Sep 15 2020 11:07:42 GMT+0000 (...)`. Everything but 13 digits is a repair; any other form, and a day that does
/// not exist, is refused.
pub(crate) fn millis(text: &str, repaired: &mut bool) -> Result<i64, Reason> {
    if let Some(epoch) = number(text) {
        return match text.len() {
            13 => Ok(epoch),
            10 => {
                *repaired = true;
                Ok(epoch * 1_000)
            }
            _ => Err(Reason::Date),
        };
    }
    *repaired = true;
    iso(text).or_else(|| javascript(text)).ok_or(Reason::Date)
}

fn iso(text: &str) -> Option<i64> {
    let (date, time) = text.split_at_checked(10)?;
    let parts: Vec<&str> = date.split('-').collect();
    let [year, month, day] = parts[..] else {
        return None;
    };
    let midnight = days(digits(year, 4)?, digits(month, 2)?, digits(day, 2)?)? * 86_400_000;
    if time.is_empty() {
        return Some(midnight);
    }
    let time = time.strip_prefix('T')?;
    let zone = time.find(['Z', '+', '-'])?;
    let (clock, zone) = time.split_at(zone);
    let offset = if zone == "Z" { 0 } else { offset(zone)? };
    Some(midnight + of_day(clock)? - offset)
}

fn javascript(text: &str) -> Option<i64> {
    let (text, zone_name) = text
        .split_once(" (")
        .map_or((text, None), |(text, name)| (text, Some(name)));
    if zone_name.is_some_and(|name| !name.ends_with(')')) {
        return None;
    }
    let parts: Vec<&str> = text.split(' ').collect();
    let [weekday, month, day, year, clock, zone] = parts[..] else {
        return None;
    };
    let month = MONTHS.iter().zip(1..).find(|(name, _)| **name == month)?.1;
    let midnight = days(digits(year, 4)?, month, digits(day, 2)?)? * 86_400_000;
    let known = WEEKDAYS.contains(&weekday) && clock.len() == 8;
    let offset = offset(zone.strip_prefix("GMT")?)?;
    if known {
        Some(midnight + of_day(clock)? - offset)
    } else {
        None
    }
}

/// `HH:MM`, `HH:MM:SS` or `HH:MM:SS.fraction` in milliseconds.
fn of_day(clock: &str) -> Option<i64> {
    let (clock, fraction) = clock
        .split_once('.')
        .map_or((clock, None), |(clock, fraction)| (clock, Some(fraction)));
    let parts: Vec<&str> = clock.split(':').collect();
    let (hours, minutes, seconds) = match parts[..] {
        [hours, minutes] if fraction.is_none() => (hours, minutes, "00"),
        [hours, minutes, seconds] => (hours, minutes, seconds),
        _ => return None,
    };
    let (hours, minutes, seconds) = (digits(hours, 2)?, digits(minutes, 2)?, digits(seconds, 2)?);
    let fraction = fraction.map_or(Some(0), thousandths)?;
    (hours < 24 && minutes < 60 && seconds < 60)
        .then_some(((hours * 60 + minutes) * 60 + seconds) * 1_000 + fraction)
}

/// The first three digits behind a point; further ones are cut off.
fn thousandths(fraction: &str) -> Option<i64> {
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = fraction
        .bytes()
        .map(|byte| i64::from(byte - b'0'))
        .chain([0, 0]);
    Some(digits.take(3).fold(0, |number, digit| number * 10 + digit))
}

/// `+HH:MM`, `+HHMM` or `+HH`, or the same with a minus, in milliseconds.
fn offset(zone: &str) -> Option<i64> {
    let sign = match zone.bytes().next()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = match zone[1..].split_once(':') {
        Some(parts) => parts,
        None if zone.len() == 3 => (&zone[1..], "00"),
        None => zone[1..].split_at_checked(2)?,
    };
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes) * 60_000)
}

/// A number of exactly so many digits.
fn digits(text: &str, length: usize) -> Option<i64> {
    if text.len() == length {
        number(text)
    } else {
        None
    }
}

fn number(text: &str) -> Option<i64> {
    // More digits than any form has would only overflow.
    let short = !text.is_empty() && text.len() <= 13;
    let digits = short && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| {
        text.bytes()
            .fold(0, |number, byte| number * 10 + i64::from(byte - b'0'))
    })
}

/// Days from 1970-01-01 to a day of the Gregorian calendar, if there is such a day.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i64::from(leap),
        _ => return None,
    };
    // Counted in years that begin on 1 March, so that the leap day is the last of its year.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    (1..=length)
        .contains(&day)
        .then_some(year * 365 + leaps + (153 * month + 2) / 5 + day - 719_469)
}

#[cfg(test)]
mod tests {
    use atelier_core::Millis;

    use super::*;

    #[test]
    fn every_form_of_a_date_is_read() {
        for (text, expected) in [
            ("1593600000000", "2020-07-01T10:40:00.000Z"),
            ("0000000000000", "1970-01-01T00:00:00.000Z"),
            ("1594000000", "2020-07-06T01:46:40.000Z"),
            ("2019-03-09", "2019-03-09T00:00:00.000Z"),
            ("2020-02-29", "2020-02-29T00:00:00.000Z"),
            ("2000-02-29", "2000-02-29T00:00:00.000Z"),
            ("1969-12-31", "1969-12-31T00:00:00.000Z"),
            ("0000-01-01", "0000-01-01T00:00:00.000Z"),
            ("2020-11-04T16:30:00.000Z", "2020-11-04T16:30:00.000Z"),
            ("2020-11-04T16:30Z", "2020-11-04T16:30:00.000Z"),
            ("2020-11-04T16:30:05+02:00", "2020-11-04T14:30:05.000Z"),
            (
                "2020-12-31T23:30:05.123456-0130",
                "2021-01-01T01:00:05.123Z",
            ),
            ("2020-11-04T16:30:05.5+01", "2020-11-04T15:30:05.500Z"),
            (
                "Tue Sep 15 2020 11:07:42 GMT+0000 (Coordinated Universal Time)",
                "2020-09-15T11:07:42.000Z",
            ),
            (
                "Tue Sep 15 2020 11:07:42 GMT-0700 (PDT)",
                "2020-09-15T18:07:42.000Z",
            ),
            (
                "Tue Sep 15 2020 11:07:42 GMT+0530",
                "2020-09-15T05:37:42.000Z",
            ),
        ] {
            let mut repaired = false;
            let found = millis(text, &mut repaired).map(|millis| Millis(millis).to_string());
            assert_eq!(found.as_deref(), Ok(expected), "{text}");
            assert_eq!(repaired, text.len() != 13, "{text}");
        }
    }

    #[test]
    fn every_other_text_is_refused() {
        for text in [
            "",
            "Invalid Date",
            "07/08/2020",
            "2020-02-30",
            "2019-02-29",
            "1900-02-29",
            "2020-13-01",
            "2020-00-10",
            "2020-01-00",
            "2020-1-1",
            "20200101",
            "159360000000",
            "15936000000000",
            "-159360000000",
            "2020-11-04T16:30:00",
            "2020-11-04 16:30:00Z",
            "2020-11-04T24:00:00Z",
            "2020-11-04T16:60:00Z",
            "2020-11-04T16:30:60Z",
            "2020-11-04T16:30:00.Z",
            "2020-11-04T16:30.5Z",
            "2020-11-04T16:30:00+2",
            "2020-11-04T16:30:00+25:00",
            "2020-11-04T",
            "2020-11-04T16:30:00ZZ",
            "2020-11-0é",
            "2020-11-04Tééé",
            "2020-11-04T16:30:00+é",
            "Tue Sep 31 2020 11:07:42 GMT+0000 (UTC)",
            "Tue Sep 15 2020 11:07 GMT+0000",
            "Sep 15 2020 11:07:42 GMT+0000",
            "Foo Sep 15 2020 11:07:42 GMT+0000",
            "Tue Sep 15 2020 11:07:42 UTC",
            "Tue Sep 15 2020 11:07:42 GMT+0000 (UTC",
            "Tue  Sep 15 2020 11:07:42 GMT+0000",
            "today",
        ] {
            assert_eq!(millis(text, &mut false), Err(Reason::Date), "{text}");
        }
    }
}
