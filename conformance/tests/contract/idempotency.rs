//! `Idempotency-Key`, and the order of its errors.

use std::sync::Arc;

use atelier_conformance::matrix::{StoreKind, Transport, run};
use atelier_conformance::{TestApp, TestResponse, cases, seed};
use atelier_core::http::{HttpApi, HttpSettings};
use atelier_core::{Atelier, Clock, DatabaseUrl, Limits, ManualClock};
use bytes::Bytes;
use http::{HeaderValue, Method, Request};
use tokio::task::JoinSet;

use crate::questions::BAD_QUESTION_ID;
use crate::{CREATED, NO_ROUTE, Outcome, TOO_LARGE, UNREADABLE, WRONG_METHOD, retry_while_busy};
use atelier_conformance::rows::rows;

const MALFORMED_KEY: Outcome = (400, "Error: invalid idempotency key provided");
const KEY_REUSED: Outcome = (422, "Error: idempotency key was used with another body");
const NO_TOKEN: Outcome = (401, "Error: a valid token is required");
const DAY: u64 = 86_400_000;

/// A POST route.
struct Post {
    target: &'static str,
    body: &'static str,
    /// Another valid body.
    other: &'static str,
    /// Counts the stored rows.
    stored: &'static str,
}

const POSTS: [Post; 5] = [
    Post {
        target: "/reviews",
        body: r#"{"product_id":503,"rating":4,"body":"b","recommend":true,"name":"n","email":"e@example.org"}"#,
        other: r#"{"product_id":503,"rating":5,"body":"b","recommend":true,"name":"n","email":"e@example.org"}"#,
        stored: "select cast(count(*) as text) from reviews",
    },
    Post {
        target: "/qa/questions",
        body: r#"{"product_id":503,"body":"b","name":"n","email":"e@example.org"}"#,
        other: r#"{"product_id":503,"body":"c","name":"n","email":"e@example.org"}"#,
        stored: "select cast(count(*) as text) from questions",
    },
    Post {
        target: "/qa/questions/71/answers",
        body: r#"{"body":"b","name":"n","email":"e@example.org"}"#,
        other: r#"{"body":"c","name":"n","email":"e@example.org"}"#,
        stored: "select cast(count(*) as text) from answers",
    },
    Post {
        target: "/cart",
        body: r#"{"sku_id":5}"#,
        other: r#"{"sku_id":6}"#,
        stored: "select cast(coalesce(sum(count), 0) as text) from cart_items",
    },
    Post {
        target: "/interactions",
        body: r##"{"element":"#e","widget":"w","time":"t"}"##,
        other: r##"{"element":"#f","widget":"w","time":"t"}"##,
        stored: "select cast(count(*) as text) from interactions",
    },
];

async fn number(shop: &TestApp, statement: &'static str) -> i64 {
    rows(shop, statement).await[0][0].parse().expect("a number")
}

async fn keyed(shop: &TestApp, target: &str, key: &str, body: &str) -> TestResponse {
    shop.request(
        Method::POST,
        target,
        &[("idempotency-key", key)],
        body.as_bytes(),
    )
    .await
}

async fn owned(shop: &TestApp, owner: &str, target: &str, key: &str, body: &str) -> TestResponse {
    let headers = [("idempotency-key", key), ("authorization", owner)];
    shop.request(Method::POST, target, &headers, body.as_bytes())
        .await
}

fn replayed(reply: &TestResponse) -> bool {
    reply.header("idempotency-replayed") == Some("true")
}

/// Returns whether this request stored the row.
fn stored_now(reply: &TestResponse) -> bool {
    reply.parts() == CREATED && reply.header("idempotency-replayed").is_none()
}

/// Posts these bodies concurrently under one key, until none is answered 503.
async fn at_once(
    shop: &Arc<TestApp>,
    target: &'static str,
    key: &'static str,
    bodies: Vec<String>,
) -> Vec<TestResponse> {
    let mut all = JoinSet::new();
    for body in bodies {
        let shop = Arc::clone(shop);
        all.spawn(async move {
            let key = [("idempotency-key", key)];
            retry_while_busy(&shop, Method::POST, target, &key, &body).await
        });
    }
    all.join_all().await
}

/// Posts the same key and body to one of several servers.
async fn through(
    api: HttpApi,
    target: &'static str,
    key: String,
    body: &'static str,
) -> (u16, Bytes) {
    let request = Request::post(target).header("idempotency-key", key);
    let response = api
        .handle(
            request
                .body(Bytes::from_static(body.as_bytes()))
                .expect("a request"),
        )
        .await;
    (response.status().as_u16(), response.into_body())
}

cases! {
    async fn repeated_post_is_stored_once_and_replayed(shop: TestApp) {
        for Post { target, body, stored, .. } in POSTS {
            let before = number(&shop, stored).await;
            let first = keyed(&shop, target, "key", body).await;
            assert!(stored_now(&first), "{target}: {first:?}");
            for _ in 0..3 {
                let mut again = keyed(&shop, target, "key", body).await;
                assert!(replayed(&again), "{target}: {again:?}");
                again.headers.remove("idempotency-replayed");
                assert_eq!(again, first, "{target}");
            }
            assert_eq!(number(&shop, stored).await, before + 1, "{target}");
        }
    }

    async fn different_body_under_same_key_is_refused(shop: TestApp) {
        for Post { target, body, other, stored } in POSTS {
            let before = number(&shop, stored).await;
            assert!(stored_now(&keyed(&shop, target, "key", body).await), "{target}");
            // Bodies are compared by their bytes, not by their meaning.
            for other in [other, &format!("{body} "), "{}", "", "{", "\u{0}"] {
                let reply = keyed(&shop, target, "key", other).await;
                assert_eq!(reply.parts(), KEY_REUSED, "{target}: {other}");
                assert_eq!(reply.header("cache-control"), Some("no-store"));
            }
            assert!(replayed(&keyed(&shop, target, "key", body).await), "{target}");
            assert_eq!(number(&shop, stored).await, before + 1, "{target}");
        }
    }

    async fn posts_without_key_are_all_stored(shop: TestApp) {
        for Post { target, body, stored, .. } in POSTS {
            let before = number(&shop, stored).await;
            for _ in 0..2 {
                assert!(stored_now(&shop.post_text(target, body).await), "{target}");
            }
            assert_eq!(number(&shop, stored).await, before + 2, "{target}");
        }
    }

    async fn refused_post_does_not_consume_key(shop: TestApp) {
        let large = " ".repeat(1_048_577);
        for Post { target, body, stored, .. } in POSTS {
            let before = number(&shop, stored).await;
            for (refused, status) in [("{}", 422), ("{", 400), (&*large, 413), ("[]", 422)] {
                assert_eq!(keyed(&shop, target, "key", refused).await.status, status, "{target}");
            }
            assert!(stored_now(&keyed(&shop, target, "key", body).await), "{target}");
            assert_eq!(number(&shop, stored).await, before + 1, "{target}");
        }
        // Refused because the store has no such row.
        let unknown = POSTS[0].body.replace("503", "504");
        assert_eq!(keyed(&shop, "/reviews", "later", &unknown).await.status, 422);
        assert!(stored_now(&keyed(&shop, "/reviews", "later", POSTS[0].body).await));
        assert_eq!(keyed(&shop, "/qa/questions/999/answers", "later", POSTS[2].body).await.parts(), BAD_QUESTION_ID);
    }

    async fn keys_are_scoped_by_owner(shop: TestApp) {
        for Post { target, body, other, stored } in POSTS {
            let before = number(&shop, stored).await;
            assert!(stored_now(&keyed(&shop, target, "key", body).await), "{target}");
            assert!(stored_now(&owned(&shop, "token", target, "key", other).await), "{target}");
            assert!(stored_now(&owned(&shop, "Token", target, "key", body).await), "{target}");
            assert!(replayed(&keyed(&shop, target, "key", body).await), "{target}");
            assert!(replayed(&owned(&shop, "token", target, "key", other).await), "{target}");
            assert_eq!(owned(&shop, "token", target, "key", body).await.parts(), KEY_REUSED, "{target}");
            assert_eq!(number(&shop, stored).await, before + 3, "{target}");
        }
    }

    async fn keys_are_scoped_by_route_and_ids(shop: TestApp) {
        for Post { target, body, .. } in &POSTS {
            assert!(stored_now(&keyed(&shop, target, "key", body).await), "{target}");
        }
        assert!(stored_now(&keyed(&shop, "/qa/questions/72/answers", "key", POSTS[2].other).await));
        for Post { target, body, .. } in &POSTS {
            assert!(replayed(&keyed(&shop, target, "key", body).await), "{target}");
        }
    }

    async fn base_path_and_query_do_not_affect_key_scope(shop: TestApp) {
        for Post { target, body, other, stored } in POSTS {
            let before = number(&shop, stored).await;
            assert!(stored_now(&keyed(&shop, target, "key", body).await), "{target}");
            for again in [
                format!("/api/fec2/hr-rfp{target}"), format!("/api/fec2/x{target}"), format!("{target}/"),
                format!("{target}?page=2"),
            ] {
                assert!(replayed(&keyed(&shop, &again, "key", body).await), "{again}");
                assert_eq!(keyed(&shop, &again, "key", other).await.parts(), KEY_REUSED, "{again}");
            }
            assert_eq!(number(&shop, stored).await, before + 1, "{target}");
        }
    }

    async fn key_of_1_to_255_printable_characters_is_accepted(shop: TestApp) {
        let long = "k".repeat(255);
        let Post { target, body, stored, .. } = POSTS[4];
        for (n, key) in ["k", "K", "0", "a key, with \"quotes\"; and ~!", &long].into_iter().enumerate() {
            assert!(stored_now(&keyed(&shop, target, key, body).await), "{key}");
            assert!(replayed(&keyed(&shop, target, key, body).await), "{key}");
            assert_eq!(number(&shop, stored).await, i64::try_from(n).expect("few") + 1, "{key}");
        }
    }

    async fn invalid_key_is_refused(shop: TestApp) {
        let long = "k".repeat(256);
        for Post { target, body, stored, .. } in POSTS {
            let before = number(&shop, stored).await;
            for key in [&b""[..], long.as_bytes(), "kéy".as_bytes(), b"k\xff", b"k\ty"] {
                let key = HeaderValue::from_bytes(key).expect("a header");
                for body in [body, "{", "{}"] {
                    let request = Request::post(target).header("idempotency-key", &key);
                    let reply = shop.send(request.body(body.into()).expect("a request")).await;
                    assert_eq!(reply.parts(), MALFORMED_KEY, "{target} with {key:?}");
                    assert_eq!(reply.header("content-type"), Some("text/plain; charset=utf-8"));
                }
            }
            assert_eq!(number(&shop, stored).await, before, "{target}");
        }
    }

    async fn key_is_ignored_except_on_post(shop: TestApp) {
        for key in ["", "key"] {
            for (method, target, status) in [
                (Method::GET, "/products", 200), (Method::PUT, "/reviews/31/helpful", 204),
                (Method::PUT, "/qa/answers/81/helpful", 204), (Method::OPTIONS, "/reviews", 204),
            ] {
                for _ in 0..2 {
                    let reply = shop.request(method.clone(), target, &[("idempotency-key", key)], b"").await;
                    assert_eq!((reply.status.as_u16(), replayed(&reply)), (status, false), "{method} {target}");
                }
            }
        }
        assert_eq!(shop.get("/reviews?product_id=501").await.json()["results"][1]["helpfulness"], 7);
    }

    async fn idempotency_errors_come_in_order(shop: TestApp) {
        let shop = shop.configured(HttpSettings { tokens: vec!["token".to_owned()], ..HttpSettings::default() });
        let (large, path) = (" ".repeat(1_048_577), "/qa/questions/71/answers");
        assert!(stored_now(&owned(&shop, "token", path, "used", POSTS[2].body).await));
        let no_id = "/qa/questions/x/answers";
        for (method, target, token, key, body, expected) in [
            (Method::POST, "/qa/questions/x", "", "", &*large, NO_ROUTE),
            (Method::DELETE, no_id, "", "", &large, WRONG_METHOD),
            (Method::POST, no_id, "", "", &large, NO_TOKEN),
            (Method::POST, no_id, "token", "", &large, BAD_QUESTION_ID),
            (Method::POST, "/qa/questions/999/answers", "token", "", &large, BAD_QUESTION_ID),
            (Method::POST, no_id, "token", "key", "{", BAD_QUESTION_ID),
            (Method::POST, path, "token", "", &large, MALFORMED_KEY),
            (Method::POST, path, "token", "", "{", MALFORMED_KEY),
            (Method::POST, path, "token", "used", &large, TOO_LARGE),
            (Method::POST, path, "token", "used", "{", KEY_REUSED),
            (Method::POST, path, "token", "used", "{}", KEY_REUSED),
            (Method::POST, path, "token", "key", "{", UNREADABLE),
        ] {
            let headers = [("authorization", token), ("idempotency-key", key)];
            let reply = shop.request(method.clone(), target, &headers, body.as_bytes()).await;
            let shown = &body[..body.len().min(9)];
            assert_eq!(reply.parts(), expected, "{method} {target} {token:?} {key:?} {shown:?}");
        }
    }

    async fn concurrent_copies_are_stored_once(shop: TestApp) {
        let shop = Arc::new(shop);
        for Post { target, body, stored, .. } in POSTS {
            let before = number(&shop, stored).await;
            let replies = at_once(&shop, target, "key", vec![body.to_owned(); 20]).await;
            assert!(replies.iter().all(|reply| reply.parts() == CREATED), "{target}: {replies:?}");
            assert_eq!(replies.iter().filter(|reply| replayed(reply)).count(), 19, "{target}");
            assert_eq!(number(&shop, stored).await, before + 1, "{target}");
        }
        assert_eq!(shop.get("/reviews/meta?product_id=503").await.json()["ratings"]["4"], "1");
    }

    async fn concurrent_different_bodies_store_one(shop: TestApp) {
        let shop = Arc::new(shop);
        for Post { target, body, stored, .. } in POSTS {
            let before = number(&shop, stored).await;
            let bodies = (0..20).map(|n| format!("{body}{}", " ".repeat(n))).collect();
            let replies = at_once(&shop, target, "key", bodies).await;
            assert_eq!(replies.iter().filter(|reply| stored_now(reply)).count(), 1, "{target}: {replies:?}");
            assert_eq!(replies.iter().filter(|reply| reply.parts() == KEY_REUSED).count(), 19, "{target}");
            assert_eq!(number(&shop, stored).await, before + 1, "{target}");
        }
    }

    async fn key_expires_after_a_day(shop: TestApp) {
        for Post { target, body, other, stored } in POSTS {
            let before = number(&shop, stored).await;
            assert!(stored_now(&keyed(&shop, target, "key", body).await), "{target}");
            shop.advance(DAY - 1);
            assert!(replayed(&keyed(&shop, target, "key", body).await), "{target}");
            assert_eq!(keyed(&shop, target, "key", other).await.parts(), KEY_REUSED, "{target}");
            // Before the sweep.
            shop.advance(2);
            assert!(stored_now(&keyed(&shop, target, "key", other).await), "{target}");
            assert_eq!(keyed(&shop, target, "key", body).await.parts(), KEY_REUSED, "{target}");
            assert_eq!(number(&shop, stored).await, before + 2, "{target}");
        }
    }

    async fn concurrent_copies_after_expiry_are_stored_once_more(shop: TestApp) {
        let shop = Arc::new(shop);
        for Post { target, body, stored, .. } in POSTS {
            assert!(stored_now(&keyed(&shop, target, "key", body).await), "{target}");
            shop.advance(DAY + 1);
            let before = number(&shop, stored).await;
            let replies = at_once(&shop, target, "key", vec![body.to_owned(); 20]).await;
            assert!(replies.iter().all(|reply| reply.parts() == CREATED), "{target}: {replies:?}");
            assert_eq!(number(&shop, stored).await, before + 1, "{target}");
        }
    }

    async fn sweep_deletes_expired_keys_only(shop: TestApp) {
        let kept = "select cast(count(*) as text) from idempotency_keys";
        let Post { target, body, .. } = POSTS[3];
        assert!(stored_now(&keyed(&shop, target, "old", body).await));
        shop.advance(DAY / 2);
        assert!(stored_now(&keyed(&shop, target, "young", body).await));
        shop.api.atelier().sweep().await.expect("sweeps");
        assert_eq!(number(&shop, kept).await, 2);
        shop.advance(DAY / 2 + 1);
        shop.api.atelier().sweep().await.expect("sweeps");
        assert_eq!(number(&shop, kept).await, 1);
        assert!(replayed(&keyed(&shop, target, "young", body).await));
        assert!(stored_now(&keyed(&shop, target, "old", body).await));
        shop.advance(DAY + 1);
        shop.api.atelier().sweep().await.expect("sweeps");
        assert_eq!(number(&shop, kept).await, 0);
    }

    async fn key_lifetime_is_configurable(shop: TestApp) {
        let shop = shop.configured(Limits { idempotency_ttl: 1_000, ..Limits::default() });
        let Post { target, body, .. } = POSTS[3];
        assert!(stored_now(&keyed(&shop, target, "key", body).await));
        shop.advance(999);
        assert!(replayed(&keyed(&shop, target, "key", body).await));
        shop.advance(2);
        assert!(stored_now(&keyed(&shop, target, "key", body).await));
    }

    async fn keys_survive_a_restart(shop: TestApp) {
        for Post { target, body, .. } in &POSTS {
            assert!(stored_now(&keyed(&shop, target, "key", body).await), "{target}");
        }
        shop.store.close().await;
        let folder = tempfile::tempdir().expect("a folder");
        let url = match &shop.url {
            // Dropping the app removes its file.
            DatabaseUrl::Sqlite(path) => {
                let copy = folder.path().join("copy.db");
                std::fs::copy(path, &copy).expect("the file is copied");
                DatabaseUrl::Sqlite(copy)
            }
            other => other.clone(),
        };
        let again = another(&url).await;
        for Post { target, body, other, .. } in POSTS {
            let created = (CREATED.0, CREATED.1.into());
            assert_eq!(through(again.clone(), target, "key".to_owned(), body).await, created, "{target}");
            let reused = (KEY_REUSED.0, KEY_REUSED.1.into());
            assert_eq!(through(again.clone(), target, "key".to_owned(), other).await, reused, "{target}");
        }
    }
}

/// Opens another server on a store, at the time of the seed.
async fn another(url: &DatabaseUrl) -> HttpApi {
    let store = atelier_core::open(url, &atelier_core::StoreOptions::default())
        .await
        .expect("the store opens");
    let clock = Clock::Manual(ManualClock::new(seed::NOW));
    let atelier = Atelier::with(store, Limits::default(), clock);
    HttpApi::new(atelier, HttpSettings::default())
}

/// Each server has connections of its own, like a process. Only PostgreSQL supports several servers.
#[test]
fn concurrent_copies_at_several_servers_are_stored_once() {
    run(StoreKind::Postgres, Transport::Core, |shop| async move {
        let servers = [
            shop.api.clone(),
            another(&shop.url).await,
            another(&shop.url).await,
        ];
        for Post {
            target,
            body,
            other,
            stored,
        } in POSTS
        {
            for round in 0..10 {
                let before = number(&shop, stored).await;
                let mut all = JoinSet::new();
                for copy in 0..12 {
                    let key = format!("key {round}");
                    all.spawn(through(servers[copy % 3].clone(), target, key, body));
                }
                let replies = all.join_all().await;
                assert!(
                    replies.iter().all(|(status, _)| *status == 201),
                    "{target}: {replies:?}"
                );
                assert_eq!(number(&shop, stored).await, before + 1, "{target}");
                for server in &servers {
                    let reply =
                        through(server.clone(), target, format!("key {round}"), other).await;
                    assert_eq!(reply, (KEY_REUSED.0, KEY_REUSED.1.into()), "{target}");
                }
            }
        }
    });
}
