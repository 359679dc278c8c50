//! Passwords, tokens and e-mail addresses appear in no response, error or log line, at any log level.

use atelier_test_support::runtime_api::{Lambda, Outcome, http_event};
use serde_json::json;

use crate::{TIMEOUT, bootstrap, connect, execute, json_event, review, seeded};

/// Contained in every secret, and in nothing else.
const CANARY: &str = "canary";
const TOKEN: &str = "token-canary-5b1d";

/// Valid and invalid events; the first two need the database.
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

async fn invoke(lambda: &Lambda, events: Vec<Vec<u8>>) {
    for event in events {
        match lambda.invoke(event, TIMEOUT).await {
            Outcome::Answer(answer) => {
                let answer = String::from_utf8_lossy(&answer);
                assert!(!answer.contains(CANARY), "answered: {answer}");
            }
            Outcome::Error(json) => assert!(!json.contains(CANARY), "reported: {json}"),
            other => panic!("{other:?}"),
        }
    }
}

/// Ends the process, so that its log is complete, and searches it.
async fn assert_no_canary_logged(lambda: Lambda, words: &str) {
    lambda.terminate();
    let ended = tokio::time::timeout(TIMEOUT, lambda.ended()).await;
    let log = ended.expect("it ends").log;
    assert!(log.contains(words), "{words} is not in: {log}");
    if let Some(line) = log.lines().find(|line| line.contains(CANARY)) {
        panic!("logged: {line}");
    }
}

#[tokio::test]
async fn rejected_rows_are_not_logged() {
    let database = seeded().await;
    // PostgreSQL's error contains the whole row.
    let refuse = "alter table reviews add check (id < 0) not valid";
    execute(&mut connect(&database).await, refuse).await;
    // The PostgreSQL of the tests ignores the password.
    let url = database.url().replacen("postgres@", "postgres:canary@", 1);
    for level in ["warn", "debug"] {
        let environment = [
            ("DATABASE_URL", &*url),
            ("ATELIER_TOKEN", TOKEN),
            ("ATELIER_LOG", level),
        ];
        let lambda = bootstrap(&environment).await;
        invoke(&lambda, events()).await;
        assert_no_canary_logged(lambda, "ERROR").await;
    }
}

#[tokio::test]
async fn unreachable_database_is_logged_without_its_password() {
    let connect = async |url, level| {
        let environment = [
            ("DATABASE_URL", url),
            ("ATELIER_TOKEN", TOKEN),
            ("ATELIER_LOG", level),
        ];
        let lambda = bootstrap(&environment).await;
        // Each request waits for a connection until its timeout.
        invoke(&lambda, events().drain(..2).collect()).await;
        assert_no_canary_logged(lambda, "Connection refused").await;
    };
    tokio::join!(
        connect("postgres://shop:canary@127.0.0.1:1/shop", "warn"),
        connect("postgres://shop:canary@127.0.0.1:1/shop", "debug"),
        connect("postgres://shop@127.0.0.1:1/shop?password=canary", "debug"),
    );
}
