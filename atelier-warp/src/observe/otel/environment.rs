//! The `OTEL_*` variables that the SDK does not read itself, and checks of those that it reads: it ignores some invalid values
//! silently, and logs others with the value, which may be a key in the wrong place.

use std::fmt;
use std::time::Duration;

use http::Uri;

/// Endpoints of the collector. The server does not start with an invalid one.
const ENDPOINTS: [&str; 3] = [
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
];
const PROTOCOLS: [&str; 3] = [
    "OTEL_EXPORTER_OTLP_PROTOCOL",
    "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
    "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL",
];

/// Variables that the SDK reads, and their values.
const CHOICES: [(&str, &[&str]); 5] = [
    (
        "OTEL_TRACES_SAMPLER",
        &[
            "always_on",
            "always_off",
            "traceidratio",
            "parentbased_always_on",
            "parentbased_always_off",
            "parentbased_traceidratio",
        ],
    ),
    (
        "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
        &["cumulative", "delta", "lowmemory"],
    ),
    ("OTEL_EXPORTER_OTLP_COMPRESSION", COMPRESSION),
    ("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", COMPRESSION),
    ("OTEL_EXPORTER_OTLP_METRICS_COMPRESSION", COMPRESSION),
];
const COMPRESSION: &[&str] = &["gzip", "none"];

/// The variables name a collector to which nothing can be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtelError {
    /// What is wrong. Never contains an endpoint, as that may contain a key.
    pub message: String,
    /// What to set instead; may be empty.
    pub hint: String,
}

impl fmt::Display for OtelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for OtelError {}

/// The signals to export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Signals {
    pub(super) traces: bool,
    pub(super) metrics: bool,
}

impl Signals {
    /// Reads which signals have a collector. Fails if its protocol or endpoint is not supported.
    pub(super) fn from_environment() -> Result<Self, OtelError> {
        let [all, traces, metrics] = ENDPOINTS.map(|name| variable(name).is_some());
        let disabled = || choice("OTEL_SDK_DISABLED", &["true", "false"]) == Some("true");
        if !(all || traces || metrics) || disabled() {
            return Ok(Self {
                traces: false,
                metrics: false,
            });
        }
        let exported =
            |name| variable(name).is_none() || choice(name, &["otlp", "none"]) == Some("otlp");
        let signals = Self {
            traces: (all || traces) && exported("OTEL_TRACES_EXPORTER"),
            metrics: (all || metrics) && exported("OTEL_METRICS_EXPORTER"),
        };
        if signals.traces || signals.metrics {
            check_protocols()?;
            check_endpoints()?;
            for (name, values) in CHOICES {
                choice(name, values);
            }
            check_sampler_arg();
        }
        Ok(signals)
    }
}

fn check_sampler_arg() {
    let name = "OTEL_TRACES_SAMPLER_ARG";
    let is_share = |text: String| text.parse().is_ok_and(|share| (0.0..=1.0).contains(&share));
    if variable(name).is_some_and(|text| !is_share(text)) {
        tracing::warn!(
            variable = name,
            "invalid value, expected a number from 0 to 1: it is ignored"
        );
    }
}

fn check_protocols() -> Result<(), OtelError> {
    for name in PROTOCOLS {
        if let Some(protocol) = variable(name).filter(|protocol| protocol != "http/protobuf") {
            return Err(OtelError {
                message: format!("{name} is {protocol}, which is not supported."),
                hint: format!(
                    "Use: {name}=http/protobuf, with the collector's port for HTTP, often 4318"
                ),
            });
        }
    }
    Ok(())
}

fn check_endpoints() -> Result<(), OtelError> {
    for name in ENDPOINTS {
        if variable(name).is_some_and(|endpoint| !is_endpoint(&endpoint)) {
            return Err(OtelError {
                message: format!("{name} is not a valid URL of a collector."),
                hint: format!("Example: {name}=http://localhost:4318"),
            });
        }
    }
    Ok(())
}

/// Reads a variable and trims it, as the specification asks for. An empty variable counts as unset.
pub(super) fn variable(name: &str) -> Option<String> {
    let value = std::env::var(name).ok()?;
    let value = value.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

/// Reads a variable that has one of these values, in any case. Another value is reported by the variable's name.
fn choice(name: &str, values: &[&'static str]) -> Option<&'static str> {
    let value = variable(name)?;
    let known = values
        .iter()
        .copied()
        .find(|known| known.eq_ignore_ascii_case(&value));
    if known.is_none() {
        tracing::warn!(
            variable = name,
            expected = values.join(", "),
            "invalid value: it is ignored"
        );
    }
    known
}

/// Reads a positive integer, or returns `default`. An invalid value is logged by the variable's name: the SDK would take 0 for
/// an interval or a queue size, and ignore anything else silently.
pub(super) fn positive(name: &str, default: u32) -> u32 {
    let Some(value) = variable(name) else {
        return default;
    };
    match value.parse() {
        Ok(value) if value > 0 => value,
        _ => {
            tracing::warn!(
                variable = name,
                default,
                "invalid value, expected a positive integer: the default is used"
            );
            default
        }
    }
}

/// Reads a number of milliseconds, or returns `default_millis`.
pub(super) fn duration(name: &str, default_millis: u32) -> Duration {
    Duration::from_millis(positive(name, default_millis).into())
}

/// Whether this is an HTTP URL with a host and, if it has a port, a valid one. `Uri` accepts a port above 65535, and drops it.
fn is_endpoint(text: &str) -> bool {
    let Ok(url) = text.parse::<Uri>() else {
        return false;
    };
    let (Some(authority), Some("http" | "https")) = (url.authority(), url.scheme_str()) else {
        return false;
    };
    let after_userinfo = authority.as_str().rsplit('@').next().unwrap_or_default();
    let port = after_userinfo.strip_prefix(authority.host());
    let port_is_valid = port.is_none_or(str::is_empty) || authority.port_u16() > Some(0);
    !authority.host().is_empty() && port_is_valid
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoint_needs_a_scheme_a_host_and_a_valid_port() {
        for valid in [
            "http://localhost:4318",
            "https://otlp.nr-data.net",
            "http://[::1]:4318/v1/traces",
            "http://name:key@collector:65535",
        ] {
            assert!(is_endpoint(valid), "{valid}");
        }
        for invalid in [
            "localhost:4318",
            "ftp://localhost:4318",
            "http://",
            "http://localhost:70000",
            "http://localhost:0",
            "http://localhost:",
            "http://name:key@collector:70000",
        ] {
            assert!(!is_endpoint(invalid), "{invalid}");
        }
    }
}
