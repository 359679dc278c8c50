//! Malformed events: the process reports an error or a client error, and continues.

use atelier_test_support::runtime_api::{Lambda, Outcome, http_event, reply};
use serde_json::{Value, json};

use crate::{TIMEOUT, answered, function, get, packed};

/// Asserts that the process still serves requests.
async fn assert_serves(lambda: &Lambda, after: &str) {
    let reply = get(lambda, "/products/501").await;
    assert_eq!(reply.status, 200, "after {after:.80}");
    let log = lambda.log();
    assert!(!log.contains("panicked"), "after {after:.80}: {log}");
}

/// Asserts that the event is answered with a client error, or reported as an error with a message.
async fn assert_rejected(lambda: &Lambda, event: &str) {
    match lambda.invoke(event.as_bytes().to_vec(), TIMEOUT).await {
        Outcome::Answer(answer) => {
            let status = reply(&answer).status;
            assert!(status.is_client_error(), "{event:.80}: {status}");
        }
        Outcome::Error(json) => {
            let error: Value = serde_json::from_str(&json).expect("an error is JSON");
            let message = error["errorMessage"].as_str().unwrap_or_default();
            assert!(
                !message.is_empty() && error["errorType"].is_string(),
                "{event:.80}: {json}"
            );
        }
        other => panic!("{event:.80}: {other:?}"),
    }
    assert_serves(lambda, event).await;
}

#[tokio::test]
async fn events_of_unknown_format_are_rejected() {
    let (url, _folder) = packed().await;
    let lambda = function(&url).await;
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    for event in [
        "",
        "null",
        "{}",
        "[]",
        "0",
        "\"text\"",
        "{",
        "no json",
        "\u{feff}{}",
        &deep,
        r#"{"Records":[{"eventSource":"aws:sqs","body":"x"}]}"#,
        r#"{"version":"2.0"}"#,
        r#"{"version":"3.0","rawPath":"/products"}"#,
        r#"{"httpMethod":"GET"}"#,
        r#"{"source":"aws.events","detail-type":"Scheduled Event","detail":{}}"#,
        r#"{"rawPath":5,"requestContext":{"http":{"method":"GET"}}}"#,
        r#"{"rawPath":"/reviews","requestContext":{"http":{"method":"POST"}},"body":"&","isBase64Encoded":true}"#,
    ] {
        assert_rejected(&lambda, event).await;
    }
}

#[tokio::test]
async fn largest_event_is_answered_413() {
    const MAX_EVENT_BYTES: usize = 6 * 1_024 * 1_024;
    let (url, _folder) = packed().await;
    let lambda = function(&url).await;
    let around = http_event("POST", "/reviews", &[], b"x").len() - 1;
    for base64 in [false, true] {
        let body = "x".repeat((MAX_EVENT_BYTES - around) & !3);
        let mut event: Value =
            serde_json::from_slice(&http_event("POST", "/reviews", &[], body.as_bytes()))
                .expect("JSON");
        event["isBase64Encoded"] = json!(base64);
        let reply = answered(lambda.invoke(event.to_string(), TIMEOUT).await);
        assert_eq!(reply.status, 413, "{}", reply.text());
        assert_serves(&lambda, "the largest event").await;
    }
}
