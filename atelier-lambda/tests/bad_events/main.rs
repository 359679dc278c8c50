//! Events that are none, or not whole: a clear error of the function or a status of the client's own, and nothing worse.

use std::time::Duration;

use atelier_conformance::matrix::{StoreKind, Transport, run};
use atelier_core::{Clock, Settings};
use atelier_lambda::{Event, Function, NotARequest};
use serde_json::{Value, json};

mod requests;

const EVENTS: [&str; 9] = [
    include_str!("../events/http-api.json"),
    include_str!("../events/http-api-with-stage.json"),
    include_str!("../events/http-api-base64.json"),
    include_str!("../events/rest-api.json"),
    include_str!("../events/rest-api-with-stage.json"),
    include_str!("../events/rest-api-base64.json"),
    include_str!("../events/balancer.json"),
    include_str!("../events/balancer-with-lists.json"),
    include_str!("../events/function-url.json"),
];

/// Runs `ask` with a function over the seeded rows.
fn with_function(ask: impl AsyncFnOnce(Function)) {
    run(StoreKind::Sqlite, Transport::Core, async |shop| {
        ask(Function::new(
            shop.store.clone(),
            Settings::default(),
            Clock::System,
        ))
        .await;
    });
}

fn read(event: &Value) -> Result<Event, String> {
    serde_json::from_str(&event.to_string()).map_err(|error| error.to_string())
}

async fn said(function: &Function, event: &Value) -> (u64, String) {
    let event = read(event).expect("an event");
    let answer = function.answer(event, Duration::from_mins(1)).await;
    let answer = serde_json::to_value(&answer).expect("JSON");
    let body = answer["body"].as_str().unwrap_or_default().to_owned();
    (answer["statusCode"].as_u64().expect("a status"), body)
}

/// A request of version 2 with these fields in place of its own.
fn http_api(method: &str, path: &str, fields: &Value) -> Value {
    let mut event = json!({"rawPath": path, "requestContext": {"http": {"method": method}}});
    for (name, value) in fields.as_object().expect("fields") {
        event[name] = value.clone();
    }
    event
}

#[test]
fn what_carries_no_request_is_an_error_that_repeats_nothing() {
    let canary = "canary@example.org";
    for event in [
        json!(null),
        json!(true),
        json!(5),
        json!(canary),
        json!([canary]),
        json!({}),
        json!({"httpMethod": null}),
        json!({"body": canary}),
        json!({"requestContext": null}),
        json!({"requestContext": canary}),
        json!({"requestContext": {}}),
        json!({"requestContext": {"http": {}}}),
        json!({"requestContext": {"elb": {}}}),
        json!({"httpMethod": canary, "path": [canary]}),
        json!({"httpMethod": "G T"}),
        json!({"httpMethod": ""}),
        json!({"httpMethod": "GET", "headers": canary}),
        json!({"httpMethod": "GET", "headers": {"x": {"y": canary}}}),
        json!({"httpMethod": "GET", "multiValueHeaders": {"x": [5]}}),
        json!({"httpMethod": "GET", "body": {"x": canary}}),
        json!({"httpMethod": "GET", "isBase64Encoded": canary}),
        json!({"Records": [{"eventSource": "aws:sqs", "body": canary}]}),
        json!({"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}),
        json!({"requestContext": {"routeKey": "$connect", "eventType": "CONNECT"}}),
    ] {
        let error = read(&event)
            .err()
            .unwrap_or_else(|| panic!("{event} is an event"));
        assert!(
            error.starts_with(&NotARequest.to_string()),
            "{event}: {error}"
        );
        assert!(!error.contains("canary"), "{error}");
    }
    for text in ["", "{", "canary", "{\"httpMethod\":\"GET\"", "\u{0}"] {
        let error = serde_json::from_str::<Event>(text).err().expect("no JSON");
        assert!(!error.to_string().contains("canary"), "{error}");
    }
}

#[test]
fn what_is_missing_or_null_is_empty() {
    with_function(async |function| {
        let list = function_of(&function, "/products?count=1").await;
        for rest in [
            json!({}),
            json!({"headers": null, "multiValueHeaders": null, "body": null, "isBase64Encoded": null,
                "pathParameters": null, "stageVariables": null, "requestContext": {"stage": null, "path": null}}),
            json!({"headers": {"x": null}, "multiValueHeaders": {}, "body": "", "isBase64Encoded": true, "new": [1, {}]}),
            json!({"headers": {"x": "y"}, "multiValueHeaders": {"x": ["y", null], "z": null, "é": []},
                "requestContext": {"stage": "", "identity": {"sourceIp": 5}, "requestTimeEpoch": "x", "http": null}}),
        ] {
            let mut event = json!({"httpMethod": "GET", "path": "/products", "queryStringParameters": {"count": "1"}});
            for (name, value) in rest.as_object().expect("fields") {
                event[name] = value.clone();
            }
            assert_eq!(said(&function, &event).await, list, "{event}");
            event["requestContext"]["elb"] = json!({});
            assert_eq!(said(&function, &event).await, list, "{event}");
        }
        // Empty lists beside single values are none.
        let event = json!({
            "httpMethod": "GET", "path": "/nothing", "multiValueHeaders": {},
            "headers": {"accept": "application/problem+json"},
        });
        let (_, problem) = said(&function, &event).await;
        assert!(problem.starts_with("{\"type\""), "{problem}");
        let whole = function_of(&function, "/products").await;
        for parameters in [
            json!(null),
            json!({}),
            json!({"count": null}),
            json!({"count": []}),
        ] {
            for name in ["queryStringParameters", "multiValueQueryStringParameters"] {
                let event = json!({"httpMethod": "GET", "path": "/products", name: parameters});
                assert_eq!(said(&function, &event).await, whole, "{event}");
            }
        }
        let nothing = (404, "Error: no such route".to_owned());
        for event in [
            json!({"httpMethod": "GET"}),
            json!({"httpMethod": "GET", "path": null}),
            json!({"requestContext": {"http": {"method": "GET"}}}),
            json!({"httpMethod": "GET", "path": "*"}),
            json!({"httpMethod": "GET", "requestContext": {"elb": null, "stage": "live"}, "path": "/live"}),
        ] {
            assert_eq!(said(&function, &event).await, nothing, "{event}");
        }
    });
}

/// What the function says to a GET of version 2.
async fn function_of(function: &Function, target: &str) -> (u64, String) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let answer = said(
        function,
        &http_api("GET", path, &json!({"rawQueryString": query})),
    )
    .await;
    assert_eq!(answer.0, 200, "{target}");
    answer
}

/// Puts something else in place of every field, one after the other.
#[test]
fn no_field_of_an_event_can_fail_the_function() {
    with_function(async |function| {
        let others = [
            json!(null),
            json!(5),
            json!(true),
            json!(""),
            json!("x y"),
            json!("%é\u{0}"),
            json!([]),
            json!([null]),
            json!({}),
            json!({"a": "b"}),
        ];
        let mut answered = 0;
        for event in EVENTS {
            let event: Value = serde_json::from_str(event).expect("JSON");
            for pointer in pointers(&event, "") {
                for other in &others {
                    let mut event = event.clone();
                    *event.pointer_mut(&pointer).expect("a field") = other.clone();
                    let Ok(event) = read(&event) else { continue };
                    let answer = function.answer(event, Duration::from_mins(1)).await;
                    let answer = serde_json::to_value(&answer).expect("JSON");
                    let status = answer["statusCode"].as_u64().expect("a status");
                    assert!(status < 500, "{status} with {other} at {pointer}");
                    answered += 1;
                }
            }
        }
        assert!(answered > 1_000, "only {answered} events were answered");
    });
}

fn pointers(value: &Value, at: &str) -> Vec<String> {
    let mut all = vec![];
    for (name, value) in value.as_object().into_iter().flatten() {
        let at = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
        all.extend(pointers(value, &at));
        all.push(at);
    }
    all
}
