//! What a server says to bytes that are no well-formed request, and to clients that end their side of a connection: over
//! raw sockets.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use atelier_core::{Atelier, DatabaseUrl, Settings};
use atelier_warp::health::Health;
use atelier_warp::observe::Observer;
use atelier_warp::probes::{self, Otherwise};
use atelier_warp::serve::{self, Serving, Stop};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

const MALFORMED: &str = "Error: the request can't be read";
const TARGET_TOO_LONG: &str = "Error: request target is too long";
const HEADERS_TOO_LONG: &str = "Error: request headers are too long";
const TOO_LARGE: &str = "Error: request body is too large";

/// A server that a test ends with.
struct Server {
    address: SocketAddr,
    _folder: TempDir,
}

async fn start() -> Server {
    let folder = tempfile::tempdir().expect("a folder");
    let store = atelier_core::open(&DatabaseUrl::sqlite(folder.path().join("shop.db")))
        .await
        .expect("opens");
    let listener = serve::listen(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a port");
    let address = listener.local_addr().expect("an address");
    let settings = Settings {
        max_body: 1_000,
        ..Settings::default()
    };
    tokio::spawn(serve::serve(
        Atelier::with(store, settings, atelier_core::Clock::default()),
        listener,
        Health::default(),
        Serving::default(),
        Observer::default(),
        std::future::pending::<Stop>(),
    ));
    Server {
        address,
        _folder: folder,
    }
}

/// What is said to these bytes until the server ends the connection; `half_close` ends the client's side at once.
async fn exchange(address: SocketAddr, bytes: &[u8], half_close: bool) -> String {
    let mut stream = TcpStream::connect(address).await.expect("connects");
    stream.write_all(bytes).await.expect("is sent");
    if half_close {
        stream.shutdown().await.expect("is sent");
    }
    let mut said = Vec::new();
    let read = stream.read_to_end(&mut said);
    let ended = timeout(Duration::from_secs(20), read).await;
    ended.expect("the server ends it").expect("without a reset");
    String::from_utf8(said).expect("text")
}

/// That it is a refusal with all that every answer has.
fn assert_refusal(said: &str, status: u16, sentence: &str, row: &str) {
    assert!(
        said.starts_with("HTTP/1.") && said[8..].starts_with(&format!(" {status} ")),
        "{row}: {said}"
    );
    for header in [
        "access-control-allow-origin: *",
        "cache-control: no-store",
        "connection: close",
        "content-type: text/plain; charset=utf-8",
        "x-content-type-options: nosniff",
    ] {
        assert_eq!(said.matches(header).count(), 1, "{row}: {said}");
    }
    assert_eq!(said.matches("x-request-id: ").count(), 1, "{row}: {said}");
    assert!(
        said.ends_with(&format!("\r\n\r\n{sentence}")),
        "{row}: {said}"
    );
}

fn many_headers(count: usize) -> String {
    let lines: Vec<_> = (0..count)
        .map(|place| format!("x-{place}: y\r\n"))
        .collect();
    lines.concat()
}

#[tokio::test]
async fn what_is_no_request_is_refused_as_every_other() {
    let server = start().await;
    let get = "GET /products HTTP/1.1\r\nHost: x\r\n";
    let post = "POST /interactions HTTP/1.1\r\nHost: x\r\n";
    let long = "x".repeat(20_000);
    for (request, status, sentence) in [
        ("nonsense\r\n\r\n".to_owned(), 400, MALFORMED),
        (
            "GET /\u{e4}< HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(),
            400,
            MALFORMED,
        ),
        (
            "GET /<> HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(),
            400,
            MALFORMED,
        ),
        (
            "GET / HTTP/3.1\r\nHost: x\r\n\r\n".to_owned(),
            400,
            MALFORMED,
        ),
        (
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
            400,
            MALFORMED,
        ),
        (format!("{get}bad header: y\r\n\r\n"), 400, MALFORMED),
        (
            format!("{post}Content-Length: 5, 5\r\n\r\nabcde"),
            400,
            MALFORMED,
        ),
        (
            format!("{post}Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef"),
            400,
            MALFORMED,
        ),
        (format!("{post}Content-Length: -1\r\n\r\n"), 400, MALFORMED),
        // 200 with the Host.
        (
            format!("{get}{}\r\n", many_headers(200)),
            431,
            HEADERS_TOO_LONG,
        ),
        (
            format!("{get}x: {}\r\n\r\n", long.repeat(10)),
            431,
            HEADERS_TOO_LONG,
        ),
        (
            format!("GET /{long} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
            414,
            TARGET_TOO_LONG,
        ),
        (
            format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", long.repeat(10)),
            414,
            TARGET_TOO_LONG,
        ),
        // Host and transfer codings.
        ("GET /products HTTP/1.1\r\n\r\n".to_owned(), 400, MALFORMED),
        (format!("{get}Host: x\r\n\r\n"), 400, MALFORMED),
        (
            "GET / HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n".to_owned(),
            400,
            MALFORMED,
        ),
        (
            "GET /products HTTP/1.1\r\nHost: a b\r\n\r\n".to_owned(),
            400,
            MALFORMED,
        ),
        (
            "GET /live HTTP/1.1\r\nHost: user@x\r\n\r\n".to_owned(),
            400,
            MALFORMED,
        ),
        (
            format!("{post}Transfer-Encoding: gzip\r\n\r\n"),
            400,
            MALFORMED,
        ),
        (
            format!("{post}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
            400,
            MALFORMED,
        ),
        (
            format!("{post}Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            400,
            MALFORMED,
        ),
        (
            format!("{post}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"),
            400,
            MALFORMED,
        ),
        (format!("{post}Transfer-Encoding: \r\n\r\n"), 400, MALFORMED),
    ] {
        let said = exchange(server.address, request.as_bytes(), false).await;
        assert_refusal(&said, status, sentence, &request[..request.len().min(90)]);
    }
}

#[tokio::test]
async fn what_is_no_request_is_refused_after_others_on_the_same_connection() {
    let server = start().await;
    let requests = "GET /products HTTP/1.1\r\nHost: x\r\n\r\nGET /products HTTP/1.1\r\n\r\n";
    for second in [
        "GET /products HTTP/1.1\r\n\r\n",
        "GET /< HTTP/1.1\r\nHost: x\r\n\r\n",
    ] {
        let first = "GET /products HTTP/1.1\r\nHost: x\r\n\r\n";
        let said = exchange(server.address, [first, second].concat().as_bytes(), false).await;
        let (first, second) = said.split_once("\r\n\r\n[]").expect("a list");
        assert!(first.starts_with("HTTP/1.1 200"), "{first}");
        assert_refusal(second, 400, MALFORMED, requests);
    }
}

#[tokio::test]
async fn a_refusal_has_the_id_and_the_form_that_the_client_asked_for() {
    let server = start().await;
    let head = "x-request-id: r1\r\nAccept: application/problem+json\r\n";
    let too_many = format!(
        "GET / HTTP/1.1\r\nHost: x\r\n{head}{}\r\n",
        many_headers(200)
    );
    let no_host = format!("GET / HTTP/1.1\r\n{head}\r\n");
    for request in [too_many, no_host] {
        let said = exchange(server.address, request.as_bytes(), false).await;
        assert!(said.contains("x-request-id: r1\r\n"), "{said}");
        assert!(said.contains("\r\n\r\n{\"type\":\"about:blank\""), "{said}");
    }
    let head = format!("HEAD / HTTP/1.1\r\nHost: x\r\n{}\r\n", many_headers(200));
    let said = exchange(server.address, head.as_bytes(), false).await;
    assert!(
        said.starts_with("HTTP/1.1 431 ") && said.ends_with("\r\n\r\n"),
        "{said}"
    );
}

#[tokio::test]
async fn two_hundred_headers_are_read() {
    let server = start().await;
    // With Host and Connection, and on one connection with others.
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
    let said = exchange(server.address, requests.as_bytes(), false).await;
    assert_eq!(said.matches("HTTP/1.1 200 ").count(), 4, "{said}");
    assert!(said.ends_with("Created"), "{said}");
}

#[tokio::test]
async fn well_formed_hosts_and_older_requests_are_answered() {
    let server = start().await;
    for head in [
        "HTTP/1.0\r\n",
        "HTTP/1.0\r\nHost: x\r\n",
        "HTTP/1.1\r\nHost:\r\nConnection: close\r\n",
        "HTTP/1.1\r\nHost: [::1]:3000\r\nConnection: close\r\n",
        "HTTP/1.1\r\nhost: shop.example.org:\r\nConnection: close\r\n",
    ] {
        let request = format!("GET /products {head}\r\n");
        let said = exchange(server.address, request.as_bytes(), false).await;
        assert!(
            said.starts_with("HTTP/1.") && said.contains(" 200 OK\r\n"),
            "{head}: {said}"
        );
    }
}

#[tokio::test]
async fn a_client_that_ends_its_side_is_answered() {
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
        let said = exchange(server.address, request.as_bytes(), true).await;
        assert!(
            said.ends_with(&format!("\r\n\r\n{end}")),
            "{request:.60}: {said}"
        );
    }
    // The whole of a large answer, which is longer in being written than the socket takes at once.
    let docs = "GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: x\r\n\r\n";
    let said = exchange(server.address, docs.as_bytes(), true).await;
    let (head, text) = said.split_once("\r\n\r\n").expect("an answer");
    assert!(
        head.contains(&format!("content-length: {}", text.len())),
        "{head}"
    );
    // A body of which the rest never comes.
    let cut = exchange(server.address, &post.as_bytes()[..post.len() - 3], true).await;
    assert!(cut.is_empty() || cut.starts_with("HTTP/1.1 400"), "{cut}");
}

#[tokio::test]
async fn the_port_of_probes_refuses_in_the_same_words() {
    let listener = serve::bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a port");
    let address = listener.local_addr().expect("an address");
    let listener = Arc::new(listener);
    tokio::spawn(async move {
        let health = Health::default();
        probes::serve(&listener, Some(&health), None, Otherwise::Nothing).await
    });
    let too_many = format!("GET /live HTTP/1.1\r\nHost: x\r\n{}\r\n", many_headers(200));
    for (request, status, sentence) in [
        ("GET /live HTTP/1.1\r\n\r\n", 400, MALFORMED),
        ("GET /< HTTP/1.1\r\nHost: x\r\n\r\n", 400, MALFORMED),
        (&*too_many, 431, HEADERS_TOO_LONG),
        (
            "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
            404,
            "Error: no such route",
        ),
    ] {
        let said = exchange(address, request.as_bytes(), false).await;
        assert_refusal(&said, status, sentence, request);
    }
    let said = exchange(address, b"GET /live HTTP/1.0\r\n\r\n", true).await;
    assert!(said.ends_with("\r\n\r\nlive"), "{said}");
}
