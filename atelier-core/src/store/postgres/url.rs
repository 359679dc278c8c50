//! The URL of a PostgreSQL database: parsed once, in the form that libpq documents, and shown without its secrets.
//!
//! `url::Url` is not used: it refuses `postgres://user@/db?host=/dir`, which libpq takes, and its errors can't say which
//! character of a password has to be encoded.

use std::collections::BTreeSet;
use std::fmt::{self, Write};
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sqlx::postgres::{PgConnectOptions, PgSslMode};

use crate::model::error::{Error, Failure, Result};
use crate::store::invalid_url::InvalidUrl;

/// What is percent-encoded in a URL that is shown.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The same in a parameter, where a path stays readable.
const ENCODED_VALUE: &AsciiSet = &ENCODED.remove(b'/');

/// Parameters that are passed on to the driver: each name that is accepted, and its standard name.
const PARAMETERS: &[(&str, &str)] = &[
    ("sslmode", "sslmode"),
    ("ssl-mode", "sslmode"),
    ("sslrootcert", "sslrootcert"),
    ("ssl-root-cert", "sslrootcert"),
    ("ssl-ca", "sslrootcert"),
    ("sslcert", "sslcert"),
    ("ssl-cert", "sslcert"),
    ("sslkey", "sslkey"),
    ("ssl-key", "sslkey"),
    ("application_name", "application_name"),
    ("options", "options"),
    ("statement-cache-capacity", "statement-cache-capacity"),
    ("statement_cache_capacity", "statement-cache-capacity"),
];

/// Parameters that are shown.
const SHOWN: [&str; 4] = ["sslmode", "sslrootcert", "sslcert", "sslkey"];

/// The URL of a PostgreSQL database, which may hold a password. `Display` and `Debug` leave the password out, and every
/// parameter that may hold a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresUrl {
    text: String,
    user: Option<String>,
    password: Option<String>,
    /// A host name, an IP address without brackets, or the directory of a Unix socket.
    host: Option<String>,
    port: Option<u16>,
    database: Option<String>,
    /// By standard name, in the order in which they were given.
    parameters: Vec<(&'static str, String)>,
    /// Names of parameters that have no effect.
    ignored: Vec<String>,
}

impl PostgresUrl {
    /// Parses the `rest` of the URL `text` behind `postgres://`. No reason repeats a part of the URL: any part may belong
    /// to a password whose characters should have been encoded.
    pub(crate) fn parse(text: &str, rest: &str) -> Result<Self, InvalidUrl> {
        let (authority, tail) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        if tail.contains('@') {
            return Err(InvalidUrl::new(
                "a `/`, `?` or `#` comes before an `@`. In the user name and the password write %2F for /, %3F for ? and \
                 %23 for #; behind the host write %40 for @",
            ));
        }
        if tail.contains('#') {
            return Err(InvalidUrl::new("it contains a `#`. Write %23 for #"));
        }
        let (login, place) = match authority.rsplit_once('@') {
            Some((login, place)) => (login, place),
            None => ("", authority),
        };
        let (user, password) = login.split_once(':').unwrap_or((login, ""));
        let (host, port) = host_and_port(place)?;
        let (path, query) = tail.split_once('?').unwrap_or((tail, ""));
        let mut url = Self {
            text: text.to_owned(),
            user: decoded("user name", user)?,
            password: decoded("password", password)?,
            host: decoded("host", host)?,
            port: port_number(port)?,
            database: decoded("database name", path.trim_start_matches('/'))?,
            parameters: Vec::new(),
            ignored: Vec::new(),
        };
        let mut after_secret = false;
        for (place, parameter) in query.split('&').filter(|it| !it.is_empty()).enumerate() {
            let Some((name, value)) = parameter.split_once('=') else {
                return Err(InvalidUrl::new(format!(
                    "parameter {} has no `=`. In a value write %26 for &",
                    place + 1
                )));
            };
            let name = percent_decode_str(name).decode_utf8_lossy();
            let known = url.set(&name, decoded("value of a parameter", value)?)?;
            if !known {
                url.ignored
                    .push(name_in_log(&name, place + 1, after_secret));
            }
            after_secret |= !known || name == "password";
        }
        url.trust_system_certificates();
        Ok(url)
    }

    /// Sets a parameter, or returns `false` where it is not known. As with libpq, the last value of a name wins.
    fn set(&mut self, name: &str, value: Option<String>) -> Result<bool, InvalidUrl> {
        let text = value.as_deref().unwrap_or_default();
        match name {
            "user" => self.user = value,
            "password" => self.password = value,
            "dbname" => self.database = value,
            "port" => self.port = port_number(text)?,
            "host" => {
                one_host(text)?;
                self.host = value;
            }
            "hostaddr" if text.parse::<IpAddr>().is_err() => {
                return Err(InvalidUrl::new("hostaddr is not an IP address"));
            }
            "hostaddr" => self.host = value,
            name if name.starts_with("options[") && name.ends_with(']') => {
                let option = &name["options[".len()..name.len() - 1];
                let value = text.replace('\\', "\\\\").replace(' ', "\\ ");
                self.parameters
                    .push(("options", format!("-c {option}={value}")));
            }
            _ => {
                let known = PARAMETERS.iter().find(|(known, _)| *known == name);
                let Some((_, standard)) = known else {
                    return Ok(false);
                };
                match *standard {
                    "sslmode" if PgSslMode::from_str(text).is_err() => {
                        return Err(InvalidUrl::new(
                            "sslmode is none of disable, allow, prefer, require, verify-ca and verify-full",
                        ));
                    }
                    "statement-cache-capacity" if text.parse::<usize>().is_err() => {
                        return Err(InvalidUrl::new("statement-cache-capacity is not a number"));
                    }
                    _ => {}
                }
                if *standard != "options" {
                    self.parameters.retain(|(name, _)| name != standard);
                }
                self.parameters.push((standard, text.to_owned()));
            }
        }
        Ok(true)
    }

    /// libpq's `sslrootcert=system`. The driver trusts the public authorities in any case; what libpq demands besides is
    /// that the certificate is verified.
    fn trust_system_certificates(&mut self) {
        let system = |(name, value): &(&str, String)| *name == "sslrootcert" && value == "system";
        if self.parameters.iter().any(system) {
            self.parameters.retain(|parameter| !system(parameter));
            if self.parameter("sslmode").is_none() {
                let mode = ("sslmode", "verify-full".to_owned());
                self.parameters.push(mode);
            }
        }
    }

    /// The URL as it was given, with its secrets.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// Whether the URL holds something that is not shown.
    pub fn has_hidden_parts(&self) -> bool {
        self.password.is_some()
            || !self.ignored.is_empty()
            || self
                .parameters
                .iter()
                .any(|(name, _)| !SHOWN.contains(name))
    }

    /// The host name, IP address or socket directory, where the URL names one.
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// The user, where the URL names one.
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// The database, where the URL names one.
    pub fn database(&self) -> Option<&str> {
        self.database.as_deref()
    }

    /// The value of a parameter, by its standard name: `sslmode`, `sslrootcert`, `sslcert`, `sslkey`.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The URL without its password, as `psql` takes it; of another `database` on the server, if one is given.
    pub fn for_psql(&self, database: Option<&str>) -> String {
        self.for_psql_as(self.user(), database)
    }

    /// The same for another `user`.
    pub(crate) fn for_psql_as(&self, user: Option<&str>, database: Option<&str>) -> String {
        let other = Self {
            user: user.map(str::to_owned),
            password: None,
            database: database.or(self.database()).map(str::to_owned),
            ..self.clone()
        };
        other.to_string()
    }

    /// The settings of a connection. What the URL leaves open comes from the environment (`PGHOST`, `PGPASSFILE` and
    /// others), as for every program that uses libpq.
    pub(crate) fn connect_options(&self) -> Result<PgConnectOptions> {
        self.warn_of_ignored();
        let port = self.port.map(|port| port.to_string());
        let places = [
            ("host", self.host.as_deref()),
            ("port", port.as_deref()),
            ("user", self.user.as_deref()),
            ("password", self.password.as_deref()),
            ("dbname", self.database.as_deref()),
            ("application_name", Some("atelier")),
        ];
        let places = places
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)));
        let parameters = self.parameters.iter();
        let parameters = parameters.map(|(name, value)| (*name, value.as_str()));
        // From parts: the driver logs the values of parameters that it does not know, and keeps the brackets of IPv6.
        let mut canonical = String::from("postgres:///?");
        for (name, value) in places.chain(parameters) {
            let value = utf8_percent_encode(value, NON_ALPHANUMERIC);
            let _ = write!(canonical, "{name}={value}&");
        }
        PgConnectOptions::from_str(&canonical).map_err(|_| {
            // The driver's own words may quote the URL.
            Error::Config(Failure::new("The database URL can't be used."))
        })
    }

    /// Says once for each parameter that it has no effect.
    fn warn_of_ignored(&self) {
        static REPORTED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
        let mut reported = REPORTED.lock().unwrap_or_else(PoisonError::into_inner);
        for name in &self.ignored {
            if reported.insert(name.clone()) {
                tracing::warn!("parameter {name} of the database URL has no effect");
            }
        }
    }
}

/// How an unknown parameter is called in the log: by its name, where that can't be a part of the secret before it, with an
/// `&` that should have been encoded.
fn name_in_log(name: &str, place: usize, after_secret: bool) -> String {
    let is_name = name.bytes().all(|c| c.is_ascii_lowercase() || c == b'_');
    if WITHOUT_EFFECT.contains(&name) || (is_name && !after_secret) {
        format!("`{name}`")
    } else {
        format!("number {place}")
    }
}

/// Parameters of libpq and of common drivers that have no effect here, and whose names are no secrets.
const WITHOUT_EFFECT: &[&str] = &[
    "channel_binding",
    "client_encoding",
    "connect_timeout",
    "connection_limit",
    "fallback_application_name",
    "gssencmode",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "krbsrvname",
    "load_balance_hosts",
    "passfile",
    "pgbouncer",
    "requirepeer",
    "schema",
    "sslcompression",
    "sslcrl",
    "sslnegotiation",
    "sslpassword",
    "sslsni",
    "ssl_min_protocol_version",
    "target_session_attrs",
    "tcp_user_timeout",
];

impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let encoded = |text| utf8_percent_encode(text, ENCODED);
        f.write_str("postgres://")?;
        let user = encoded(self.user().unwrap_or_default());
        match (&self.user, &self.password) {
            (None, None) => {}
            (Some(_), None) => write!(f, "{user}@")?,
            (_, Some(_)) => write!(f, "{user}:***@")?,
        }
        let (socket, host) = match self.host() {
            Some(directory) if directory.starts_with('/') => (Some(directory), None),
            host => (None, host),
        };
        match host {
            Some(six) if six.contains(':') => write!(f, "[{six}]")?,
            Some(host) => write!(f, "{}", encoded(host))?,
            None => {}
        }
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        if let Some(database) = self.database() {
            write!(f, "/{}", encoded(database))?;
        }
        let shown = SHOWN
            .iter()
            .filter_map(|name| Some((*name, self.parameter(name)?)));
        let shown = socket
            .map(|directory| ("host", directory))
            .into_iter()
            .chain(shown);
        for (place, (name, value)) in shown.enumerate() {
            let separator = match (place, &self.database) {
                (0, None) => "/?",
                (0, Some(_)) => "?",
                _ => "&",
            };
            write!(
                f,
                "{separator}{name}={}",
                utf8_percent_encode(value, ENCODED_VALUE)
            )?;
        }
        Ok(())
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A part of the URL, or none where it is empty.
fn decoded(what: &str, part: &str) -> Result<Option<String>, InvalidUrl> {
    match percent_decode_str(part).decode_utf8() {
        Ok(text) if text.contains('\0') => {
            Err(InvalidUrl::new(format!("the {what} contains a NUL (%00)")))
        }
        Ok(text) => Ok(Some(text.into_owned()).filter(|text| !text.is_empty())),
        Err(_) => Err(InvalidUrl::new(format!("the {what} is not UTF-8"))),
    }
}

fn host_and_port(place: &str) -> Result<(&str, &str), InvalidUrl> {
    one_host(place)?;
    if let Some(inside) = place.strip_prefix('[') {
        let (address, port) = inside.split_once(']').unwrap_or((inside, "-"));
        // An interface may stand behind it: fe80::1%25eth0.
        let six = address.split('%').next().unwrap_or_default();
        if six.parse::<Ipv6Addr>().is_err() {
            return Err(InvalidUrl::new(
                "the brackets around the host do not hold an IPv6 address",
            ));
        }
        return match port.strip_prefix(':') {
            Some(port) => Ok((address, port)),
            None if port.is_empty() => Ok((address, "")),
            None => Err(InvalidUrl::new(
                "behind the `]` of the host there is no `:PORT`",
            )),
        };
    }
    if place.matches(':').count() > 1 {
        return Err(InvalidUrl::new(
            "the host has several `:`. Write an IPv6 address in brackets, such as [::1]:5432",
        ));
    }
    Ok(place.split_once(':').unwrap_or((place, "")))
}

fn one_host(host: &str) -> Result<(), InvalidUrl> {
    if host.contains(',') {
        return Err(InvalidUrl::new(
            "it names several hosts. Name one; hot standbys that answer reads are named with --database-read-url",
        ));
    }
    Ok(())
}

fn port_number(port: &str) -> Result<Option<u16>, InvalidUrl> {
    if port.is_empty() {
        return Ok(None);
    }
    match port.parse() {
        Ok(port @ 1..) => Ok(Some(port)),
        _ => Err(InvalidUrl::new(
            "the port is not a number from 1 to 65535. Before the host, user name and password end with an `@`",
        )),
    }
}
