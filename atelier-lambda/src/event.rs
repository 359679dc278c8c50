//! Events that invoke the function.

use std::fmt;

use atelier_core::http::ApiError;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny};
use serde_json::value::RawValue;

use crate::multi_map::MultiMap;
use crate::{payload_limits, uri};

/// The purpose of an invocation.
#[expect(
    clippy::large_enum_variant,
    reason = "there is one invocation at a time"
)]
pub enum Invocation {
    /// Responds to an HTTP request.
    Request(Event),
    /// Deletes expired idempotency keys: `{"atelier":"sweep"}`, which the template's schedule sends.
    PurgeExpired,
}

/// An HTTP request in an event. `lambda_http::Request` is not used: it can't be built from a body that is not valid base64 or a
/// path that is not a valid URI, both of which any client can send, and it has the stage in its path.
///
/// Only the fields of the request are read. All but the method are optional and may be `null`; unknown fields are ignored.
pub struct Event {
    pub(crate) source: EventSource,
    pub(crate) request: Request<Bytes>,
    /// Why the request is invalid, if it is.
    pub(crate) error: Option<ApiError>,
}

/// The service that sent an event, as far as the format of the response depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventSource {
    /// An HTTP API of API Gateway or a function URL: payload format 2.0.
    HttpApi,
    /// A REST API of API Gateway, or another source of payload format 1.0.
    RestApi,
    /// An Application Load Balancer. Multi-value headers are a setting of its target group.
    Alb { multi_value_headers: bool },
}

impl EventSource {
    /// Maximum size of a response's JSON, in bytes.
    pub(crate) fn limit(self) -> usize {
        match self {
            Self::HttpApi | Self::RestApi => payload_limits::LAMBDA,
            Self::Alb { .. } => payload_limits::ALB,
        }
    }

    /// Whether a response has a list of values for each header.
    pub(crate) fn multi_value_headers(self) -> bool {
        match self {
            Self::HttpApi => false,
            Self::RestApi => true,
            Self::Alb {
                multi_value_headers,
            } => multi_value_headers,
        }
    }
}

/// An event is not an HTTP request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotARequest;

/// Contains nothing of the event, which may contain private data.
impl fmt::Display for NotARequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the event is not a request from API Gateway, an Application Load Balancer or a function URL",
        )
    }
}

impl std::error::Error for NotARequest {}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Invocation::deserialize(deserializer)? {
            Invocation::Request(event) => Ok(event),
            Invocation::PurgeExpired => Err(D::Error::custom(NotARequest)),
        }
    }
}

impl<'de> Deserialize<'de> for Invocation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // In two steps, as an error of the second would quote the event.
        let text = Box::<RawValue>::deserialize(deserializer)?;
        let payload = serde_json::from_str::<Payload>(text.get()).ok();
        if payload.as_ref().is_some_and(Payload::is_purge) {
            return Ok(Self::PurgeExpired);
        }
        payload
            .and_then(Payload::into_event)
            .map(Self::Request)
            .ok_or_else(|| D::Error::custom(NotARequest))
    }
}

/// The fields of all payload formats from which a request is built.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    request_context: Option<Context>,
    http_method: Option<String>,
    path: Option<String>,
    raw_path: Option<String>,
    raw_query_string: Option<String>,
    query_string_parameters: Option<MultiMap>,
    multi_value_query_string_parameters: Option<MultiMap>,
    headers: Option<MultiMap>,
    multi_value_headers: Option<MultiMap>,
    body: Option<String>,
    is_base64_encoded: Option<bool>,
    /// Only in the event of the template's schedule.
    atelier: Option<String>,
}

#[derive(Deserialize)]
struct Context {
    /// Only in payload format 2.0.
    http: Option<Http>,
    /// Only in events of a load balancer.
    elb: Option<IgnoredAny>,
    stage: Option<String>,
    path: Option<String>,
}

#[derive(Deserialize)]
struct Http {
    method: Option<String>,
}

impl Payload {
    fn is_purge(&self) -> bool {
        self.atelier.as_deref() == Some("sweep")
    }

    fn into_event(self) -> Option<Event> {
        let context = self.request_context.as_ref();
        let version_2 = context.and_then(|context| context.http.as_ref());
        let method = match version_2 {
            Some(http) => http.method.as_deref(),
            None => self.http_method.as_deref(),
        };
        let method = Method::from_bytes(method?.as_bytes()).ok()?;
        let source = if version_2.is_some() {
            EventSource::HttpApi
        } else if context.is_some_and(|context| context.elb.is_some()) {
            EventSource::Alb {
                multi_value_headers: self.multi_value_headers.is_some(),
            }
        } else {
            EventSource::RestApi
        };

        let uri = self.uri(source);
        let headers = headers(self.multi_value_headers, self.headers);
        let body = body(self.body, self.is_base64_encoded);
        let mut request = Request::new(Bytes::new());
        *request.method_mut() = method;
        let mut error = None;
        match uri {
            Ok(uri) => *request.uri_mut() = uri,
            Err(invalid) => error = Some(invalid),
        }
        match headers {
            Ok(headers) => *request.headers_mut() = headers,
            Err(invalid) => error = error.or(Some(invalid)),
        }
        match body {
            Ok(body) => *request.body_mut() = body,
            Err(invalid) => error = error.or(Some(invalid)),
        }
        Some(Event {
            source,
            request,
            error,
        })
    }

    fn uri(&self, source: EventSource) -> Result<Uri, ApiError> {
        let context = self.request_context.as_ref();
        let stage = context.and_then(|context| context.stage.as_deref());
        let full_path = context.and_then(|context| context.path.as_deref());
        let lists = self
            .multi_value_query_string_parameters
            .as_ref()
            .filter(|MultiMap(entries)| !entries.is_empty());
        let parameters = lists
            .or(self.query_string_parameters.as_ref())
            .map_or(&[][..], |MultiMap(entries)| entries);
        let path = self.path.as_deref().unwrap_or_default();
        match source {
            EventSource::HttpApi => {
                let path = self.raw_path.as_deref().unwrap_or_default();
                let query = self.raw_query_string.as_deref().unwrap_or_default();
                uri::uri(uri::strip_stage(path, stage, None), query)
            }
            EventSource::RestApi => uri::uri(
                uri::strip_stage(path, stage, full_path),
                &uri::query(parameters, true),
            ),
            EventSource::Alb { .. } => uri::uri(path, &uri::query(parameters, false)),
        }
    }
}

/// The headers, from the lists if there are any: they include the single values.
fn headers(lists: Option<MultiMap>, single: Option<MultiMap>) -> Result<HeaderMap, ApiError> {
    let lists = lists.filter(|MultiMap(entries)| !entries.is_empty());
    let MultiMap(entries) = lists.or(single).unwrap_or_default();
    let mut headers = HeaderMap::with_capacity(entries.len());
    for (name, value) in entries {
        // No source sends an invalid header. Ignoring one could change the meaning of the request.
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| ApiError::MalformedBody)?;
        let value = HeaderValue::try_from(value).map_err(|_| ApiError::MalformedBody)?;
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
    decoded
        .map(Bytes::from)
        .map_err(|_| ApiError::MalformedBody)
}
