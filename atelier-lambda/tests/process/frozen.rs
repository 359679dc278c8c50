//! A process that is frozen between requests.

use atelier_test_support::postgres::Database;
use atelier_test_support::runtime_api::Lambda;
use http::StatusCode;

use crate::{added, function, get, post, query, review, seeded, until};

/// Freezes the process and ends its session on the database.
async fn drop_session(lambda: &Lambda, database: &Database) {
    const SESSIONS: &str = "select pid::text from pg_stat_activity
        where datname = current_database() and application_name = 'atelier'";
    lambda.idle().await.expect("it goes on");
    lambda.freeze();
    let ended = "select pg_terminate_backend(pid)::text from pg_stat_activity
        where datname = current_database() and application_name = 'atelier'";
    assert_eq!(
        query(database, ended).await,
        ["true"],
        "one connection of one instance"
    );
    until("the session is gone", || async {
        query(database, SESSIONS).await.is_empty()
    })
    .await;
    lambda.thaw();
}

#[tokio::test]
async fn read_is_answered_after_the_session_was_dropped() {
    let database = seeded().await;
    let lambda = function(&database.url()).await;
    // A different target each time, in case responses are cached.
    for target in ["/products/501", "/products/502", "/reviews?product_id=507"] {
        assert_eq!(get(&lambda, "/products/503").await.status, 200);
        assert_eq!(
            get(&lambda, "/reviews/meta?product_id=501").await.status,
            200
        );
        drop_session(&lambda, &database).await;
        let reply = get(&lambda, target).await;
        assert_eq!(reply.status, 200, "{target}: {}", reply.text());
    }
}

#[tokio::test]
async fn post_is_stored_once_after_the_session_was_dropped() {
    let database = seeded().await;
    let lambda = function(&database.url()).await;
    for body in ["One.", "Two.", "Three."] {
        let reply = post(&lambda, "/reviews", &review(body)).await;
        assert_eq!(reply.status, 201, "{}", reply.text());
        drop_session(&lambda, &database).await;
    }
    let reply = post(&lambda, "/reviews", &review("Four.")).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text());
    assert_eq!(added(&database).await, ["One.", "Two.", "Three.", "Four."]);
}

#[tokio::test]
async fn every_post_is_stored_once_when_frozen_after_each_response() {
    let database = seeded().await;
    let lambda = function(&database.url()).await;
    lambda.freeze_between();
    let bodies: Vec<String> = (1..=100)
        .map(|number| format!("Number {number}."))
        .collect();
    for body in &bodies {
        let reply = post(&lambda, "/reviews", &review(body)).await;
        assert_eq!(reply.status, 201, "{}", reply.text());
    }
    assert_eq!(added(&database).await, bodies);
    let page = get(&lambda, "/reviews?product_id=503&count=200")
        .await
        .json();
    assert_eq!(page["results"].as_array().map(Vec::len), Some(100));
}
