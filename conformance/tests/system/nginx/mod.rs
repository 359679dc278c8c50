//! The shipped configuration in a real nginx, in front of three servers that share a database, and of scripted servers.

use std::net::SocketAddr;

use atelier_conformance::TestResponse;
use atelier_conformance::matrix::RUNTIME;
use atelier_test_support::nginx::Nginx;
use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

mod caching;
mod catalogue;
mod failures;
mod files;
mod logs;
mod refusals;
mod replicas;
mod routes;
pub(crate) mod upstream;

use replicas::Replica;

type Headers<'a> = &'a [(&'a str, &'a str)];

/// Sends a request over a connection of its own. Its request id is `case` unless given, so that equal responses compare equal.
async fn ask(
    at: SocketAddr,
    method: &Method,
    target: &str,
    headers: Headers<'_>,
    body: &[u8],
) -> TestResponse {
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let mut request = Request::builder()
        .method(method)
        .uri(format!("http://{at}{target}"));
    for (name, value) in headers.iter().chain(&[("x-request-id", "case")]) {
        let given = request
            .headers_ref()
            .is_some_and(|given| given.contains_key(*name));
        if !given {
            request = request.header(*name, *value);
        }
    }
    let request = request.body(Full::from(body.to_vec())).expect("a request");
    let (mut parts, body) = client
        .request(request)
        .await
        .expect("an answer")
        .into_parts();
    for own in ["date", "server", "connection", "transfer-encoding"] {
        parts.headers.remove(own);
    }
    let body = body.collect().await.expect("a whole body").to_bytes();
    TestResponse {
        status: parts.status,
        headers: parts.headers,
        body,
    }
}

/// `GET`.
async fn get(at: SocketAddr, target: &str, headers: Headers<'_>) -> TestResponse {
    ask(at, &Method::GET, target, headers, b"").await
}

/// `POST` of JSON.
async fn post(at: SocketAddr, target: &str, body: &str) -> TestResponse {
    ask(
        at,
        &Method::POST,
        target,
        &[("content-type", "application/json")],
        body.as_bytes(),
    )
    .await
}

/// Runs `case` with three servers over one database, and nginx in front of them.
fn three(case: impl AsyncFnOnce(&Nginx, &mut Vec<Replica>)) {
    RUNTIME.block_on(async {
        let (mut replicas, _database) = replicas::some(3).await;
        let addresses: Vec<_> = replicas.iter().map(|replica| replica.address).collect();
        case(&Nginx::before(&addresses).await, &mut replicas).await;
        for replica in replicas {
            replica.store.close().await;
        }
    });
}

/// Asserts that an error of nginx has the headers of an error of a server.
fn refused(reply: &TestResponse, status: u16, sentence: &str) {
    assert_eq!(reply.parts(), (status, sentence));
    for (name, value) in [
        ("content-type", "text/plain; charset=utf-8"),
        ("access-control-allow-origin", "*"),
        ("cache-control", "no-store"),
        ("vary", "Accept"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(reply.header(name), Some(value), "{sentence}: {name}");
    }
    assert!(reply.header("x-request-id").is_some(), "{sentence}");
}
