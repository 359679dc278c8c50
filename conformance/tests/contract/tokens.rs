//! Servers that require a token.

use atelier_conformance::{TestApp, cases};
use atelier_core::http::HttpSettings;
use bytes::Bytes;
use http::{HeaderValue, Method, Request};

use crate::question_answers::answer;
use crate::questions::question;
use crate::{CREATED, NO_ROUTE, Outcome, WRONG_METHOD, review};

const NO_TOKEN: Outcome = (401, "Error: a valid token is required");

/// A request for every route, its body, and its status with a valid token.
fn routes() -> Vec<(Method, &'static str, String, u16)> {
    let get = |target| (Method::GET, target, String::new(), 200);
    let put = |target| (Method::PUT, target, String::new(), 204);
    vec![
        get("/products"),
        get("/products/501"),
        get("/products/501/styles"),
        get("/products/501/related"),
        get("/reviews?product_id=501"),
        get("/reviews/meta?product_id=501"),
        get("/qa/questions?product_id=501"),
        get("/qa/questions/71/answers"),
        get("/cart"),
        put("/reviews/31/helpful"),
        put("/reviews/31/report"),
        put("/qa/questions/72/helpful"),
        put("/qa/questions/72/report"),
        put("/qa/answers/81/helpful"),
        put("/qa/answers/81/report"),
        (Method::POST, "/reviews", review(&[]), 201),
        (Method::POST, "/qa/questions", question(&[]), 201),
        (Method::POST, "/qa/questions/71/answers", answer(&[]), 201),
        (Method::POST, "/cart", r#"{"sku_id":5}"#.to_owned(), 201),
        (
            Method::POST,
            "/interactions",
            r##"{"element":"#e","widget":"w","time":"t"}"##.to_owned(),
            201,
        ),
    ]
}

fn guarded(shop: TestApp) -> TestApp {
    let tokens = vec!["first-token".to_owned(), "Second Token".to_owned()];
    shop.configured(HttpSettings {
        tokens,
        ..HttpSettings::default()
    })
}

async fn status(
    shop: &TestApp,
    method: Method,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> u16 {
    shop.request(method, target, headers, body.as_bytes())
        .await
        .status
        .as_u16()
}

cases! {
    async fn no_token_is_required_by_default(shop: TestApp) {
        for (method, target, body, expected) in routes() {
            assert_eq!(status(&shop, method.clone(), target, &[], &body).await, expected, "{method} {target}");
            for token in ["", "anything", "Bearer x, y"] {
                let headers = [("authorization", token)];
                assert_eq!(status(&shop, method.clone(), target, &headers, &body).await, expected, "{method} {target}");
            }
        }
    }

    async fn every_route_requires_a_configured_token(shop: TestApp) {
        let shop = guarded(shop);
        for (method, target, body, _) in routes() {
            for base in ["", "/api/fec2/x"] {
                let target = format!("{base}{target}");
                for headers in [&[][..], &[("authorization", "first-tokeN")]] {
                    let reply = shop.request(method.clone(), &target, headers, body.as_bytes()).await;
                    assert_eq!(reply.parts(), NO_TOKEN, "{method} {target}");
                    assert!(reply.header("www-authenticate").is_some_and(|it| !it.is_empty()), "{method} {target}");
                    assert_eq!(reply.header("content-type"), Some("text/plain; charset=utf-8"), "{method} {target}");
                    assert_eq!(reply.header("cache-control"), Some("no-store"), "{method} {target}");
                    assert_eq!(reply.header("access-control-allow-origin"), Some("*"), "{method} {target}");
                }
            }
        }
        // Nothing was stored or hidden.
        let token = [("authorization", "first-token")];
        for (target, length) in [("/reviews?product_id=503", "0"), ("/reviews?product_id=501", "6"),
            ("/qa/questions?product_id=503", "0"), ("/qa/questions?product_id=501", "2"), ("/qa/questions/71/answers", "2")] {
            let reply = shop.request(Method::GET, target, &token, b"").await;
            assert_eq!(reply.header("x-total-count"), Some(length), "{target}");
        }
        assert_eq!(shop.request(Method::GET, "/cart", &token, b"").await.text(), "[]");
    }

    async fn unknown_token_is_refused(shop: TestApp) {
        let shop = guarded(shop);
        let long = "first-token".repeat(300);
        for token in [
            &b""[..], b"first-toke", b"first-token2", b"FIRST-TOKEN", b"Bearer first-token", b"first-token, Second Token",
            b"first-token\tx", b"Second", b"Second  Token", b"\"first-token\"", b"first-token\xff", b"\xff\xfe", b"null",
            long.as_bytes(),
        ] {
            let token = HeaderValue::from_bytes(token).expect("a header");
            let request = Request::get("/products").header("authorization", &token);
            assert_eq!(shop.send(request.body(Bytes::new()).expect("a request")).await.parts(), NO_TOKEN, "{token:?}");
        }
        assert_eq!(shop.get("/products?authorization=first-token&token=first-token").await.parts(), NO_TOKEN);
    }

    async fn each_configured_token_is_accepted(shop: TestApp) {
        let shop = guarded(shop);
        for token in ["first-token", "Second Token"] {
            for (method, target, body, expected) in routes() {
                let headers = [("authorization", token)];
                assert_eq!(status(&shop, method.clone(), target, &headers, &body).await, expected, "{method} {target}");
            }
            let cart = shop.request(Method::GET, "/cart", &[("authorization", token)], b"").await;
            assert_eq!(cart.text(), r#"[{"sku_id":5,"count":"1"}]"#, "each has a cart of its own");
        }
    }

    async fn options_needs_no_token(shop: TestApp) {
        let shop = guarded(shop);
        for (_, target, _, _) in routes() {
            for headers in [&[][..], &[("authorization", "wrong")]] {
                assert_eq!(shop.request(Method::OPTIONS, target, headers, b"").await.parts(), (204, ""), "{target}");
            }
        }
    }

    async fn unknown_route_and_wrong_method_precede_401(shop: TestApp) {
        let shop = guarded(shop);
        for target in ["/nothing", "/reviews/7", "/qa/questions/71", "//products", "/Products"] {
            assert_eq!(shop.get(target).await.parts(), NO_ROUTE, "{target}");
        }
        for (method, target) in [(Method::DELETE, "/products"), (Method::GET, "/interactions"), (Method::PUT, "/cart")] {
            assert_eq!(shop.request(method.clone(), target, &[], b"").await.parts(), WRONG_METHOD, "{method} {target}");
        }
    }

    async fn token_check_precedes_validation(shop: TestApp) {
        let shop = guarded(shop);
        let large = " ".repeat(1_048_577);
        for (method, target, body) in [
            (Method::GET, "/products/0", ""), (Method::GET, "/products/504/styles", ""), (Method::GET, "/reviews", ""),
            (Method::GET, "/qa/questions/x/answers", ""), (Method::PUT, "/reviews/x/helpful", ""),
            (Method::PUT, "/qa/answers/0/report", ""), (Method::POST, "/qa/questions/0/answers", "{"),
            (Method::POST, "/qa/questions/999/answers", "{}"), (Method::POST, "/cart", "{"), (Method::POST, "/cart", ""),
            (Method::POST, "/interactions", &large),
        ] {
            let headers = [("idempotency-key", ""), ("if-none-match", "*")];
            let reply = shop.request(method.clone(), target, &headers, body.as_bytes()).await;
            assert_eq!(reply.parts(), NO_TOKEN, "{method} {target}");
        }
    }

    async fn unauthorized_answer_supports_head_and_problem_document(shop: TestApp) {
        let shop = guarded(shop);
        let head = shop.request(Method::HEAD, "/products", &[], b"").await;
        assert_eq!((head.parts(), head.header("www-authenticate").is_some()), ((401, ""), true));
        let problem = shop.request(Method::GET, "/cart", &[("accept", "application/problem+json")], b"").await;
        let said = r#"{"type":"about:blank","title":"Unauthorized","status":401,"detail":"Error: a valid token is required"}"#;
        assert_eq!((problem.parts(), problem.header("www-authenticate").is_some()), ((401, said), true));
        assert_eq!(shop.post_text("/cart", "{}").await.parts(), NO_TOKEN);
        let token = [("authorization", "first-token")];
        assert_eq!(shop.request(Method::POST, "/cart", &token, br#"{"sku_id":1}"#).await.parts(), CREATED);
    }
}
