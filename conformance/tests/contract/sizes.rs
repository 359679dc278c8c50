//! Bodies at the size limit and above.

use atelier_conformance::cases;
use atelier_core::http::HttpSettings;
use http::Method;

use crate::{CREATED, TOO_LARGE, review, reviews_of};

const HEAD: &str = "POST /reviews HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n";

/// Returns a valid review of this many bytes, filled up by an unknown field.
fn of_length(bytes: usize) -> String {
    let rest = review(&[("x", "\"\"")]).len();
    review(&[("x", &format!("\"{}\"", "x".repeat(bytes - rest)))])
}

/// Returns a body in chunked transfer coding.
fn chunked(body: &str) -> Vec<u8> {
    let mut request = HEAD.as_bytes().to_vec();
    request.extend_from_slice(b"Transfer-Encoding: chunked\r\n\r\n");
    for chunk in body.as_bytes().chunks(60_000) {
        request.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        request.extend_from_slice(chunk);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"0\r\n\r\n");
    request
}

cases! {
    async fn body_of_1_mib_is_accepted_and_one_byte_more_refused(shop: TestApp) {
        assert_eq!(shop.post_text("/reviews", of_length(1_048_576)).await.parts(), CREATED);
        assert_eq!(shop.post_text("/reviews", of_length(1_048_577)).await.parts(), TOO_LARGE);
        assert_eq!(shop.post_text("/reviews", of_length(5_000_000)).await.parts(), TOO_LARGE);
        assert_eq!(reviews_of(&shop, 503).await.len(), 1);
    }

    async fn too_large_body_is_refused_before_parsing(shop: TestApp) {
        for byte in [b' ', b'[', b'{', b'x', 0, 0xff] {
            for kind in ["application/json", "application/x-www-form-urlencoded", "text/plain"] {
                let (kind, body) = ([("content-type", kind)], vec![byte; 1_048_577]);
                let reply = shop.request(Method::POST, "/reviews", &kind, &body).await;
                assert_eq!(reply.parts(), TOO_LARGE, "{byte} as {kind:?}");
            }
        }
    }

    async fn body_limit_is_configurable(shop: TestApp) {
        let shop = shop.configured(HttpSettings { max_body_bytes: 400, ..HttpSettings::default() });
        assert_eq!(shop.post_text("/reviews", of_length(400)).await.parts(), CREATED);
        assert_eq!(shop.post_text("/reviews", of_length(401)).await.parts(), TOO_LARGE);
        assert_eq!(reviews_of(&shop, 503).await.len(), 1);
    }

    async fn chunked_body_has_same_limit(shop: TestApp) {
        for (length, status, sentence) in [
            (1_000, "201", "Created"),
            (1_048_576, "201", "Created"),
            (1_048_577, "413", TOO_LARGE.1),
            (5_000_000, "413", TOO_LARGE.1),
        ] {
            let Some(reply) = shop.send_raw(&chunked(&of_length(length))).await else { return };
            let (head, body) = reply.split_once("\r\n\r\n").unwrap_or((&reply, ""));
            assert!(head.starts_with(&format!("HTTP/1.1 {status}")), "{length}: {reply}");
            assert_eq!(body, sentence, "{length}");
        }
        assert_eq!(reviews_of(&shop, 503).await.len(), 2);
    }

    async fn expect_100_continue_of_too_large_body_is_413(shop: TestApp) {
        for (length, start, end) in [(1_000, "HTTP/1.1 100", "Created"), (2_000_000, "HTTP/1.1 413", TOO_LARGE.1)] {
            // The too large body is never sent.
            let body = if length < 1_048_577 { of_length(length) } else { String::new() };
            let request = format!("{HEAD}Content-Length: {length}\r\nExpect: 100-continue\r\n\r\n{body}");
            let Some(reply) = shop.send_raw(request.as_bytes()).await else { return };
            assert!(reply.starts_with(start) && reply.ends_with(end), "{length}: {reply}");
        }
    }
}
