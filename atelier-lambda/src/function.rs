//! The function: the API behind events.

use std::time::{Duration, SystemTime};

use atelier_core::http::{ApiError, HttpApi, HttpSettings, error_response};
use atelier_core::{Atelier, Error, Failure};
use bytes::Bytes;
use http::Response;
use http::request::{Parts, Request};
use lambda_http::{LambdaEvent, lambda_runtime, service_fn};
use tokio::time::timeout;

use crate::event::EventSource;
use crate::response::TooLarge;
use crate::{Event, Invocation, LambdaResponse, payload_limits};

/// The API as a function. Cheap to clone.
#[derive(Clone)]
pub struct Function {
    api: HttpApi,
    /// The same API with the smaller lists that load balancers accept.
    alb_api: HttpApi,
}

/// How long before Lambda's deadline a response is sent in any case; at most half of the remaining time.
const DEADLINE_MARGIN: Duration = Duration::from_millis(500);

impl Function {
    /// Creates the function. Lists are truncated to fit into a response, or to the limit in `settings` if that is lower.
    pub fn new(atelier: Atelier, settings: HttpSettings) -> Self {
        let max_bytes = settings.max_response_bytes;
        let alb_settings = HttpSettings {
            max_response_bytes: max_bytes.min(payload_limits::ALB_LIST),
            ..settings.clone()
        };
        let settings = HttpSettings {
            max_response_bytes: max_bytes.min(payload_limits::LAMBDA_LIST),
            ..settings
        };
        Self {
            alb_api: HttpApi::new(atelier.clone(), alb_settings),
            api: HttpApi::new(atelier, settings),
        }
    }

    fn api(&self, source: EventSource) -> &HttpApi {
        match source {
            EventSource::HttpApi | EventSource::RestApi => &self.api,
            EventSource::Alb { .. } => &self.alb_api,
        }
    }

    /// Responds to an event. `remaining` is the time until Lambda's deadline.
    pub async fn respond(&self, event: Event, remaining: Duration) -> LambdaResponse {
        let Event {
            source,
            request,
            error,
        } = event;
        self.api.atelier().store().after_freeze();
        let api = self.api(source);
        let (head, body) = request.into_parts();
        let response = if let Some(error) = error {
            error_response(&error, &head.method, &head.headers)
        } else {
            let request = Request::from_parts(head.clone(), body);
            let response = timeout(usable(remaining), api.handle(request)).await;
            response.unwrap_or_else(|_| deadline_exceeded(api, &head))
        };
        LambdaResponse::new(source, response)
            .unwrap_or_else(|error| LambdaResponse::short(source, too_large(api, &head, error)))
    }

    /// Deletes expired idempotency keys; a server does so by itself. If `remaining` is too short, the next call deletes the rest.
    pub async fn purge_expired(&self, remaining: Duration) -> Result<(), Error> {
        self.api.atelier().store().after_freeze();
        let purged = timeout(usable(remaining), self.api.atelier().sweep()).await;
        purged.unwrap_or_else(|_| {
            let failure =
                Failure::new("the function's deadline passed before all expired keys were deleted");
            Err(Error::Unavailable(failure))
        })
    }
}

/// The time in which the function may still work on a response.
fn usable(remaining: Duration) -> Duration {
    remaining.saturating_sub(DEADLINE_MARGIN.min(remaining / 2))
}

/// Receives invocations from Lambda's runtime API, one at a time, and responds until the process ends.
///
/// # Panics
/// If the environment variables of a function are not set.
pub async fn run(function: Function) -> Result<(), lambda_http::Error> {
    let handler = |event: LambdaEvent<Invocation>| {
        let function = function.clone();
        async move {
            let deadline = event.context.deadline();
            let remaining = deadline.duration_since(SystemTime::now());
            let remaining = remaining.unwrap_or_default();
            match event.payload {
                Invocation::Request(event) => {
                    Ok::<_, lambda_http::Error>(Some(function.respond(event, remaining).await))
                }
                Invocation::PurgeExpired => {
                    function.purge_expired(remaining).await?;
                    Ok(None)
                }
            }
        }
    };
    lambda_runtime::run(service_fn(handler)).await
}

fn deadline_exceeded(api: &HttpApi, head: &Parts) -> Response<Bytes> {
    let error = Error::Unavailable(Failure::new("the function's deadline was near"));
    let (method, route) = (&head.method, api.route(head.uri.path()));
    tracing::warn!(%method, route, %error, "answered 503");
    error_response(&ApiError::Unavailable(error), method, &head.headers)
}

fn too_large(api: &HttpApi, head: &Parts, TooLarge { bytes, limit }: TooLarge) -> Response<Bytes> {
    let error = Error::Internal(Failure::new(format!(
        "the response has {bytes} bytes, and the limit is {limit}. \
         Lists are truncated, so a single row is too large: shorten it, or serve it by the program atelier"
    )));
    let (method, route) = (&head.method, api.route(head.uri.path()));
    tracing::error!(%method, route, %error, "answered 500");
    error_response(&ApiError::Internal(error), method, &head.headers)
}

#[cfg(test)]
mod tests {
    use atelier_core::DatabaseUrl;

    use super::*;

    #[tokio::test]
    async fn lists_are_limited_by_the_event_source_and_the_settings() {
        let folder = tempfile::tempdir().expect("a folder");
        let url = DatabaseUrl::sqlite(folder.path().join("shop.db"));
        let store = atelier_core::open(&url, &atelier_core::StoreOptions::default())
            .await
            .expect("the store opens");
        let atelier = Atelier::new(store);
        for (setting, lambda, alb) in [
            (16 << 20, 4 << 20, 700 << 10),
            (1 << 20, 1 << 20, 700 << 10),
            (5, 5, 5),
        ] {
            let settings = HttpSettings {
                max_response_bytes: setting,
                ..HttpSettings::default()
            };
            let function = Function::new(atelier.clone(), settings);
            for (source, limit) in [
                (EventSource::HttpApi, lambda),
                (EventSource::RestApi, lambda),
                (
                    EventSource::Alb {
                        multi_value_headers: false,
                    },
                    alb,
                ),
                (
                    EventSource::Alb {
                        multi_value_headers: true,
                    },
                    alb,
                ),
            ] {
                let actual = function.api(source).settings().max_response_bytes;
                assert_eq!(actual, limit, "{source:?}, {setting}");
                assert!(
                    payload_limits::base64_len(actual) < source.limit(),
                    "{source:?}"
                );
            }
        }
    }
}
