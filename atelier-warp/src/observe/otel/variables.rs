//! What the environment says of the collector, and what of that can't be followed.

use std::num::NonZeroUsize;
use std::time::Duration;

use http::Uri;

/// What a variable is to be.
struct Known {
    name: &'static str,
    is: fn(&str) -> bool,
    /// That, in words.
    words: &'static str,
    /// What holds where it is not.
    otherwise: &'static str,
}

const fn known(
    name: &'static str,
    is: fn(&str) -> bool,
    words: &'static str,
    otherwise: &'static str,
) -> Known {
    Known {
        name,
        is,
        words,
        otherwise,
    }
}

/// Those that go wrong in silence otherwise.
#[rustfmt::skip]
const KNOWN: [Known; 17] = [
    known(DISABLED, is_truth, "`true` or `false`", "`false` holds"),
    known("OTEL_TRACES_EXPORTER", is_exporter, "`otlp` or `none`", "no spans are sent"),
    known("OTEL_METRICS_EXPORTER", is_exporter, "`otlp` or `none`", "no numbers are sent"),
    known("OTEL_TRACES_SAMPLER", is_sampler, "the name of a sampler that is known here", "`parentbased_always_on` holds"),
    known("OTEL_TRACES_SAMPLER_ARG", is_share, "a number from 0 to 1", "1 holds, and 0 for what is less"),
    known("OTEL_BSP_SCHEDULE_DELAY", is_millis, "a number of milliseconds", "5000 holds"),
    known("OTEL_BSP_MAX_QUEUE_SIZE", is_size, "a number from 1 to 1000000", "2048 holds"),
    known("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", is_size, "a number from 1 to 1000000", "512 holds"),
    known("OTEL_METRIC_EXPORT_INTERVAL", is_millis, "a number of milliseconds", "60000 holds"),
    known("OTEL_EXPORTER_OTLP_TIMEOUT", is_millis, "a number of milliseconds", "10000 holds"),
    known("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", is_millis, "a number of milliseconds", "that of all holds"),
    known("OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", is_millis, "a number of milliseconds", "that of all holds"),
    known("OTEL_EXPORTER_OTLP_COMPRESSION", is_compression, "`gzip` or `none`", "nothing is compressed"),
    known("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", is_compression, "`gzip` or `none`", "the setting for all signals holds"),
    known("OTEL_EXPORTER_OTLP_METRICS_COMPRESSION", is_compression, "`gzip` or `none`", "the setting for all signals holds"),
    known("OTEL_RESOURCE_ATTRIBUTES", is_attributes, "pairs such as `key=value,key=value`", "the rest of it is sent"),
    known("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", is_temporality, "`cumulative`, `delta` or `lowmemory`", "`cumulative` holds"),
];

const DISABLED: &str = "OTEL_SDK_DISABLED";

/// Those without which nothing can be sent: the server does not start with a wrong one.
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

/// A variable that is set; to nothing is not at all.
pub(super) fn variable(name: &str) -> Option<String> {
    let value = std::env::var(name).ok()?;
    // The specification's parsers leave blanks out.
    let value = value.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

/// What is to be sent.
pub(super) struct Wanted {
    pub(super) spans: bool,
    pub(super) numbers: bool,
}

/// What is to be sent, if anything is. The failure is in words; what is only not followed is told in the log, by its name:
/// the value may be a key in the wrong place.
pub(super) fn wanted() -> Result<Option<Wanted>, String> {
    let disabled = variable(DISABLED).is_some_and(|off| off.eq_ignore_ascii_case("true"));
    if disabled || ENDPOINTS.iter().all(|name| variable(name).is_none()) {
        return Ok(None);
    }
    for wrong in KNOWN
        .iter()
        .filter(|known| variable(known.name).is_some_and(|value| !(known.is)(&value)))
    {
        let Known {
            name,
            words,
            otherwise,
            ..
        } = wrong;
        tracing::warn!("{name} is not {words}: {otherwise}");
    }
    let [all, traces, metrics] = ENDPOINTS.map(|name| variable(name).is_some());
    let exported = |name| variable(name).is_none_or(|exporter| exporter == "otlp");
    let wanted = Wanted {
        spans: (all || traces) && exported("OTEL_TRACES_EXPORTER"),
        numbers: (all || metrics) && exported("OTEL_METRICS_EXPORTER"),
    };
    if !wanted.spans && !wanted.numbers {
        return Ok(None);
    }
    for name in PROTOCOLS {
        if let Some(other) = variable(name).filter(|protocol| protocol != "http/protobuf") {
            return Err(format!(
                "{name} is {other}, which is not spoken here.\nTry: {name}=http/protobuf, and the collector's port for it, often 4318"
            ));
        }
    }
    for name in ENDPOINTS {
        // There may be a key in it, so it is not repeated.
        if variable(name).is_some_and(|address| !is_address(&address)) {
            return Err(format!(
                "{name} is not the address of a collector.\nGive such as: {name}=http://localhost:4318"
            ));
        }
    }
    Ok(Some(wanted))
}

/// How long it says in milliseconds, or else this.
pub(super) fn millis(name: &str, otherwise: Duration) -> Duration {
    let said = variable(name).filter(|value| is_millis(value));
    let said = said.and_then(|value| value.parse().ok());
    said.map_or(otherwise, Duration::from_millis)
}

/// How many it says, or else so many.
pub(super) fn size(name: &str, otherwise: usize) -> NonZeroUsize {
    let said = variable(name).filter(|value| is_size(value));
    let said = said.and_then(|value| value.parse().ok());
    NonZeroUsize::new(said.unwrap_or(otherwise)).unwrap_or(NonZeroUsize::MIN)
}

fn is_truth(text: &str) -> bool {
    text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false")
}

fn is_exporter(text: &str) -> bool {
    matches!(text, "otlp" | "none")
}

fn is_sampler(text: &str) -> bool {
    let text = text.strip_prefix("parentbased_").unwrap_or(text);
    matches!(text, "always_on" | "always_off" | "traceidratio")
}

fn is_share(text: &str) -> bool {
    text.parse::<f64>()
        .is_ok_and(|share| (0.0..=1.0).contains(&share))
}

fn is_millis(text: &str) -> bool {
    text.parse::<u64>().is_ok_and(|millis| millis > 0)
}

fn is_size(text: &str) -> bool {
    text.parse::<usize>()
        .is_ok_and(|size| (1..=1_000_000).contains(&size))
}

fn is_temporality(text: &str) -> bool {
    let known = ["cumulative", "delta", "lowmemory"];
    known.iter().any(|known| text.eq_ignore_ascii_case(known))
}

fn is_compression(text: &str) -> bool {
    text.eq_ignore_ascii_case("gzip") || text.eq_ignore_ascii_case("none")
}

fn is_attributes(text: &str) -> bool {
    let mut pairs = text.split(',').filter(|pair| !pair.trim().is_empty());
    pairs.all(|pair| {
        pair.split_once('=')
            .is_some_and(|(key, _)| !key.trim().is_empty())
    })
}

fn is_address(text: &str) -> bool {
    let Ok(address) = text.parse::<Uri>() else {
        return false;
    };
    let (Some(authority), Some("http" | "https")) = (address.authority(), address.scheme_str())
    else {
        return false;
    };
    // What is no port is none for the parser, and would be left out.
    let after = authority.as_str().rsplit('@').next().unwrap_or_default();
    let after = after.strip_prefix(authority.host()).unwrap_or_default();
    let port = after.is_empty() || authority.port_u16().is_some_and(|port| port > 0);
    !authority.host().is_empty() && port
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_host_and_a_port_that_there_is() {
        for right in [
            "http://localhost:4318",
            "https://otlp.nr-data.net",
            "http://[::1]:4318/v1/traces",
            "http://name:key@collector:65535",
        ] {
            assert!(is_address(right), "{right}");
        }
        for wrong in [
            "localhost:4318",
            "ftp://localhost:4318",
            "http://",
            "http://localhost:70000",
            "http://localhost:0",
            "http://localhost:",
            "http://name:key@collector:70000",
        ] {
            assert!(!is_address(wrong), "{wrong}");
        }
    }
}
