//! The way to the collector.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ::metrics::counter;
use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, Uri};
use hyper_util::client::proxy::matcher::Matcher;
use opentelemetry_http::{HttpClient, HttpError};

use super::variables::{self, variable};
use crate::observe::metrics::FAILED;

/// Sends to the collector, from the exporter's own thread, which may wait. There is one for spans and one for numbers: a
/// collector may take these and not those.
#[derive(Debug)]
pub(super) struct Client {
    /// Made for the collector of the first request, which is that of all others.
    agent: OnceLock<ureq::Agent>,
    timeout: Duration,
    /// What is sent.
    what: &'static str,
    /// Whether the last was sent in vain. The log tells when that changes, and not each time.
    away: AtomicBool,
}

impl Client {
    /// Sends `what` within the time that the variable `timeout` says, or else `OTEL_EXPORTER_OTLP_TIMEOUT`, or else 10 s.
    pub(super) fn of(what: &'static str, timeout: &str) -> Self {
        let general = variables::millis("OTEL_EXPORTER_OTLP_TIMEOUT", Duration::from_secs(10));
        Self {
            agent: OnceLock::new(),
            timeout: variables::millis(timeout, general),
            what,
            away: AtomicBool::new(false),
        }
    }

    fn agent(&self, collector: &Uri) -> &ureq::Agent {
        self.agent.get_or_init(|| {
            let agent = ureq::Agent::config_builder()
                .timeout_global(Some(self.timeout))
                .proxy(proxy(collector))
                .http_status_as_error(false);
            ureq::Agent::new_with_config(agent.build())
        })
    }

    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (head, body) = request.into_parts();
        let agent = self.agent(&head.uri);
        let answer = agent.run(Request::from_parts(head, body.to_vec()))?;
        let (head, mut body) = answer.into_parts();
        Ok(Response::from_parts(head, body.read_to_vec()?.into()))
    }
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let address = request.uri().clone();
        let sent = self.send(request);
        let why = match &sent {
            Ok(answer) if answer.status().is_success() => None,
            Ok(answer) => Some(format!("it answers {}", answer.status())),
            Err(error) => Some(error.to_string()),
        };
        if why.is_some() {
            counter!(FAILED).increment(1);
        }
        let was_away = self.away.swap(why.is_some(), Ordering::Relaxed);
        // In its path or query there may be a key.
        let collector = address.authority().map_or("", |host| host.as_str());
        let collector = collector.rsplit('@').next().unwrap_or_default();
        let what = self.what;
        match why {
            Some(why) if !was_away => {
                tracing::warn!(
                    "the collector at {collector} takes no {what}: {why}; some are lost"
                );
            }
            None if was_away => {
                tracing::info!("the collector at {collector} takes {what} again");
            }
            _ => {}
        }
        sent
    }
}

/// The proxy on the way to the collector, as the environment says: `HTTP_PROXY` or `HTTPS_PROXY` by the scheme of the
/// collector, or else `ALL_PROXY`. ureq by itself takes the first of them all, and knows neither blanks nor networks nor
/// ports in `NO_PROXY`.
fn proxy(collector: &Uri) -> Option<ureq::Proxy> {
    let of_scheme = match collector.scheme_str() {
        Some("https") => ["HTTPS_PROXY", "https_proxy"],
        _ => ["HTTP_PROXY", "http_proxy"],
    };
    let mut names = of_scheme.into_iter().chain(["ALL_PROXY", "all_proxy"]);
    let (name, address) = names.find_map(|name| Some((name, variable(name)?)))?;
    let direct = variable("NO_PROXY").or_else(|| variable("no_proxy"));
    if is_direct(collector, &direct.unwrap_or_default()) {
        return None;
    }
    let proxy = ureq::Proxy::new(address.trim());
    if proxy.is_err() {
        // There may be a password in it.
        tracing::warn!("{name} is not the address of a proxy: none is used");
    }
    proxy.ok()
}

/// Whether the list `no_proxy` names the collector: its host, a domain or a network that it is in, or `*`, each perhaps
/// with a port.
fn is_direct(collector: &Uri, no_proxy: &str) -> bool {
    let default_port = match collector.scheme_str() {
        Some("https") => 443,
        _ => 80,
    };
    let port = collector.port_u16().unwrap_or(default_port);
    let entries = no_proxy
        .split(',')
        .filter_map(|entry| without_port(entry.trim(), port));
    // It answers whether a proxy is to be used, of which there is one.
    let matcher = Matcher::builder()
        .all("http://proxy")
        .no(entries.collect::<Vec<_>>().join(","));
    matcher.build().intercept(collector).is_none()
}

/// An entry of `NO_PROXY` as [`Matcher`] knows it; none where it is about another port.
fn without_port(entry: &str, port: u16) -> Option<&str> {
    let entry = match entry.strip_prefix('*') {
        Some(domain) if domain.starts_with('.') => domain,
        _ => entry,
    };
    let (host, its_port) = match entry.rsplit_once(':') {
        // An address of IPv6 with a port has brackets.
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, Some(port)),
        _ => (entry, None),
    };
    let host = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host);
    let same = its_port.is_none_or(|its| its.parse() == Ok(port));
    same.then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_proxy_names_hosts_domains_networks_and_ports() {
        for (no_proxy, collector, direct) in [
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
            let collector: Uri = collector.parse().expect("an address");
            assert_eq!(
                is_direct(&collector, no_proxy),
                direct,
                "{no_proxy} {collector}"
            );
        }
    }
}
