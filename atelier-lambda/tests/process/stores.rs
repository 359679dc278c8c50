//! Reads and writes with both stores.

use std::collections::HashMap;

use atelier_test_support::runtime_api::{Lambda, http_event};
use serde_json::json;

use crate::{added, ask, function, get, packed, post, query, review, seeded};

/// A request for each read.
const READS: [&str; 12] = [
    "/products",
    "/products?page=2&count=2",
    "/products/501",
    "/products/501/styles",
    "/products/501/related",
    "/reviews?product_id=501&count=99",
    "/reviews?product_id=501&count=99&sort=newest",
    "/reviews/meta?product_id=501",
    "/qa/questions?product_id=501&count=99",
    "/qa/questions/71/answers?count=99",
    "/cart",
    "/openapi.json",
];

/// Sends every read 25 times, and asserts that the responses do not change.
async fn assert_reads(lambda: &Lambda) {
    let mut first = HashMap::new();
    for target in READS.iter().cycle().take(25 * READS.len()) {
        let reply = get(lambda, target).await;
        assert_eq!(reply.status, 200, "{target}: {}", reply.text());
        let body = first.entry(target).or_insert_with(|| reply.body.clone());
        assert_eq!(*body, reply.body, "{target}");
    }
    let product = get(lambda, "/products/501").await.json();
    assert_eq!(product["name"], "Harbour Parka");
    assert_eq!(get(lambda, "/products/1").await.status, 404);
    assert_eq!(lambda.log(), "");
}

#[tokio::test]
async fn packed_file_serves_repeated_requests() {
    let (url, _folder) = packed().await;
    // Instances of a function share only the file.
    let (one, other) = (function(&url).await, function(&url).await);
    assert_reads(&one).await;
    assert_reads(&other).await;
}

#[tokio::test]
async fn postgres_serves_repeated_requests_on_one_connection() {
    let database = seeded().await;
    let lambda = function(&database.url()).await;
    assert_reads(&lambda).await;
    let sessions = "select application_name from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'";
    assert_eq!(query(&database, sessions).await, ["atelier"]);
}

#[tokio::test]
async fn posts_and_votes_are_read_back() {
    let database = seeded().await;
    let lambda = function(&database.url()).await;
    let reply = post(&lambda, "/reviews", &review("Kept me dry.")).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let page = get(&lambda, "/reviews?product_id=503").await.json();
    assert_eq!(page["results"][0]["body"], "Kept me dry.");
    assert_eq!(added(&database).await, ["Kept me dry."]);

    let vote = http_event("PUT", "/reviews/31/helpful", &[], b"");
    assert_eq!(ask(&lambda, vote).await.status, 204);
    let page = get(&lambda, "/reviews?product_id=501&count=99")
        .await
        .json();
    let reviews = page["results"].as_array().expect("a list");
    let voted = reviews.iter().find(|review| review["review_id"] == 31);
    assert_eq!(voted.expect("it is there")["helpfulness"], 4);
}

#[tokio::test]
async fn writes_are_visible_to_other_instances_at_once() {
    let database = seeded().await;
    let (one, other) = (
        function(&database.url()).await,
        function(&database.url()).await,
    );
    assert_eq!(
        get(&other, "/reviews?product_id=503").await.json()["results"],
        json!([])
    );
    assert_eq!(post(&one, "/reviews", &review("New.")).await.status, 201);
    let page = get(&other, "/reviews?product_id=503").await.json();
    assert_eq!(page["results"][0]["body"], "New.");
}

#[tokio::test]
async fn packed_file_refuses_writes_as_read_only() {
    let (url, _folder) = packed().await;
    let lambda = function(&url).await;
    let before = get(&lambda, "/reviews?product_id=503").await;
    let posts = [
        ("/reviews", review("Refused.")),
        (
            "/qa/questions",
            json!({"product_id": 501, "body": "b", "name": "n", "email": "canary@example.org"}),
        ),
        (
            "/qa/questions/71/answers",
            json!({"body": "b", "name": "n", "email": "canary@example.org"}),
        ),
        ("/cart", json!({"sku_id": 77_001})),
        (
            "/interactions",
            json!({"element": "e", "widget": "w", "time": "t"}),
        ),
    ];
    for (target, body) in posts {
        let reply = post(&lambda, target, &body).await;
        assert_eq!(
            reply.parts(),
            (403, "Error: this service is read-only"),
            "{target}"
        );
    }
    for target in [
        "/reviews/31/helpful",
        "/reviews/31/report",
        "/qa/questions/71/helpful",
        "/qa/answers/81/report",
    ] {
        let reply = ask(&lambda, http_event("PUT", target, &[], b"")).await;
        assert_eq!(
            reply.parts(),
            (403, "Error: this service is read-only"),
            "{target}"
        );
    }
    assert_eq!(
        get(&lambda, "/reviews?product_id=503").await.body,
        before.body
    );
}
