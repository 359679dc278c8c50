//! An answer before the time is over, whatever the store does.

use std::sync::Arc;
use std::time::Duration;

use atelier_core::http::ENDPOINTS;
use atelier_core::{Clock, Settings};
use atelier_lambda::Function;
use http::Method;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::silent::Silent;
use crate::{event, events, logged, taken};

const BUSY: &str = "Error: the service is busy, try again later";

fn function() -> Function {
    Function::new(Arc::new(Silent), Settings::default(), Clock::System)
}

async fn answer(function: &Function, asked: &Value, remaining: Duration) -> Value {
    let answer = function.answer(event(asked), remaining).await;
    serde_json::to_value(&answer).expect("JSON")
}

#[tokio::test(start_paused = true)]
async fn half_a_second_is_left_or_half_of_the_time() {
    let function = function();
    for (remaining, spent) in [
        // No request takes longer, wherever it is answered.
        (30_000, 5_000),
        (5_400, 4_900),
        (3_000, 2_500),
        (1_000, 500),
        (600, 300),
        (10, 5),
        (0, 0),
    ] {
        for (caller, asked) in events("GET", "/products", &json!({})) {
            let begun = Instant::now();
            let answer = answer(&function, &asked, Duration::from_millis(remaining)).await;
            let took = begun.elapsed();
            assert_eq!(answer["statusCode"], 503, "{caller} with {remaining} ms");
            assert_eq!(answer["body"], BUSY, "{caller} with {remaining} ms");
            // The clock of tokio goes by milliseconds, and up.
            let spent = Duration::from_millis(spent);
            assert!(
                took >= spent && took <= spent + Duration::from_millis(1),
                "{caller}: {took:?} of {remaining} ms"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn every_route_has_an_answer_in_time() {
    let (lines, _guard) = logged();
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
        let served = answer(&function, &asked, Duration::from_secs(3)).await;
        let line = taken(&lines);
        if endpoint.name == "openapi" {
            assert_eq!((&served["statusCode"], &*line), (&json!(200), ""));
            continue;
        }
        assert_eq!(
            (&served["statusCode"], &served["body"]),
            (&json!(503), &json!(BUSY)),
            "{endpoint:?}"
        );
        let later = &served["multiValueHeaders"]["retry-after"][0];
        assert!(
            ["1", "2", "3", "4", "5"]
                .iter()
                .any(|second| later == second),
            "{endpoint:?}: {later}"
        );
        let told = format!("method={} route=\"{}\"", endpoint.method, endpoint.path);
        assert!(
            line.contains("WARN") && line.contains(&told) && !line.contains("canary"),
            "{endpoint:?}: {line}"
        );
        if endpoint.method == Method::GET {
            asked["httpMethod"] = json!("HEAD");
            let head = answer(&function, &asked, Duration::from_secs(3)).await;
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
            let line = taken(&lines);
            assert!(
                line.contains(&format!("method=HEAD route=\"{}\"", endpoint.path)),
                "{endpoint:?}: {line}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_needs_no_store_is_answered_with_no_time_at_all() {
    let function = function();
    for (method, path, status) in [
        ("GET", "/openapi.json", 200),
        ("OPTIONS", "/products", 204),
        ("GET", "/nothing", 404),
        ("DELETE", "/products", 405),
        ("GET", "/reviews", 422),
        ("POST", "/cart", 422),
    ] {
        for (caller, asked) in events(method, path, &json!({})) {
            let answer = answer(&function, &asked, Duration::ZERO).await;
            assert_eq!(answer["statusCode"], status, "{method} {path} by {caller}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_takes_too_long_to_sweep_is_left_to_the_next() {
    let begun = Instant::now();
    let swept = function().sweep(Duration::from_secs(10)).await;
    assert!(swept.is_err() && begun.elapsed() < Duration::from_secs(10));
}
