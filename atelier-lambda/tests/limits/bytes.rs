//! Payload limits of responses, of Lambda and of load balancers.

use std::time::Duration;

use atelier_core::bulk::{Batch, Product};
use atelier_core::http::HttpSettings;
use atelier_core::store::{self, Provenance};
use atelier_core::{Atelier, Cents, DatabaseUrl, Millis};
use atelier_lambda::Function;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{capture_log, event, events, take_log};

const LAMBDA: usize = 6 * 1_024 * 1_024;
const ALB: usize = 1_000_000;

/// A function over products with these descriptions, and ids from 1.
async fn function(descriptions: &[String]) -> (Function, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let url = DatabaseUrl::sqlite(folder.path().join("shop.db"));
    let products = descriptions
        .iter()
        .zip(1..)
        .map(|(description, id)| Product {
            id,
            name: "Parka".to_owned(),
            slogan: String::new(),
            description: description.clone(),
            category: String::new(),
            default_price: Cents(100),
            created_at: Millis(0),
            updated_at: Millis(0),
            features: vec![],
            related: vec![],
            styles: vec![],
        });
    let rows = Batch {
        products: products.collect(),
        ..Batch::default()
    };
    store::fill(&url, rows, Provenance::Loaded("a test"))
        .await
        .expect("the rows are loaded");
    let store = atelier_core::open(&url, &atelier_core::StoreOptions::default())
        .await
        .expect("the store opens");
    (
        Function::new(Atelier::new(store), HttpSettings::default()),
        folder,
    )
}

/// The response, and the size of its JSON.
async fn respond(function: &Function, asked: &Value) -> (Value, usize) {
    let response = function.respond(event(asked), Duration::from_mins(1)).await;
    let json = serde_json::to_string(&response).expect("JSON");
    (serde_json::from_str(&json).expect("JSON"), json.len())
}

fn limit(source: &str) -> usize {
    if source == "load balancer" {
        ALB
    } else {
        LAMBDA
    }
}

#[tokio::test]
async fn response_at_the_limit_is_sent_and_one_byte_more_is_answered_500() {
    let (small, _folder) = function(&["x".to_owned()]).await;
    let mut descriptions = vec![];
    for (_, asked) in events("GET", "/products/1", &json!({"x-request-id": "a"})) {
        let (_, bytes) = respond(&small, &asked).await;
        descriptions.push(bytes - 1);
    }
    let descriptions: Vec<_> = [LAMBDA, LAMBDA, ALB]
        .iter()
        .zip(descriptions)
        .flat_map(|(limit, rest)| [limit - rest, limit - rest + 1].map(|length| "x".repeat(length)))
        .collect();
    let (full, _folder) = function(&descriptions).await;
    capture_log();
    for at in 0..3 {
        for (more, status) in [(0, 200), (1, 500)] {
            let path = format!("/products/{}", 1 + 2 * at + more);
            let (source, asked) = &events("GET", &path, &json!({"x-request-id": "a"}))[at];
            let (response, bytes) = respond(&full, asked).await;
            let line = take_log();
            assert_eq!(response["statusCode"], status, "{source}");
            assert_eq!(response["isBase64Encoded"], false, "{source}");
            if status == 200 {
                assert_eq!((bytes, &*line), (limit(source), ""), "{source}");
            } else {
                let sentence =
                    "An error occurred. If this error persists, contact your instruction team.";
                assert_eq!(response["body"], sentence, "{source}");
                assert!(
                    line.contains("ERROR") && line.contains(&limit(source).to_string()),
                    "{line}"
                );
                assert!(
                    line.contains(r#"method=GET route="/products/{product_id}""#),
                    "{line}"
                );
            }
        }
    }
}

#[tokio::test]
async fn text_that_exceeds_the_limit_when_escaped_is_sent_as_base64() {
    // Each quote has two bytes in the body, and four in the JSON of the response.
    let quotes = |limit: usize| "\"".repeat(limit * 3 / 10);
    let (function, _folder) = function(&[quotes(LAMBDA), quotes(ALB)]).await;
    for at in 0..3 {
        let path = format!("/products/{}", 1 + at / 2);
        let (source, asked) = &events("GET", &path, &json!({}))[at];
        let (response, bytes) = respond(&function, asked).await;
        assert_eq!(response["statusCode"], 200, "{source}");
        assert_eq!(response["isBase64Encoded"], true, "{source}");
        assert!(bytes <= limit(source), "{source}: {bytes}");
        let length = response["body"].as_str().expect("a text").len() * 3 / 4;
        assert!(length > limit(source) * 6 / 10, "{source}: {length}");
    }
}

#[tokio::test]
async fn compressed_body_fits_where_the_plain_one_does_not() {
    let (function, _folder) = function(&["x".repeat(LAMBDA)]).await;
    for (encoding, status) in [("gzip", 200), ("identity", 500)] {
        for (source, asked) in events("GET", "/products/1", &json!({"accept-encoding": encoding})) {
            let (response, bytes) = respond(&function, &asked).await;
            assert_eq!(response["statusCode"], status, "{source} with {encoding}");
            assert_eq!(
                response["isBase64Encoded"],
                status == 200,
                "{source} with {encoding}"
            );
            assert!(bytes < 100_000, "{source}: {bytes}");
        }
    }
}
