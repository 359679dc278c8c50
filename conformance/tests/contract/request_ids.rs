//! `X-Request-Id`.

use std::collections::BTreeSet;

use atelier_conformance::cases;
use bytes::Bytes;
use http::{HeaderValue, Method, Request};

use crate::review;

/// 63 characters, one less than the maximum.
const WELL_FORMED: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.";

fn acceptable(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
}

/// Requests with every kind of response.
fn kinds() -> Vec<(Method, &'static str, u16)> {
    vec![
        (Method::GET, "/products", 200),
        (Method::HEAD, "/products", 200),
        (Method::GET, "/cart", 200),
        (Method::POST, "/reviews", 201),
        (Method::PUT, "/reviews/31/helpful", 204),
        (Method::OPTIONS, "/reviews", 204),
        (Method::GET, "/nothing", 404),
        (Method::GET, "/products/0", 404),
        (Method::DELETE, "/products", 405),
        (Method::GET, "/reviews", 422),
        (Method::POST, "/cart", 422),
    ]
}

cases! {
    async fn request_id_is_echoed(shop: TestApp) {
        for (method, target, status) in kinds() {
            for id in ["a", "0-9._Z", WELL_FORMED, &format!("{WELL_FORMED}-")] {
                let reply = shop.request(method.clone(), target, &[("x-request-id", id)], review(&[]).as_bytes()).await;
                assert_eq!(reply.status, status, "{method} {target}");
                assert_eq!(reply.header("x-request-id"), Some(id), "{method} {target}");
            }
        }
        let tag = shop.get("/products").await.header("etag").expect("a tag").to_owned();
        let headers = [("x-request-id", "mine"), ("if-none-match", &tag)];
        let reply = shop.request(Method::GET, "/products", &headers, b"").await;
        assert_eq!((reply.status.as_u16(), reply.header("x-request-id")), (304, Some("mine")));
    }

    async fn invalid_request_id_is_replaced(shop: TestApp) {
        let long = "x".repeat(65);
        for id in [&b""[..], b"a b", b"a\"b", b"a,b", b"a/b", b"<script>", b"a\tb", b"\xc3\xa9", b"\xff", long.as_bytes()] {
            let given = HeaderValue::from_bytes(id).expect("a header");
            let request = Request::get("/products/501").header("x-request-id", &given);
            let reply = shop.send(request.body(Bytes::new()).expect("a request")).await;
            let told = reply.header("x-request-id").unwrap_or_default();
            assert!(acceptable(told) && told.as_bytes() != id, "{told:?} for {given:?}");
        }
    }

    async fn request_without_id_gets_unique_id(shop: TestApp) {
        let mut seen = BTreeSet::new();
        for n in 0..3 {
            for (method, target, status) in kinds() {
                let request = Request::builder().method(method.clone()).uri(target).body(review(&[]).into());
                let response = shop.api.handle(request.expect("a request")).await;
                assert_eq!(response.status(), status, "{method} {target}");
                let id = response.headers()["x-request-id"].to_str().expect("a text").to_owned();
                assert!(acceptable(&id), "{id:?} for {method} {target}");
                assert!(seen.insert(id), "{method} {target} has an id of another, round {n}");
            }
        }
    }

    async fn socket_request_without_id_gets_unique_id(shop: TestApp) {
        let mut seen = BTreeSet::new();
        for line in ["GET /products HTTP/1.1", "GET /nothing HTTP/1.1", "GET /reviews HTTP/1.1", "OPTIONS /cart HTTP/1.1"] {
            let request = format!("{line}\r\nHost: shop\r\nConnection: close\r\n\r\n");
            let Some(reply) = shop.send_raw(request.as_bytes()).await else { return };
            let mut headers = reply.lines().filter_map(|line| line.split_once(": "));
            let (_, id) = headers.find(|(name, _)| name.eq_ignore_ascii_case("x-request-id")).expect("an id");
            assert!(acceptable(id) && seen.insert(id.to_owned()), "{line}: {id:?}");
        }
    }
}
