//! The response of the function, in the format of the event's source.

use std::borrow::Cow;
use std::collections::BTreeMap;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::response::Parts;
use http::{HeaderMap, Response};
use lambda_http::Body;
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::event::EventSource;
use crate::payload_limits::{MAX_ESCAPED_BYTE, base64_len, escaped_len};

/// A response that serializes as its source expects. The response types of `aws_lambda_events` lose repeated headers, and write
/// fields of both header formats.
pub struct LambdaResponse {
    source: EventSource,
    head: Parts,
    body: Body,
}

/// A response exceeds the payload limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLarge {
    /// Size of the response's JSON.
    pub(crate) bytes: usize,
    pub(crate) limit: usize,
}

impl LambdaResponse {
    /// Encodes a response whose body is known to be a short text.
    pub(crate) fn short(source: EventSource, response: Response<Bytes>) -> Self {
        let (head, body) = response.into_parts();
        let body = text_body(String::from_utf8_lossy(&body).into_owned());
        Self { source, head, body }
    }

    /// Encodes a text as text if it fits into the payload limit, and everything else as base64.
    pub(crate) fn new(source: EventSource, response: Response<Bytes>) -> Result<Self, TooLarge> {
        let (head, body) = response.into_parts();
        let mut response = Self {
            source,
            head,
            body: Body::Empty,
        };
        let text = as_text(&response.head.headers, &body);
        let limit = source.limit();
        // A body this small fits in any encoding, and nearly all bodies are small.
        let is_small = body.len() < limit / (MAX_ESCAPED_BYTE + 2);
        let overhead = if is_small { 0 } else { response.overhead() };
        let text = text.filter(|text| is_small || overhead + escaped_len(text) <= limit);
        if let Some(text) = text {
            response.body = text_body(text.to_owned());
            return Ok(response);
        }
        let bytes = overhead + base64_len(body.len());
        if bytes > limit {
            return Err(TooLarge { bytes, limit });
        }
        response.body = Body::Binary(body.into());
        Ok(response)
    }

    /// Maximum size of the JSON around the body.
    fn overhead(&self) -> usize {
        let json = serde_json::to_vec(self).unwrap_or_default();
        json.len() + r#","body":"""#.len()
    }
}

fn text_body(text: String) -> Body {
    if text.is_empty() {
        Body::Empty
    } else {
        Body::Text(text)
    }
}

/// The body as text, if its content type is one of text and it is not compressed.
fn as_text<'a>(headers: &HeaderMap, body: &'a [u8]) -> Option<&'a str> {
    let content_type = headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let content_type = content_type.unwrap_or_default().split(';').next();
    let content_type = content_type.unwrap_or_default().trim().to_ascii_lowercase();
    let is_text = content_type.starts_with("text/")
        || content_type == "application/json"
        || content_type.ends_with("+json");
    let is_plain = is_text && !headers.contains_key(CONTENT_ENCODING);
    let text = std::str::from_utf8(body).ok();
    text.filter(|text| text.is_empty() || is_plain)
}

impl Serialize for LambdaResponse {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (status, headers) = (self.head.status, &self.head.headers);
        let mut response = serializer.serialize_map(None)?;
        response.serialize_entry("statusCode", &status.as_u16())?;
        if matches!(self.source, EventSource::Alb { .. }) {
            // A load balancer expects the code and the reason.
            response.serialize_entry("statusDescription", &status.to_string())?;
        }
        let lists = header_lists(headers);
        if self.source.multi_value_headers() {
            response.serialize_entry("multiValueHeaders", &lists)?;
        } else {
            let joined = lists
                .into_iter()
                .map(|(name, values)| (name, values.join(", ")));
            response.serialize_entry("headers", &joined.collect::<BTreeMap<_, _>>())?;
        }
        let is_base64 = matches!(self.body, Body::Binary(_));
        response.serialize_entry("isBase64Encoded", &is_base64)?;
        if !matches!(self.body, Body::Empty) {
            response.serialize_entry("body", &self.body)?;
        }
        response.end()
    }
}

/// The values of each header.
fn header_lists(headers: &HeaderMap) -> BTreeMap<&str, Vec<Cow<'_, str>>> {
    let values = |name| headers.get_all(name).iter();
    headers
        .keys()
        .map(|name| {
            let values = values(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
            (name.as_str(), values.collect())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn response(content_type: &str, body: &'static [u8]) -> Response<Bytes> {
        let response = Response::builder().header("content-type", content_type);
        let body = Bytes::from_static(body);
        response.body(body).expect("a response")
    }

    fn json(source: EventSource, response: Response<Bytes>) -> serde_json::Value {
        let response = LambdaResponse::new(source, response).expect("it fits");
        serde_json::to_value(&response).expect("JSON")
    }

    #[test]
    fn only_valid_text_of_a_text_type_is_encoded_as_text() {
        for (content_type, body, base64) in [
            ("text/plain; charset=utf-8", &b"\xc3\xa9"[..], false),
            ("Application/JSON", b"{}", false),
            ("application/problem+json", b"{}", false),
            ("text/plain", b"\xff", true),
            ("image/png", b"text", true),
            ("", b"text", true),
            ("image/png", b"", false),
        ] {
            let json = json(EventSource::HttpApi, response(content_type, body));
            assert_eq!(json["isBase64Encoded"], base64, "{content_type}");
            assert_eq!(
                json.get("body").is_none(),
                body.is_empty(),
                "{content_type}"
            );
        }
        let mut gzip = response("text/plain", b"text");
        gzip.headers_mut()
            .insert(CONTENT_ENCODING, http::HeaderValue::from_static("gzip"));
        let json = json(EventSource::HttpApi, gzip);
        assert_eq!(json["body"], "dGV4dA==");
    }

    #[test]
    fn repeated_header_is_joined_or_listed() {
        for (source, headers, link) in [
            (EventSource::HttpApi, "headers", json!("a, b")),
            (EventSource::RestApi, "multiValueHeaders", json!(["a", "b"])),
            (
                EventSource::Alb {
                    multi_value_headers: false,
                },
                "headers",
                json!("a, b"),
            ),
            (
                EventSource::Alb {
                    multi_value_headers: true,
                },
                "multiValueHeaders",
                json!(["a", "b"]),
            ),
        ] {
            let mut response = response("text/plain", b"");
            for value in ["a", "b"] {
                let value = http::HeaderValue::from_static(value);
                response.headers_mut().append("link", value);
            }
            assert_eq!(json(source, response)[headers]["link"], link);
        }
    }
}
