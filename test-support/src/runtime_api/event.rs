//! The event of an HTTP request, and its response.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::{Value, json};

use crate::TestResponse;

/// Returns the event of a function URL (version 2.0) for a request whose target is a path with a query.
pub fn http_event(method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut named = serde_json::Map::new();
    named.insert("host".to_owned(), json!("atelier.example"));
    for (name, value) in headers {
        named.insert((*name).to_owned(), json!(value));
    }
    let mut event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": named,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "atelier",
            "domainName": "atelier.example",
            "domainPrefix": "atelier",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "tests",
            },
            "requestId": "request",
            "routeKey": "$default",
            "stage": "$default",
            "time": "01/Mar/2026:00:00:00 +0000",
            "timeEpoch": 1_772_323_200_000_i64,
        },
        "isBase64Encoded": false,
    });
    if !body.is_empty() {
        event["body"] = json!(String::from_utf8_lossy(body));
    }
    event.to_string().into_bytes()
}

/// Returns the HTTP response that a function URL makes of a function's response. Bodies in base64 are not decoded.
pub fn reply(answer: &[u8]) -> TestResponse {
    let answer: Value = serde_json::from_slice(answer).expect("the answer is JSON");
    let status = answer["statusCode"].as_u64().expect("a status");
    let status = u16::try_from(status).expect("a status of three digits");
    let mut headers = HeaderMap::new();
    let one = answer["headers"].as_object().into_iter().flatten();
    let many = answer["multiValueHeaders"]
        .as_object()
        .into_iter()
        .flatten();
    for (name, value) in one.chain(many) {
        let name = HeaderName::try_from(name).expect("the name of a header");
        for value in value.as_array().unwrap_or(&vec![value.clone()]) {
            let value = value.as_str().expect("a text");
            let value = HeaderValue::try_from(value).expect("the value of a header");
            // Both maps may contain it.
            if !headers.get_all(&name).iter().any(|known| *known == value) {
                headers.append(&name, value);
            }
        }
    }
    TestResponse {
        status: StatusCode::from_u16(status).expect("a status"),
        headers,
        body: Bytes::copy_from_slice(answer["body"].as_str().unwrap_or_default().as_bytes()),
    }
}
