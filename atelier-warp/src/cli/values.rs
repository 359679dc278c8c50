//! Texts to values, and in what way they can be wrong.

use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::time::Duration;

use atelier_core::DatabaseUrl;
use atelier_warp::observe::log::parse_levels;
use ipnet::IpNet;
use tracing_subscriber::filter::LevelFilter;

use super::Admin;

/// A value that can't be used.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub(crate) value: String,
    /// What it must be.
    pub(crate) expected: String,
}

pub(super) fn wrong(value: &str, expected: impl Into<String>) -> Wrong {
    Wrong {
        value: value.to_owned(),
        expected: expected.into(),
    }
}

pub(crate) type Parsed<T> = Result<T, Wrong>;

/// The one value of a setting that has one.
pub(crate) fn one(values: &[String]) -> &str {
    values.last().map_or("", String::as_str)
}

/// A whole number.
pub(crate) fn number<N: TryFrom<u64>>(text: &str, range: RangeInclusive<u64>) -> Parsed<N> {
    let number = text.parse().ok().filter(|number| range.contains(number));
    let number = number.and_then(|number| N::try_from(number).ok());
    number.ok_or_else(|| {
        let (least, most) = range.into_inner();
        wrong(text, format!("a whole number from {least} to {most}"))
    })
}

/// A number of days; none for 0.
pub(crate) fn days(text: &str) -> Parsed<Option<Duration>> {
    let days: u64 = number(text, 0..=36_500)?;
    Ok((days > 0).then(|| Duration::from_hours(24 * days)))
}

/// What is logged, and the level of that of which nothing else is said: `info` where no level stands by itself.
pub(crate) fn levels(text: &str) -> Parsed<(String, LevelFilter)> {
    let expected = "levels such as warn or info,sqlx=debug";
    let text = &text.replace(' ', "");
    let mut level = None;
    for word in text.split(',') {
        // One by itself that is no level would be a part of the program, of which alone anything is logged then.
        if !word.is_empty() && !word.contains('=') {
            let parsed = word.parse::<LevelFilter>();
            level = Some(parsed.map_err(|_| wrong(text, expected))?);
        }
    }
    let levels = match level {
        Some(_) => text.to_owned(),
        None => format!("info,{text}"),
    };
    parse_levels(&levels).map_err(|_| wrong(text, expected))?;
    Ok((levels, level.unwrap_or(LevelFilter::INFO)))
}

const UNITS: [(&str, u64); 8] = [
    ("", 1),
    ("b", 1),
    ("kb", 1_000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
];

/// A number of bytes, with a unit or without: `64MiB`.
pub(crate) fn size(text: &str, range: RangeInclusive<u64>) -> Parsed<usize> {
    let bytes = with_unit(&text.to_ascii_lowercase(), &UNITS).filter(|size| range.contains(size));
    let bytes = bytes.and_then(|bytes| usize::try_from(bytes).ok());
    bytes.ok_or_else(|| {
        let (least, most) = (in_words(*range.start()), in_words(*range.end()));
        wrong(
            text,
            format!("a size from {least} to {most}, such as 64MiB"),
        )
    })
}

fn in_words(bytes: u64) -> String {
    let units = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    match units.into_iter().find(|(_, unit)| bytes >= *unit) {
        Some((name, unit)) => format!("{}{name}", bytes / unit),
        None => bytes.to_string(),
    }
}

const MILLIS: [(&str, u64); 6] = [
    ("", 1_000),
    ("ms", 1),
    ("s", 1_000),
    ("m", 60 * 1_000),
    ("h", 60 * 60 * 1_000),
    ("d", 24 * 60 * 60 * 1_000),
];

/// A time: `500ms`, `6s`, `10m`, `24h`, `7d`; a plain number is seconds.
pub(crate) fn duration(text: &str, range: RangeInclusive<Duration>) -> Parsed<Duration> {
    let millis = with_unit(&text.to_ascii_lowercase(), &MILLIS).map(Duration::from_millis);
    let time = millis.filter(|time| range.contains(time));
    time.ok_or_else(|| {
        let (least, most) = (in_time(*range.start()), in_time(*range.end()));
        let expected = format!("a time from {least} to {most}, such as 500ms, 6s, 10m or 24h");
        wrong(text, expected)
    })
}

fn in_time(time: Duration) -> String {
    let millis = time.as_millis();
    let fits =
        |unit: &&(&str, u64)| unit.1 > 1 && millis > 0 && millis.is_multiple_of(u128::from(unit.1));
    match MILLIS.iter().skip(1).rev().find(fits) {
        Some((name, unit)) => format!("{}{name}", millis / u128::from(*unit)),
        None if millis == 0 => "0".to_owned(),
        None => format!("{millis}ms"),
    }
}

/// A whole number times what stands behind it.
fn with_unit(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit());
    let (digits, unit) = text.split_at(end.unwrap_or(text.len()));
    let (_, factor) = units.iter().find(|(name, _)| *name == unit.trim_start())?;
    digits.parse::<u64>().ok()?.checked_mul(*factor)
}

/// `on` or `off`.
pub(crate) fn switch(text: &str) -> Parsed<bool> {
    match text.to_ascii_lowercase().as_str() {
        "on" | "true" | "yes" | "1" => Ok(true),
        "off" | "false" | "no" | "0" => Ok(false),
        _ => Err(wrong(text, "on or off")),
    }
}

/// An address to listen on. A port alone, and `localhost`, are of 127.0.0.1.
pub(crate) fn address(text: &str) -> Parsed<SocketAddr> {
    let expected =
        "an IP address with a port, such as 127.0.0.1:3000 or [::1]:3000, or a port alone";
    let (host, port) = text.rsplit_once(':').unwrap_or(("", text));
    let local = host.is_empty() || host.eq_ignore_ascii_case("localhost");
    let digits = port.bytes().all(|byte| byte.is_ascii_digit());
    match port.parse() {
        Ok(port) if local && digits => Ok(SocketAddr::from(([127, 0, 0, 1], port))),
        _ => text.parse().map_err(|_| wrong(text, expected)),
    }
}

/// The address of probes: one of its own, or how far its port is above that of the API.
pub(crate) fn admin(text: &str) -> Parsed<Admin> {
    let Some(offset) = text.strip_prefix('+') else {
        return address(text).map(Admin::At);
    };
    number(offset, 1..=u64::from(u16::MAX))
        .map(Admin::Above)
        .map_err(|error| wrong(text, error.expected))
}

/// A network, or the one of a single address.
pub(crate) fn network(text: &str) -> Parsed<IpNet> {
    let single = || text.parse::<IpAddr>().map(IpNet::from);
    let network = text.parse().or_else(|_| single());
    network.map_err(|_| wrong(text, "an address or a network"))
}

/// The address of a database.
pub(crate) fn database(text: &str) -> Parsed<DatabaseUrl> {
    DatabaseUrl::parse(text).map_err(|error| {
        let reason = error.reason();
        wrong(text, format!("the URL of a database: {reason}"))
    })
}

/// The lines of a file that are neither blank nor comments, which begin with `#`. Line ends and byte order mark may be those
/// of Windows.
pub(crate) fn lines(path: &str) -> Parsed<Vec<String>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => return Err(wrong(path, format!("a file that can be read ({error})"))),
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let lines = text.split(['\n', '\r']).map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let lines: Vec<_> = lines.map(str::to_owned).collect();
    if lines.is_empty() {
        return Err(wrong(
            path,
            "a file with a token on each line, and it has none",
        ));
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units_or_none() {
        for (text, bytes) in [
            ("0", Some(0)),
            ("123", Some(123)),
            ("64MiB", Some(64 << 20)),
            ("64 mib", Some(64 << 20)),
            ("1kB", Some(1_000)),
            ("2GiB", Some(2 << 30)),
            ("3GiB", None),
            ("", None),
            ("MiB", None),
            ("-1", None),
            ("1.5MiB", None),
            ("64M", None),
            ("99999999999999999999", None),
            ("18446744073709551615GiB", None),
        ] {
            assert_eq!(size(text, 0..=2 << 30).ok(), bytes, "{text}");
        }
    }

    #[test]
    fn token_file_may_have_comments_and_line_ends_of_any_system() {
        for (text, tokens) in [
            ("one\ntwo", &["one", "two"][..]),
            ("\u{feff}one\r\ntwo\r\n", &["one", "two"]),
            ("one\rtwo\r", &["one", "two"]),
            (
                "\u{feff}# of the shop\n\n  one # two\n\t#three\n",
                &["one # two"],
            ),
        ] {
            let file = tempfile::NamedTempFile::new().expect("a file");
            std::fs::write(file.path(), text).expect("tokens");
            let read = lines(&file.path().display().to_string()).expect("tokens");
            assert_eq!(read, tokens, "{text:?}");
        }
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "\u{feff}# none yet\r\n").expect("a comment");
        lines(&file.path().display().to_string()).expect_err("no token");
    }

    #[test]
    fn a_level_that_stands_by_itself_is_that_of_all() {
        for (text, all, level) in [
            ("warn", "warn", LevelFilter::WARN),
            ("warn, sqlx=debug", "warn,sqlx=debug", LevelFilter::WARN),
            ("sqlx=debug", "info,sqlx=debug", LevelFilter::INFO),
            ("sqlx=debug,off", "sqlx=debug,off", LevelFilter::OFF),
        ] {
            assert_eq!(levels(text), Ok((all.to_owned(), level)), "{text}");
        }
        for text in ["wran", "wran,sqlx=debug", "info,sqlx", "a=b=c"] {
            levels(text).expect_err(text);
        }
    }

    #[test]
    fn times_have_units_or_are_seconds() {
        let hour = Duration::from_hours(1);
        for (text, millis) in [
            ("6", Some(6_000)),
            ("500ms", Some(500)),
            ("6s", Some(6_000)),
            ("10m", Some(600_000)),
            ("1h", Some(3_600_000)),
            ("2h", None),
            ("0", None),
            ("1d", None),
            ("6 weeks", None),
            ("", None),
            ("s", None),
        ] {
            let parsed = duration(text, Duration::from_millis(1)..=hour).ok();
            assert_eq!(parsed, millis.map(Duration::from_millis), "{text}");
        }
    }

    #[test]
    fn numbers_have_bounds() {
        assert_eq!(number::<u32>("1000", 0..=1_000), Ok(1_000));
        for text in ["1001", "-1", "many", "", "1e3"] {
            let expected = "a whole number from 0 to 1000".to_owned();
            let value = text.to_owned();
            assert_eq!(
                number::<u32>(text, 0..=1_000),
                Err(Wrong { value, expected })
            );
        }
    }
}
