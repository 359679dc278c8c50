//! The function: the API behind events.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use atelier_core::http::{ApiError, refuse};
use atelier_core::{Atelier, Clock, Error, Failure, Settings, Store};
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
    store: Arc<dyn Store>,
    atelier: Atelier,
    /// The same API with the smaller lists that load balancers accept.
    alb_atelier: Atelier,
}

/// How long before Lambda's deadline a response is sent in any case; at most half of the remaining time.
const DEADLINE_MARGIN: Duration = Duration::from_millis(500);

impl Function {
    /// The API over `store`. Lists are truncated to fit into a response, or to the limit in `settings` if that is lower.
    pub fn new(store: Arc<dyn Store>, settings: Settings, clock: Clock) -> Self {
        let limit = settings.max_answer_bytes;
        let alb_settings = Settings {
            max_answer_bytes: limit.min(payload_limits::ALB_LIST),
            ..settings.clone()
        };
        let settings = Settings {
            max_answer_bytes: limit.min(payload_limits::LAMBDA_LIST),
            ..settings
        };
        Self {
            alb_atelier: Atelier::with(Arc::clone(&store), alb_settings, clock.clone()),
            atelier: Atelier::with(Arc::clone(&store), settings, clock),
            store,
        }
    }

    fn atelier(&self, source: EventSource) -> &Atelier {
        match source {
            EventSource::HttpApi | EventSource::RestApi => &self.atelier,
            EventSource::Alb { .. } => &self.alb_atelier,
        }
    }

    /// Responds to an event. `remaining` is the time until Lambda's deadline.
    pub async fn respond(&self, event: Event, remaining: Duration) -> LambdaResponse {
        let Event {
            source,
            request,
            error,
        } = event;
        self.store.after_freeze();
        let atelier = self.atelier(source);
        let (head, body) = request.into_parts();
        let response = if let Some(error) = error {
            refuse(&error, &head.method, &head.headers)
        } else {
            let request = Request::from_parts(head.clone(), body);
            let response = timeout(usable(remaining), atelier.handle(request)).await;
            response.unwrap_or_else(|_| deadline_exceeded(atelier, &head))
        };
        LambdaResponse::new(source, response)
            .unwrap_or_else(|error| LambdaResponse::short(source, too_large(atelier, &head, error)))
    }

    /// Deletes expired idempotency keys; a server does so by itself. If `remaining` is too short, the next call deletes the rest.
    pub async fn purge_expired(&self, remaining: Duration) -> Result<(), Error> {
        self.store.after_freeze();
        let purged = timeout(usable(remaining), self.atelier.sweep()).await;
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

fn deadline_exceeded(atelier: &Atelier, head: &Parts) -> Response<Bytes> {
    let error = Error::Unavailable(Failure::new("the function's deadline was near"));
    let (method, route) = (&head.method, atelier.route(head.uri.path()));
    tracing::warn!(%method, route, "answered 503: {error}");
    refuse(&ApiError::Unavailable(error), method, &head.headers)
}

fn too_large(
    atelier: &Atelier,
    head: &Parts,
    TooLarge { bytes, limit }: TooLarge,
) -> Response<Bytes> {
    let error = Error::Internal(Failure::new(format!(
        "the response has {bytes} bytes, and the limit is {limit}. \
         Lists are truncated, so a single row is too large: shorten it, or serve it by the program atelier"
    )));
    let (method, route) = (&head.method, atelier.route(head.uri.path()));
    tracing::error!(%method, route, "answered 500: {error}");
    refuse(&ApiError::Unexpected(error), method, &head.headers)
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
        for (setting, lambda, alb) in [
            (16 << 20, 4 << 20, 700 << 10),
            (1 << 20, 1 << 20, 700 << 10),
            (5, 5, 5),
        ] {
            let settings = Settings {
                max_answer_bytes: setting,
                ..Settings::default()
            };
            let function = Function::new(Arc::clone(&store), settings, Clock::System);
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
                let actual = function.atelier(source).settings().max_answer_bytes;
                assert_eq!(actual, limit, "{source:?}, {setting}");
                assert!(
                    payload_limits::base64_len(actual) < source.limit(),
                    "{source:?}"
                );
            }
        }
    }
}
