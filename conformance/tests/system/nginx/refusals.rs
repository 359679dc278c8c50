//! Errors that nginx returns itself equal those of the servers.

use std::net::SocketAddr;

use atelier_conformance::matrix::RUNTIME;
use atelier_test_support::nginx::Nginx;
use http::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::upstream::{Does, Upstream, response};
use super::{ask, get, refused, three};

const BUSY: &str = "Error: the service is busy, try again later";

/// Sends bytes, and returns the response until the connection is closed.
async fn wire(at: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(at).await.expect("connects");
    stream.write_all(bytes).await.expect("is sent");
    let mut said = String::new();
    stream.read_to_string(&mut said).await.expect("an answer");
    said
}

#[test]
fn too_large_body_is_413_from_nginx() {
    three(async |nginx, replicas| {
        let largest = [b"{".as_slice(), &vec![b' '; 1_048_574], b"}"].concat();
        let reply = ask(nginx.address, &Method::POST, "/interactions", &[], &largest).await;
        assert_eq!(reply.status, 422, "as large as may be");

        let large = vec![b' '; 2 * 1_048_576];
        let problem = [("accept", "application/problem+json")];
        let reply = ask(nginx.address, &Method::POST, "/reviews", &[], &large).await;
        refused(&reply, 413, "Error: request body is too large");
        for headers in [&[][..], &problem] {
            let through = ask(nginx.address, &Method::POST, "/reviews", headers, &large).await;
            let direct = ask(
                replicas[0].address,
                &Method::POST,
                "/reviews",
                headers,
                &large,
            )
            .await;
            assert_eq!(
                (through.status, &through.body),
                (direct.status, &direct.body)
            );
            assert_eq!(through.headers, direct.headers);
        }

        let chunk = format!("100000\r\n{}\r\n", " ".repeat(0x10_0000));
        let chunked = format!(
            "POST /reviews HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}1\r\n \r\n0\r\n\r\n"
        );
        let said = wire(nginx.address, chunked.as_bytes()).await;
        assert!(
            said.starts_with("HTTP/1.1 413 ")
                && said.ends_with("\r\n\r\nError: request body is too large"),
            "{said}"
        );
    });
}

#[test]
fn metrics_are_not_public() {
    RUNTIME.block_on(async {
        let upstream = Upstream::doing(|_, _| Does::Closes).await;
        let nginx = Nginx::before(&[upstream.address]).await;
        for target in ["/metrics", "/%6detrics", "/./metrics?a"] {
            let reply = get(nginx.address, target, &[]).await;
            refused(&reply, 404, "Error: no such route");
        }
        assert_eq!(upstream.asked(), [""; 0]);
    });
}

#[test]
fn too_large_body_reaches_no_server() {
    RUNTIME.block_on(async {
        let upstream = Upstream::doing(|_, _| Does::Closes).await;
        let nginx = Nginx::before(&[upstream.address]).await;
        let large = vec![b' '; 1_048_577];
        let reply = ask(nginx.address, &Method::POST, "/reviews", &[], &large).await;
        refused(&reply, 413, "Error: request body is too large");
        assert_eq!(upstream.asked(), [""; 0]);
    });
}

#[test]
fn unreadable_request_is_refused_by_nginx() {
    RUNTIME.block_on(async {
        let upstream = Upstream::doing(|_, _| Does::Closes).await;
        let nginx = Nginx::before(&[upstream.address]).await;
        let long = "x".repeat(20_000);
        for (request, status, sentence) in [
            (
                "nonsense".to_owned(),
                400,
                "Error: the request can't be read",
            ),
            (
                "GET /products/%zz HTTP/1.1\r\nHost: x".to_owned(),
                400,
                "Error: the request can't be read",
            ),
            (
                "GET /products/%00 HTTP/1.1\r\nHost: x".to_owned(),
                400,
                "Error: the request can't be read",
            ),
            (
                "GET / HTTP/1.1".to_owned(),
                400,
                "Error: the request can't be read",
            ),
            (
                "GET / HTTP/3.1\r\nHost: x".to_owned(),
                400,
                "Error: the request can't be read",
            ),
            (
                "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip".to_owned(),
                400,
                "Error: the request can't be read",
            ),
            (
                "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked".to_owned(),
                400,
                "Error: the request can't be read",
            ),
            (
                "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5, 5".to_owned(),
                400,
                "Error: the request can't be read",
            ),
            (
                "GET / HTTP/1.1\r\nHost: x\r\nHost: y".to_owned(),
                400,
                "Error: the request can't be read",
            ),
            (
                "GET / HTTP/1.1\r\nHost: a b".to_owned(),
                400,
                "Error: the request can't be read",
            ),
            (
                "TRACE / HTTP/1.1\r\nHost: x\r\nConnection: close".to_owned(),
                405,
                "Error: method not allowed",
            ),
            (
                format!("GET /{long} HTTP/1.1\r\nHost: x"),
                414,
                "Error: request target is too long",
            ),
            (
                format!("GET / HTTP/1.1\r\nHost: x\r\nX: {long}"),
                431,
                "Error: request headers are too long",
            ),
        ] {
            let said = wire(nginx.address, format!("{request}\r\n\r\n").as_bytes()).await;
            let row = &request[..request.len().min(40)];
            assert!(
                said.starts_with(&format!("HTTP/1.1 {status} ")),
                "{row}: {said}"
            );
            assert!(
                said.ends_with(&format!("\r\n\r\n{sentence}")),
                "{row}: {said}"
            );
            assert_eq!(
                said.matches("Access-Control-Allow-Origin: *\r\n").count(),
                1,
                "{row}: {said}"
            );
            assert_eq!(
                said.matches("Allow: GET, HEAD, POST, PUT, OPTIONS\r\n")
                    .count(),
                usize::from(status == 405),
                "{said}"
            );
        }
        assert_eq!(upstream.asked(), [""; 0]);
    });
}

#[test]
fn unreachable_servers_give_503() {
    three(async |nginx, replicas| {
        while let Some(replica) = replicas.pop() {
            replica.end().await;
        }
        for (method, target) in [
            (Method::GET, "/reviews?product_id=501"),
            (Method::POST, "/cart"),
            (Method::GET, "/products"),
        ] {
            let reply = ask(nginx.address, &method, target, &[], b"").await;
            refused(&reply, 503, BUSY);
            let seconds = reply.header("retry-after").expect("a time").parse();
            assert!((1..=5).contains(&seconds.expect("seconds")));
        }
        let problem = get(
            nginx.address,
            "/cart",
            &[("accept", "text/html, application/problem+json;q=0.1")],
        )
        .await;
        assert_eq!(
            problem.header("content-type"),
            Some("application/problem+json")
        );
        let detail = format!(
            r#"{{"type":"about:blank","title":"Service Unavailable","status":503,"detail":"{BUSY}"}}"#
        );
        assert_eq!(problem.parts(), (503, &*detail));
        for (accept, kind) in [
            ("application/problem+json;q=0.0", "text/plain"),
            ("application/problem+json;x=\"a,b\";q=0", "text/plain"),
            (
                "text/html;x=\"a,application/problem+json,\\\",b\"",
                "text/plain",
            ),
            (
                "text/html;x=\"a\\\",b\", application/problem+json;x=\",\";q=0.5",
                "application/problem+json",
            ),
        ] {
            let reply = get(nginx.address, "/cart", &[("accept", accept)]).await;
            let said = reply.header("content-type").expect("a kind");
            assert!(said.starts_with(kind), "{accept}: {said}");
        }
    });
}

#[test]
fn server_errors_pass_unchanged() {
    RUNTIME.block_on(async {
        for status in [
            "400 Bad Request",
            "404 Not Found",
            "413 x",
            "429 x",
            "500 x",
            "502 x",
            "503 x",
            "504 x",
        ] {
            let said =
                "retry-after: 77\r\naccess-control-allow-origin: *\r\ncontent-type: text/x\r\n";
            let upstream = Upstream::doing(move |_, _| response(status, said, "mine")).await;
            let nginx = Nginx::before(&[upstream.address, upstream.address]).await;
            for target in ["/reviews", "/products"] {
                let reply = get(nginx.address, target, &[]).await;
                assert_eq!(
                    (reply.status.as_str(), reply.text()),
                    (&status[..3], "mine")
                );
                for (name, value) in [
                    ("retry-after", "77"),
                    ("access-control-allow-origin", "*"),
                    ("content-type", "text/x"),
                ] {
                    assert_eq!(reply.header(name), Some(value), "{status}");
                }
            }
            // No error is retried at a second server, in particular not the 503 of load shedding.
            assert_eq!(upstream.asked().len(), 2, "{status}");
        }
    });
}

#[test]
fn too_many_concurrent_requests_are_refused() {
    RUNTIME.block_on(async {
        let upstream = Upstream::doing(|_, _| Does::Waits).await;
        let edits = [(
            "limit_conn atelier_addresses 1000;",
            "limit_conn atelier_addresses 1;",
        )];
        let nginx = Nginx::edited(&[upstream.address], &edits).await;
        let at = nginx.address;
        let waiting = tokio::spawn(async move { get(at, "/reviews", &[]).await.status });
        upstream.heard(1).await;
        let reply = get(nginx.address, "/reviews", &[]).await;
        refused(&reply, 429, "Error: too many requests, try again later");
        waiting.abort();
    });
}

#[test]
fn rate_limit_refuses_when_enabled() {
    RUNTIME.block_on(async {
        let upstream = Upstream::doing(|_, _| response("200 OK", "", "x")).await;
        let edits = [
            (
                "# limit_req zone=atelier_rates burst=200 nodelay;",
                "limit_req zone=atelier_rates;",
            ),
            ("rate=100r/s", "rate=1r/m"),
        ];
        let nginx = Nginx::edited(&[upstream.address], &edits).await;
        assert_eq!(get(nginx.address, "/reviews", &[]).await.status, 200);
        let reply = get(nginx.address, "/reviews", &[]).await;
        refused(&reply, 429, "Error: too many requests, try again later");
        assert!(reply.header("retry-after").is_some());
        assert_eq!(upstream.asked().len(), 1);
    });
}
