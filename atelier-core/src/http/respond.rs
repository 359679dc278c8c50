//! From an answer or a fault to status, headers and bytes.

use ::http::header::{
    ACCEPT, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ALLOW,
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LINK,
    RETRY_AFTER, VARY, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use ::http::{HeaderMap, HeaderValue, Response, StatusCode};
use bytes::Bytes;

use super::Answer;
use super::encoding::{self, quality};
use super::fault::Fault;
use super::routes::{CachePolicy, Endpoint, Route};

const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const PROBLEM: HeaderValue = HeaderValue::from_static("application/problem+json");

/// An empty answer with what every answer carries.
fn bare(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    let exposed = HeaderValue::from_static("ETag, Link, X-Total-Count, X-Request-Id, Retry-After");
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

/// The answer of an endpoint.
pub(super) fn answer(
    answer: Answer,
    endpoint: &Endpoint,
    request: &HeaderMap,
    head: bool,
) -> Response<Bytes> {
    let mut response = match answer {
        Answer::Json(body) => json(body, request, head),
        Answer::Page(body, paging) => {
            let mut response = json(body, request, head);
            let headers = response.headers_mut();
            headers.insert("x-total-count", paging.total.into());
            if let Some(Ok(link)) = paging.link.map(HeaderValue::try_from) {
                headers.insert(LINK, link);
            }
            response
        }
        Answer::Created => with_body(
            bare(StatusCode::CREATED),
            TEXT,
            Bytes::from_static(b"Created"),
            head,
        ),
        Answer::Replayed => {
            let mut response = with_body(
                bare(StatusCode::CREATED),
                TEXT,
                Bytes::from_static(b"Created"),
                head,
            );
            response
                .headers_mut()
                .insert("idempotency-replayed", HeaderValue::from_static("true"));
            response
        }
        Answer::NoContent => bare(StatusCode::NO_CONTENT),
    };
    let headers = response.headers_mut();
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static(endpoint.cache.header()),
    );
    if let Some(vary) = endpoint.cache.vary() {
        headers.insert(VARY, HeaderValue::from_static(vary));
    }
    response
}

/// A JSON body in the form that suits the request, with the tag of that form; or the news that it is unchanged.
fn json(body: Vec<u8>, request: &HeaderMap, head: bool) -> Response<Bytes> {
    let gzips = encoding::gzips(body.len(), request);
    let etag = etag(&body, gzips);
    let mut response = if unchanged(request, &etag) {
        bare(StatusCode::NOT_MODIFIED)
    } else if gzips {
        let mut response = with_body(
            bare(StatusCode::OK),
            JSON,
            encoding::gzip(&body).into(),
            head,
        );
        response
            .headers_mut()
            .insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        response
    } else {
        with_body(bare(StatusCode::OK), JSON, body.into(), head)
    };
    response.headers_mut().insert(ETAG, etag);
    response
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
    let allowed = "Authorization, Content-Type, Accept, If-None-Match, Idempotency-Key";
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
pub(super) fn refusal(fault: &Fault, request: &HeaderMap, head: bool) -> Response<Bytes> {
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
        Fault::WrongMethod(allow) => insert_allow(headers, allow),
        Fault::NoToken => {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Token"));
        }
        Fault::Unavailable(_) => {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        _ => {}
    }
    response
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
}

fn insert_allow(headers: &mut HeaderMap, allow: &str) {
    if let Ok(allow) = HeaderValue::from_str(allow) {
        headers.insert(ALLOW, allow);
    }
}

/// A strong tag: the same bytes give the same, other bytes another, and the compressed form one of its own.
fn etag(body: &[u8], gzip: bool) -> HeaderValue {
    let tag = format!(
        "\"{:032x}{}\"",
        xxhash_rust::xxh3::xxh3_128(body),
        if gzip { "-gzip" } else { "" }
    );
    HeaderValue::try_from(tag).unwrap_or(HeaderValue::from_static("\"\""))
}

/// Whether `If-None-Match` names the tag, compared weakly.
fn unchanged(request: &HeaderMap, etag: &HeaderValue) -> bool {
    let named = |list: &str| {
        list.split(',')
            .map(str::trim)
            .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == *etag)
    };
    request
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(named)
}

/// Whether `Accept` names problem documents, with a quality above 0.
fn wants_problem(request: &HeaderMap) -> bool {
    let named = |range: &str| {
        let (kind, parameters) = range.split_once(';').unwrap_or((range, ""));
        kind.trim().eq_ignore_ascii_case("application/problem+json") && quality(parameters) > 0.0
    };
    request
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|list| list.split(',').any(named))
}
