//! CORS, OPTIONS and HEAD.

use std::collections::BTreeSet;

use atelier_conformance::{TestResponse, cases};
use http::Method;

use crate::{PATHS, READS, review};

/// Returns the members of a list in a header, in lower case.
fn members(reply: &TestResponse, name: &str) -> BTreeSet<String> {
    reply
        .header(name)
        .unwrap_or_default()
        .split(',')
        .map(|member| member.trim().to_ascii_lowercase())
        .collect()
}

fn listed(list: &str) -> BTreeSet<String> {
    list.split(", ").map(str::to_ascii_lowercase).collect()
}

cases! {
    async fn every_answer_allows_every_origin(shop: TestApp) {
        let tag = shop.get("/products").await.header("etag").expect("a tag").to_owned();
        let (good, large) = (review(&[]), " ".repeat(1_048_577));
        for (method, target, matching, body, status) in [
            (Method::GET, "/products", "", "", 200),
            (Method::GET, "/reviews?product_id=501", "", "", 200),
            (Method::GET, "/products", &*tag, "", 304),
            (Method::HEAD, "/products", "", "", 200),
            (Method::HEAD, "/products", &*tag, "", 304),
            (Method::HEAD, "/nothing", "", "", 404),
            (Method::POST, "/reviews", "", &*good, 201),
            (Method::PUT, "/reviews/31/helpful", "", "", 204),
            (Method::PUT, "/reviews/31/report", "", "", 204),
            (Method::OPTIONS, "/products", "", "", 204),
            (Method::GET, "/nothing", "", "", 404),
            (Method::GET, "/products/0", "", "", 404),
            (Method::DELETE, "/reviews", "", "", 405),
            (Method::GET, "/reviews", "", "", 422),
            (Method::PUT, "/reviews/0/helpful", "", "", 422),
            (Method::POST, "/reviews", "", "{}", 422),
            (Method::POST, "/reviews", "", "{", 400),
            (Method::POST, "/reviews", "", &*large, 413),
        ] {
            for origin in [None, Some("https://shop.example"), Some("null"), Some("http://localhost:8080")] {
                for accept in ["*/*", "application/problem+json"] {
                    let mut headers = vec![("accept", accept)];
                    headers.extend(origin.map(|origin| ("origin", origin)));
                    headers.extend((!matching.is_empty()).then_some(("if-none-match", matching)));
                    let reply = shop.request(method.clone(), target, &headers, body.as_bytes()).await;
                    let row = format!("{method} {target} from {origin:?}, {}", reply.status);
                    assert_eq!(reply.status, status, "{row}");
                    // `header` fails when there is a second one.
                    assert_eq!(reply.header("access-control-allow-origin"), Some("*"), "{row}");
                    assert_eq!(reply.header("access-control-allow-credentials"), None, "{row}");
                }
            }
        }
    }

    async fn response_headers_are_exposed_to_scripts(shop: TestApp) {
        let exposed = listed("ETag, Link, X-Total-Count, X-Request-Id, Retry-After, Idempotency-Replayed");
        for target in READS {
            let told = members(&shop.get(target).await, "access-control-expose-headers");
            assert!(told.is_superset(&exposed), "{target}: {told:?}");
        }
    }

    async fn options_lists_methods_of_path(shop: TestApp) {
        let methods = listed("GET, HEAD, POST, PUT, OPTIONS");
        let headers = listed("Authorization, Content-Type, Accept, If-None-Match, Idempotency-Key, X-Request-Id, traceparent, tracestate");
        let preflight = [
            ("origin", "https://shop.example"), ("access-control-request-method", "PUT"),
            ("access-control-request-headers", "authorization,content-type"),
        ];
        for (path, allowed) in PATHS {
            for target in [
                path.to_owned(), format!("{path}/"), format!("/api/fec2/hr-rfp{path}"),
                format!("{path}?product_id=abc"),
            ] {
                for asked in [&preflight[..], &preflight[..1], &[]] {
                    let reply = shop.request(Method::OPTIONS, &target, asked, b"").await;
                    assert_eq!(reply.parts(), (204, ""), "{target} {asked:?}");
                    assert_eq!(members(&reply, "allow"), listed(allowed), "{target} {asked:?}");
                    for (name, least) in [("methods", &methods), ("headers", &headers)] {
                        let told = members(&reply, &format!("access-control-allow-{name}"));
                        assert!(told.is_superset(least), "{target} {asked:?}: {told:?}");
                    }
                    assert_eq!(reply.header("access-control-max-age"), Some("86400"), "{target} {asked:?}");
                }
            }
        }
    }

    async fn options_ignores_id_and_body(shop: TestApp) {
        for target in ["/products/abc", "/products/0/styles", "/products/504", "/reviews/%ff/helpful", "/reviews"] {
            let reply = shop.request(Method::OPTIONS, target, &[("content-type", "application/json")], b"{").await;
            assert_eq!(reply.parts(), (204, ""), "{target}");
        }
        for target in ["/nothing", "/reviews/7", "/api/fec2/x"] {
            let reply = shop.request(Method::OPTIONS, target, &[], b"").await;
            assert!(reply.status == 204 || reply.status == 404, "{} for {target}", reply.status);
            assert_eq!(reply.header("access-control-allow-origin"), Some("*"), "{target}");
        }
    }

    async fn head_equals_get_without_body(shop: TestApp) {
        let others = [
            "/products/0", "/products/504/styles", "/nothing", "/reviews", "/reviews/meta?product_id=x",
            "/reviews?product_id=999",
        ];
        for target in READS.into_iter().chain(others) {
            for accept in ["*/*", "application/problem+json"] {
                let got = shop.request(Method::GET, target, &[("accept", accept)], b"").await;
                let head = shop.request(Method::HEAD, target, &[("accept", accept)], b"").await;
                assert_eq!(head.parts(), (got.status.as_u16(), ""), "{target}");
                for name in ["content-type", "etag", "cache-control", "vary", "access-control-allow-origin"] {
                    assert_eq!(head.header(name), got.header(name), "{name} of {target}");
                }
                let length = head.header("content-length").map(str::parse);
                assert!(length.is_none_or(|length| length == Ok(got.body.len())), "{target}: {head:?}");
            }
        }
    }

    async fn head_of_post_route_writes_nothing(shop: TestApp) {
        let before = shop.get("/reviews?product_id=501&count=100").await;
        for target in ["/reviews/31/helpful", "/reviews/31/report"] {
            let reply = shop.request(Method::HEAD, target, &[], b"").await;
            assert_eq!(reply.parts(), (405, ""), "{target}");
            assert_eq!(shop.request(Method::OPTIONS, target, &[], b"").await.parts(), (204, ""), "{target}");
        }
        assert_eq!(shop.get("/reviews?product_id=501&count=100").await, before);
    }
}
