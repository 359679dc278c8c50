//! Passwords, tokens and e-mail addresses come out nowhere, however much is logged.

use atelier_test_support::runtime_api::{Lambda, Outcome, http_event};
use serde_json::json;

use crate::{PATIENCE, bootstrap, connect, execute, json_event, review, seeded};

/// In every secret, and in nothing else.
const CANARY: &str = "canary";
const TOKEN: &str = "token-canary-5b1d";

/// What can be asked, and what can go wrong in it: first what needs the database.
fn events() -> Vec<Vec<u8>> {
    let token = ("authorization", TOKEN);
    let large = format!(
        "{{\"email\":\"canary@example.org\",\"x\":\"{}\"}}",
        "x".repeat(2_000_000)
    );
    vec![
        json_event("/reviews", &[token], &review("b")),
        json_event("/reviews", &[token, ("idempotency-key", "k")], &review("b")),
        http_event("GET", "/cart", &[token], b""),
        http_event("GET", "/products/501", &[token], b""),
        json_event(
            "/cart",
            &[token],
            &json!({"sku_id": 77_001, "email": "canary@example.org"}),
        ),
        json_event("/reviews", &[], &review("b")),
        json_event(
            "/reviews",
            &[token],
            &json!({"email": "canary@example.org"}),
        ),
        json_event("/reviews", &[token], &json!("canary@example.org")),
        http_event("POST", "/reviews", &[token], large.as_bytes()),
        http_event(
            "GET",
            "/products/501",
            &[("authorization", "other-canary")],
            b"",
        ),
        br#"{"email":"canary@example.org"}"#.to_vec(),
        br#""canary@example.org""#.to_vec(),
        br#"{"version":"2.0","headers":"canary@example.org"}"#.to_vec(),
    ]
}

async fn ask(lambda: &Lambda, events: Vec<Vec<u8>>) {
    for event in events {
        match lambda.invoke(event, PATIENCE).await {
            Outcome::Answer(answer) => {
                let answer = String::from_utf8_lossy(&answer);
                assert!(!answer.contains(CANARY), "answered: {answer}");
            }
            Outcome::Error(json) => assert!(!json.contains(CANARY), "reported: {json}"),
            other => panic!("{other:?}"),
        }
    }
}

/// Ends the process, so that all it wrote is there.
async fn nothing_logged(lambda: Lambda, words: &str) {
    lambda.terminate();
    let ended = tokio::time::timeout(PATIENCE, lambda.ended()).await;
    let log = ended.expect("it ends").log;
    assert!(log.contains(words), "{words} is not in: {log}");
    if let Some(line) = log.lines().find(|line| line.contains(CANARY)) {
        panic!("logged: {line}");
    }
}

#[tokio::test]
async fn a_database_that_refuses_rows_tells_nobody_what_is_in_them() {
    let database = seeded().await;
    // PostgreSQL says so with the whole row that failed.
    let refuse = "alter table reviews add check (id < 0) not valid";
    execute(&mut connect(&database).await, refuse).await;
    // Without a password at all on a server that was started for the tests: it trusts everyone.
    let url = database.url().replacen("postgres@", "postgres:canary@", 1);
    for level in ["warn", "debug"] {
        let environment = [
            ("DATABASE_URL", &*url),
            ("ATELIER_TOKEN", TOKEN),
            ("ATELIER_LOG", level),
        ];
        let lambda = bootstrap(&environment).await;
        ask(&lambda, events()).await;
        nothing_logged(lambda, "ERROR").await;
    }
}

#[tokio::test]
async fn a_database_out_of_reach_is_named_without_its_password() {
    let tried = async |url, level| {
        let environment = [
            ("DATABASE_URL", url),
            ("ATELIER_TOKEN", TOKEN),
            ("ATELIER_LOG", level),
        ];
        let lambda = bootstrap(&environment).await;
        // Each waits for a connection as long as it may.
        ask(&lambda, events().drain(..2).collect()).await;
        nothing_logged(lambda, "Connection refused").await;
    };
    tokio::join!(
        tried("postgres://shop:canary@127.0.0.1:1/shop", "warn"),
        tried("postgres://shop:canary@127.0.0.1:1/shop", "debug"),
        tried("postgres://shop@127.0.0.1:1/shop?password=canary", "debug"),
    );
}
