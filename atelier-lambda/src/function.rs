//! The API behind events.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use atelier_core::http::{ENDPOINTS, Endpoint, Fault};
use atelier_core::{Atelier, Clock, Error, Failure, Settings, Store};
use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, Method, Request, Response};
use lambda_http::lambda_runtime::{self, LambdaEvent, service_fn};

use crate::answer::TooLarge;
use crate::event::Caller;
use crate::{Answer, Event, size};

/// The API as a function. Cheap to clone.
#[derive(Clone)]
pub struct Function {
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
            small: Atelier::with(store, small, clock),
        }
    }

    /// Answers an event, before the `remaining` time of the function is over.
    pub async fn answer(&self, event: Event, remaining: Duration) -> Answer {
        let Event {
            caller,
            request,
            fault,
        } = event;
        let atelier = match caller {
            Caller::HttpApi | Caller::RestApi => &self.whole,
            Caller::Balancer { .. } => &self.small,
        };
        let asked = Asked::of(&request);
        let response = if let Some(fault) = fault {
            asked.refused(atelier, &fault)
        } else {
            let time = remaining.saturating_sub(MARGIN.min(remaining / 2));
            let answer = tokio::time::timeout(time, atelier.handle(request)).await;
            answer.unwrap_or_else(|_| asked.late(atelier))
        };
        Answer::new(caller, response).unwrap_or_else(|too_large| {
            Answer::short(caller, asked.unanswerable(atelier, too_large))
        })
    }
}

/// Takes events from Lambda, one after the other, and answers them until the process ends.
///
/// # Panics
/// Where the environment is not that of a function.
pub async fn run(function: Function) -> Result<(), lambda_runtime::Error> {
    let answer = |event: LambdaEvent<Event>| {
        let function = function.clone();
        async move {
            let deadline = event.context.deadline();
            let remaining = deadline.duration_since(SystemTime::now());
            let remaining = remaining.unwrap_or_default();
            Ok::<_, lambda_runtime::Error>(function.answer(event.payload, remaining).await)
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

    fn refused(&self, atelier: &Atelier, fault: &Fault) -> Response<Bytes> {
        let mut response = atelier.refuse(fault, &self.headers);
        if self.method == Method::HEAD {
            let body = std::mem::take(response.body_mut());
            response
                .headers_mut()
                .insert(CONTENT_LENGTH, body.len().into());
        }
        response
    }

    fn late(&self, atelier: &Atelier) -> Response<Bytes> {
        let failure = Failure::new("the function's time was nearly over");
        let error = Error::Unavailable(failure);
        let (method, route) = (&self.method, self.route());
        tracing::warn!(%method, route, "answered 503: {error}");
        self.refused(atelier, &Fault::Unavailable(error))
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
        let (method, route) = (&self.method, self.route());
        tracing::error!(%method, route, "answered 500: {error}");
        self.refused(atelier, &Fault::Unexpected(error))
    }

    /// The path of the table that was asked, for the log; in an address a client may have put anything.
    fn route(&self) -> &'static str {
        let asked = self.uri.path().trim_end_matches('/');
        let method = match &self.method {
            &Method::HEAD => &Method::GET,
            method => method,
        };
        // From the end, since any base path may stand before it.
        let is_asked = |endpoint: &&Endpoint| {
            let mut asked = asked.rsplit('/');
            let mut segments = endpoint.path[1..].rsplit('/');
            endpoint.method == method
                && segments.all(|segment| {
                    asked
                        .next()
                        .is_some_and(|asked| segment.starts_with('{') || segment == asked)
                })
        };
        ENDPOINTS
            .iter()
            .find(is_asked)
            .map_or("", |endpoint| endpoint.path)
    }
}
