//! The accept loop: timeouts, the connection limit, and shutdown.

use std::net::SocketAddr;
use std::time::Duration;

use atelier_core::http::{HttpApi, HttpSettings};
use atelier_core::{Atelier, DatabaseUrl};
use atelier_warp::Limits;
use atelier_warp::health::Health;
use atelier_warp::observe::Telemetry;
use atelier_warp::serve::{self, ServerConfig, Shutdown};
use http::Request;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

struct Server {
    address: SocketAddr,
    shutdown: oneshot::Sender<Shutdown>,
    task: JoinHandle<()>,
    _folder: TempDir,
}

async fn start(config: ServerConfig) -> Server {
    let folder = tempfile::tempdir().expect("a folder");
    let store = atelier_core::open(
        &DatabaseUrl::sqlite(folder.path().join("shop.db")),
        &atelier_core::StoreOptions::default(),
    )
    .await
    .expect("opens");
    let listener = serve::listen(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a port");
    let address = listener.local_addr().expect("an address");
    let (shutdown, receiver) = oneshot::channel();
    let requested = async { receiver.await.unwrap_or(Shutdown::Immediate) };
    let api = HttpApi::new(Atelier::new(store), HttpSettings::default());
    let task = tokio::spawn(serve::serve(
        api,
        listener,
        Health::default(),
        config,
        Telemetry::default(),
        requested,
    ));
    Server {
        address,
        shutdown,
        task,
        _folder: folder,
    }
}

async fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.expect("connects")
}

/// Sends `bytes`, and reads until the server closes the connection.
async fn exchange(stream: &mut TcpStream, bytes: &str) -> String {
    stream.write_all(bytes.as_bytes()).await.expect("sends");
    let mut response = Vec::new();
    // The server may close the connection by a reset.
    let _ = stream.read_to_end(&mut response).await;
    String::from_utf8(response).expect("text")
}

#[tokio::test]
async fn connection_is_closed_when_headers_time_out() {
    let server = start(ServerConfig {
        header_timeout: Duration::from_millis(50),
        ..ServerConfig::default()
    })
    .await;
    for partial in ["", "GET /products HTTP/1.1\r\nHost: x\r\n"] {
        assert_eq!(
            exchange(&mut connect(server.address).await, partial).await,
            ""
        );
    }
}

#[tokio::test]
async fn incomplete_body_is_answered_408() {
    let limits = Limits {
        body_timeout: Duration::from_millis(50),
        ..Limits::default()
    };
    let server = start(ServerConfig {
        limits,
        ..ServerConfig::default()
    })
    .await;
    let partial = "POST /reviews HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{\"a\"";
    let response = exchange(&mut connect(server.address).await, partial).await;
    assert!(response.starts_with("HTTP/1.1 408"), "{response}");
    assert!(
        response.contains("access-control-allow-origin: *")
            && response.contains("connection: close"),
        "{response}"
    );
    assert!(
        response.ends_with("Error: request body took too long"),
        "{response}"
    );
}

#[tokio::test]
async fn connections_above_the_limit_are_closed_and_older_ones_are_served() {
    let server = start(ServerConfig {
        max_connections: 1,
        ..ServerConfig::default()
    })
    .await;
    let mut open = connect(server.address).await;
    open.write_all(b"GET /live HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .expect("asks");
    let mut byte = [0];
    open.read_exact(&mut byte).await.expect("is answered");
    assert_eq!(exchange(&mut connect(server.address).await, "").await, "");
    let response = exchange(
        &mut open,
        "GET /live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    )
    .await;
    assert!(response.ends_with("\r\n\r\nlive"), "{response}");
}

#[tokio::test]
async fn request_in_flight_is_answered_after_shutdown_began() {
    let server = start(ServerConfig::default()).await;
    let mut stream = connect(server.address).await;
    stream
        .write_all(b"POST /interactions HTTP/1.1\r\nHost: x\r\nContent-Length: 43\r\n\r\n")
        .await
        .expect("begins");
    // A response on a later connection shows that the first one was accepted.
    exchange(
        &mut connect(server.address).await,
        "GET /live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    )
    .await;
    server.shutdown.send(Shutdown::Immediate).expect("runs");
    let response = exchange(
        &mut stream,
        r#"{"element":"a","widget":"b","time":"c    "}"#,
    )
    .await;
    assert!(
        response.starts_with("HTTP/1.1 201") && response.contains("connection: close"),
        "{response}"
    );
    server.task.await.expect("returns");
}

#[tokio::test]
async fn graceful_shutdown_accepts_connections_during_the_drain_delay() {
    let server = start(ServerConfig {
        drain_delay: Duration::from_mins(1),
        ..ServerConfig::default()
    })
    .await;
    server.shutdown.send(Shutdown::Graceful).expect("runs");
    let mut response = String::new();
    while !response.contains("connection: close\r\n") {
        response = exchange(
            &mut connect(server.address).await,
            "GET /ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        )
        .await;
    }
    assert!(response.starts_with("HTTP/1.1 503"), "{response}");
    let page = exchange(
        &mut connect(server.address).await,
        "GET /products HTTP/1.1\r\nHost: x\r\n\r\n",
    )
    .await;
    assert!(
        page.starts_with("HTTP/1.1 200") && page.contains("connection: close"),
        "{page}"
    );
}

/// Status and body of a health check.
fn check(health: &Health, target: &str) -> (u16, String) {
    let request = Request::get(target).body(()).expect("a request");
    let response = health.respond(&request).expect("a health check");
    let text = String::from_utf8(response.body().to_vec()).expect("text");
    (response.status().as_u16(), text)
}

#[tokio::test]
async fn health_fails_only_during_start_and_shutdown() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = atelier_core::open(
        &DatabaseUrl::sqlite(folder.path().join("shop.db")),
        &atelier_core::StoreOptions::default(),
    )
    .await
    .expect("opens");
    let health = Health::default();
    let check = |target: &str| check(&health, target);
    let is = |status: u16, text: &str| (status, text.to_owned());
    assert_eq!(check("/health"), is(503, "starting"));
    health.spawn_probe(Atelier::new(store.clone()));
    assert_eq!(check("/health"), is(200, "healthy"));
    assert_eq!(check("/health/"), is(200, "healthy"));
    // The database becomes unreachable. With the clock paused, the probes run without waiting.
    store.close().await;
    tokio::time::pause();
    while check("/ready") == is(200, "ready") {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(check("/ready"), is(503, "not ready"));
    assert_eq!(check("/health"), is(200, "degraded"));
    assert_eq!(check("/live"), is(200, "live"));
    health.drain();
    assert_eq!(check("/health"), is(503, "draining"));
}

#[tokio::test]
async fn connect_request_is_answered_404() {
    let server = start(ServerConfig::default()).await;
    let connect_request = "CONNECT x:1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let response = exchange(&mut connect(server.address).await, connect_request).await;
    assert!(
        response.starts_with("HTTP/1.1 404") && response.ends_with("Error: no such route"),
        "{response}"
    );
}

#[tokio::test]
async fn pages_can_be_disabled() {
    for (pages, status) in [(true, 200), (false, 404)] {
        let server = start(ServerConfig {
            pages,
            ..ServerConfig::default()
        })
        .await;
        for path in ["/", "/docs", "/storefront/main.js"] {
            let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            let response = exchange(&mut connect(server.address).await, &request).await;
            let status_line = format!("HTTP/1.1 {status} ");
            assert!(response.starts_with(&status_line), "{path}: {response}");
            assert_eq!(response.ends_with("\r\n\r\nError: no such route"), !pages);
            assert!(
                response.contains("access-control-allow-origin: *"),
                "{response}"
            );
        }
    }
}
