//! Events that are none of an HTTP request, or a broken one: an error that names them, and a process that goes on.

use atelier_test_support::runtime_api::{Lambda, Outcome, http_event, reply};
use serde_json::{Value, json};

use crate::{PATIENCE, answered, ask, function, get, packed};

/// That the process answers as before; events before it neither ended nor harmed it.
async fn well(lambda: &Lambda, after: &str) {
    let reply = get(lambda, "/products/501").await;
    assert_eq!(reply.status, 200, "after {after:.80}");
    let log = lambda.log();
    assert!(!log.contains("panicked"), "after {after:.80}: {log}");
}

/// A request is refused, or the function reports an error in words.
async fn refused(lambda: &Lambda, event: &str) {
    match lambda.invoke(event.as_bytes().to_vec(), PATIENCE).await {
        Outcome::Answer(answer) => {
            let status = reply(&answer).status;
            assert!(status.is_client_error(), "{event:.80}: {status}");
        }
        Outcome::Error(json) => {
            let error: Value = serde_json::from_str(&json).expect("an error is JSON");
            let words = error["errorMessage"].as_str().unwrap_or_default();
            assert!(
                !words.is_empty() && error["errorType"].is_string(),
                "{event:.80}: {json}"
            );
        }
        other => panic!("{event:.80}: {other:?}"),
    }
    well(lambda, event).await;
}

/// An event of a GET in which one value is another.
fn changed(pointer: &str, value: Value) -> String {
    let mut event: Value =
        serde_json::from_slice(&http_event("GET", "/products/501", &[], b"")).expect("JSON");
    *event.pointer_mut(pointer).expect("it is there") = value;
    event.to_string()
}

#[tokio::test]
async fn events_of_unknown_shape_are_refused_and_the_process_goes_on() {
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
    ] {
        refused(&lambda, event).await;
    }
}

#[tokio::test]
async fn requests_with_broken_fields_are_refused_and_the_process_goes_on() {
    let (url, _folder) = packed().await;
    let lambda = function(&url).await;
    for (pointer, value) in [
        ("/rawPath", json!("no path")),
        ("/rawPath", json!(5)),
        ("/headers", json!([])),
        ("/headers/host", json!(["a"])),
        ("/requestContext", json!(null)),
        ("/requestContext", json!({})),
        ("/requestContext/http", json!({})),
        ("/requestContext/http/method", json!("GET IT")),
        ("/requestContext/http/method", json!(null)),
        ("/isBase64Encoded", json!("yes")),
    ] {
        let event = changed(pointer, value);
        let outcome = lambda.invoke(event.clone().into_bytes(), PATIENCE).await;
        // Some of it nobody needs to answer; but what comes is an answer or an error in words.
        match outcome {
            Outcome::Answer(answer) => {
                let status = reply(&answer).status;
                assert!(!status.is_server_error(), "{event}: {status}");
            }
            Outcome::Error(json) => assert!(json.contains("errorMessage"), "{event}: {json}"),
            other => panic!("{event}: {other:?}"),
        }
        well(&lambda, &event).await;
    }
}

#[tokio::test]
async fn a_body_that_is_no_base64_is_a_bad_request() {
    let (url, _folder) = packed().await;
    let lambda = function(&url).await;
    for body in ["&&&&", "e30", "e30=e30=", "{}", "e3 0="] {
        let mut event: Value =
            serde_json::from_slice(&http_event("POST", "/reviews", &[], b"x")).expect("JSON");
        event["isBase64Encoded"] = json!(true);
        event["body"] = json!(body);
        let reply = ask(&lambda, event.to_string().into_bytes()).await;
        assert_eq!(reply.status, 400, "{body}: {}", reply.text());
        well(&lambda, body).await;
    }
}

#[tokio::test]
async fn the_largest_event_is_a_body_too_large() {
    const MOST_EVENT: usize = 6 * 1_024 * 1_024;
    let (url, _folder) = packed().await;
    let lambda = function(&url).await;
    let around = http_event("POST", "/reviews", &[], b"x").len() - 1;
    for base64 in [false, true] {
        let body = "x".repeat((MOST_EVENT - around) & !3);
        let mut event: Value =
            serde_json::from_slice(&http_event("POST", "/reviews", &[], body.as_bytes()))
                .expect("JSON");
        event["isBase64Encoded"] = json!(base64);
        let reply = answered(lambda.invoke(event.to_string(), PATIENCE).await);
        assert_eq!(reply.status, 413, "{}", reply.text());
        well(&lambda, "the largest event").await;
    }
}
