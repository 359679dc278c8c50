//! The API behind events.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use atelier_core::http::{ApiError, refuse};
use atelier_core::{Atelier, Clock, Error, Failure, Settings, Store};
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use lambda_http::lambda_runtime::{self, LambdaEvent, service_fn};
use tokio::time::timeout;

use crate::answer::TooLarge;
use crate::event::Caller;
use crate::{Answer, Event, Invocation, size};

/// The API as a function. Cheap to clone.
#[derive(Clone)]
pub struct Function {
    store: Arc<dyn Store>,
    whole: Atelier,
    /// The same for load balancers, which take smaller answers.
    small: Atelier,
}

/// How long before its end a function answers in any case; half of the time where that is less.
const MARGIN: Duration = Duration::from_millis(500);

impl Function {
    /// The API over `store`. Lists end where an answer would not fit, whatever `settings` say.
    pub fn new(store: Arc<dyn Store>, settings: Settings, clock: Clock) -> Self {
        let most = settings.max_answer_bytes;
        let small = Settings {
            max_answer_bytes: most.min(size::BALANCER_LIST),
            ..settings.clone()
        };
        let whole = Settings {
            max_answer_bytes: most.min(size::LAMBDA_LIST),
            ..settings
        };
        Self {
            whole: Atelier::with(Arc::clone(&store), whole, clock.clone()),
            small: Atelier::with(Arc::clone(&store), small, clock),
            store,
        }
    }

    fn of(&self, caller: Caller) -> &Atelier {
        match caller {
            Caller::HttpApi | Caller::RestApi => &self.whole,
            Caller::Balancer { .. } => &self.small,
        }
    }

    /// Answers an event, before the `remaining` time of the function is over.
    pub async fn answer(&self, event: Event, remaining: Duration) -> Answer {
        let Event {
            caller,
            request,
            fault,
        } = event;
        self.store.after_freeze();
        let atelier = self.of(caller);
        let asked = Asked::of(&request);
        let response = if let Some(fault) = fault {
            asked.refused(&fault)
        } else {
            let answer = timeout(usable(remaining), atelier.handle(request)).await;
            answer.unwrap_or_else(|_| asked.late(atelier))
        };
        Answer::new(caller, response).unwrap_or_else(|too_large| {
            Answer::short(caller, asked.unanswerable(atelier, too_large))
        })
    }

    /// Forgets what has served its time, which a server does by itself. What is left when the `remaining` time is over
    /// goes with the next.
    pub async fn sweep(&self, remaining: Duration) -> Result<(), Error> {
        self.store.after_freeze();
        let swept = timeout(usable(remaining), self.whole.sweep()).await;
        swept.unwrap_or_else(|_| {
            let failure = Failure::new("the function's time was over before all was swept");
            Err(Error::Unavailable(failure))
        })
    }
}

/// The part of the time in which a function still works at its answer.
fn usable(remaining: Duration) -> Duration {
    remaining.saturating_sub(MARGIN.min(remaining / 2))
}

/// Takes invocations from Lambda, one after the other, and answers them until the process ends.
///
/// # Panics
/// Where the environment is not that of a function.
pub async fn run(function: Function) -> Result<(), lambda_runtime::Error> {
    let answer = |event: LambdaEvent<Invocation>| {
        let function = function.clone();
        async move {
            let deadline = event.context.deadline();
            let remaining = deadline.duration_since(SystemTime::now());
            let remaining = remaining.unwrap_or_default();
            match event.payload {
                Invocation::Request(event) => {
                    Ok::<_, lambda_runtime::Error>(Some(function.answer(event, remaining).await))
                }
                Invocation::Sweep => {
                    function.sweep(remaining).await?;
                    Ok(None)
                }
            }
        }
    };
    lambda_runtime::run(service_fn(answer)).await
}

/// What is left of a request for an answer that the core does not give.
struct Asked {
    method: Method,
    uri: http::Uri,
    headers: HeaderMap,
}

impl Asked {
    fn of(request: &Request<Bytes>) -> Self {
        Self {
            method: request.method().clone(),
            uri: request.uri().clone(),
            headers: request.headers().clone(),
        }
    }

    fn refused(&self, fault: &ApiError) -> Response<Bytes> {
        refuse(fault, &self.method, &self.headers)
    }

    fn late(&self, atelier: &Atelier) -> Response<Bytes> {
        let failure = Failure::new("the function's time was nearly over");
        let error = Error::Unavailable(failure);
        let (method, route) = (&self.method, atelier.route(self.uri.path()));
        tracing::warn!(%method, route, "answered 503: {error}");
        self.refused(&ApiError::Unavailable(error))
    }

    fn unanswerable(
        &self,
        atelier: &Atelier,
        TooLarge { bytes, limit }: TooLarge,
    ) -> Response<Bytes> {
        let error = Error::Internal(Failure::new(format!(
            "the answer takes {bytes} bytes, and {limit} can leave here. \
             Lists end before that, so a single row is as large: shorten it, or serve it with the program atelier"
        )));
        let (method, route) = (&self.method, atelier.route(self.uri.path()));
        tracing::error!(%method, route, "answered 500: {error}");
        self.refused(&ApiError::Unexpected(error))
    }
}

#[cfg(test)]
mod tests {
    use atelier_core::DatabaseUrl;

    use super::*;

    #[tokio::test]
    async fn lists_end_where_their_caller_takes_no_more_or_earlier() {
        let folder = tempfile::tempdir().expect("a folder");
        let url = DatabaseUrl::sqlite(folder.path().join("shop.db"));
        let store = atelier_core::open(&url).await.expect("the store opens");
        for (given, lambda, balancer) in [
            (16 << 20, 4 << 20, 700 << 10),
            (1 << 20, 1 << 20, 700 << 10),
            (5, 5, 5),
        ] {
            let settings = Settings {
                max_answer_bytes: given,
                ..Settings::default()
            };
            let function = Function::new(Arc::clone(&store), settings, Clock::System);
            for (caller, most) in [
                (Caller::HttpApi, lambda),
                (Caller::RestApi, lambda),
                (Caller::Balancer { lists: false }, balancer),
                (Caller::Balancer { lists: true }, balancer),
            ] {
                let ends = function.of(caller).settings().max_answer_bytes;
                assert_eq!(ends, most, "{caller:?} of {given}");
                assert!(size::base64(ends) < caller.limit(), "{caller:?}");
            }
        }
    }
}
