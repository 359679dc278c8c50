//! The HTTP client of the OTLP exporters.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ::metrics::counter;
use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, Uri};
use hyper_util::client::proxy::matcher::Matcher;
use opentelemetry_http::{HttpClient, HttpError};

use super::environment::{duration, variable};
use crate::observe::names::EXPORT_FAILURES;

/// Default of `OTEL_EXPORTER_OTLP_TIMEOUT`.
const DEFAULT_TIMEOUT_MILLIS: u32 = 10_000;

/// Sends to the collector, blocking the exporter's own thread. There is one client for spans and one for metrics, as a
/// collector may accept one signal and reject the other.
#[derive(Debug)]
pub(super) struct CollectorClient {
    /// Made for the endpoint of the first request, which is also that of all later ones.
    agent: OnceLock<ureq::Agent>,
    timeout: Duration,
    /// `spans` or `metrics`, for the log.
    signal: &'static str,
    /// Whether the last request failed. The log reports changes of this, and not each failure.
    failing: AtomicBool,
}

impl CollectorClient {
    /// Takes the timeout from `timeout_variable`, or else from `OTEL_EXPORTER_OTLP_TIMEOUT`.
    pub(super) fn new(signal: &'static str, timeout_variable: &str) -> Self {
        let timeout = match variable(timeout_variable) {
            Some(_) => duration(timeout_variable, DEFAULT_TIMEOUT_MILLIS),
            None => duration("OTEL_EXPORTER_OTLP_TIMEOUT", DEFAULT_TIMEOUT_MILLIS),
        };
        Self {
            agent: OnceLock::new(),
            timeout,
            signal,
            failing: AtomicBool::new(false),
        }
    }

    fn agent(&self, endpoint: &Uri) -> &ureq::Agent {
        self.agent.get_or_init(|| {
            let agent = ureq::Agent::config_builder()
                .timeout_global(Some(self.timeout))
                .proxy(proxy(endpoint))
                .http_status_as_error(false);
            ureq::Agent::new_with_config(agent.build())
        })
    }

    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (head, body) = request.into_parts();
        let agent = self.agent(&head.uri);
        let response = agent.run(Request::from_parts(head, body.to_vec()))?;
        let (head, mut body) = response.into_parts();
        Ok(Response::from_parts(head, body.read_to_vec()?.into()))
    }
}

#[async_trait]
impl HttpClient for CollectorClient {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let endpoint = request.uri().clone();
        let response = self.send(request);
        let error = match &response {
            Ok(response) if response.status().is_success() => None,
            Ok(response) => Some(format!("status {}", response.status())),
            Err(error) => Some(error.to_string()),
        };
        if error.is_some() {
            counter!(EXPORT_FAILURES).increment(1);
        }
        let was_failing = self.failing.swap(error.is_some(), Ordering::Relaxed);
        // The path, the query and the user information may contain a key.
        let collector = endpoint.authority().map_or("", |host| host.as_str());
        let collector = collector.rsplit('@').next().unwrap_or_default();
        let signal = self.signal;
        match error {
            Some(error) if !was_failing => {
                tracing::warn!(
                    collector,
                    signal,
                    error,
                    "export to the OpenTelemetry collector failed"
                );
            }
            None if was_failing => {
                tracing::info!(
                    collector,
                    signal,
                    "export to the OpenTelemetry collector succeeds again"
                );
            }
            _ => {}
        }
        response
    }
}

/// Chooses the proxy for an endpoint: `HTTP_PROXY` or `HTTPS_PROXY` by its scheme, or else `ALL_PROXY`. ureq takes the first
/// variable that is set whatever the scheme, and supports neither blanks nor networks nor ports in `NO_PROXY`.
fn proxy(endpoint: &Uri) -> Option<ureq::Proxy> {
    let by_scheme = match endpoint.scheme_str() {
        Some("https") => ["HTTPS_PROXY", "https_proxy"],
        _ => ["HTTP_PROXY", "http_proxy"],
    };
    let mut names = by_scheme.into_iter().chain(["ALL_PROXY", "all_proxy"]);
    let (name, url) = names.find_map(|name| Some((name, variable(name)?)))?;
    let no_proxy = variable("NO_PROXY").or_else(|| variable("no_proxy"));
    if bypasses_proxy(endpoint, &no_proxy.unwrap_or_default()) {
        return None;
    }
    let proxy = ureq::Proxy::new(&url);
    if proxy.is_err() {
        // The URL may contain a password.
        tracing::warn!(
            variable = name,
            "not a valid proxy URL: no proxy is used for the OpenTelemetry collector"
        );
    }
    proxy.ok()
}

/// Whether `no_proxy` lists the endpoint: its host, a domain or a network that contains it, or `*`, each with an optional port.
fn bypasses_proxy(endpoint: &Uri, no_proxy: &str) -> bool {
    let default_port = match endpoint.scheme_str() {
        Some("https") => 443,
        _ => 80,
    };
    let port = endpoint.port_u16().unwrap_or(default_port);
    let entries = no_proxy
        .split(',')
        .filter_map(|entry| without_port(entry.trim(), port));
    // The matcher intercepts a URL unless `no_proxy` matches it; the proxy's own URL does not matter.
    let matcher = Matcher::builder()
        .all("http://proxy")
        .no(entries.collect::<Vec<_>>().join(","));
    matcher.build().intercept(endpoint).is_none()
}

/// Converts an entry of `NO_PROXY` to the syntax of [`Matcher`]. Returns none if the entry is for another port.
fn without_port(entry: &str, port: u16) -> Option<&str> {
    let entry = match entry.strip_prefix('*') {
        Some(domain) if domain.starts_with('.') => domain,
        _ => entry,
    };
    let (host, entry_port) = match entry.rsplit_once(':') {
        // An IPv6 address with a port is in brackets.
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, Some(port)),
        _ => (entry, None),
    };
    let host = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host);
    let applies = entry_port.is_none_or(|text| text.parse() == Ok(port));
    applies.then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_proxy_matches_hosts_domains_networks_and_ports() {
        for (no_proxy, endpoint, bypasses) in [
            ("", "http://otel:4318/v1/traces", false),
            ("localhost, otel", "http://otel:4318/v1/traces", true),
            (" OTEL ", "http://otel:4318", true),
            ("otel:4318", "http://otel:4318", true),
            ("otel:4317", "http://otel:4318", false),
            ("otel:443", "https://otel", true),
            ("10.0.0.0/8, 192.168.0.0/16", "http://10.1.2.3:4318", true),
            ("10.0.0.0/8", "http://11.1.2.3:4318", false),
            ("10.1.2.3:4318", "http://10.1.2.3:4318", true),
            ("::1", "http://[::1]:4318", true),
            ("[::1]:4318", "http://[::1]:4318", true),
            ("fd00::/8", "http://[fd00::7]:4318", true),
            (".example.com", "http://otel.example.com", true),
            ("*.example.com", "http://otel.example.com", true),
            ("example.com", "http://notexample.com", false),
            ("*", "http://otel:4318", true),
        ] {
            let endpoint: Uri = endpoint.parse().expect("an endpoint");
            assert_eq!(
                bypasses_proxy(&endpoint, no_proxy),
                bypasses,
                "{no_proxy} {endpoint}"
            );
        }
    }
}
