//! Malformed requests, and clients that close their side of the connection, over raw sockets.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use atelier_core::http::{HttpApi, HttpSettings};
use atelier_core::{Atelier, DatabaseUrl};
use atelier_warp::health::Health;
use atelier_warp::observe::Telemetry;
use atelier_warp::probes::{self, Fallback};
use atelier_warp::serve::{self, ServerConfig, Shutdown};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

const MALFORMED: &str = "Error: the request can't be read";
const TARGET_TOO_LONG: &str = "Error: request target is too long";
const HEADERS_TOO_LONG: &str = "Error: request headers are too long";
const TOO_LARGE: &str = "Error: request body is too large";

/// A server that runs until the end of the test.
struct Server {
    address: SocketAddr,
    _folder: TempDir,
}

async fn start() -> Server {
    let folder = tempfile::tempdir().expect("a folder");
    let store = atelier_core::open(
        &DatabaseUrl::sqlite(folder.path().join("shop.db")),
        &atelier_core::StoreOptions::default(),
    )
    .await
    .expect("opens");
    let listener = serve::listen(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a port");
    let address = listener.local_addr().expect("an address");
    let settings = HttpSettings {
        max_body_bytes: 1_000,
        ..HttpSettings::default()
    };
    tokio::spawn(serve::serve(
        HttpApi::new(Atelier::new(store), settings),
        listener,
        Health::default(),
        ServerConfig::default(),
        Telemetry::default(),
        std::future::pending::<Shutdown>(),
    ));
    Server {
        address,
        _folder: folder,
    }
}

/// Sends `bytes`, and reads until the server closes the connection. With `half_close`, the client closes its side first.
async fn exchange(address: SocketAddr, bytes: &[u8], half_close: bool) -> String {
    let mut stream = TcpStream::connect(address).await.expect("connects");
    stream.write_all(bytes).await.expect("is sent");
    if half_close {
        stream.shutdown().await.expect("is sent");
    }
    let mut received = Vec::new();
    let read = stream.read_to_end(&mut received);
    let result = timeout(Duration::from_secs(20), read).await;
    result
        .expect("the server closes it")
        .expect("without a reset");
    String::from_utf8(received).expect("text")
}

/// Asserts that this is a refusal with the headers of every response.
fn assert_refusal(response: &str, status: u16, message: &str, row: &str) {
    assert!(
        response.starts_with("HTTP/1.") && response[8..].starts_with(&format!(" {status} ")),
        "{row}: {response}"
    );
    for header in [
        "access-control-allow-origin: *",
        "cache-control: no-store",
        "connection: close",
        "content-type: text/plain; charset=utf-8",
        "x-content-type-options: nosniff",
    ] {
        assert_eq!(response.matches(header).count(), 1, "{row}: {response}");
    }
    assert_eq!(
        response.matches("x-request-id: ").count(),
        1,
        "{row}: {response}"
    );
    assert!(
        response.ends_with(&format!("\r\n\r\n{message}")),
        "{row}: {response}"
    );
}

fn many_headers(count: usize) -> String {
    let lines: Vec<_> = (0..count)
        .map(|place| format!("x-{place}: y\r\n"))
        .collect();
    lines.concat()
}

#[tokio::test]
async fn malformed_requests_are_refused_with_all_headers() {
    let server = start().await;
    let get = "GET /products HTTP/1.1\r\nHost: x\r\n";
    let post = "POST /interactions HTTP/1.1\r\nHost: x\r\n";
    let long = "x".repeat(20_000);
    #[rustfmt::skip]
    let rows = [
        ("nonsense\r\n\r\n".to_owned(), 400, MALFORMED),
        ("GET /\u{e4}< HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(), 400, MALFORMED),
        ("GET /<> HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(), 400, MALFORMED),
        ("GET / HTTP/3.1\r\nHost: x\r\n\r\n".to_owned(), 400, MALFORMED),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(), 400, MALFORMED),
        (format!("{get}bad header: y\r\n\r\n"), 400, MALFORMED),
        (format!("{post}Content-Length: 5, 5\r\n\r\nabcde"), 400, MALFORMED),
        (format!("{post}Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef"), 400, MALFORMED),
        (format!("{post}Content-Length: -1\r\n\r\n"), 400, MALFORMED),
        // 201 with the Host.
        (format!("{get}{}\r\n", many_headers(200)), 431, HEADERS_TOO_LONG),
        (format!("{get}x: {}\r\n\r\n", long.repeat(10)), 431, HEADERS_TOO_LONG),
        (format!("GET /{long} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), 414, TARGET_TOO_LONG),
        (format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", long.repeat(10)), 414, TARGET_TOO_LONG),
        // Invalid Host or Transfer-Encoding.
        ("GET /products HTTP/1.1\r\n\r\n".to_owned(), 400, MALFORMED),
        (format!("{get}Host: x\r\n\r\n"), 400, MALFORMED),
        ("GET / HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n".to_owned(), 400, MALFORMED),
        ("GET /products HTTP/1.1\r\nHost: a b\r\n\r\n".to_owned(), 400, MALFORMED),
        ("GET /live HTTP/1.1\r\nHost: user@x\r\n\r\n".to_owned(), 400, MALFORMED),
        (format!("{post}Transfer-Encoding: gzip\r\n\r\n"), 400, MALFORMED),
        (format!("{post}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"), 400, MALFORMED),
        (format!("{post}Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400, MALFORMED),
        (format!("{post}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"), 400, MALFORMED),
        (format!("{post}Transfer-Encoding: \r\n\r\n"), 400, MALFORMED),
    ];
    for (request, status, message) in rows {
        let response = exchange(server.address, request.as_bytes(), false).await;
        assert_refusal(
            &response,
            status,
            message,
            &request[..request.len().min(90)],
        );
    }
}

#[tokio::test]
async fn malformed_request_after_a_valid_one_is_refused() {
    let server = start().await;
    let requests = "GET /products HTTP/1.1\r\nHost: x\r\n\r\nGET /products HTTP/1.1\r\n\r\n";
    for second in [
        "GET /products HTTP/1.1\r\n\r\n",
        "GET /< HTTP/1.1\r\nHost: x\r\n\r\n",
    ] {
        let first = "GET /products HTTP/1.1\r\nHost: x\r\n\r\n";
        let response = exchange(server.address, [first, second].concat().as_bytes(), false).await;
        let (first, second) = response.split_once("\r\n\r\n[]").expect("a list");
        assert!(first.starts_with("HTTP/1.1 200"), "{first}");
        assert_refusal(second, 400, MALFORMED, requests);
    }
}

#[tokio::test]
async fn refusal_has_the_requested_id_and_media_type() {
    let server = start().await;
    let head = "x-request-id: r1\r\nAccept: application/problem+json\r\n";
    let too_many = format!(
        "GET / HTTP/1.1\r\nHost: x\r\n{head}{}\r\n",
        many_headers(200)
    );
    let no_host = format!("GET / HTTP/1.1\r\n{head}\r\n");
    for request in [too_many, no_host] {
        let response = exchange(server.address, request.as_bytes(), false).await;
        assert!(response.contains("x-request-id: r1\r\n"), "{response}");
        assert!(
            response.contains("\r\n\r\n{\"type\":\"about:blank\""),
            "{response}"
        );
    }
    let head = format!("HEAD / HTTP/1.1\r\nHost: x\r\n{}\r\n", many_headers(200));
    let response = exchange(server.address, head.as_bytes(), false).await;
    assert!(
        response.starts_with("HTTP/1.1 431 ") && response.ends_with("\r\n\r\n"),
        "{response}"
    );
}

#[tokio::test]
async fn requests_with_200_headers_are_accepted() {
    let server = start().await;
    // The headers include Host; the connection has requests with fewer headers as well.
    let few = "GET /products HTTP/1.1\r\nHost: x\r\n\r\n";
    let many = format!(
        "GET /products HTTP/1.1\r\nHost: x\r\n{}\r\n",
        many_headers(199)
    );
    let body = r#"{"element":"a","widget":"b","time":"c"}"#;
    let post = format!(
        "POST /interactions HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n{}\r\n{body}",
        body.len(),
        many_headers(150)
    );
    let requests = [few, &many, &many, few, &post].concat();
    let response = exchange(server.address, requests.as_bytes(), false).await;
    assert_eq!(response.matches("HTTP/1.1 200 ").count(), 4, "{response}");
    assert!(response.ends_with("Created"), "{response}");
}

#[tokio::test]
async fn valid_hosts_and_http_1_0_are_accepted() {
    let server = start().await;
    for head in [
        "HTTP/1.0\r\n",
        "HTTP/1.0\r\nHost: x\r\n",
        "HTTP/1.1\r\nHost:\r\nConnection: close\r\n",
        "HTTP/1.1\r\nHost: [::1]:3000\r\nConnection: close\r\n",
        "HTTP/1.1\r\nhost: shop.example.org:\r\nConnection: close\r\n",
    ] {
        let request = format!("GET /products {head}\r\n");
        let response = exchange(server.address, request.as_bytes(), false).await;
        assert!(
            response.starts_with("HTTP/1.") && response.contains(" 200 OK\r\n"),
            "{head}: {response}"
        );
    }
}

#[tokio::test]
async fn half_closed_client_is_answered() {
    let server = start().await;
    let body = r#"{"element":"a","widget":"b","time":"c"}"#;
    let post = format!(
        "POST /interactions HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let chunked = format!(
        "POST /interactions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
        body.len()
    );
    let get = "GET /products HTTP/1.1\r\nHost: x\r\n\r\n";
    let large = format!(
        "POST /interactions HTTP/1.1\r\nHost: x\r\nContent-Length: 2000\r\n\r\n{}",
        " ".repeat(2_000)
    );
    for (request, end) in [
        (get, "[]"),
        (&post, "Created"),
        (&chunked, "Created"),
        (&*[&post, get].concat(), "[]"),
        ("GET / HTTP/1.1\r\n\r\n", MALFORMED),
        (&large, TOO_LARGE),
    ] {
        let response = exchange(server.address, request.as_bytes(), true).await;
        assert!(
            response.ends_with(&format!("\r\n\r\n{end}")),
            "{request:.60}: {response}"
        );
    }
    // A response larger than the socket's buffer is sent completely.
    let docs = "GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: x\r\n\r\n";
    let response = exchange(server.address, docs.as_bytes(), true).await;
    let (head, text) = response.split_once("\r\n\r\n").expect("an answer");
    assert!(
        head.contains(&format!("content-length: {}", text.len())),
        "{head}"
    );
    // An incomplete body.
    let cut = exchange(server.address, &post.as_bytes()[..post.len() - 3], true).await;
    assert!(cut.is_empty() || cut.starts_with("HTTP/1.1 400"), "{cut}");
}

#[tokio::test]
async fn admin_port_refuses_malformed_requests_with_all_headers() {
    let listener = serve::bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a port");
    let address = listener.local_addr().expect("an address");
    let listener = Arc::new(listener);
    tokio::spawn(async move {
        let health = Health::default();
        probes::serve(&listener, Some(&health), None, Fallback::NotFound).await
    });
    let too_many = format!("GET /live HTTP/1.1\r\nHost: x\r\n{}\r\n", many_headers(200));
    for (request, status, message) in [
        ("GET /live HTTP/1.1\r\n\r\n", 400, MALFORMED),
        ("GET /< HTTP/1.1\r\nHost: x\r\n\r\n", 400, MALFORMED),
        (&*too_many, 431, HEADERS_TOO_LONG),
        (
            "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
            404,
            "Error: no such route",
        ),
    ] {
        let response = exchange(address, request.as_bytes(), false).await;
        assert_refusal(&response, status, message, request);
    }
    let response = exchange(address, b"GET /live HTTP/1.0\r\n\r\n", true).await;
    assert!(response.ends_with("\r\n\r\nlive"), "{response}");
}
