//! Responses before Lambda's deadline while the database is blocked.

use std::time::Duration;

use atelier_test_support::runtime_api::http_event;

use crate::{added, answered, ask, connect, execute, function, get, json_event, review, seeded};

/// Lambda's default deadline, and shorter ones.
const DEADLINES: [Duration; 3] = [
    Duration::from_secs(3),
    Duration::from_secs(1),
    Duration::from_millis(600),
];

const LOCK: &str = "begin; lock table reviews in access exclusive mode";

#[tokio::test]
async fn blocked_read_is_answered_before_the_deadline() {
    let database = seeded().await;
    let lambda = function(&database.url()).await;
    let mut other = connect(&database).await;
    execute(&mut other, LOCK).await;
    for deadline in DEADLINES {
        let event = http_event("GET", "/reviews?product_id=501", &[], b"");
        let reply = answered(lambda.invoke(event, deadline).await);
        assert_eq!(reply.status, 503, "{deadline:?}: {}", reply.text());
        // Other requests are not blocked.
        assert_eq!(get(&lambda, "/products/501").await.status, 200);
    }
    execute(&mut other, "rollback").await;
    assert_eq!(get(&lambda, "/reviews?product_id=501").await.status, 200);
}

#[tokio::test]
async fn repeated_post_after_timeouts_is_stored_once() {
    let database = seeded().await;
    let lambda = function(&database.url()).await;
    let mut other = connect(&database).await;
    execute(&mut other, LOCK).await;
    let event = json_event("/reviews", &[("idempotency-key", "k")], &review("Once."));
    for deadline in DEADLINES {
        let reply = answered(lambda.invoke(event.clone(), deadline).await);
        assert_eq!(reply.status, 503, "{deadline:?}: {}", reply.text());
    }
    execute(&mut other, "rollback").await;
    for _ in 0..2 {
        let reply = ask(&lambda, event.clone()).await;
        assert_eq!(reply.status, 201, "{}", reply.text());
    }
    assert_eq!(added(&database).await, ["Once."]);
}

#[tokio::test]
async fn first_request_is_answered_while_the_database_is_blocked() {
    let database = seeded().await;
    let mut other = connect(&database).await;
    // The table that is read first after connecting.
    execute(
        &mut other,
        "begin; lock table _sqlx_migrations in access exclusive mode",
    )
    .await;
    let lambda = function(&database.url()).await;
    let event = http_event("GET", "/products/501", &[], b"");
    let reply = answered(lambda.invoke(event, DEADLINES[1]).await);
    assert_eq!(reply.status, 503, "{}", reply.text());
    execute(&mut other, "rollback").await;
    assert_eq!(get(&lambda, "/products/501").await.status, 200);
}
