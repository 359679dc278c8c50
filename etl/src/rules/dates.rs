//! Parses dates in the formats that occur in the files.

use crate::rules::outcome::RejectReason;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

const MILLIS_PER_DAY: i64 = 86_400_000;

/// Parses a date and returns milliseconds since 1970-01-01T00:00:00Z.
///
/// Formats: 13 digits (milliseconds), 10 digits (seconds), `YYYY-MM-DD` (midnight UTC), RFC 3339 with `Z` or an offset,
/// and that of JavaScript: `Tue Sep 15 2020 11:07:42 GMT+0000 (...)`. Sets `repaired` unless it is 13 digits. Any other
/// format and days that do not exist are refused.
pub(crate) fn parse_millis(text: &str, repaired: &mut bool) -> Result<i64, RejectReason> {
    if let Some([millis]) = fields("MMMMMMMMMMMMM", text) {
        return Ok(millis);
    }
    *repaired = true;
    if let Some([seconds]) = fields("SSSSSSSSSS", text) {
        return Ok(seconds * 1_000);
    }
    parse_iso(text)
        .or_else(|| parse_javascript(text))
        .ok_or(RejectReason::Date)
}

fn parse_iso(text: &str) -> Option<i64> {
    let (date, time) = text.split_at_checked(10)?;
    let [year, month, day] = fields("YYYY-MM-DD", date)?;
    let midnight = days_since_epoch(year, month, day)? * MILLIS_PER_DAY;
    if time.is_empty() {
        return Some(midnight);
    }
    let time = time.strip_prefix('T')?;
    let (time, zone) = time.split_at(time.find(['Z', '+', '-'])?);
    let offset = if zone == "Z" { 0 } else { parse_offset(zone)? };
    let time = match time.split_once('.') {
        Some((time, fraction)) => parse_time(time)? + parse_fraction(fraction)?,
        None => match fields("hh:mm", time) {
            Some([hours, minutes]) => millis_of_day(hours, minutes, 0)?,
            None => parse_time(time)?,
        },
    };
    Some(midnight + time - offset)
}

fn parse_javascript(text: &str) -> Option<i64> {
    let text = match text.split_once(" (") {
        Some((text, zone_name)) => zone_name.ends_with(')').then_some(text)?,
        None => text,
    };
    let parts: Vec<&str> = text.split(' ').collect();
    let [weekday, month, day, year, time, zone] = parts[..] else {
        return None;
    };
    let month = MONTHS.iter().zip(1..).find(|(name, _)| **name == month)?.1;
    let ([year], [day]) = (fields("YYYY", year)?, fields("DD", day)?);
    let midnight = days_since_epoch(year, month, day)? * MILLIS_PER_DAY;
    let offset = parse_offset(zone.strip_prefix("GMT")?)?;
    let time = parse_time(time)?;
    WEEKDAYS
        .contains(&weekday)
        .then_some(midnight + time - offset)
}

fn parse_time(text: &str) -> Option<i64> {
    let [hours, minutes, seconds] = fields("hh:mm:ss", text)?;
    millis_of_day(hours, minutes, seconds)
}

fn millis_of_day(hours: i64, minutes: i64, seconds: i64) -> Option<i64> {
    (hours < 24 && minutes < 60 && seconds < 60)
        .then_some(((hours * 60 + minutes) * 60 + seconds) * 1_000)
}

/// Parses the digits behind a decimal point as milliseconds. Digits beyond the third are truncated.
fn parse_fraction(digits: &str) -> Option<i64> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let millis = digits.bytes().chain(*b"00").take(3);
    is_number.then(|| millis.fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
}

/// Parses `+HH:MM`, `+HHMM` or `+HH`, or the same with a minus, as milliseconds.
fn parse_offset(zone: &str) -> Option<i64> {
    let (sign, offset) = match zone.strip_prefix('-') {
        Some(offset) => (-1, offset),
        None => (1, zone.strip_prefix('+')?),
    };
    let [hours, minutes] = fields("hh:mm", offset)
        .or_else(|| fields("hhmm", offset))
        .or_else(|| fields("hh", offset).map(|[hours]| [hours, 0]))?;
    Some(sign * millis_of_day(hours, minutes, 0)?)
}

/// Parses numbers of fixed width: each run of one letter in `pattern` stands for a number of as many digits, any other
/// character for itself.
fn fields<const N: usize>(pattern: &str, text: &str) -> Option<[i64; N]> {
    let mut numbers = [0; N];
    let (mut index, mut previous) = (0, None);
    for (expected, byte) in pattern.bytes().zip(text.bytes()) {
        if !expected.is_ascii_alphabetic() {
            if byte != expected {
                return None;
            }
        } else if byte.is_ascii_digit() {
            let is_next = previous.is_some_and(|letter| letter != expected);
            index += usize::from(is_next);
            numbers[index] = numbers[index] * 10 + i64::from(byte - b'0');
            previous = Some(expected);
        } else {
            return None;
        }
    }
    (pattern.len() == text.len()).then_some(numbers)
}

/// Returns the days from 1970-01-01 to a day of the Gregorian calendar, or `None` if there is no such day.
fn days_since_epoch(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let month_length = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i64::from(leap),
        _ => return None,
    };
    // In years that begin on 1 March, the leap day is the last day of the year.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    (1..=month_length)
        .contains(&day)
        .then_some(year * 365 + leap_days + (153 * month + 2) / 5 + day - 719_469)
}

#[cfg(test)]
mod tests {
    use atelier_core::Millis;

    use super::*;

    #[test]
    fn all_date_formats_are_parsed() {
        #[rustfmt::skip]
        let table = [
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
            ("2020-12-31T23:30:05.123456-0130", "2021-01-01T01:00:05.123Z"),
            ("2020-11-04T16:30:05.5+01", "2020-11-04T15:30:05.500Z"),
            ("Tue Sep 15 2020 11:07:42 GMT+0000 (Coordinated Universal Time)", "2020-09-15T11:07:42.000Z"),
            ("Tue Sep 15 2020 11:07:42 GMT-0700 (PDT)", "2020-09-15T18:07:42.000Z"),
            ("Tue Sep 15 2020 11:07:42 GMT+0530", "2020-09-15T05:37:42.000Z"),
        ];
        for (text, expected) in table {
            let mut repaired = false;
            let millis = parse_millis(text, &mut repaired).map(|it| Millis(it).to_string());
            assert_eq!(millis.as_deref(), Ok(expected), "{text}");
            assert_eq!(repaired, text.len() != 13, "{text}");
        }
    }

    #[test]
    fn other_formats_and_nonexistent_days_are_refused() {
        #[rustfmt::skip]
        let table = [
            "", "today", "Invalid Date", "07/08/2020",
            "2020-02-30", "2019-02-29", "1900-02-29", "2020-13-01", "2020-00-10", "2020-01-00", "2020-1-1",
            "20200101", "159360000000", "15936000000000", "-159360000000",
            "2020-11-04T16:30:00", "2020-11-04 16:30:00Z", "2020-11-04T24:00:00Z", "2020-11-04T16:60:00Z",
            "2020-11-04T16:30:60Z", "2020-11-04T16:30:00.Z", "2020-11-04T16:30.5Z", "2020-11-04T16:30:00+2",
            "2020-11-04T16:30:00+25:00", "2020-11-04T", "2020-11-04T16:30:00ZZ",
            "2020-11-0é", "2020-11-04Tééé", "2020-11-04T16:30:00+é",
            "Tue Sep 31 2020 11:07:42 GMT+0000 (UTC)", "Tue Sep 15 2020 11:07 GMT+0000",
            "Sep 15 2020 11:07:42 GMT+0000", "Foo Sep 15 2020 11:07:42 GMT+0000", "Tue Sep 15 2020 11:07:42 UTC",
            "Tue Sep 15 2020 11:07:42 GMT+0000 (UTC", "Tue  Sep 15 2020 11:07:42 GMT+0000",
        ];
        for text in table {
            assert_eq!(
                parse_millis(text, &mut false),
                Err(RejectReason::Date),
                "{text}"
            );
        }
    }
}
