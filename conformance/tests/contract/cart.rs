//! The cart.

use std::sync::Arc;
use std::time::Duration;

use atelier_conformance::rows::rows;
use atelier_conformance::{TestApp, TestResponse, cases};
use atelier_core::Limits;
use http::{HeaderValue, Method, Request};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{CREATED, Outcome, UNREADABLE, WRONG_METHOD};

const BAD_SKU_ID: Outcome = (422, "Error: invalid sku_id provided");

/// Posts to the cart of the owner with this token.
async fn post_as(shop: &TestApp, owner: &str, body: &str) -> TestResponse {
    shop.request(
        Method::POST,
        "/cart",
        &[("authorization", owner)],
        body.as_bytes(),
    )
    .await
}

/// Returns the cart of the owner with this token.
async fn cart_of(shop: &TestApp, owner: &str) -> Value {
    shop.request(Method::GET, "/cart", &[("authorization", owner)], b"")
        .await
        .json()
}

fn vary(reply: &TestResponse) -> Vec<String> {
    let names = reply.header("vary").unwrap_or_default().split(',');
    names.map(|name| name.trim().to_ascii_lowercase()).collect()
}

cases! {
    async fn expired_lines_are_deleted_in_batches(shop: TestApp) {
        const DAY: u64 = 24 * 60 * 60 * 1_000;
        let old = "with recursive n (i) as (select 1 union all select i + 1 from n where i < 2500)
            insert into cart_items (owner, sku_id, id, count, changed_on) select 'x', i, i, 1, 19000 from n returning 'x'";
        assert_eq!(rows(&shop, old).await.len(), 2_500);
        let add = async |shop: &TestApp, sku: &str| {
            let body = format!("{{\"sku_id\":{sku}}}");
            assert_eq!(post_as(shop, "mine", &body).await.parts(), CREATED);
        };
        let count = "select cast(count(*) as text) from cart_items";
        add(&shop, "1").await;
        add(&shop, "2").await;
        shop.advance(DAY);
        add(&shop, "2").await;
        shop.api.atelier().sweep().await.expect("sweeps");
        assert_eq!(rows(&shop, count).await, [["2502"]], "without a setting all are kept");

        let keep_carts = Some(Duration::from_millis(DAY));
        let shop = shop.configured(Limits { keep_carts, ..Limits::default() });
        shop.api.atelier().sweep().await.expect("sweeps");
        assert_eq!(cart_of(&shop, "mine").await, json!([{"sku_id": 1, "count": "1"}, {"sku_id": 2, "count": "2"}]));
        assert_eq!(rows(&shop, count).await, [["2"]]);
        shop.advance(DAY);
        shop.api.atelier().sweep().await.expect("sweeps");
        assert_eq!(cart_of(&shop, "mine").await, json!([{"sku_id": 2, "count": "2"}]));
        shop.advance(DAY);
        shop.api.atelier().sweep().await.expect("sweeps");
        assert_eq!(cart_of(&shop, "mine").await, json!([]));
        add(&shop, "2").await;
        assert_eq!(cart_of(&shop, "mine").await, json!([{"sku_id": 2, "count": "1"}]));
    }

    async fn empty_cart_is_empty_list(shop: TestApp) {
        assert_eq!(shop.get("/cart").await.parts(), (200, "[]"));
        assert_eq!(cart_of(&shop, "2232").await, json!([]), "the rows of the old shop belong to no cart");
    }

    async fn post_adds_one_unit(shop: TestApp) {
        for sku in ["77001", "76004", "77001", "\"77001\"", "9"] {
            let reply = shop.post_text("/cart", format!("{{\"sku_id\":{sku}}}")).await;
            assert_eq!(reply.parts(), CREATED, "{sku}");
        }
        // In the order of the first addition, not by id.
        let expected = r#"[{"sku_id":77001,"count":"3"},{"sku_id":76004,"count":"1"},{"sku_id":9,"count":"1"}]"#;
        assert_eq!(shop.get("/cart").await.parts(), (200, expected));
        assert_eq!(shop.get("/api/fec2/x/cart/?page=2&count=1").await.parts(), (200, expected));
    }

    async fn other_cart_fields_are_ignored(shop: TestApp) {
        for body in [
            r#"{"sku_id":77001,"count":5}"#, r#"{"count":"x","sku_id":77001,"product_id":0}"#,
            r#"{"sku_id":0,"sku_id":77001}"#, r#"{"sku_id":77001,"x":[{}]}"#,
        ] {
            assert_eq!(shop.post_text("/cart", body).await.parts(), CREATED, "{body}");
        }
        assert_eq!(shop.get("/cart").await.text(), r#"[{"sku_id":77001,"count":"4"}]"#);
    }

    async fn numeric_forms_of_sku_id_are_accepted(shop: TestApp) {
        for sku in ["1", "\"007\"", "7", "9223372036854775807", "\"9223372036854775807\""] {
            let reply = shop.post_text("/cart", format!("{{\"sku_id\":{sku}}}")).await;
            assert_eq!(reply.parts(), CREATED, "{sku}");
        }
        let expected = r#"[{"sku_id":1,"count":"1"},{"sku_id":7,"count":"2"},{"sku_id":9223372036854775807,"count":"2"}]"#;
        assert_eq!(shop.get("/cart").await.text(), expected);
    }

    async fn invalid_sku_id_is_refused(shop: TestApp) {
        for sku in [
            "null", "0", "-1", "77001.0", "7.7001e4", "77001e0", "true", "[77001]", "{}", "\"\"", "\"abc\"", "\"0\"",
            "\"-1\"", "\"+1\"", "\" 1\"", "\"1 \"", "\"7.0\"", "\"1e3\"", "\"0x7\"", "\"\u{661}\"", "\"1\\u0000\"",
            "9223372036854775808", "\"9223372036854775808\"", "99999999999999999999999", "\"99999999999999999999999\"",
        ] {
            let reply = shop.post_text("/cart", format!("{{\"sku_id\":{sku}}}")).await;
            assert_eq!(reply.parts(), BAD_SKU_ID, "{sku}");
        }
        for body in ["", "{}", "null", "[]", "77001", "\"77001\"", r#"{"SKU_ID":77001}"#, r#"{"sku":77001}"#] {
            assert_eq!(shop.post_text("/cart", body).await.parts(), BAD_SKU_ID, "{body}");
        }
        assert_eq!(shop.post_text("/cart", "sku_id=77001").await.parts(), UNREADABLE);
        assert_eq!(shop.get("/cart").await.text(), "[]");
    }

    async fn cart_form_is_accepted(shop: TestApp) {
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        assert_eq!(shop.request(Method::POST, "/cart", &kind, b"sku_id=77001&count=9").await.parts(), CREATED);
        assert_eq!(shop.request(Method::POST, "/cart", &kind, b"sku_id=x").await.parts(), BAD_SKU_ID);
        assert_eq!(shop.get("/cart").await.text(), r#"[{"sku_id":77001,"count":"1"}]"#);
    }

    async fn carts_are_separate_by_owner(shop: TestApp) {
        let long = "t".repeat(4_000);
        let owners = ["token", "Token", "Bearer token", "token, token", "5", &long];
        for (n, owner) in owners.iter().enumerate() {
            for _ in 0..=n {
                assert_eq!(post_as(&shop, owner, r#"{"sku_id":77001}"#).await.parts(), CREATED);
            }
        }
        for (n, owner) in owners.iter().enumerate() {
            assert_eq!(cart_of(&shop, owner).await, json!([{"sku_id": 77001, "count": (n + 1).to_string()}]), "{owner}");
        }
        // Clients without a token share one anonymous cart.
        assert_eq!(shop.get("/cart").await.text(), "[]");
        assert_eq!(shop.post_text("/cart", r#"{"sku_id":5}"#).await.parts(), CREATED);
        assert_eq!(shop.get("/cart").await.text(), r#"[{"sku_id":5,"count":"1"}]"#);
        assert_eq!(cart_of(&shop, "token").await, json!([{"sku_id": 77001, "count": "1"}]));
    }

    async fn token_that_is_not_text_owns_a_cart(shop: TestApp) {
        let token = HeaderValue::from_bytes(b"t\xc3\xb6k\xff").expect("a header");
        let ask = |method: Method, body: &'static [u8]| {
            let request = Request::builder().method(method).uri("/cart").header("authorization", &token);
            shop.send(request.body(body.into()).expect("a request"))
        };
        assert_eq!(ask(Method::POST, br#"{"sku_id":8}"#).await.parts(), CREATED);
        assert_eq!(ask(Method::GET, b"").await.text(), r#"[{"sku_id":8,"count":"1"}]"#);
        assert_eq!(shop.get("/cart").await.text(), "[]");
    }

    async fn concurrent_units_are_all_added(shop: TestApp) {
        let shop = Arc::new(shop);
        let mut all = JoinSet::new();
        for n in 0..50 {
            let shop = Arc::clone(&shop);
            all.spawn(async move { post_as(&shop, "token", &format!("{{\"sku_id\":{}}}", 1 + n % 2)).await.status });
        }
        assert!(all.join_all().await.iter().all(|status| *status == 201));
        let cart = cart_of(&shop, "token").await;
        let mut lines: Vec<_> = cart.as_array().expect("lines").iter().map(Value::to_string).collect();
        lines.sort();
        assert_eq!(lines, [r#"{"count":"25","sku_id":1}"#, r#"{"count":"25","sku_id":2}"#]);
    }

    async fn cart_is_not_cacheable(shop: TestApp) {
        for owner in [None, Some("token")] {
            let headers: Vec<_> = owner.map(|owner| ("authorization", owner)).into_iter().collect();
            for method in [Method::GET, Method::HEAD] {
                let reply = shop.request(method.clone(), "/cart", &headers, b"").await;
                assert_eq!(reply.header("cache-control"), Some("private, no-cache"), "{method}");
                let named = vary(&reply);
                assert!(named.contains(&"authorization".into()) && named.contains(&"accept-encoding".into()), "{named:?}");
                let tag = reply.header("etag").expect("a tag");
                let again = [&headers[..], &[("if-none-match", tag)]].concat();
                let same = shop.request(method, "/cart", &again, b"").await;
                assert_eq!((same.parts(), same.header("etag")), ((304, ""), Some(tag)));
                assert_eq!(same.header("cache-control"), Some("private, no-cache"));
            }
        }
        let reply = shop.post_text("/cart", r#"{"sku_id":8}"#).await;
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        assert_eq!(shop.get("/cart").await.header("x-accel-expires"), None);
    }

    async fn cart_has_no_delete(shop: TestApp) {
        for method in [Method::DELETE, Method::PUT, Method::PATCH] {
            assert_eq!(shop.request(method.clone(), "/cart", &[], b"{}").await.parts(), WRONG_METHOD, "{method}");
        }
        assert_eq!(shop.request(Method::DELETE, "/cart/77001", &[], b"").await.status, 404);
    }
}
