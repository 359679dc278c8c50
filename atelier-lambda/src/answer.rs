//! What a function answers.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, Response};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::event::Caller;
use crate::size;

/// An answer in the form of whoever called.
pub struct Answer {
    caller: Caller,
    response: Response<Bytes>,
    base64: bool,
}

/// An answer is larger than what carries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLarge {
    /// The bytes that it would take at least.
    pub(crate) bytes: usize,
    /// The bytes that there are.
    pub(crate) limit: usize,
}

impl Answer {
    /// An answer that is known to be a short text.
    pub(crate) fn short(caller: Caller, response: Response<Bytes>) -> Self {
        Self {
            caller,
            response,
            base64: false,
        }
    }

    /// Text leaves as text where it fits, everything else as base64.
    pub(crate) fn new(caller: Caller, response: Response<Bytes>) -> Result<Self, TooLarge> {
        let limit = caller.limit();
        let mut answer = Self::short(caller, response);
        answer.base64 = !answer.is_text();
        let body = answer.response.body();
        // Nothing that is so small becomes too large, and nearly everything is.
        if body.len() < limit / (size::MOST_OF_A_BYTE + 2) {
            return Ok(answer);
        }
        let rest = answer.rest();
        let base64 = rest + size::base64(body.len());
        if let (false, Ok(text)) = (answer.base64, std::str::from_utf8(body)) {
            let text = rest + size::escaped(text);
            if text <= limit {
                return Ok(answer);
            }
            answer.base64 = true;
        }
        if base64 <= limit {
            Ok(answer)
        } else {
            Err(TooLarge {
                bytes: base64,
                limit,
            })
        }
    }

    /// Whether the body can be told as a text.
    fn is_text(&self) -> bool {
        let (headers, body) = (self.response.headers(), self.response.body());
        let kind = headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
        let kind = kind.unwrap_or_default().split(';').next();
        let kind = kind.unwrap_or_default().trim().to_ascii_lowercase();
        let of_text =
            kind.starts_with("text/") || kind == "application/json" || kind.ends_with("+json");
        body.is_empty()
            || (of_text
                && !headers.contains_key(CONTENT_ENCODING)
                && std::str::from_utf8(body).is_ok())
    }

    /// The bytes that everything but the body takes, at most.
    fn rest(&self) -> usize {
        let mut bare = Response::new(Bytes::new());
        *bare.status_mut() = self.response.status();
        *bare.headers_mut() = self.response.headers().clone();
        let bare = Self::short(self.caller, bare);
        let written = serde_json::to_vec(&bare).unwrap_or_default();
        written.len() + r#","body":"""#.len()
    }
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (status, headers) = (self.response.status(), self.response.headers());
        let mut answer = serializer.serialize_map(None)?;
        answer.serialize_entry("statusCode", &status.as_u16())?;
        if matches!(self.caller, Caller::Balancer { .. }) {
            // With the code in front, as a load balancer wants it.
            answer.serialize_entry("statusDescription", &status.to_string())?;
        }
        if self.caller.takes_lists() {
            answer.serialize_entry("multiValueHeaders", &lists(headers))?;
        } else {
            let joined = lists(headers);
            let joined = joined
                .into_iter()
                .map(|(name, values)| (name, values.join(", ")));
            answer.serialize_entry("headers", &joined.collect::<BTreeMap<_, _>>())?;
        }
        answer.serialize_entry("isBase64Encoded", &self.base64)?;
        let body = self.response.body();
        if self.base64 {
            answer.serialize_entry("body", &BASE64_STANDARD.encode(body))?;
        } else if !body.is_empty() {
            answer.serialize_entry("body", &String::from_utf8_lossy(body))?;
        }
        answer.end()
    }
}

/// The values of each header.
fn lists(headers: &HeaderMap) -> BTreeMap<&str, Vec<Cow<'_, str>>> {
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

    fn response(kind: &str, body: &'static [u8]) -> Response<Bytes> {
        let response = Response::builder().header("content-type", kind);
        let body = Bytes::from_static(body);
        response.body(body).expect("an answer")
    }

    fn written(caller: Caller, response: Response<Bytes>) -> serde_json::Value {
        let answer = Answer::new(caller, response).expect("it fits");
        serde_json::to_value(&answer).expect("JSON")
    }

    #[test]
    fn only_what_says_that_it_is_a_text_and_is_one_leaves_as_text() {
        for (kind, body, base64) in [
            ("text/plain; charset=utf-8", &b"\xc3\xa9"[..], false),
            ("Application/JSON", b"{}", false),
            ("application/problem+json", b"{}", false),
            ("text/plain", b"\xff", true),
            ("image/png", b"text", true),
            ("", b"text", true),
            ("image/png", b"", false),
        ] {
            let answer = written(Caller::HttpApi, response(kind, body));
            assert_eq!(answer["isBase64Encoded"], base64, "{kind}");
            assert_eq!(answer.get("body").is_none(), body.is_empty(), "{kind}");
        }
        let mut gzip = response("text/plain", b"text");
        gzip.headers_mut()
            .insert(CONTENT_ENCODING, http::HeaderValue::from_static("gzip"));
        let answer = written(Caller::HttpApi, gzip);
        assert_eq!(answer["body"], "dGV4dA==");
    }

    #[test]
    fn a_header_that_comes_twice_is_joined_or_listed() {
        for (caller, headers, link) in [
            (Caller::HttpApi, "headers", json!("a, b")),
            (Caller::RestApi, "multiValueHeaders", json!(["a", "b"])),
            (Caller::Balancer { lists: false }, "headers", json!("a, b")),
            (
                Caller::Balancer { lists: true },
                "multiValueHeaders",
                json!(["a", "b"]),
            ),
        ] {
            let mut response = response("text/plain", b"");
            for value in ["a", "b"] {
                let value = http::HeaderValue::from_static(value);
                response.headers_mut().append("link", value);
            }
            assert_eq!(written(caller, response)[headers]["link"], link);
        }
    }
}
