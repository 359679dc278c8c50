//! Parsers of option values. Their errors follow the value and the flag in clap's message.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use atelier_core::DatabaseUrl;
use atelier_warp::observe::log::parse_levels;
use ipnet::IpNet;
use tracing_subscriber::filter::{LevelFilter, Targets};

type Parsed<T> = Result<T, String>;

const BYTE_UNITS: [(&str, u64); 8] = [
    ("", 1),
    ("b", 1),
    ("kb", 1_000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
];

/// In milliseconds.
const TIME_UNITS: [(&str, u64); 6] = [
    ("", 1_000),
    ("ms", 1),
    ("s", 1_000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
];

/// Parses a whole number with a unit.
fn quantity(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit());
    let (digits, unit) = text.split_at(end.unwrap_or(text.len()));
    let unit = unit.trim_start().to_ascii_lowercase();
    let (_, factor) = units.iter().find(|(name, _)| *name == unit)?;
    digits.parse::<u64>().ok()?.checked_mul(*factor)
}

fn quantity_in(text: &str, units: &[(&str, u64)], min: &str, max: &str) -> Option<u64> {
    let range = quantity(min, units)?..=quantity(max, units)?;
    quantity(text, units).filter(|quantity| range.contains(quantity))
}

/// Returns a parser of sizes such as `64MiB`; a plain number is in bytes.
pub(super) fn size(
    min: &'static str,
    max: &'static str,
) -> impl Fn(&str) -> Parsed<usize> + Clone + Send + Sync {
    move |text| {
        let bytes = quantity_in(text, &BYTE_UNITS, min, max);
        let bytes = bytes.and_then(|bytes| usize::try_from(bytes).ok());
        bytes.ok_or_else(|| format!("expected a size from {min} to {max}, such as 64MiB"))
    }
}

/// Returns a parser of durations such as `500ms`, `6s`, `10m`, `24h` or `7d`; a plain number is in seconds.
pub(super) fn duration(
    min: &'static str,
    max: &'static str,
) -> impl Fn(&str) -> Parsed<Duration> + Clone + Send + Sync {
    move |text| {
        let millis = quantity_in(text, &TIME_UNITS, min, max).map(Duration::from_millis);
        millis.ok_or_else(|| {
            format!("expected a duration from {min} to {max}, such as 500ms, 6s, 10m or 24h")
        })
    }
}

/// Parses how long to wait for a database: a duration, or [`Duration::MAX`] for `forever`.
pub(super) fn wait(text: &str) -> Parsed<Duration> {
    if text == "forever" {
        return Ok(Duration::MAX);
    }
    duration("0", "1d")(text).map_err(|expected| expected + ", or forever")
}

/// Parses `on` or `off`, and their synonyms.
pub(super) fn switch(text: &str) -> Parsed<bool> {
    match text.to_ascii_lowercase().as_str() {
        "on" | "true" | "yes" | "1" => Ok(true),
        "off" | "false" | "no" | "0" => Ok(false),
        _ => Err("expected on or off".to_owned()),
    }
}

/// What is logged.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LogFilter {
    pub(crate) targets: Targets,
    /// The level of every target that has no directive of its own, and of requests.
    pub(crate) level: LevelFilter,
}

/// Parses log levels such as `warn` or `info,sqlx=debug`. Without a level for all targets, that level is `info`.
pub(super) fn log_filter(text: &str) -> Parsed<LogFilter> {
    let invalid = || "expected levels such as warn or info,sqlx=debug".to_owned();
    let mut directives = text.replace(' ', "");
    let mut level = None;
    for word in directives.split(',') {
        // The filter would take a word that is no level for a target, log all of it, and nothing else.
        if !word.is_empty() && !word.contains('=') {
            level = Some(word.parse::<LevelFilter>().map_err(|_| invalid())?);
        }
    }
    if level.is_none() {
        directives = format!("info,{directives}");
    }
    let targets = parse_levels(&directives).map_err(|_| invalid())?;
    let level = level.unwrap_or(LevelFilter::INFO);
    Ok(LogFilter { targets, level })
}

/// Parses an address to listen on. A port alone, and `localhost`, mean 127.0.0.1.
pub(super) fn listen_address(text: &str) -> Parsed<SocketAddr> {
    let (host, port) = text.rsplit_once(':').unwrap_or(("", text));
    let local = host.is_empty() || host.eq_ignore_ascii_case("localhost");
    let digits = port.bytes().all(|byte| byte.is_ascii_digit());
    match port.parse() {
        Ok(port) if local && digits => Ok(SocketAddr::from(([127, 0, 0, 1], port))),
        _ => text.parse().map_err(|_| {
            "expected an IP address with a port, such as 127.0.0.1:3000 or [::1]:3000, or a port alone".to_owned()
        }),
    }
}

/// The address of probes and metrics, apart from the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AdminAddress {
    Fixed(SocketAddr),
    /// On 127.0.0.1, at the API's port plus this offset, so that all servers of a machine can share the setting.
    PortOffset(u16),
}

impl AdminAddress {
    /// Returns the address for an API at `api`, or `None` if the port would exceed 65535.
    pub(crate) fn resolve(self, api: SocketAddr) -> Option<SocketAddr> {
        match self {
            Self::Fixed(address) => Some(address),
            Self::PortOffset(offset) => {
                let port = api.port().checked_add(offset)?;
                Some(SocketAddr::from(([127, 0, 0, 1], port)))
            }
        }
    }
}

/// Parses the admin address: an address, or `+OFFSET`.
pub(super) fn admin_address(text: &str) -> Parsed<AdminAddress> {
    let Some(offset) = text.strip_prefix('+') else {
        return listen_address(text).map(AdminAddress::Fixed);
    };
    match offset.parse() {
        Ok(offset @ 1..) => Ok(AdminAddress::PortOffset(offset)),
        _ => Err("expected an offset from +1 to +65535".to_owned()),
    }
}

/// Parses a network, or a single address.
pub(super) fn network(text: &str) -> Parsed<IpNet> {
    let text = text.trim();
    let single = || text.parse::<IpAddr>().map(IpNet::from);
    let network = text.parse().or_else(|_| single());
    network.map_err(|_| "expected an address or a network such as 10.0.1.0/24".to_owned())
}

/// Parses the URL of a database.
pub(super) fn database_url(text: &str) -> Parsed<DatabaseUrl> {
    DatabaseUrl::parse(text).map_err(|error| error.reason().to_owned())
}

/// Parses an access token. An empty one would let every client in.
pub(super) fn token(text: &str) -> Parsed<String> {
    match text.trim() {
        "" => Err("expected a token, found nothing".to_owned()),
        token => Ok(token.to_owned()),
    }
}

/// The tokens in a file.
#[derive(Clone)]
pub(crate) struct TokenFile(pub(crate) Vec<String>);

/// Reads the lines of a token file that are neither blank nor comments, which begin with `#`. Windows line ends and a byte
/// order mark are accepted.
pub(super) fn token_file(path: &str) -> Parsed<TokenFile> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("cannot read it: {error}"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let lines = text.split(['\n', '\r']).map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let tokens: Vec<_> = lines.map(str::to_owned).collect();
    if tokens.is_empty() {
        return Err("expected a token on each line, found none".to_owned());
    }
    Ok(TokenFile(tokens))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_has_unit_or_is_in_bytes() {
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
            ("18446744073709551615GiB", None),
        ] {
            assert_eq!(size("0", "2GiB")(text).ok(), bytes, "{text}");
        }
    }

    #[test]
    fn duration_has_unit_or_is_in_seconds() {
        for (text, millis) in [
            ("6", Some(6_000)),
            ("500ms", Some(500)),
            ("10m", Some(600_000)),
            ("1h", Some(3_600_000)),
            ("2h", None),
            ("0", None),
            ("6 weeks", None),
            ("s", None),
        ] {
            let parsed = duration("1ms", "1h")(text).ok();
            assert_eq!(parsed, millis.map(Duration::from_millis), "{text}");
        }
        assert_eq!(wait("forever"), Ok(Duration::MAX));
    }

    #[test]
    fn listen_address_may_be_a_port_or_localhost() {
        for text in ["4000", ":4000", "localhost:4000", "LocalHost:4000"] {
            let address = listen_address(text).map(|address| address.to_string());
            assert_eq!(address.as_deref(), Ok("127.0.0.1:4000"), "{text}");
        }
        for text in ["70000", ":x", "+1", "localhost", "shop.example:4000", ""] {
            listen_address(text).expect_err(text);
        }
    }

    #[test]
    fn token_file_may_have_comments_and_line_ends_of_any_system() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let read = |text: &str| {
            std::fs::write(file.path(), text).expect("tokens");
            token_file(&file.path().display().to_string()).map(|TokenFile(tokens)| tokens)
        };
        for text in [
            "one\ntwo # 2",
            "\u{feff}one\r\ntwo # 2\r\n",
            "one\rtwo # 2\r",
            "\u{feff}# of the shop\n\none\n  two # 2\n\t#three\n",
        ] {
            let tokens = ["one", "two # 2"].map(str::to_owned);
            assert_eq!(read(text), Ok(tokens.to_vec()), "{text:?}");
        }
        read("\u{feff}# none yet\r\n").expect_err("no token");
    }

    #[test]
    fn level_without_target_applies_to_all_targets() {
        for (text, directives, level) in [
            ("warn", "warn", LevelFilter::WARN),
            ("warn, sqlx=debug", "warn,sqlx=debug", LevelFilter::WARN),
            ("sqlx=debug", "info,sqlx=debug", LevelFilter::INFO),
            ("sqlx=debug,off", "sqlx=debug,off", LevelFilter::OFF),
        ] {
            let targets = parse_levels(directives).expect("levels");
            let filter = LogFilter { targets, level };
            assert_eq!(log_filter(text), Ok(filter), "{text}");
        }
        for text in ["wran", "wran,sqlx=debug", "info,sqlx", "a=b=c"] {
            log_filter(text).expect_err(text);
        }
    }
}
