//! What a function is called with.

use std::fmt;

use atelier_core::http::ApiError;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny};
use serde_json::value::RawValue;

use crate::pairs::Pairs;
use crate::{size, target};

/// What a function is called for.
#[expect(clippy::large_enum_variant, reason = "there is one at a time")]
pub enum Invocation {
    /// To answer a request.
    Request(Event),
    /// To forget what has served its time: `{"atelier":"sweep"}`, from the timer of the template.
    Sweep,
}

/// A request as its caller wrapped it up.
///
/// Only what makes the request is read, and of that anything may be missing but the method: callers leave fields out, send
/// `null` for empty ones, and add new ones.
pub struct Event {
    pub(crate) caller: Caller,
    pub(crate) request: Request<Bytes>,
    /// Why the request can't be asked as it is.
    pub(crate) fault: Option<ApiError>,
}

/// Who calls, as far as the form of the answer depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caller {
    /// An HTTP API of API Gateway, or a function URL: events of version 2.
    HttpApi,
    /// A REST API of API Gateway, or whatever sends events of version 1.
    RestApi,
    /// A load balancer, whose target group lists the values of each header or does not.
    Balancer { lists: bool },
}

impl Caller {
    /// Most bytes of an answer's JSON.
    pub(crate) fn limit(self) -> usize {
        match self {
            Self::HttpApi | Self::RestApi => size::LAMBDA,
            Self::Balancer { .. } => size::BALANCER,
        }
    }

    /// Whether answers list the values of each header.
    pub(crate) fn takes_lists(self) -> bool {
        match self {
            Self::HttpApi => false,
            Self::RestApi => true,
            Self::Balancer { lists } => lists,
        }
    }
}

/// The event is none of those that carry a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotARequest;

/// Says nothing of the event itself, which may hold what belongs into no log.
impl fmt::Display for NotARequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "this is no request from API Gateway, a load balancer or a function URL: \
             none of their events looks like it",
        )
    }
}

impl std::error::Error for NotARequest {}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Invocation::deserialize(deserializer)? {
            Invocation::Request(event) => Ok(event),
            Invocation::Sweep => Err(D::Error::custom(NotARequest)),
        }
    }
}

impl<'de> Deserialize<'de> for Invocation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // In two steps: an error of the second would repeat what it stumbled over.
        let text = Box::<RawValue>::deserialize(deserializer)?;
        let wrapped = serde_json::from_str::<Wrapped>(text.get()).ok();
        if wrapped.as_ref().is_some_and(Wrapped::is_sweep) {
            return Ok(Self::Sweep);
        }
        wrapped
            .and_then(Wrapped::unwrapped)
            .map(Self::Request)
            .ok_or_else(|| D::Error::custom(NotARequest))
    }
}

/// The fields of all forms that make a request.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wrapped {
    request_context: Option<Context>,
    http_method: Option<String>,
    path: Option<String>,
    raw_path: Option<String>,
    raw_query_string: Option<String>,
    query_string_parameters: Option<Pairs>,
    multi_value_query_string_parameters: Option<Pairs>,
    headers: Option<Pairs>,
    multi_value_headers: Option<Pairs>,
    body: Option<String>,
    is_base64_encoded: Option<bool>,
    /// What no caller of an API sends.
    atelier: Option<String>,
}

#[derive(Deserialize)]
struct Context {
    /// Events of version 2 alone have it.
    http: Option<Http>,
    /// A load balancer alone has it.
    elb: Option<IgnoredAny>,
    stage: Option<String>,
    path: Option<String>,
}

#[derive(Deserialize)]
struct Http {
    method: Option<String>,
}

impl Wrapped {
    fn is_sweep(&self) -> bool {
        self.atelier.as_deref() == Some("sweep")
    }

    fn unwrapped(self) -> Option<Event> {
        let context = self.request_context.as_ref();
        let version_2 = context.and_then(|context| context.http.as_ref());
        let method = match version_2 {
            Some(http) => http.method.as_deref(),
            None => self.http_method.as_deref(),
        };
        let method = Method::from_bytes(method?.as_bytes()).ok()?;
        let caller = if version_2.is_some() {
            Caller::HttpApi
        } else if context.is_some_and(|context| context.elb.is_some()) {
            Caller::Balancer {
                lists: self.multi_value_headers.is_some(),
            }
        } else {
            Caller::RestApi
        };

        let target = self.target(caller);
        let headers = headers(self.multi_value_headers, self.headers);
        let body = body(self.body, self.is_base64_encoded);
        let mut request = Request::new(Bytes::new());
        *request.method_mut() = method;
        let mut fault = None;
        match target {
            Ok(target) => *request.uri_mut() = target,
            Err(wrong) => fault = Some(wrong),
        }
        match headers {
            Ok(headers) => *request.headers_mut() = headers,
            Err(wrong) => fault = fault.or(Some(wrong)),
        }
        match body {
            Ok(body) => *request.body_mut() = body,
            Err(wrong) => fault = fault.or(Some(wrong)),
        }
        Some(Event {
            caller,
            request,
            fault,
        })
    }

    fn target(&self, caller: Caller) -> Result<http::Uri, ApiError> {
        let (stage, whole) = self
            .request_context
            .as_ref()
            .map_or((None, None), |it| (it.stage.as_deref(), it.path.as_deref()));
        let lists = self
            .multi_value_query_string_parameters
            .as_ref()
            .filter(|Pairs(pairs)| !pairs.is_empty());
        let parameters = lists
            .or(self.query_string_parameters.as_ref())
            .map_or(&[][..], |Pairs(pairs)| pairs);
        match caller {
            Caller::HttpApi => {
                let path = self.raw_path.as_deref().unwrap_or_default();
                let query = self.raw_query_string.as_deref().unwrap_or_default();
                target::uri(target::below_stage(path, stage, None), query)
            }
            Caller::RestApi => {
                let path = self.path.as_deref().unwrap_or_default();
                let path = target::below_stage(path, stage, whole);
                target::uri(path, &target::query_of_decoded(parameters))
            }
            Caller::Balancer { .. } => {
                let path = self.path.as_deref().unwrap_or_default();
                target::uri(path, &target::query_of_encoded(parameters))
            }
        }
    }
}

/// Every header, from the lists where there are any: they hold what the single values hold, and repetitions.
fn headers(lists: Option<Pairs>, single: Option<Pairs>) -> Result<HeaderMap, ApiError> {
    let lists = lists.filter(|Pairs(pairs)| !pairs.is_empty());
    let Pairs(pairs) = lists.or(single).unwrap_or_default();
    let mut headers = HeaderMap::with_capacity(pairs.len());
    for (name, value) in pairs {
        // No caller sends what is no header. If one does, to leave it out might be to do what was not asked.
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| ApiError::Unreadable)?;
        let value = HeaderValue::try_from(value).map_err(|_| ApiError::Unreadable)?;
        headers.append(name, value);
    }
    Ok(headers)
}

fn body(body: Option<String>, base64: Option<bool>) -> Result<Bytes, ApiError> {
    let body = body.unwrap_or_default();
    if base64 != Some(true) {
        return Ok(body.into());
    }
    let decoded = BASE64_STANDARD.decode(body);
    decoded.map(Bytes::from).map_err(|_| ApiError::Unreadable)
}
