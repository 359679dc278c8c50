//! The behaviour of the API (docs/api.md), case by case, in every cell of the matrix.

use std::time::Duration;

use atelier_conformance::{TestApp, TestResponse};
use atelier_test_support::pause;
use http::Method;
use serde_json::Value;
use tokio::time::timeout;

mod addresses;
mod answers;
mod bodies;
mod browsers;
mod caching;
mod cart;
mod characteristics;
mod compression;
mod concurrency;
mod errors;
mod forms;
mod idempotency;
mod interactions;
mod lambda_events;
mod methods;
mod new_reviews;
mod numbers;
mod openapi;
mod paging;
mod products;
mod queries;
mod question_answers;
mod questions;
mod recorded;
mod request_ids;
mod retries;
mod review_meta;
mod reviews;
mod sizes;
mod styles;
mod texts;
mod tokens;
mod writes;

/// Status and body of a response.
type Outcome = (u16, &'static str);

const CREATED: Outcome = (201, "Created");
const NO_CONTENT: Outcome = (204, "");
const UNREADABLE: Outcome = (400, "Error: request body is not valid JSON");
const NO_ROUTE: Outcome = (404, "Error: no such route");
const NO_PRODUCT: Outcome = (404, "Error: invalid product id provided");
const WRONG_METHOD: Outcome = (405, "Error: method not allowed");
const TOO_LARGE: Outcome = (413, "Error: request body is too large");
const BAD_PRODUCT_ID: Outcome = (422, "Error: invalid product_id provided");
const BAD_REVIEW_ID: Outcome = (422, "Error: invalid review id provided");
const BAD_REVIEW: Outcome = (422, "Error: Review body contains invalid entries");

/// A target of every GET route that answers 200.
const READS: [&str; 6] = [
    "/products",
    "/products/501",
    "/products/501/styles",
    "/products/501/related",
    "/reviews?product_id=501",
    "/reviews/meta?product_id=501",
];

/// Every path with its methods.
const PATHS: [(&str, &str); 8] = [
    ("/products", "GET, HEAD, OPTIONS"),
    ("/products/501", "GET, HEAD, OPTIONS"),
    ("/products/501/styles", "GET, HEAD, OPTIONS"),
    ("/products/501/related", "GET, HEAD, OPTIONS"),
    ("/reviews", "GET, HEAD, POST, OPTIONS"),
    ("/reviews/meta", "GET, HEAD, OPTIONS"),
    ("/reviews/31/helpful", "PUT, OPTIONS"),
    ("/reviews/31/report", "PUT, OPTIONS"),
];

/// Every position of an id: method, target before and after it, and the response to an invalid id.
const IDS: [(Method, &str, &str, Outcome); 7] = [
    (Method::GET, "/products/", "", NO_PRODUCT),
    (Method::GET, "/products/", "/styles", NO_PRODUCT),
    (Method::GET, "/products/", "/related", NO_PRODUCT),
    (Method::GET, "/reviews?product_id=", "", BAD_PRODUCT_ID),
    (Method::GET, "/reviews/meta?product_id=", "", BAD_PRODUCT_ID),
    (Method::PUT, "/reviews/", "/helpful", BAD_REVIEW_ID),
    (Method::PUT, "/reviews/", "/report", BAD_REVIEW_ID),
];

/// Returns a valid review of product 503. `fields`, in JSON, replace its own or are appended; an empty value removes a
/// field.
fn review(fields: &[(&str, &str)]) -> String {
    let mut all = vec![
        ("product_id", "503"),
        ("rating", "4"),
        ("summary", r#""Warm""#),
        ("body", r#""Kept me dry.""#),
        ("recommend", "true"),
        ("name", r#""pierwalker""#),
        ("email", r#""p@example.org""#),
    ];
    for (name, value) in fields {
        match all.iter_mut().find(|(known, _)| known == name) {
            Some(field) => field.1 = value,
            None => all.push((name, value)),
        }
    }
    let fields: Vec<String> = all
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("\"{name}\":{value}"))
        .collect();
    format!("{{{}}}", fields.join(","))
}

/// Posts such a review.
async fn add(shop: &TestApp, fields: &[(&str, &str)]) -> TestResponse {
    shop.post_text("/reviews", review(fields)).await
}

/// Sends a request again as long as the response is 503 with `Retry-After`, and returns the first other response.
async fn retry_while_busy(
    shop: &TestApp,
    method: Method,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> TestResponse {
    let asking = async {
        loop {
            let reply = shop
                .request(method.clone(), target, headers, body.as_bytes())
                .await;
            if reply.status != 503 {
                return reply;
            }
            let seconds = reply.header("retry-after").map(str::parse);
            assert!(matches!(seconds, Some(Ok(1..=5_u8))), "{reply:?}");
            pause().await;
        }
    };
    let answered = timeout(Duration::from_mins(1), asking).await;
    answered.unwrap_or_else(|_| panic!("timed out: {method} {target} is still 503"))
}

/// Returns a string as a JSON literal.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// Returns the listed reviews of a product, newest first.
async fn reviews_of(shop: &TestApp, product: i64) -> Vec<Value> {
    let reply = shop
        .get(&format!(
            "/reviews?product_id={product}&sort=newest&count=1000"
        ))
        .await;
    reply.json()["results"]
        .as_array()
        .expect("a list of reviews")
        .clone()
}

/// Returns the values of one key of JSON objects.
fn each<'a>(objects: impl IntoIterator<Item = &'a Value>, key: &str) -> Vec<Value> {
    objects
        .into_iter()
        .map(|object| object[key].clone())
        .collect()
}

/// Returns the ids of a list of products or reviews, in order.
fn ids(reply: &TestResponse) -> Vec<i64> {
    let json = reply.json();
    let rows = json
        .as_array()
        .or_else(|| json["results"].as_array())
        .expect("a list");
    rows.iter()
        .map(|row| {
            row.get("review_id")
                .unwrap_or(&row["id"])
                .as_i64()
                .expect("an id")
        })
        .collect()
}
