//! The way to the collector.

use std::sync::atomic::{AtomicBool, Ordering};

use ::metrics::counter;
use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use opentelemetry_http::{HttpClient, HttpError};

use super::PATIENCE;
use crate::observe::metrics::FAILED;

/// Sends to the collector, from the exporter's own thread, which may wait. There is one for spans and one for numbers: a
/// collector may take these and not those.
#[derive(Debug)]
pub(super) struct Client {
    agent: ureq::Agent,
    /// What is sent.
    what: &'static str,
    /// Whether the last was sent in vain. The log tells when that changes, and not each time.
    away: AtomicBool,
}

impl Client {
    pub(super) fn of(what: &'static str) -> Self {
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .http_status_as_error(false);
        Self {
            agent: ureq::Agent::new_with_config(agent.build()),
            what,
            away: AtomicBool::new(false),
        }
    }

    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (head, body) = request.into_parts();
        let answer = self.agent.run(Request::from_parts(head, body.to_vec()))?;
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
