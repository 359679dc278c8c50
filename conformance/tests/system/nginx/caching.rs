//! Responses that nginx caches, and those that it does not.

use atelier_conformance::matrix::RUNTIME;
use atelier_test_support::nginx::Nginx;
use http::Method;

use super::upstream::{Upstream, header, response};
use super::{ask, get};

/// Headers of a catalogue response. The header that forbids caching comes first, because older versions of nginx obey the first.
pub(crate) const KEPT: &str = "cache-control: no-cache\r\nx-accel-expires: 60\r\nvary: Accept-Encoding\r\n\
    access-control-allow-origin: *\r\ncontent-type: application/json; charset=utf-8\r\n";

/// Disables the timeouts of the cache lock, so that slow machines do not fail the tests.
pub(crate) const PATIENT: (&str, &str) = (
    "proxy_cache_lock_timeout 100ms;",
    "proxy_cache_lock_timeout 60s;",
);

/// Starts a server that sends these headers with every response, in the requested encoding.
fn keeper() -> impl Future<Output = Upstream> {
    Upstream::doing(|place, request| {
        let encoding = header(request, "accept-encoding").unwrap_or("none");
        let tag = format!("etag: \"{encoding}\"\r\nx-request-id: {place}\r\n");
        response("200 OK", &format!("{KEPT}{tag}"), encoding)
    })
}

/// Sends each of `asked` twice, and returns how many requests reach the server.
async fn passed(asked: &[(Method, &str, super::Headers<'_>)], edits: &[(&str, &str)]) -> usize {
    let upstream = keeper().await;
    let nginx = Nginx::edited(&[upstream.address], &[edits, &[PATIENT]].concat()).await;
    for _ in 0..2 {
        for (method, target, headers) in asked {
            let reply = ask(nginx.address, method, target, headers, b"").await;
            assert_eq!(reply.status, 200, "{method} {target}");
        }
    }
    upstream.asked().len()
}

#[test]
fn catalogue_answer_is_fetched_once() {
    RUNTIME.block_on(async {
        for target in [
            "/products",
            "/products/?page=2&count=3",
            "/products/7",
            "/products/7/styles",
            "/products/7/related/",
            "/api/fec2/any/products/7",
        ] {
            let both = [(Method::GET, target, &[][..]), (Method::HEAD, target, &[])];
            assert_eq!(passed(&both, &[]).await, 1, "{target}");
        }
    });
}

#[test]
fn other_answers_are_never_cached() {
    RUNTIME.block_on(async {
        for target in [
            "/reviews?product_id=7",
            "/reviews/meta?product_id=7",
            "/qa/questions?product_id=7",
            "/cart",
            "/ready",
            "//products",
            "/products//7",
        ] {
            assert_eq!(
                passed(&[(Method::GET, target, &[])], &[]).await,
                2,
                "{target}"
            );
        }
        for method in [Method::POST, Method::PUT, Method::OPTIONS] {
            assert_eq!(passed(&[(method, "/products/7", &[])], &[]).await, 2);
        }
    });
}

#[test]
fn catalogue_answer_is_cached_only_when_server_allows_it() {
    RUNTIME.block_on(async {
        for (status, headers) in [
            ("200 OK", "cache-control: max-age=60\r\n"),
            ("200 OK", ""),
            ("200 OK", "x-accel-expires: 0\r\n"),
            ("404 Not Found", "cache-control: no-store\r\n"),
            ("401 Unauthorized", "cache-control: no-store\r\n"),
        ] {
            let upstream = Upstream::doing(move |_, _| response(status, headers, "x")).await;
            let nginx = Nginx::edited(&[upstream.address], &[PATIENT]).await;
            for _ in 0..2 {
                let reply = get(nginx.address, "/products/7", &[]).await;
                assert!(status.starts_with(reply.status.as_str()), "{headers}");
            }
            assert_eq!(upstream.asked().len(), 2, "{status} {headers}");
        }
    });
}

#[test]
fn cache_key_is_target_and_encoding() {
    RUNTIME.block_on(async {
        let gzip = &[("accept-encoding", "gzip, deflate, br")][..];
        let asked = [
            (Method::GET, "/products", &[][..]),
            (Method::GET, "/products", &[("accept-encoding", "identity")]),
            (Method::GET, "/products", gzip),
            (Method::GET, "/products", &[("accept-encoding", "gzip")]),
            (Method::GET, "/products?", &[]),
            (Method::GET, "/products?count=1", &[]),
            (Method::GET, "/products?count=1", gzip),
            (Method::GET, "/%70roducts", &[]),
            (Method::GET, "/products/", &[]),
        ];
        assert_eq!(passed(&asked, &[]).await, 7);
        // Other spellings are for the server to parse, so they are not cached.
        let others = [
            (
                Method::GET,
                "/products",
                &[("accept-encoding", "gzip;q=0, *")][..],
            ),
            (Method::GET, "/products", &[("accept-encoding", "*")]),
        ];
        assert_eq!(passed(&others, &[]).await, 4);

        let upstream = keeper().await;
        let nginx = Nginx::edited(&[upstream.address], &[PATIENT]).await;
        for (given, told) in [
            (gzip, "gzip"),
            (&[], "identity"),
            (others[0].2, "gzip;q=0, *"),
            (gzip, "gzip"),
        ] {
            assert_eq!(get(nginx.address, "/products", given).await.text(), told);
        }
    });
}

#[test]
fn cached_answer_equals_a_fresh_one() {
    RUNTIME.block_on(async {
        let upstream = keeper().await;
        let nginx = Nginx::edited(&[upstream.address], &[PATIENT]).await;
        let first = get(nginx.address, "/products", &[("x-request-id", "one")]).await;
        let kept = get(nginx.address, "/products", &[("x-request-id", "two")]).await;
        assert_eq!(upstream.asked().len(), 1);
        assert_eq!(
            (first.header("x-request-id"), kept.header("x-request-id")),
            (Some("one"), Some("two"))
        );
        for (name, value) in [
            ("cache-control", Some("no-cache")),
            ("vary", Some("Accept-Encoding")),
            ("access-control-allow-origin", Some("*")),
            ("content-type", Some("application/json; charset=utf-8")),
            ("etag", Some("\"identity\"")),
            ("x-accel-expires", None),
        ] {
            assert_eq!(
                (first.header(name), kept.header(name)),
                (value, value),
                "{name}"
            );
        }
        let tag = [("if-none-match", "\"other\", W/\"identity\"")];
        let unchanged = get(nginx.address, "/products", &tag).await;
        assert_eq!(
            (unchanged.status.as_u16(), unchanged.header("etag")),
            (304, Some("\"identity\""))
        );
        assert_eq!(upstream.asked().len(), 1);
    });
}

/// A response to a request with a token must not be served to others.
#[test]
fn requests_with_token_bypass_the_cache() {
    RUNTIME.block_on(async {
        let upstream = Upstream::doing(|_, request| match header(request, "authorization") {
            Some(_) => response("200 OK", KEPT, "open"),
            None => response("401 Unauthorized", "cache-control: no-store\r\n", "closed"),
        })
        .await;
        let nginx = Nginx::edited(&[upstream.address], &[PATIENT]).await;
        let token = &[("authorization", "t")][..];
        for (headers, status) in [(token, 200), (&[], 401), (token, 200), (&[], 401)] {
            assert_eq!(
                get(nginx.address, "/products", headers).await.status,
                status
            );
        }
        assert_eq!(upstream.asked().len(), 4);

        // The switch for servers without tokens.
        let mine = [
            (Method::GET, "/products", token),
            (Method::GET, "/products", &[]),
        ];
        assert_eq!(passed(&mine, &[]).await, 3);
        assert_eq!(
            passed(&mine, &[("default 1; # yours", "default 0;")]).await,
            1
        );
    });
}
