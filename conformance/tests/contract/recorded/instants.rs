//! Times in the format of the recorded responses.

use atelier_core::Millis;

/// The instant written `YYYY-MM-DDTHH:MM:SS.mmmZ`.
pub(crate) fn instant(text: &str) -> Millis {
    let numbers: Vec<i64> = text
        .split(|character: char| !character.is_ascii_digit())
        .filter(|digits| !digits.is_empty())
        .map(|digits| digits.parse().expect("a number"))
        .collect();
    let [year, month, day, hour, minute, second, milli] = numbers[..] else {
        panic!("{text} is no instant")
    };
    let leap = |year: i64| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let days_of = |year, month| match month {
        2 => 28 + i64::from(leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let years: i64 = (1970..year).map(|year| 365 + i64::from(leap(year))).sum();
    let months: i64 = (1..month).map(|month| days_of(year, month)).sum();
    let hours = (years + months + day - 1) * 24 + hour;
    Millis(((hours * 60 + minute) * 60 + second) * 1_000 + milli)
}

#[test]
fn iso_dates_parse_to_milliseconds() {
    for text in [
        "1970-01-01T00:00:00.000Z",
        "2021-08-13T14:38:44.509Z",
        "2024-02-29T23:59:59.999Z",
        "2000-12-31T00:00:00.000Z",
    ] {
        assert_eq!(instant(text).to_string(), text);
    }
}
