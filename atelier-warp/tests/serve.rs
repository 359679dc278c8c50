//! The serving loop: who is too slow or too many is cut, and whoever is being served when it ends is served.

use std::net::SocketAddr;
use std::time::Duration;

use atelier_core::{Atelier, DatabaseUrl};
use atelier_warp::Limits;
use atelier_warp::health::Health;
use atelier_warp::observe::Observer;
use atelier_warp::serve::{self, Serving, Stop};
use http::Request;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<Stop>,
    ended: JoinHandle<()>,
    _folder: TempDir,
}

async fn start(serving: Serving) -> Server {
    let folder = tempfile::tempdir().expect("a folder");
    let store = atelier_core::open(&DatabaseUrl::sqlite(folder.path().join("shop.db")))
        .await
        .expect("opens");
    let listener = serve::listen(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel();
    let stopped = async { stopped.await.unwrap_or(Stop::Now) };
    let atelier = Atelier::new(store);
    let ended = tokio::spawn(serve::serve(
        atelier,
        listener,
        Health::default(),
        serving,
        Observer::default(),
        stopped,
    ));
    Server {
        address,
        stop,
        ended,
        _folder: folder,
    }
}

async fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.expect("connects")
}

/// Sends `bytes`, and reads until the server closes.
async fn answer(stream: &mut TcpStream, bytes: &str) -> String {
    stream.write_all(bytes.as_bytes()).await.expect("sends");
    let mut answer = Vec::new();
    // A server that cuts may do so by a reset.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).expect("text")
}

#[tokio::test]
async fn headers_that_never_end_are_cut() {
    let server = start(Serving {
        header_timeout: Duration::from_millis(50),
        ..Serving::default()
    })
    .await;
    for begun in ["", "GET /products HTTP/1.1\r\nHost: x\r\n"] {
        assert_eq!(answer(&mut connect(server.address).await, begun).await, "");
    }
}

#[tokio::test]
async fn a_body_that_never_ends_is_answered_408() {
    let limits = Limits {
        body_timeout: Duration::from_millis(50),
        ..Limits::default()
    };
    let server = start(Serving {
        limits,
        ..Serving::default()
    })
    .await;
    let begun = "POST /reviews HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{\"a\"";
    let answer = answer(&mut connect(server.address).await, begun).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(
        answer.contains("access-control-allow-origin: *") && answer.contains("connection: close"),
        "{answer}"
    );
    assert!(
        answer.ends_with("Error: request body took too long"),
        "{answer}"
    );
}

#[tokio::test]
async fn connections_beyond_the_limit_are_closed_and_the_others_kept() {
    let server = start(Serving {
        max_connections: 1,
        ..Serving::default()
    })
    .await;
    let mut kept = connect(server.address).await;
    kept.write_all(b"GET /live HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .expect("asks");
    let mut byte = [0];
    kept.read_exact(&mut byte).await.expect("is answered");
    assert_eq!(answer(&mut connect(server.address).await, "").await, "");
    let answer = answer(
        &mut kept,
        "GET /live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    )
    .await;
    assert!(answer.ends_with("\r\n\r\nlive"), "{answer}");
}

#[tokio::test]
async fn a_request_under_way_is_answered_after_the_stop() {
    let server = start(Serving::default()).await;
    let mut stream = connect(server.address).await;
    stream
        .write_all(b"POST /interactions HTTP/1.1\r\nHost: x\r\nContent-Length: 43\r\n\r\n")
        .await
        .expect("begins");
    // Another answer on another connection shows that the loop has gone round since the first arrived.
    answer(
        &mut connect(server.address).await,
        "GET /live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    )
    .await;
    server.stop.send(Stop::Now).expect("runs");
    let answer = answer(
        &mut stream,
        r#"{"element":"a","widget":"b","time":"c    "}"#,
    )
    .await;
    assert!(
        answer.starts_with("HTTP/1.1 201") && answer.contains("connection: close"),
        "{answer}"
    );
    server.ended.await.expect("ends");
}

#[tokio::test]
async fn a_drain_goes_on_accepting() {
    let server = start(Serving {
        drain_delay: Duration::from_mins(1),
        ..Serving::default()
    })
    .await;
    server.stop.send(Stop::Drain).expect("runs");
    let mut said = String::new();
    while !said.contains("connection: close\r\n") {
        said = answer(
            &mut connect(server.address).await,
            "GET /ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        )
        .await;
    }
    assert!(said.starts_with("HTTP/1.1 503"), "{said}");
    let page = answer(
        &mut connect(server.address).await,
        "GET /products HTTP/1.1\r\nHost: x\r\n\r\n",
    )
    .await;
    assert!(
        page.starts_with("HTTP/1.1 200") && page.contains("connection: close"),
        "{page}"
    );
}

/// What a probe says, with its status.
fn probed(health: &Health, target: &str) -> (u16, String) {
    let request = Request::get(target).body(()).expect("a request");
    let response = health.answer(&request).expect("a probe");
    let text = String::from_utf8(response.body().to_vec()).expect("text");
    (response.status().as_u16(), text)
}

#[tokio::test]
async fn health_is_bad_only_while_starting_and_draining() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = atelier_core::open(&DatabaseUrl::sqlite(folder.path().join("shop.db")))
        .await
        .expect("opens");
    let health = Health::default();
    let said = |target: &str| probed(&health, target);
    let is = |status: u16, words: &str| (status, words.to_owned());
    assert_eq!(said("/health"), is(503, "starting"));
    health.watch(Atelier::new(store.clone()));
    assert_eq!(said("/health"), is(200, "healthy"));
    assert_eq!(said("/health/"), is(200, "healthy"));
    // The database goes. Seconds pass in no time from now on.
    store.close().await;
    tokio::time::pause();
    while said("/ready") == is(200, "ready") {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(said("/ready"), is(503, "not ready"));
    assert_eq!(said("/health"), is(200, "degraded"));
    assert_eq!(said("/live"), is(200, "live"));
    health.drain();
    assert_eq!(said("/health"), is(503, "draining"));
}

#[tokio::test]
async fn a_request_without_a_path_is_no_route() {
    let server = start(Serving::default()).await;
    let connect_request = "CONNECT x:1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let answer = answer(&mut connect(server.address).await, connect_request).await;
    assert!(
        answer.starts_with("HTTP/1.1 404") && answer.ends_with("Error: no such route"),
        "{answer}"
    );
}

#[tokio::test]
async fn pages_are_there_unless_they_are_not_wanted() {
    for (pages, status) in [(true, 200), (false, 404)] {
        let server = start(Serving {
            pages,
            ..Serving::default()
        })
        .await;
        for path in ["/", "/docs", "/storefront/main.js"] {
            let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            let answer = answer(&mut connect(server.address).await, &request).await;
            let begin = format!("HTTP/1.1 {status} ");
            assert!(answer.starts_with(&begin), "{path}: {answer}");
            assert_eq!(answer.ends_with("\r\n\r\nError: no such route"), !pages);
            assert!(
                answer.contains("access-control-allow-origin: *"),
                "{answer}"
            );
        }
    }
}
