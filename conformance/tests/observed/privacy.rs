//! E-mail addresses and tokens are in no response and no log, and tokens are not stored.

use atelier_conformance::matrix::{StoreKind, Transport, run};
use atelier_conformance::rows::rows;
use atelier_conformance::{TestApp, TestResponse};
use atelier_core::DatabaseUrl;
use atelier_core::http::HttpSettings;
use http::Method;
use serde_json::{Value, json};

use crate::recorder::{clear, record, recorded};

/// Part of every posted or seeded address and of every token, and of nothing else.
const CANARY: &str = "canary";
const TOKEN: &str = "token-canary-5b1d";
const EMAIL: &str = "canary-posted@example.org";

/// Every POST route, and a body that is accepted.
fn posts() -> [(&'static str, Value); 5] {
    [
        (
            "/reviews",
            json!({"product_id": 501, "rating": 4, "body": "b", "recommend": true, "name": "n", "email": EMAIL}),
        ),
        (
            "/qa/questions",
            json!({"product_id": 501, "body": "b", "name": "n", "email": EMAIL}),
        ),
        (
            "/qa/questions/71/answers",
            json!({"body": "b", "name": "n", "email": EMAIL}),
        ),
        ("/cart", json!({"sku_id": 5, "email": EMAIL})),
        (
            "/interactions",
            json!({"element": "e", "widget": "w", "time": "t", "email": EMAIL}),
        ),
    ]
}

async fn ask(
    shop: &TestApp,
    method: Method,
    target: &str,
    more: &[(&str, &str)],
    body: &str,
) -> TestResponse {
    let headers = [&[("authorization", TOKEN)], more].concat();
    let reply = shop
        .request(method.clone(), target, &headers, body.as_bytes())
        .await;
    let all = format!(
        "{:?} {}",
        reply.headers,
        String::from_utf8_lossy(&reply.body)
    );
    assert!(
        !all.contains(CANARY) && !all.contains('@'),
        "{method} {target}: {all}"
    );
    reply
}

/// Posts valid bodies, and bodies that are refused in every way.
async fn post_everything(shop: &TestApp) {
    let large = format!(
        "{{\"email\":\"{EMAIL}\",\"x\":\"{}\"}}",
        "x".repeat(1_048_576)
    );
    let problem = ("accept", "application/problem+json");
    for (target, body) in posts() {
        let text = body.to_string();
        let key = ("idempotency-key", "key");
        for (more, body, status) in [
            (&[key][..], &*text, 201),
            (&[key], &text, 201),
            (&[key], &large, 413),
            (&[], &large, 413),
            (&[key, problem], &format!("{text} "), 422),
            (&[("idempotency-key", "")], &text, 400),
            (&[], &text[..text.len() - 1], 400),
            (&[problem], &format!("{text}{EMAIL}"), 400),
            (&[problem], &format!("{{\"email\":\"{EMAIL}\"}}"), 422),
            (&[], &format!("{{\"email\":[\"{EMAIL}\"]}}"), 422),
            (
                &[("content-type", "application/x-www-form-urlencoded")],
                &format!("email={EMAIL}"),
                422,
            ),
            (
                &[],
                &text
                    .replace('@', "@@")
                    .replace("\"n\"", "\"\"")
                    .replace("\"sku_id\":5", "\"sku_id\":0")
                    .replace("\"w\"", "\"\""),
                422,
            ),
        ] {
            let reply = ask(shop, Method::POST, target, more, body).await;
            assert_eq!(
                reply.status,
                status,
                "{target} with {more:?}: {}",
                reply.text()
            );
        }
    }
    ask(
        shop,
        Method::POST,
        "/qa/questions/x/answers",
        &[problem],
        &posts()[2].1.to_string(),
    )
    .await;
    ask(
        shop,
        Method::POST,
        "/nothing",
        &[],
        &posts()[0].1.to_string(),
    )
    .await;
}

async fn read_everything(shop: &TestApp) {
    for target in [
        "/products?count=99",
        "/products/501",
        "/products/501/styles",
        "/products/501/related",
        "/products/0",
        "/reviews?product_id=501&count=99",
        "/reviews?product_id=501&count=99&sort=newest",
        "/reviews?product_id=x",
        "/reviews/meta?product_id=501",
        "/qa/questions?product_id=501&count=99",
        "/qa/questions/71/answers?count=99",
        "/qa/questions/73/answers",
        "/qa/questions/x/answers",
        "/cart",
        "/nothing",
    ] {
        for method in [Method::GET, Method::HEAD, Method::OPTIONS, Method::DELETE] {
            ask(
                shop,
                method,
                target,
                &[("cookie", "x=1")],
                &posts()[0].1.to_string(),
            )
            .await;
        }
    }
    for row in [
        "/reviews/31",
        "/reviews/x",
        "/qa/questions/72",
        "/qa/questions/x",
        "/qa/answers/81",
        "/qa/answers/x",
    ] {
        for what in ["helpful", "report"] {
            ask(
                shop,
                Method::PUT,
                &format!("{row}/{what}"),
                &[],
                &posts()[0].1.to_string(),
            )
            .await;
        }
    }
}

/// Makes the store refuse new reviews, questions and answers: PostgreSQL says so with the whole row that failed.
async fn break_writes(shop: &TestApp) {
    let statements = match shop.url {
        DatabaseUrl::Postgres(_) => [
            "alter table reviews add check (id < 0) not valid",
            "alter table questions add check (id < 0) not valid",
            "alter table answers add check (id < 0) not valid",
        ],
        DatabaseUrl::Sqlite(_) | DatabaseUrl::SqliteReadOnly(_) => [
            "create trigger no_reviews before insert on reviews begin select raise(abort, 'no'); end",
            "create trigger no_questions before insert on questions begin select raise(abort, 'no'); end",
            "create trigger no_answers before insert on answers begin select raise(abort, 'no'); end",
        ],
    };
    for statement in statements {
        rows(shop, statement).await;
    }
}

/// Returns everything stored that could contain a token.
async fn traces(shop: &TestApp) -> String {
    match &shop.url {
        DatabaseUrl::Postgres(_) => {
            let rows = rows(
                shop,
                "select t::text from cart_items t union all select t::text from idempotency_keys t union all \
                 select t::text from interactions t union all select t::text from reviews t union all \
                 select t::text from questions t union all select t::text from answers t",
            );
            rows.await.concat().join("\n")
        }
        DatabaseUrl::Sqlite(path) | DatabaseUrl::SqliteReadOnly(path) => {
            let log = format!("{}-wal", path.display());
            let bytes = [
                std::fs::read(path).expect("the file"),
                std::fs::read(log).expect("its log"),
            ]
            .concat();
            String::from_utf8_lossy(&bytes).into_owned()
        }
    }
}

fn assert_nothing_logged() {
    let logged = recorded();
    assert!(logged.contains("sqlx::query"), "nothing was recorded");
    if let Some(line) = logged.lines().find(|line| line.contains(CANARY)) {
        panic!("logged: {line}");
    }
}

async fn disclose_nothing(shop: TestApp) {
    post_everything(&shop).await;
    read_everything(&shop).await;
    let traces = traces(&shop).await;
    assert!(traces.contains(EMAIL), "the posts are not stored");
    assert!(!traces.contains(TOKEN), "the token is stored");
    assert_nothing_logged();
    // Stores that outlive their database would log that, in the recording of another test.
    shop.store.close().await;
}

async fn fail_to_store(shop: TestApp) {
    break_writes(&shop).await;
    for (target, body) in &posts()[..3] {
        for more in [
            &[][..],
            &[("idempotency-key", "key")],
            &[("accept", "application/problem+json")],
        ] {
            let reply = ask(&shop, Method::POST, target, more, &body.to_string()).await;
            assert_eq!(reply.status, 500, "{target}: {}", reply.text());
        }
    }
    let logged = recorded().contains("ERROR");
    assert!(logged, "a failure is logged");
    assert_nothing_logged();
    // Stores that outlive their database would log that, in the recording of another test.
    shop.store.close().await;
}

async fn refuse_without_token(shop: TestApp) {
    let tokens = vec!["accepted-canary".to_owned()];
    let shop = shop.configured(HttpSettings {
        tokens,
        ..HttpSettings::default()
    });
    assert!(!format!("{:?}", shop.api.settings()).contains(CANARY));
    for (target, body) in posts() {
        let reply = ask(&shop, Method::POST, target, &[], &body.to_string()).await;
        assert_eq!(reply.status, 401, "{target}");
    }
    read_everything(&shop).await;
    let accepted = [("authorization", "accepted-canary")];
    assert_eq!(
        shop.request(Method::GET, "/cart", &accepted, b"")
            .await
            .status,
        200
    );
    assert_nothing_logged();
    // Stores that outlive their database would log that, in the recording of another test.
    shop.store.close().await;
}

#[test]
fn email_addresses_and_tokens_are_never_disclosed() {
    let _recording = record();
    for store in [StoreKind::Sqlite, StoreKind::Postgres] {
        for transport in [Transport::Core, Transport::Warp, Transport::Lambda] {
            clear();
            run(store, transport, disclose_nothing);
            clear();
            run(store, transport, fail_to_store);
            run(store, transport, refuse_without_token);
        }
    }
}
