//! Responses before the deadline while the store is stalled.

use std::sync::Arc;
use std::time::Duration;

use atelier_core::Atelier;
use atelier_core::http::ENDPOINTS;
use atelier_core::http::HttpSettings;
use atelier_lambda::Function;
use http::Method;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::silent::Silent;
use crate::{capture_log, event, events, take_log};

const BUSY: &str = "Error: the service is busy, try again later";

fn function() -> Function {
    Function::new(Atelier::new(Arc::new(Silent)), HttpSettings::default())
}

async fn respond(function: &Function, asked: &Value, remaining: Duration) -> Value {
    let response = function.respond(event(asked), remaining).await;
    serde_json::to_value(&response).expect("JSON")
}

#[tokio::test(start_paused = true)]
async fn margin_is_half_a_second_or_half_of_the_remaining_time() {
    let function = function();
    for (remaining, expected) in [
        // The API's own timeout.
        (30_000, 5_000),
        (5_400, 4_900),
        (3_000, 2_500),
        (1_000, 500),
        (600, 300),
        (10, 5),
        (0, 0),
    ] {
        for (source, asked) in events("GET", "/products", &json!({})) {
            let begun = Instant::now();
            let response = respond(&function, &asked, Duration::from_millis(remaining)).await;
            let elapsed = begun.elapsed();
            assert_eq!(response["statusCode"], 503, "{source} with {remaining} ms");
            assert_eq!(response["body"], BUSY, "{source} with {remaining} ms");
            // tokio rounds timers up to milliseconds.
            let expected = Duration::from_millis(expected);
            assert!(
                elapsed >= expected && elapsed <= expected + Duration::from_millis(1),
                "{source}: {elapsed:?} of {remaining} ms"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn every_route_is_answered_before_the_deadline() {
    capture_log();
    let function = function();
    let review = r#"{"product_id":1,"rating":4,"summary":"s","body":"canary","recommend":true,"name":"n","email":"canary@example.org"}"#;
    let question =
        r#"{"product_id":1,"body":"canary","name":"n","email":"canary@example.org","sku_id":1}"#;
    let interaction = r#"{"element":"canary","widget":"w","time":"t"}"#;
    for endpoint in ENDPOINTS {
        let path = endpoint.path.replace(['{', '}'], "");
        let path: Vec<_> = path
            .split('/')
            .map(|part| if part.ends_with("_id") { "7" } else { part })
            .collect();
        let path = format!("/api/fec2/canary{}", path.join("/"));
        let body = match endpoint.name {
            "add_review" => review,
            "add_interaction" => interaction,
            _ => question,
        };
        let mut asked = json!({
            "httpMethod": endpoint.method.as_str(), "path": path, "body": body,
            "queryStringParameters": {"product_id": "1", "canary": "canary"}, "headers": {"authorization": "canary"},
        });
        let response = respond(&function, &asked, Duration::from_secs(3)).await;
        let line = take_log();
        if endpoint.name == "openapi" {
            assert_eq!((&response["statusCode"], &*line), (&json!(200), ""));
            continue;
        }
        assert_eq!(
            (&response["statusCode"], &response["body"]),
            (&json!(503), &json!(BUSY)),
            "{endpoint:?}"
        );
        let retry_after = &response["multiValueHeaders"]["retry-after"][0];
        assert!(
            ["1", "2", "3", "4", "5"]
                .iter()
                .any(|second| retry_after == second),
            "{endpoint:?}: {retry_after}"
        );
        let fields = format!("method={} route=\"{}\"", endpoint.method, endpoint.path);
        assert!(
            line.contains("WARN") && line.contains(&fields) && !line.contains("canary"),
            "{endpoint:?}: {line}"
        );
        if endpoint.method == Method::GET {
            asked["httpMethod"] = json!("HEAD");
            let head = respond(&function, &asked, Duration::from_secs(3)).await;
            assert_eq!(
                (&head["statusCode"], head.get("body")),
                (&json!(503), None),
                "{endpoint:?}"
            );
            assert_eq!(
                head["multiValueHeaders"]["content-length"],
                json!([BUSY.len().to_string()]),
                "{endpoint:?}"
            );
            let line = take_log();
            assert!(
                line.contains(&format!("method=HEAD route=\"{}\"", endpoint.path)),
                "{endpoint:?}: {line}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn responses_without_the_store_need_no_time() {
    let function = function();
    for (method, path, status) in [
        ("GET", "/openapi.json", 200),
        ("OPTIONS", "/products", 204),
        ("GET", "/nothing", 404),
        ("DELETE", "/products", 405),
        ("GET", "/reviews", 422),
        ("POST", "/cart", 422),
    ] {
        for (source, asked) in events(method, path, &json!({})) {
            let response = respond(&function, &asked, Duration::ZERO).await;
            assert_eq!(
                response["statusCode"], status,
                "{method} {path} by {source}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn purge_ends_before_the_deadline() {
    let begun = Instant::now();
    let purged = function().purge_expired(Duration::from_secs(10)).await;
    assert!(purged.is_err() && begun.elapsed() < Duration::from_secs(10));
}
