//! Compressed responses, with their `ETag` and `Vary`.

use std::io::Read;

use atelier_conformance::{TestApp, TestResponse, cases};
use flate2::read::GzDecoder;
use http::Method;

use crate::{CREATED, NO_CONTENT, add, quoted};

/// A target of every GET route, with large and small responses.
const ALL: [&str; 9] = [
    "/products",
    "/products/501",
    "/products/501/styles",
    "/products/501/related",
    "/reviews?product_id=501",
    "/reviews/meta?product_id=501",
    "/qa/questions?product_id=501",
    "/qa/questions/71/answers",
    "/cart",
];

const LARGE: [&str; 2] = ["/products", "/reviews?product_id=501"];

async fn asked(shop: &TestApp, method: Method, target: &str, accept: &str) -> TestResponse {
    shop.request(method, target, &[("accept-encoding", accept)], b"")
        .await
}

fn compressed(reply: &TestResponse) -> bool {
    reply.header("content-encoding") == Some("gzip")
}

/// Returns the body, decompressed.
fn plain(reply: &TestResponse) -> String {
    let mut text = String::new();
    GzDecoder::new(&*reply.body)
        .read_to_string(&mut text)
        .expect("the body is gzip of text");
    text
}

fn tag(reply: &TestResponse) -> String {
    reply.header("etag").expect("a tag").to_owned()
}

cases! {
    async fn answer_of_1_kib_is_compressed(shop: TestApp) {
        let mut large = 0;
        for target in ALL {
            let identity = shop.get(target).await;
            assert_eq!(identity.header("content-encoding"), None, "{target}");
            let gzip = asked(&shop, Method::GET, target, "gzip").await;
            if identity.body.len() >= 1_024 {
                large += 1;
                assert!(compressed(&gzip), "{target}: {:?}", gzip.headers);
                assert!(gzip.body.len() < identity.body.len(), "{target}");
            }
            let text = if compressed(&gzip) { plain(&gzip) } else { gzip.text().to_owned() };
            assert_eq!(text, identity.text(), "{target}");
            let told = gzip.header("content-length").map(str::parse);
            assert!(told.is_none_or(|told| told == Ok(gzip.body.len())), "{target}: {:?}", gzip.headers);
            assert_eq!(gzip.header("content-type"), Some("application/json; charset=utf-8"), "{target}");
        }
        assert!(large >= LARGE.len());
    }

    async fn compression_threshold_is_exact(shop: TestApp) {
        let target = "/reviews?product_id=503&sort=newest&count=1";
        assert_eq!(add(&shop, &[("body", "\"x\"")]).await.parts(), CREATED);
        let rest = shop.get(target).await.body.len() - 1;
        for (length, must) in [(1_023, false), (1_024, true), (1_025, true)] {
            assert_eq!(add(&shop, &[("body", &quoted(&"x".repeat(length - rest)))]).await.parts(), CREATED);
            assert_eq!(shop.get(target).await.body.len(), length);
            let reply = asked(&shop, Method::GET, target, "gzip").await;
            assert!(compressed(&reply) || !must, "{length}");
        }
    }

    async fn answer_is_compressed_when_accept_encoding_allows_it(shop: TestApp) {
        for target in LARGE {
            for accept in [
                "gzip", "GZIP", "gzip;q=0.001", "gzip; q=1.0", "deflate, gzip", "identity, gzip", "*", "gzip, *;q=0",
                "gzip;q=1.0,deflate;q=0.5", " gzip ", "identity;q=0, gzip",
            ] {
                let reply = asked(&shop, Method::GET, target, accept).await;
                assert!(compressed(&reply), "{target} for {accept:?}");
            }
            // Like browsers, which prefer other codings.
            let reply = asked(&shop, Method::GET, target, "gzip, deflate, br, zstd").await;
            assert!(reply.header("content-encoding").is_some(), "{target}");
        }
    }

    async fn answer_is_not_compressed_when_accept_encoding_forbids_it(shop: TestApp) {
        for target in LARGE {
            let identity = shop.get(target).await;
            for accept in ["", "identity", "gzip;q=0", "gzip;q=0.000", "GZIP; q=0", "*;q=0", "gzip;q=0, *;q=0", "gzipped",
                "x", "gzip;q=0, identity", "identity;q=1, *;q=0"] {
                let reply = asked(&shop, Method::GET, target, accept).await;
                assert_eq!(reply, identity, "{target} for {accept:?}");
            }
            // Anything but gzip.
            let reply = asked(&shop, Method::GET, target, "gzip;q=0, *").await;
            assert!(!compressed(&reply), "{target}");
        }
    }

    async fn compressed_answer_has_its_own_etag(shop: TestApp) {
        for target in LARGE {
            let identity = tag(&shop.get(target).await);
            let gzip = asked(&shop, Method::GET, target, "gzip").await;
            let opaque = tag(&gzip);
            let opaque = opaque.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).unwrap_or_default();
            assert!(!opaque.is_empty() && !opaque.contains('"'), "{target}: {}", tag(&gzip));
            assert_ne!(tag(&gzip), identity, "{target}");
            assert_eq!(asked(&shop, Method::GET, &format!("/api/fec2/x{target}"), "gzip").await.body, gzip.body);
            assert_eq!(tag(&asked(&shop, Method::GET, target, "deflate, gzip;q=0.5").await), tag(&gzip), "{target}");
        }
        let before = asked(&shop, Method::GET, LARGE[1], "gzip").await;
        assert_eq!(shop.put("/reviews/31/helpful").await.parts(), NO_CONTENT);
        assert_ne!(tag(&asked(&shop, Method::GET, LARGE[1], "gzip").await), tag(&before));
    }

    async fn compressed_answer_is_revalidated_by_its_etag(shop: TestApp) {
        for target in LARGE {
            let identity = shop.get(target).await;
            let gzip = asked(&shop, Method::GET, target, "gzip").await;
            for method in [Method::GET, Method::HEAD] {
                for known in [tag(&gzip), format!("W/{}", tag(&gzip)), format!("\"x\", {}", tag(&gzip)), "*".to_owned()] {
                    let headers = [("accept-encoding", "gzip"), ("if-none-match", &*known)];
                    let reply = shop.request(method.clone(), target, &headers, b"").await;
                    assert_eq!(reply.parts(), (304, ""), "{method} {target} with {known}");
                    assert_eq!(reply.header("etag"), Some(&*tag(&gzip)), "{method} {target}");
                    assert_eq!(reply.header("cache-control"), gzip.header("cache-control"), "{method} {target}");
                }
            }
            // The ETag of one representation does not match the other.
            for (accept, known, whole) in [("gzip", &identity, &gzip), ("identity", &gzip, &identity)] {
                let headers = [("accept-encoding", accept), ("if-none-match", &*tag(known))];
                let reply = shop.request(Method::GET, target, &headers, b"").await;
                assert_eq!((reply.status.as_u16(), &reply.body), (200, &whole.body), "{target} as {accept}");
            }
        }
    }

    async fn head_has_headers_of_compressed_answer(shop: TestApp) {
        for target in ALL {
            for accept in ["gzip", "identity"] {
                let got = asked(&shop, Method::GET, target, accept).await;
                let head = asked(&shop, Method::HEAD, target, accept).await;
                assert_eq!(head.parts(), (200, ""), "{target}");
                for name in ["content-encoding", "etag", "content-type", "cache-control", "vary"] {
                    assert_eq!(head.header(name), got.header(name), "{name} of {target}");
                }
                let told = head.header("content-length").map(str::parse);
                assert!(told.is_none_or(|told| told == Ok(got.body.len())), "{target}: {:?}", head.headers);
            }
        }
    }

    async fn compressed_and_plain_answers_vary_by_accept_encoding(shop: TestApp) {
        for target in ALL {
            for accept in ["gzip", "identity"] {
                let reply = asked(&shop, Method::GET, target, accept).await;
                let names = reply.header("vary").unwrap_or_default().split(',');
                let mut names = names.map(|name| name.trim().to_ascii_lowercase());
                assert!(names.any(|name| name == "accept-encoding"), "{target} as {accept}: {:?}", reply.headers);
            }
        }
    }
}
