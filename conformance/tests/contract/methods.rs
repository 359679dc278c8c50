//! Unknown routes and wrong methods.

use std::collections::BTreeSet;

use atelier_conformance::{TestResponse, cases};
use http::Method;

use crate::{BAD_REVIEW_ID, NO_ROUTE, PATHS, WRONG_METHOD};

fn all_methods() -> Vec<Method> {
    let of_its_own = Method::from_bytes(b"BREW").expect("a method");
    let known = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::TRACE,
    ];
    known.into_iter().chain([of_its_own]).collect()
}

fn methods_in(list: &str) -> BTreeSet<String> {
    list.split(',')
        .map(|method| method.trim().to_owned())
        .collect()
}

/// Asserts status and body of an error; HEAD has no body.
fn said(reply: &TestResponse, method: &Method, expected: (u16, &str), row: &str) {
    let text = if method == Method::HEAD {
        ""
    } else {
        expected.1
    };
    assert_eq!(reply.parts(), (expected.0, text), "{method} {row}");
}

cases! {
    async fn unknown_route_is_404_for_every_method(shop: TestApp) {
        for target in [
            "/nothing", "/product", "/products/501/nothing", "/products/501/styles/9001",
            "/products/501/styles/9001/skus", "/productsx", "/reviews/7", "/reviews/meta/501",
            "/reviews/31/helpful/1", "/reviews/31/votes", "/reviews/helpful", "/review", "/meta?product_id=501",
            "/helpful", "/qa", "/qa/questions/7", "/qa/answers/7", "/qa/answers", "/qa/nothing", "/api",
            "/api/products", "/api/fec2/hr-rfp/nothing", "/index.php", "/products;x=1",
        ] {
            for method in all_methods() {
                said(&shop.request(method.clone(), target, &[], b"").await, &method, NO_ROUTE, target);
            }
        }
    }

    async fn wrong_method_is_405_with_allow_header(shop: TestApp) {
        for (path, allowed) in PATHS {
            let allowed = methods_in(allowed);
            for base in ["", "/api/fec2/hr-rfp"] {
                for method in all_methods() {
                    if allowed.contains(method.as_str()) {
                        continue;
                    }
                    let target = format!("{base}{path}");
                    let reply = shop.request(method.clone(), &target, &[], b"{}").await;
                    said(&reply, &method, WRONG_METHOD, &target);
                    let told = methods_in(reply.header("allow").unwrap_or_default());
                    assert_eq!(told, allowed, "{method} {target}");
                }
            }
        }
    }

    async fn wrong_method_is_405_even_for_invalid_id(shop: TestApp) {
        for (method, target) in [
            (Method::POST, "/products/abc"),
            (Method::POST, "/products/0"),
            (Method::PUT, "/products/504"),
            (Method::DELETE, "/products/%ff/styles"),
            (Method::PATCH, "/products/%00/related"),
            (Method::GET, "/reviews/abc/helpful"),
            (Method::POST, "/reviews/0/report"),
            (Method::GET, "/reviews/meta/helpful"),
            (Method::DELETE, "/reviews?product_id=abc"),
        ] {
            assert_eq!(shop.request(method.clone(), target, &[], b"{").await.parts(), WRONG_METHOD, "{method} {target}");
        }
        assert_eq!(shop.put("/reviews/meta/helpful").await.parts(), BAD_REVIEW_ID);
    }

    async fn method_names_are_case_sensitive(shop: TestApp) {
        for method in ["get", "Get", "put"] {
            let method = Method::from_bytes(method.as_bytes()).expect("a method");
            let reply = shop.request(method.clone(), "/products", &[], b"").await;
            assert_eq!(reply.parts(), WRONG_METHOD, "{method}");
        }
    }

    async fn odd_request_lines_cause_no_500(shop: TestApp) {
        let long = format!("GET /products?{} HTTP/1.1", "x".repeat(200_000));
        for line in [
            &b"GARBAGE"[..], b"GET", b"GET  HTTP/1.1", b"GET /products", b"GET /products HTTP/9.9", b"\x01\x02\x03",
            b"\xff\xfe", b"GET /pro\0ducts HTTP/1.1", b"GET /products/\xff HTTP/1.1", b"GET /products/5 01 HTTP/1.1",
            b"GET * HTTP/1.1", b"OPTIONS * HTTP/1.1", b"CONNECT example.org:80 HTTP/1.1", b"GET products HTTP/1.1",
            b"GET ?page=1 HTTP/1.1", b"GET //example.org HTTP/1.1", b"GET http://example.org HTTP/1.1",
            b"GET http://[::1 HTTP/1.1", b"POST  /reviews HTTP/1.1",
            long.as_bytes(),
        ] {
            let request = [line, b"\r\nHost: shop\r\nConnection: close\r\n\r\n"].concat();
            let Some(reply) = shop.send_raw(&request).await else { return };
            let shown: String = String::from_utf8_lossy(line).chars().take(60).collect();
            assert!(!reply.starts_with("HTTP/1.1 5") && !reply.starts_with("HTTP/1.0 5"), "{shown}: {reply}");
            assert_eq!(shop.get("/products/501").await.status, 200, "after {shown}");
        }
    }
}
