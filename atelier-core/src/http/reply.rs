//! Responses: status, headers and body, for results and for errors.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, LazyLock};

use ::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ALLOW, CACHE_CONTROL, CONTENT_ENCODING,
    CONTENT_LENGTH, CONTENT_TYPE, ETAG, LINK, RETRY_AFTER, VARY, WWW_AUTHENTICATE,
    X_CONTENT_TYPE_OPTIONS,
};
use ::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use bytes::Bytes;

use super::body::EncodedResponse;
use super::decode::negotiation::{accepts_problem_json, is_not_modified};
use super::error::ApiError;
use super::request_id;
use crate::metrics;
use crate::model::idempotency::WriteOutcome;

/// Caching of the responses of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CachePolicy {
    /// Cacheable, with revalidation before each use.
    Revalidate,
    /// As [`CachePolicy::Revalidate`]. Requests can't change the data, so a trusted proxy may reuse the response for a second.
    Catalogue,
    /// As [`CachePolicy::Revalidate`], in the client's private cache only.
    Private,
    /// Not cacheable.
    Never,
}

impl CachePolicy {
    /// Returns whether the responses are in the response cache.
    pub(super) fn is_cached(self) -> bool {
        matches!(self, Self::Revalidate | Self::Catalogue)
    }

    fn header(self) -> &'static str {
        match self {
            Self::Revalidate | Self::Catalogue => "no-cache",
            Self::Private => "private, no-cache",
            Self::Never => "no-store",
        }
    }

    /// Returns the request headers on which a cacheable response depends.
    fn vary(self) -> Option<&'static str> {
        match self {
            Self::Revalidate | Self::Catalogue => Some("Accept-Encoding"),
            Self::Private => Some("Accept-Encoding, Authorization"),
            Self::Never => None,
        }
    }
}

/// The result of a handler.
pub(super) type HandlerResult = Result<Reply, ApiError>;

/// A successful result.
pub(super) enum Reply {
    /// 200 with a body.
    Read(Arc<EncodedResponse>),
    /// 201.
    Created,
    /// 201 for a repeated request with the same idempotency key.
    Replayed,
    /// 204.
    NoContent,
}

impl<T> From<WriteOutcome<T>> for Reply {
    fn from(outcome: WriteOutcome<T>) -> Self {
        match outcome {
            WriteOutcome::Created(_) => Self::Created,
            WriteOutcome::Replayed => Self::Replayed,
        }
    }
}

const TOTAL_COUNT: HeaderName = HeaderName::from_static("x-total-count");
const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const PROBLEM: HeaderValue = HeaderValue::from_static("application/problem+json");

/// Returns an empty response with the headers of every response.
fn empty(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    let exposed = HeaderValue::from_static(
        "ETag, Link, X-Total-Count, X-Request-Id, Retry-After, Idempotency-Replayed",
    );
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Sets the body; a response to HEAD has only its length.
fn with_body(
    mut response: Response<Bytes>,
    content_type: HeaderValue,
    body: Bytes,
    head: bool,
) -> Response<Bytes> {
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    if head {
        response
            .headers_mut()
            .insert(CONTENT_LENGTH, body.len().into());
    } else {
        *response.body_mut() = body;
    }
    response
}

impl EncodedResponse {
    /// Returns the response to one request: 200 with the body, or 304.
    fn response(&self, policy: CachePolicy, request: &HeaderMap, head: bool) -> Response<Bytes> {
        let mut response = Response::new(Bytes::new());
        let headers = response.headers_mut();
        // Copying a template and replacing some values takes half as long as inserting all headers.
        headers.clone_from(&TEMPLATES[usize::from(self.total.is_some())]);
        headers.insert(ETAG, self.etag.clone());
        if !policy.is_cached() {
            set_cache_headers(headers, policy);
        }
        if let Some(total) = &self.total {
            headers.insert(TOTAL_COUNT, total.clone());
        }
        match &self.link {
            Some(link) => drop(headers.insert(LINK, link.clone())),
            None if self.total.is_some() => drop(headers.remove(LINK)),
            None => {}
        }
        if is_not_modified(request, &self.etag) {
            headers.remove(CONTENT_TYPE);
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        if self.gzip {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        if head {
            headers.insert(CONTENT_LENGTH, self.body.len().into());
        } else {
            *response.body_mut() = self.body.clone();
        }
        response
    }
}

/// Header templates of a cacheable response and of a list, with placeholders for the values that differ.
static TEMPLATES: LazyLock<[HeaderMap; 2]> = LazyLock::new(|| {
    let placeholder = HeaderValue::from_static("");
    let mut read = empty(StatusCode::OK).into_parts().0.headers;
    read.insert(CONTENT_TYPE, JSON);
    set_cache_headers(&mut read, CachePolicy::Revalidate);
    read.insert(ETAG, placeholder.clone());
    read.insert(request_id::X_REQUEST_ID, placeholder.clone());
    let mut list = read.clone();
    list.insert(TOTAL_COUNT, placeholder.clone());
    list.insert(LINK, placeholder);
    [read, list]
});

fn set_cache_headers(headers: &mut HeaderMap, policy: CachePolicy) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(policy.header()));
    if let Some(vary) = policy.vary() {
        headers.insert(VARY, HeaderValue::from_static(vary));
    }
}

impl Reply {
    /// Returns the response to one request.
    pub(super) fn response(
        &self,
        policy: CachePolicy,
        request: &HeaderMap,
        head: bool,
    ) -> Response<Bytes> {
        let mut response = match self {
            Self::Read(encoded) => return encoded.response(policy, request, head),
            Self::Created => created(head),
            Self::Replayed => {
                metrics::idempotency("replayed");
                let mut response = created(head);
                response
                    .headers_mut()
                    .insert("idempotency-replayed", HeaderValue::from_static("true"));
                response
            }
            Self::NoContent => empty(StatusCode::NO_CONTENT),
        };
        set_cache_headers(response.headers_mut(), policy);
        response
    }
}

fn created(head: bool) -> Response<Bytes> {
    let body = Bytes::from_static(b"Created");
    with_body(empty(StatusCode::CREATED), TEXT, body, head)
}

/// Returns the response to `OPTIONS`, preflight or not, on a path with the methods `allow`.
pub(super) fn options_response(allow: &str) -> Response<Bytes> {
    let mut response = empty(StatusCode::NO_CONTENT);
    let headers = response.headers_mut();
    insert_allow(headers, allow);
    headers.insert(
        ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, HEAD, POST, PUT, OPTIONS"),
    );
    let allowed = "Authorization, Content-Type, Accept, If-None-Match, Idempotency-Key, X-Request-Id, traceparent, tracestate";
    headers.insert(
        ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static(allowed),
    );
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static(CachePolicy::Never.header()),
    );
    response
}

/// Returns the response to a request that failed: a sentence, or a problem document if `Accept` names it.
pub fn error_response(error: &ApiError, method: &Method, request: &HeaderMap) -> Response<Bytes> {
    let head = method == Method::HEAD;
    let status = error.status();
    let sentence = error.sentence();
    let response = empty(status);
    let mut response = if accepts_problem_json(request) {
        let problem = Problem {
            r#type: "about:blank",
            title: reason_phrase(status),
            status: status.as_u16(),
            detail: &sentence,
            fields: error.fields(),
        };
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        with_body(response, PROBLEM, body.into(), head)
    } else {
        with_body(response, TEXT, sentence.into_owned().into(), head)
    };
    let headers = response.headers_mut();
    set_cache_headers(headers, CachePolicy::Never);
    headers.insert(VARY, HeaderValue::from_static("Accept"));
    match error {
        ApiError::MethodNotAllowed(allow) => insert_allow(headers, allow),
        ApiError::Unauthorized => {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Token"));
        }
        ApiError::Unavailable(_) => {
            headers.insert(RETRY_AFTER, retry_after());
        }
        _ => {}
    }
    request_id::set_request_id(request, &mut response);
    response
}

/// Returns a random delay of 1 to 5 seconds, so that clients shed at the same time do not retry at the same time.
fn retry_after() -> HeaderValue {
    HeaderValue::from(1 + RandomState::new().hash_one(()) % 5)
}

/// Returns the reason phrase by RFC 9110, which renamed two that the crate `http` has under their old names.
fn reason_phrase(status: StatusCode) -> &'static str {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => "Content Too Large",
        StatusCode::UNPROCESSABLE_ENTITY => "Unprocessable Content",
        status => status.canonical_reason().unwrap_or_default(),
    }
}

/// A problem document by RFC 9457.
#[derive(serde::Serialize)]
struct Problem<'a> {
    r#type: &'a str,
    title: &'a str,
    status: u16,
    detail: &'a str,
    /// Extension member: names of the invalid fields, never their values.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    fields: &'a [&'static str],
}

fn insert_allow(headers: &mut HeaderMap, allow: &str) {
    if let Ok(allow) = HeaderValue::from_str(allow) {
        headers.insert(ALLOW, allow);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::model::error::{Error, Failure};

    #[test]
    fn retry_after_is_one_to_five_seconds() {
        let error = ApiError::Unavailable(Error::Unavailable(Failure::new("busy")));
        let delay = |_| {
            let response = error_response(&error, &Method::GET, &HeaderMap::new());
            let delay = response.headers()[RETRY_AFTER].to_str().expect("a number");
            delay.parse::<u8>().expect("a number")
        };
        // The probability that one of five is missing among a thousand is 10 to the -96.
        let delays: BTreeSet<_> = (0..1_000).map(delay).collect();
        assert_eq!(delays, BTreeSet::from([1, 2, 3, 4, 5]));
    }
}
