//! Malformed events: an error of the function, or a client error in the response.

use std::time::Duration;

use atelier_conformance::matrix::{StoreKind, Transport, run};
use atelier_core::Atelier;
use atelier_core::http::HttpSettings;
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

/// Runs a test with a function over the seeded store.
fn with_function(ask: impl AsyncFnOnce(Function)) {
    run(StoreKind::Sqlite, Transport::Core, async |shop| {
        ask(Function::new(
            Atelier::new(shop.store.clone()),
            HttpSettings::default(),
        ))
        .await;
    });
}

fn read(event: &Value) -> Result<Event, String> {
    serde_json::from_str(&event.to_string()).map_err(|error| error.to_string())
}

async fn response(function: &Function, event: &Value) -> (u64, String) {
    let event = read(event).expect("an event");
    let response = function.respond(event, Duration::from_mins(1)).await;
    let response = serde_json::to_value(&response).expect("JSON");
    let body = response["body"].as_str().unwrap_or_default().to_owned();
    (response["statusCode"].as_u64().expect("a status"), body)
}

/// An event of payload format 2.0 with additional fields.
fn http_api(method: &str, path: &str, fields: &Value) -> Value {
    let mut event = json!({"rawPath": path, "requestContext": {"http": {"method": method}}});
    for (name, value) in fields.as_object().expect("fields") {
        event[name] = value.clone();
    }
    event
}

#[test]
fn event_without_a_request_is_an_error_that_quotes_nothing() {
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
fn missing_and_null_fields_are_empty() {
    with_function(async |function| {
        let list = get(&function, "/products?count=1").await;
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
            assert_eq!(response(&function, &event).await, list, "{event}");
            event["requestContext"]["elb"] = json!({});
            assert_eq!(response(&function, &event).await, list, "{event}");
        }
        // Empty multi-value fields are ignored.
        let event = json!({
            "httpMethod": "GET", "path": "/nothing", "multiValueHeaders": {},
            "headers": {"accept": "application/problem+json"},
        });
        let (_, problem) = response(&function, &event).await;
        assert!(problem.starts_with("{\"type\""), "{problem}");
        let all = get(&function, "/products").await;
        for parameters in [
            json!(null),
            json!({}),
            json!({"count": null}),
            json!({"count": []}),
        ] {
            for name in ["queryStringParameters", "multiValueQueryStringParameters"] {
                let event = json!({"httpMethod": "GET", "path": "/products", name: parameters});
                assert_eq!(response(&function, &event).await, all, "{event}");
            }
        }
        let not_found = (404, "Error: no such route".to_owned());
        for event in [
            json!({"httpMethod": "GET"}),
            json!({"httpMethod": "GET", "path": null}),
            json!({"requestContext": {"http": {"method": "GET"}}}),
            json!({"httpMethod": "GET", "path": "*"}),
            json!({"httpMethod": "GET", "requestContext": {"elb": null, "stage": "live"}, "path": "/live"}),
        ] {
            assert_eq!(response(&function, &event).await, not_found, "{event}");
        }
    });
}

/// The response to a GET in payload format 2.0.
async fn get(function: &Function, target: &str) -> (u64, String) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let answer = response(
        function,
        &http_api("GET", path, &json!({"rawQueryString": query})),
    )
    .await;
    assert_eq!(answer.0, 200, "{target}");
    answer
}

/// Replaces each field in turn by other values.
#[test]
fn no_value_of_a_field_is_a_server_error() {
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
                    let answer = function.respond(event, Duration::from_mins(1)).await;
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
