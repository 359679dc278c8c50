//! Every route as every event: the response of a function equals that of the core, byte for byte.

use std::time::Duration;

use atelier_conformance::TestApp;
use atelier_conformance::events::SHAPES;
use atelier_conformance::matrix::{StoreKind, Transport, run};
use atelier_core::http::ENDPOINTS;
use atelier_core::http::HttpSettings;
use atelier_core::{Atelier, Clock, Limits, ManualClock};
use atelier_lambda::{Event, Function};
use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::Value;

/// For each endpoint, by its name: targets with a body each.
const ASKED: &[(&str, &[(&str, &str)])] = &[
    (
        "products",
        &[
            ("/products", ""),
            ("/products?page=2&count=2", ""),
            ("/products?count=x", ""),
        ],
    ),
    (
        "product",
        &[
            ("/products/501", ""),
            ("/products/505", ""),
            ("/products/0", ""),
        ],
    ),
    (
        "styles",
        &[("/products/501/styles", ""), ("/products/504/styles", "")],
    ),
    (
        "related",
        &[
            ("/products/501/related", ""),
            ("/api/fec2/hr-rfp/products/503/related", ""),
        ],
    ),
    (
        "reviews",
        &[
            ("/reviews?product_id=501&sort=newest", ""),
            ("/reviews", ""),
        ],
    ),
    (
        "add_review",
        &[("/reviews", REVIEW), ("/reviews", "{"), ("/reviews", "{}")],
    ),
    (
        "review_meta",
        &[
            ("/reviews/meta?product_id=501", ""),
            ("/reviews/meta?product_id=%35%30%31", ""),
        ],
    ),
    (
        "mark_review_helpful",
        &[("/reviews/31/helpful", ""), ("/reviews/x/helpful", "")],
    ),
    ("report_review", &[("/reviews/33/report", "")]),
    (
        "questions",
        &[
            ("/qa/questions?product_id=501", ""),
            ("/qa/questions?product_id=999", ""),
        ],
    ),
    (
        "add_question",
        &[("/qa/questions", QUESTION), ("/qa/questions", "[]")],
    ),
    (
        "answers",
        &[
            ("/qa/questions/71/answers", ""),
            ("/qa/questions/71/answers?count=1", ""),
        ],
    ),
    (
        "add_answer",
        &[
            ("/qa/questions/72/answers", ANSWER),
            ("/qa/questions/999/answers", ANSWER),
        ],
    ),
    ("mark_question_helpful", &[("/qa/questions/72/helpful", "")]),
    ("report_question", &[("/qa/questions/73/report", "")]),
    ("mark_answer_helpful", &[("/qa/answers/81/helpful", "")]),
    (
        "report_answer",
        &[("/qa/answers/84/report", ""), ("/qa/answers/0/report", "")],
    ),
    ("cart", &[("/cart", "")]),
    (
        "add_to_cart",
        &[
            ("/cart", r#"{"sku_id":77001}"#),
            ("/cart", r#"{"sku_id":-1}"#),
        ],
    ),
    (
        "add_interaction",
        &[(
            "/interactions",
            r#"{"element":"é","widget":"w","time":"t"}"#,
        )],
    ),
    ("openapi", &[("/openapi.json", "")]),
];

const REVIEW: &str = r#"{"product_id":503,"rating":4,"summary":"Wärm 🧥","body":"\"Kept\" me dry.\n","recommend":true,"name":"pierwalker","email":"p@example.org"}"#;
const QUESTION: &str =
    r#"{"product_id":503,"body":"Does it pack?","name":"gull","email":"g@example.org"}"#;
const ANSWER: &str = r#"{"body":"It does.","name":"gull","email":"g@example.org","photos":["https://img.example/1.jpg"]}"#;

/// Headers that change the representation of a response.
const FORMS: &[&[(&str, &str)]] = &[
    &[],
    &[("accept-encoding", "gzip")],
    &[
        ("accept", "application/problem+json"),
        ("content-type", "application/json"),
    ],
    &[("if-none-match", "*"), ("authorization", "token of a cart")],
];

fn request(method: &Method, target: &str, headers: &[(&str, &str)], body: &str) -> Request<Bytes> {
    let mut request = Request::builder()
        .method(method)
        .uri(target)
        .header("x-request-id", "case");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request
        .body(Bytes::copy_from_slice(body.as_bytes()))
        .expect("a request")
}

/// Returns the parts of a response that a client sees.
fn seen(response: Response<Bytes>) -> (u16, Vec<(String, String)>, Bytes) {
    let (parts, body) = response.into_parts();
    let headers = parts
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().expect("a text").to_owned()));
    let mut headers: Vec<_> = headers.collect();
    headers.sort();
    (parts.status.as_u16(), headers, body)
}

/// Compares the responses of the core and of the function, in every shape.
async fn ask(shop: &TestApp, function: &Function, request: &Request<Bytes>) {
    for shape in SHAPES {
        let row = format!(
            "{} {} as {shape:?}, {:?}",
            request.method(),
            request.uri(),
            request.headers()
        );
        let event = shape.event(request).expect(&row).to_string();
        let event: Event = serde_json::from_str(&event).expect(&row);
        let answer = function.respond(event, Duration::from_mins(1)).await;
        let answer = serde_json::to_value(&answer).expect(&row);
        let expected = seen(shop.api.handle(request.clone()).await);
        form(&answer, &expected, &row);
        assert_eq!(seen(shape.response(&answer)), expected, "{row}");
    }
}

/// Asserts that text is sent as text, compressed bodies as base64, and empty bodies not at all.
fn form(answer: &Value, (_, headers, body): &(u16, Vec<(String, String)>, Bytes), row: &str) {
    let compressed = headers.iter().any(|(name, _)| name == "content-encoding");
    let base64 = compressed && !body.is_empty();
    assert_eq!(answer["isBase64Encoded"], base64, "{row}");
    let written = answer.get("body");
    match std::str::from_utf8(body) {
        Ok("") => assert_eq!(written, None, "{row}"),
        Ok(text) if !base64 => assert_eq!(written, Some(&text.into()), "{row}"),
        _ => assert!(base64, "{row}"),
    }
}

async fn every_route(shop: TestApp) {
    let clock = Clock::Manual(ManualClock::new(atelier_conformance::seed::NOW));
    let function = Function::new(
        Atelier::with(shop.store.clone(), Limits::default(), clock),
        HttpSettings::default(),
    );
    let mut compressed = 0;
    for endpoint in ENDPOINTS {
        let (_, asked) = ASKED
            .iter()
            .find(|(name, _)| *name == endpoint.name)
            .unwrap_or_else(|| panic!("nothing asks for {}", endpoint.name));
        for (target, body) in *asked {
            for headers in FORMS {
                let asked = request(&endpoint.method, target, headers, body);
                ask(&shop, &function, &asked).await;
                let response = shop.api.handle(asked).await;
                compressed += usize::from(response.headers().contains_key("content-encoding"));
            }
            let others = [Method::HEAD, Method::OPTIONS, Method::DELETE];
            for method in others
                .iter()
                .filter(|method| **method != Method::HEAD || endpoint.method == Method::GET)
            {
                ask(&shop, &function, &request(method, target, FORMS[1], "")).await;
            }
        }
    }
    assert!(compressed > 3, "only {compressed} answers were compressed");
    for target in [
        "/",
        "/nothing",
        "/products/%F0%9F%A7%A5",
        "/live",
        "/live/products",
    ] {
        // A path that starts like the stage is still sent with the stage in front.
        ask(&shop, &function, &request(&Method::GET, target, &[], "")).await;
    }
    let large = " ".repeat(1_048_577);
    ask(
        &shop,
        &function,
        &request(&Method::POST, "/reviews", &[], &large),
    )
    .await;
}

#[test]
fn lambda_answers_equal_core_on_sqlite() {
    run(StoreKind::Sqlite, Transport::Core, every_route);
}

#[test]
fn lambda_answers_equal_core_on_postgres() {
    run(StoreKind::Postgres, Transport::Core, every_route);
}
