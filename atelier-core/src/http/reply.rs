//! From an answer or a fault to status, headers and bytes.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

use ::http::header::{
    ACCEPT, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ALLOW,
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LINK,
    RETRY_AFTER, VARY, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use ::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use bytes::Bytes;
use tokio::sync::OwnedSemaphorePermit;

use super::Answer;
use super::encoding;
use super::error::ApiError;
use super::in_flight::{self, InFlight};
use super::list;
use super::paging::Paging;
use super::request_id;
use super::routes::{CachePolicy, Endpoint, Route};
use crate::large_reads::{self, Permit};
use crate::metrics;
use crate::model::error::{Error, Failure};

const TOTAL_COUNT: HeaderName = HeaderName::from_static("x-total-count");
const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const PROBLEM: HeaderValue = HeaderValue::from_static("application/problem+json");

/// An empty answer with what every answer carries.
fn bare(status: StatusCode) -> Response<Bytes> {
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

/// Puts the body in; to HEAD only its length is told.
fn with_body(
    mut response: Response<Bytes>,
    kind: HeaderValue,
    body: Bytes,
    head: bool,
) -> Response<Bytes> {
    response.headers_mut().insert(CONTENT_TYPE, kind);
    if head {
        response
            .headers_mut()
            .insert(CONTENT_LENGTH, body.len().into());
    } else {
        *response.body_mut() = body;
    }
    response
}

/// A value as JSON.
pub(super) fn json(value: &impl serde::Serialize) -> Result<Vec<u8>, ApiError> {
    // Most answers fit, and none is copied again and again while it grows.
    let mut body = Vec::with_capacity(4_096);
    match serde_json::to_writer(&mut body, value) {
        Ok(()) => Ok(body),
        Err(error) => {
            let failure = Failure::new("an answer is no JSON").with_source(error);
            Err(Error::Internal(failure).into())
        }
    }
}

/// The JSON of an answer.
pub(super) struct Rendered {
    body: Vec<u8>,
    /// Where it is a page of a list.
    paging: Option<Paging>,
    /// Held until the answer is finished.
    permit: Option<Permit>,
    /// Held until it has been sent, and is no longer cached.
    in_flight: Option<OwnedSemaphorePermit>,
}

impl From<Vec<u8>> for Rendered {
    fn from(body: Vec<u8>) -> Self {
        Self {
            body,
            paging: None,
            permit: None,
            in_flight: None,
        }
    }
}

impl Rendered {
    pub(super) fn json(value: &impl serde::Serialize) -> Result<Self, ApiError> {
        json(value).map(Self::from)
    }

    pub(super) fn page(body: Vec<u8>, paging: Paging) -> Self {
        Self {
            body,
            paging: Some(paging),
            permit: None,
            in_flight: None,
        }
    }

    /// The same, with the permit of the reading that it is made of, and with that to be sent.
    pub(super) async fn holding(
        self,
        permit: Option<Permit>,
        in_flight: &InFlight,
    ) -> Result<Self, ApiError> {
        Ok(Self {
            permit,
            in_flight: in_flight.acquire(self.body.len()).await?,
            ..self
        })
    }

    /// The form of it that is sent to who takes gzip, or does not.
    pub(super) fn finish(self, gzip: bool) -> Finished {
        if self.body.len() > large_reads::BYTES {
            large_reads::run(|| self.finish_here(gzip))
        } else {
            self.finish_here(gzip)
        }
    }

    fn finish_here(self, gzip: bool) -> Finished {
        let gzip = gzip && encoding::worth_it(self.body.len());
        let (link, total) = self
            .paging
            .map(|paging| (paging.link, paging.total))
            .unzip();
        let etag = etag(&self.body, gzip);
        let body = if gzip {
            encoding::gzip(&self.body)
        } else {
            self.body
        };
        drop(self.permit);
        Finished {
            etag,
            gzip,
            link: link
                .flatten()
                .and_then(|link| HeaderValue::try_from(link).ok()),
            total: total.map(HeaderValue::from),
            body: in_flight::body(body, self.in_flight),
        }
    }
}

/// An answer as it is sent, but for what a request can say of it.
#[derive(Debug)]
pub(super) struct Finished {
    body: Bytes,
    gzip: bool,
    etag: HeaderValue,
    link: Option<HeaderValue>,
    total: Option<HeaderValue>,
}

impl Finished {
    #[cfg(test)]
    pub(super) fn body(&self) -> &Bytes {
        &self.body
    }

    /// The bytes that it takes.
    pub(super) fn len(&self) -> usize {
        self.body.len() + self.link.as_ref().map_or(0, HeaderValue::len)
    }

    /// The answer to a request: the bytes, or the news that they are is_not_modified.
    fn response(&self, cache: CachePolicy, request: &HeaderMap, head: bool) -> Response<Bytes> {
        let mut response = Response::new(Bytes::new());
        let headers = response.headers_mut();
        // One copy of the whole, and what differs put in its place, is half the work of putting in all one by one.
        headers.clone_from(&TEMPLATES[usize::from(self.total.is_some())]);
        headers.insert(ETAG, self.etag.clone());
        if !matches!(cache, CachePolicy::Revalidate | CachePolicy::Catalogue) {
            describe(headers, cache);
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

/// The headers of a read that may be kept, and of one that is a page of a list; each with a place for what differs.
static TEMPLATES: LazyLock<[HeaderMap; 2]> = LazyLock::new(|| {
    let place = HeaderValue::from_static("");
    let mut read = bare(StatusCode::OK).into_parts().0.headers;
    read.insert(CONTENT_TYPE, JSON);
    describe(&mut read, CachePolicy::Revalidate);
    read.insert(ETAG, place.clone());
    read.insert(request_id::NAME, place.clone());
    let mut page = read.clone();
    page.insert(TOTAL_COUNT, place.clone());
    page.insert(LINK, place);
    [read, page]
});

/// What caches may do with an answer.
fn describe(headers: &mut HeaderMap, cache: CachePolicy) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache.header()));
    if let Some(vary) = cache.vary() {
        headers.insert(VARY, HeaderValue::from_static(vary));
    }
}

/// The answer of an endpoint.
pub(super) fn answer(
    answer: &Answer,
    endpoint: &Endpoint,
    request: &HeaderMap,
    head: bool,
) -> Response<Bytes> {
    let mut response = match answer {
        Answer::Read(finished) => return finished.response(endpoint.cache, request, head),
        Answer::Created => created(head),
        Answer::Replayed => {
            metrics::idempotency("replayed");
            let mut response = created(head);
            response
                .headers_mut()
                .insert("idempotency-replayed", HeaderValue::from_static("true"));
            response
        }
        Answer::NoContent => bare(StatusCode::NO_CONTENT),
    };
    describe(response.headers_mut(), endpoint.cache);
    response
}

fn created(head: bool) -> Response<Bytes> {
    let body = Bytes::from_static(b"Created");
    with_body(bare(StatusCode::CREATED), TEXT, body, head)
}

/// The answer to `OPTIONS` on a known path, preflight or not.
pub(super) fn options(route: &Route<'_>) -> Response<Bytes> {
    let mut response = bare(StatusCode::NO_CONTENT);
    let headers = response.headers_mut();
    insert_allow(headers, &route.allow());
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

/// The answer to a request that is refused: a sentence, or a problem document for who asks for one.
pub(super) fn refusal(fault: &ApiError, request: &HeaderMap, head: bool) -> Response<Bytes> {
    let status = fault.status();
    let sentence = fault.sentence();
    let response = bare(status);
    let mut response = if wants_problem(request) {
        let title = phrase(status);
        let problem = Problem {
            r#type: "about:blank",
            title,
            status: status.as_u16(),
            detail: &sentence,
            fields: fault.fields(),
        };
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        with_body(response, PROBLEM, body.into(), head)
    } else {
        with_body(response, TEXT, sentence.into_owned().into(), head)
    };
    let headers = response.headers_mut();
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static(CachePolicy::Never.header()),
    );
    headers.insert(VARY, HeaderValue::from_static("Accept"));
    match fault {
        ApiError::WrongMethod(allow) => insert_allow(headers, allow),
        ApiError::NoToken => {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Token"));
        }
        ApiError::Unavailable(_) => {
            headers.insert(RETRY_AFTER, later());
        }
        _ => {}
    }
    response
}

/// In how many seconds to come again: one to five by chance, so that those who are sent away together do not come back
/// together.
fn later() -> HeaderValue {
    HeaderValue::from(1 + RandomState::new().hash_one(()) % 5)
}

/// The phrase of a status by RFC 9110, which renamed two that `http` still calls by their old names.
fn phrase(status: StatusCode) -> &'static str {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => "Content Too Large",
        StatusCode::UNPROCESSABLE_ENTITY => "Unprocessable Content",
        status => status.canonical_reason().unwrap_or_default(),
    }
}

#[derive(serde::Serialize)]
struct Problem<'a> {
    r#type: &'a str,
    title: &'a str,
    status: u16,
    detail: &'a str,
    /// An extension of ours: which fields of the request are at fault, never their values.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    fields: &'a [&'static str],
}

fn insert_allow(headers: &mut HeaderMap, allow: &str) {
    if let Ok(allow) = HeaderValue::from_str(allow) {
        headers.insert(ALLOW, allow);
    }
}

/// A strong tag: the same bytes give the same, other bytes another, and the compressed form one of its own.
pub fn etag(body: &[u8], gzip: bool) -> HeaderValue {
    let tag = format!(
        "\"{:032x}{}\"",
        xxhash_rust::xxh3::xxh3_128(body),
        if gzip { "-gzip" } else { "" }
    );
    HeaderValue::try_from(tag).unwrap_or(HeaderValue::from_static("\"\""))
}

/// Whether `If-None-Match` names the tag, compared weakly.
pub fn is_not_modified(request: &HeaderMap, etag: &HeaderValue) -> bool {
    let is_named = |value: &HeaderValue| {
        // The asterisk is the whole value, and no element of a list.
        let mut tags = list::entity_tags(value);
        value == "*" || tags.any(|tag| tag.strip_prefix(b"W/").unwrap_or(tag) == etag)
    };
    request.get_all(IF_NONE_MATCH).iter().any(is_named)
}

/// Whether `Accept` names problem documents, with a quality above 0.
fn wants_problem(request: &HeaderMap) -> bool {
    let named = |range: &[u8]| {
        list::name(range).eq_ignore_ascii_case(b"application/problem+json")
            && list::is_acceptable(range)
    };
    let values = request.get_all(ACCEPT).iter();
    values.flat_map(list::elements).any(named)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn who_is_sent_away_comes_again_in_one_to_five_seconds() {
        let fault = ApiError::Unavailable(Error::Unavailable(Failure::new("busy")));
        let told = |_| {
            let answer = refusal(&fault, &HeaderMap::new(), false);
            let told = answer.headers()[RETRY_AFTER].to_str().expect("a number");
            told.parse::<u8>().expect("a number")
        };
        // That one of five is missing among a thousand has a chance of 10 to the -96.
        let told: BTreeSet<_> = (0..1_000).map(told).collect();
        assert_eq!(told, BTreeSet::from([1, 2, 3, 4, 5]));
    }
}
