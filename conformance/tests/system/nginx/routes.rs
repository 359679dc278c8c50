//! Through nginx everything is as it is without.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use atelier_conformance::TestResponse;
use atelier_core::http::ENDPOINTS;
use http::{HeaderMap, Method};

use super::{Headers, ask, get, post, three};

const PROBLEM: (&str, &str) = ("accept", "application/problem+json");
const GZIP: (&str, &str) = ("accept-encoding", "gzip, deflate, br");

/// Request headers that change a response.
const WAYS: [Headers<'_>; 11] = [
    &[],
    &[GZIP],
    &[("accept-encoding", "*")],
    &[("accept-encoding", "gzip;q=0, identity")],
    &[("if-none-match", "*")],
    &[("if-none-match", "*"), GZIP],
    &[("if-match", "\"other\"")],
    &[("if-unmodified-since", "Mon, 01 Jan 2024 00:00:00 GMT")],
    &[PROBLEM],
    &[("authorization", "someone")],
    &[("authorization", "someone"), ("if-none-match", "*")],
];

/// Returns a target of each endpoint, for the rows of the seed.
fn target(path: &str) -> String {
    let mut target = path.to_owned();
    for (name, id) in [
        ("{product_id}", "501"),
        ("{review_id}", "31"),
        ("{question_id}", "71"),
        ("{answer_id}", "81"),
    ] {
        target = target.replace(name, id);
    }
    if ["/reviews", "/reviews/meta", "/qa/questions"].contains(&path) {
        target += "?product_id=501";
    }
    target
}

/// Returns a valid body for each POST.
const BODIES: [(&str, &str); 5] = [
    (
        "/reviews",
        r#"{"product_id":501,"rating":4,"body":"b","recommend":true,"name":"n","email":"e@example.org"}"#,
    ),
    (
        "/qa/questions",
        r#"{"product_id":501,"body":"b","name":"n","email":"e@example.org"}"#,
    ),
    (
        "/qa/questions/{question_id}/answers",
        r#"{"body":"b","name":"n","email":"e@example.org"}"#,
    ),
    ("/cart", r#"{"sku_id":77001}"#),
    (
        "/interactions",
        r#"{"element":"e","widget":"w","time":"t"}"#,
    ),
];

/// Sends a request to both, and compares the responses.
async fn same(
    one: SocketAddr,
    other: SocketAddr,
    method: &Method,
    target: &str,
    headers: Headers<'_>,
    body: &str,
) -> TestResponse {
    let mut direct = ask(one, method, target, headers, body.as_bytes()).await;
    // A header for nginx, which removes it.
    direct.headers.remove("x-accel-expires");
    let through = ask(other, method, target, headers, body.as_bytes()).await;
    let row = format!("{method} {target} {headers:?}");
    assert_eq!(through.status, direct.status, "{row}");
    assert_eq!(sorted(&through.headers), sorted(&direct.headers), "{row}");
    assert_eq!(through.body, direct.body, "{row}");
    direct
}

fn sorted(headers: &HeaderMap) -> Vec<(String, String)> {
    let mut pairs: Vec<_> = headers
        .iter()
        .map(|(name, value)| {
            (
                name.to_string(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            )
        })
        .collect();
    pairs.sort();
    pairs
}

#[test]
fn answers_through_nginx_equal_direct_answers() {
    three(async |nginx, replicas| {
        let direct = replicas[0].address;
        let mut statuses = BTreeSet::new();
        // Reads come first, because other servers apply a write within a second.
        let (reads, writes): (Vec<_>, Vec<_>) = ENDPOINTS
            .iter()
            .partition(|endpoint| endpoint.method == Method::GET);
        for endpoint in reads.into_iter().chain(writes) {
            let method = &endpoint.method;
            let bodies = match BODIES.iter().find(|(path, _)| *path == endpoint.path) {
                Some((_, body)) if method == Method::POST => vec!["{}", "{", body],
                _ => vec![""],
            };
            let short = target(endpoint.path);
            for target in [short.clone(), format!("/api/fec2/hr-rfp{short}")] {
                for way in WAYS {
                    for body in &bodies {
                        let reply = same(direct, nginx.address, method, &target, way, body).await;
                        statuses.insert(reply.status.as_u16());
                    }
                    if method == Method::GET {
                        same(direct, nginx.address, &Method::HEAD, &target, way, "").await;
                    }
                }
            }
            same(direct, nginx.address, &Method::OPTIONS, &short, &[], "").await;
            same(direct, nginx.address, &Method::DELETE, &short, &[], "").await;
        }
        assert_eq!(statuses, BTreeSet::from([200, 201, 204, 304, 400, 422]));
        assert_eq!(nginx.error_log(), "");
    });
}

#[test]
fn preflight_request_passes() {
    three(async |nginx, replicas| {
        let preflight = [
            ("origin", "https://shop.example"),
            ("access-control-request-method", "POST"),
            (
                "access-control-request-headers",
                "authorization,content-type",
            ),
        ];
        let reply = same(
            replicas[0].address,
            nginx.address,
            &Method::OPTIONS,
            "/reviews",
            &preflight,
            "",
        )
        .await;
        assert_eq!(reply.status, 204);
    });
}

#[test]
fn etags_stay_strong_for_each_encoding() {
    three(async |nginx, _| {
        for target in ["/products?count=99", "/reviews?product_id=501&count=99"] {
            let plain = get(nginx.address, target, &[]).await;
            let packed = get(nginx.address, target, &[GZIP]).await;
            assert_eq!(packed.header("content-encoding"), Some("gzip"), "{target}");
            let tags =
                [&plain, &packed].map(|reply| reply.header("etag").expect("a tag").to_owned());
            assert!(tags.iter().all(|tag| tag.starts_with('"')), "{tags:?}");
            assert_ne!(tags[0], tags[1], "{target}");
            for (way, tag, other) in [(&[][..], &tags[0], &tags[1]), (&[GZIP], &tags[1], &tags[0])]
            {
                let given = |tag| [way, &[("if-none-match", tag)]].concat();
                let unchanged = get(nginx.address, target, &given(tag)).await;
                assert_eq!(
                    (unchanged.status.as_u16(), unchanged.body.len()),
                    (304, 0),
                    "{target}"
                );
                assert_eq!(unchanged.header("etag"), Some(&**tag), "{target}");
                let weak = format!("W/{tag}");
                assert_eq!(
                    get(nginx.address, target, &given(&weak)).await.status,
                    304,
                    "{target}"
                );
                assert_eq!(
                    get(nginx.address, target, &given(other)).await.status,
                    200,
                    "{target}"
                );
            }
        }
    });
}

#[test]
fn request_target_is_forwarded_unchanged() {
    three(async |nginx, replicas| {
        let long = format!("/products?{}", "x".repeat(8_192 - 10));
        let padded = format!(
            "/reviews?count=1&page=2&product_id={}501",
            "0".repeat(8_000)
        );
        for (target, status) in [
            ("//products", 404),
            ("/products//501", 404),
            ("/products/501%2Fstyles", 404),
            ("/products%2F501", 404),
            ("/%70roducts/%35%30%31/", 200),
            ("/products/501/?", 200),
            ("/products/50%31/styles/?a=%zz&b=%2F+//", 200),
            ("/products/5/../501", 404),
            (
                "/reviews?product_id=%35%30%31&sort=newest&count=2&page=2",
                200,
            ),
            ("/Products", 404),
            ("/", 200),
            ("/docs", 200),
            ("/.atelier/text/503", 404),
            (&long, 200),
            (&padded, 200),
        ] {
            let reply = same(
                replicas[0].address,
                nginx.address,
                &Method::GET,
                target,
                &[],
                "",
            )
            .await;
            assert_eq!(reply.status, status, "{target}");
        }
    });
}

#[test]
fn write_through_nginx_is_applied_once_and_visible() {
    three(async |nginx, _| {
        for (path, body) in BODIES {
            let reply = post(nginx.address, &target(path), body).await;
            assert_eq!(reply.parts(), (201, "Created"), "{path}");
        }
        let key = [("idempotency-key", "")];
        let reply = ask(nginx.address, &Method::POST, "/cart", &key, b"{}").await;
        assert_eq!(
            reply.parts(),
            (400, "Error: invalid idempotency key provided")
        );
        let key = [("idempotency-key", "mine")];
        for replayed in [None, Some("true")] {
            let reply = ask(
                nginx.address,
                &Method::POST,
                "/cart",
                &key,
                BODIES[3].1.as_bytes(),
            )
            .await;
            assert_eq!(reply.header("idempotency-replayed"), replayed);
        }
        assert_eq!(
            get(nginx.address, "/cart", &[]).await.text(),
            r#"[{"sku_id":77001,"count":"2"}]"#
        );
    });
}
