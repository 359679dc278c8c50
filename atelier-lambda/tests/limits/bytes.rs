//! Nothing leaves that Lambda, or a load balancer, would not take.

use std::time::Duration;

use atelier_core::bulk::{Batch, Product};
use atelier_core::store::{self, Mark};
use atelier_core::{Cents, Clock, DatabaseUrl, Millis, Settings};
use atelier_lambda::Function;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{event, events, logged, taken};

const LAMBDA: usize = 6 * 1_024 * 1_024;
const BALANCER: usize = 1_000_000;

/// A function over products with these descriptions, by id from 1.
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
    store::fill(&url, rows, Mark::Loaded("a test"))
        .await
        .expect("the rows are loaded");
    let store = atelier_core::open(&url).await.expect("the store opens");
    (
        Function::new(store, Settings::default(), Clock::System),
        folder,
    )
}

/// The answer, and how many bytes it is.
async fn answer(function: &Function, asked: &Value) -> (Value, usize) {
    let answer = function.answer(event(asked), Duration::from_mins(1)).await;
    let answer = serde_json::to_string(&answer).expect("JSON");
    (serde_json::from_str(&answer).expect("JSON"), answer.len())
}

fn limit(caller: &str) -> usize {
    if caller == "load balancer" {
        BALANCER
    } else {
        LAMBDA
    }
}

#[tokio::test]
async fn what_fits_to_the_byte_leaves_and_one_byte_more_does_not() {
    let (small, _folder) = function(&["x".to_owned()]).await;
    let mut descriptions = vec![];
    for (_, asked) in events("GET", "/products/1", &json!({"x-request-id": "a"})) {
        let (_, bytes) = answer(&small, &asked).await;
        descriptions.push(bytes - 1);
    }
    let descriptions: Vec<_> = [LAMBDA, LAMBDA, BALANCER]
        .iter()
        .zip(descriptions)
        .flat_map(|(limit, rest)| [limit - rest, limit - rest + 1].map(|length| "x".repeat(length)))
        .collect();
    let (full, _folder) = function(&descriptions).await;
    let (lines, _guard) = logged();
    for at in 0..3 {
        for (more, status) in [(0, 200), (1, 500)] {
            let path = format!("/products/{}", 1 + 2 * at + more);
            let (caller, asked) = &events("GET", &path, &json!({"x-request-id": "a"}))[at];
            let (answer, bytes) = answer(&full, asked).await;
            let line = taken(&lines);
            assert_eq!(answer["statusCode"], status, "{caller}");
            assert_eq!(answer["isBase64Encoded"], false, "{caller}");
            if status == 200 {
                assert_eq!((bytes, &*line), (limit(caller), ""), "{caller}");
            } else {
                let sentence =
                    "An error occurred. If this error persists, contact your instruction team.";
                assert_eq!(answer["body"], sentence, "{caller}");
                assert!(
                    line.contains("ERROR") && line.contains(&limit(caller).to_string()),
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
async fn a_text_that_grows_by_escaping_leaves_as_base64() {
    // In an answer each of these is two bytes, and in the JSON around that four.
    let quotes = |limit: usize| "\"".repeat(limit * 3 / 10);
    let (function, _folder) = function(&[quotes(LAMBDA), quotes(BALANCER)]).await;
    for at in 0..3 {
        let path = format!("/products/{}", 1 + at / 2);
        let (caller, asked) = &events("GET", &path, &json!({}))[at];
        let (answer, bytes) = answer(&function, asked).await;
        assert_eq!(answer["statusCode"], 200, "{caller}");
        assert_eq!(answer["isBase64Encoded"], true, "{caller}");
        assert!(bytes <= limit(caller), "{caller}: {bytes}");
        let length = answer["body"].as_str().expect("a text").len() * 3 / 4;
        assert!(length > limit(caller) * 6 / 10, "{caller}: {length}");
    }
}

#[tokio::test]
async fn who_takes_gzip_gets_what_is_too_large_without() {
    let (function, _folder) = function(&["x".repeat(LAMBDA)]).await;
    for (encoding, status) in [("gzip", 200), ("identity", 500)] {
        for (caller, asked) in events("GET", "/products/1", &json!({"accept-encoding": encoding})) {
            let (answer, bytes) = answer(&function, &asked).await;
            assert_eq!(answer["statusCode"], status, "{caller} with {encoding}");
            assert_eq!(
                answer["isBase64Encoded"],
                status == 200,
                "{caller} with {encoding}"
            );
            assert!(bytes < 100_000, "{caller}: {bytes}");
        }
    }
}
