//! Requests that a trusted proxy retries take effect once.

use atelier_conformance::{TestApp, TestResponse, cases};
use atelier_core::http::{ENDPOINTS, FromTrustedProxy};
use bytes::Bytes;
use http::{Method, Request};

use super::{CREATED, NO_CONTENT, review};

/// Sends a request from a trusted proxy under its retry key.
async fn sent(shop: &TestApp, method: Method, target: &str, key: &str, body: &str) -> TestResponse {
    let request = Request::builder()
        .method(method)
        .uri(target)
        .header("atelier-retry-key", key)
        .extension(FromTrustedProxy)
        .body(Bytes::copy_from_slice(body.as_bytes()));
    shop.send(request.expect("a request")).await
}

/// Returns a value of the row with an id.
async fn number(shop: &TestApp, list: &str, id: (&str, i64), field: &str) -> i64 {
    let reply = shop.get(list).await;
    let rows = reply.json()["results"].as_array().expect("a list").clone();
    let row = rows.iter().find(|row| row[id.0] == id.1);
    row.expect("is listed")[field].as_i64().expect("a number")
}

const REVIEWS: &str = "/reviews?product_id=501&count=100";
const QUESTIONS: &str = "/qa/questions?product_id=501&count=100";
const ANSWERS: &str = "/qa/questions/71/answers?count=100";

cases! {
    /// Repeating a vote would count twice, although PUT is idempotent by definition.
    async fn retried_vote_from_proxy_counts_once(shop: TestApp) {
        for (target, list, id, field) in [
            ("/reviews/31/helpful", REVIEWS, ("review_id", 31), "helpfulness"),
            ("/qa/questions/71/helpful", QUESTIONS, ("question_id", 71), "question_helpfulness"),
            ("/qa/answers/81/helpful", ANSWERS, ("answer_id", 81), "helpfulness"),
        ] {
            let before = number(&shop, list, id, field).await;
            for key in ["one", "one", "other", "one", "other"] {
                let reply = sent(&shop, Method::PUT, target, key, "").await;
                assert_eq!(reply.parts(), NO_CONTENT, "{target}");
            }
            assert_eq!(number(&shop, list, id, field).await, before + 2, "{target}");
            // Without a proxy each request counts.
            for _ in 0..2 {
                assert_eq!(shop.put(target).await.parts(), NO_CONTENT);
            }
            assert_eq!(number(&shop, list, id, field).await, before + 4, "{target}");
        }
    }

    async fn concurrent_retries_count_once_per_request(shop: TestApp) {
        let before = number(&shop, REVIEWS, ("review_id", 31), "helpfulness").await;
        let shop = &shop;
        let votes = (0..60).map(|vote| async move {
            let target = "/reviews/31/helpful";
            if vote % 3 == 0 {
                return shop.put(target).await;
            }
            sent(shop, Method::PUT, target, &format!("key {}", vote % 20), "").await
        });
        for reply in futures_util::future::join_all(votes).await {
            assert_eq!(reply.parts(), NO_CONTENT);
        }
        // 20 without a key, and one for each key.
        let keys = (0..60).filter(|vote| vote % 3 != 0).map(|vote| vote % 20);
        let keys = keys.collect::<std::collections::HashSet<_>>().len();
        let expected = before + 20 + i64::try_from(keys).expect("few");
        let after = number(shop, REVIEWS, ("review_id", 31), "helpfulness").await;
        assert_eq!(after, expected);
    }

    async fn retried_post_from_proxy_is_stored_once(shop: TestApp) {
        let answer = r#"{"body":"Yes","name":"gull","email":"g@example.org"}"#;
        let question = r#"{"product_id":503,"body":"Why?","name":"gull","email":"g@example.org"}"#;
        for (target, list, body) in [
            ("/reviews", "/reviews?product_id=503&count=100", &*review(&[])),
            ("/qa/questions", "/qa/questions?product_id=503&count=100", question),
            ("/qa/questions/71/answers", ANSWERS, answer),
        ] {
            let before = results(&shop, list).await;
            for key in ["one", "one", "other"] {
                let reply = sent(&shop, Method::POST, target, key, body).await;
                assert_eq!(reply.parts(), CREATED, "{target}");
            }
            assert_eq!(results(&shop, list).await, before + 2, "{target}");
        }
        for key in ["one", "one", "other"] {
            sent(&shop, Method::POST, "/cart", key, r#"{"sku_id":77001}"#).await;
        }
        assert_eq!(shop.get("/cart").await.text(), r#"[{"sku_id":77001,"count":"2"}]"#);
    }

    /// The client's key takes precedence: it lives longer, and an empty one is an error.
    async fn client_key_overrides_proxy_key(shop: TestApp) {
        let post = async |key: &str, proxys: &str| {
            let request = Request::post("/reviews")
                .header("idempotency-key", key)
                .header("atelier-retry-key", proxys)
                .extension(FromTrustedProxy)
                .body(review(&[]).into());
            shop.send(request.expect("a request")).await
        };
        assert_eq!(post("mine", "one").await.parts(), CREATED);
        assert_eq!(post("mine", "other").await.header("idempotency-replayed"), Some("true"));
        assert_eq!(post("", "other").await.status, 400);
        assert_eq!(results(&shop, "/reviews?product_id=503&count=100").await, 1);
    }

    async fn proxy_headers_of_untrusted_peer_are_ignored(shop: TestApp) {
        let before = number(&shop, REVIEWS, ("review_id", 31), "helpfulness").await;
        for _ in 0..2 {
            let key = [("atelier-retry-key", "one")];
            let reply = shop.request(Method::PUT, "/reviews/31/helpful", &key, b"").await;
            assert_eq!(reply.parts(), NO_CONTENT);
        }
        assert_eq!(number(&shop, REVIEWS, ("review_id", 31), "helpfulness").await, before + 2);
    }

    /// The catalogue cannot be changed by requests. Only proxies receive the permission; clients do not see it.
    async fn trusted_proxy_may_cache_catalogue_briefly(shop: TestApp) {
        for endpoint in ENDPOINTS.iter().filter(|endpoint| endpoint.method == Method::GET) {
            let target = match endpoint.path {
                "/reviews" | "/reviews/meta" | "/qa/questions" => {
                    [endpoint.path, "?product_id=501"].concat()
                }
                path => path.replace("{product_id}", "501").replace("{question_id}", "71"),
            };
            let proxied = sent(&shop, Method::GET, &target, "one", "").await;
            assert_eq!(proxied.status, 200, "{target}");
            let catalogue = endpoint.path.starts_with("/products");
            let age = proxied.header("x-accel-expires");
            assert_eq!(age, catalogue.then_some("1"), "{target}");
            let reply = shop.get(&target).await;
            assert_eq!(reply.header("x-accel-expires"), None, "{target}");
        }
    }

    /// Each write through a proxy stores a key, and no proxy retries after ten minutes.
    async fn proxy_keys_expire_after_ten_minutes(shop: TestApp) {
        let vote = async || {
            sent(&shop, Method::PUT, "/reviews/31/helpful", "one", "").await;
            number(&shop, REVIEWS, ("review_id", 31), "helpfulness").await
        };
        let before = vote().await;
        shop.advance(10 * 60 * 1_000 - 1);
        shop.api.atelier().sweep().await.expect("sweeps");
        assert_eq!(vote().await, before);
        shop.advance(1);
        shop.api.atelier().sweep().await.expect("sweeps");
        assert_eq!(vote().await, before + 1);
    }
}

async fn results(shop: &TestApp, list: &str) -> usize {
    let reply = shop.get(list).await;
    reply.json()["results"].as_array().expect("a list").len()
}
