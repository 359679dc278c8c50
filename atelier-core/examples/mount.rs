//! Serves the API below `/shop` of an existing hyper server.
//!
//! `cargo run -p atelier-core --example mount -- shop.db`, then `curl http://127.0.0.1:8080/shop/products`

use std::convert::Infallible;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use atelier_core::http::{HttpApi, HttpSettings, Oversized};
use atelier_core::{Atelier, DatabaseUrl};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args_os().nth(1).map(PathBuf::from);
    let api = shop(file.unwrap_or_else(|| "shop.db".into())).await?;
    let listener = TcpListener::bind("127.0.0.1:8080").await?;
    // Nothing else deletes expired idempotency keys.
    let atelier = api.atelier().clone();
    tokio::spawn(async move {
        let mut every = tokio::time::interval(Duration::from_mins(10));
        loop {
            every.tick().await;
            if let Err(error) = atelier.sweep().await {
                eprintln!("{error}");
            }
        }
    });
    Ok(serve(listener, api).await?)
}

/// Creates the API over `file`, served below `/shop` alone.
async fn shop(file: PathBuf) -> atelier_core::Result<HttpApi> {
    let store = atelier_core::open(
        &DatabaseUrl::sqlite(file),
        &atelier_core::StoreOptions::default(),
    )
    .await?;
    let settings = HttpSettings {
        base_paths: vec!["/shop".to_owned()],
        ..HttpSettings::default()
    };
    Ok(HttpApi::new(Atelier::new(store), settings))
}

/// Accepts connections until an error occurs.
async fn serve(listener: TcpListener, api: HttpApi) -> io::Result<()> {
    loop {
        let (connection, _) = listener.accept().await?;
        let api = api.clone();
        tokio::spawn(async move {
            let service = service_fn(|request| respond(&api, request));
            let served = http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(connection), service);
            // A client that disconnects is not an error of the server.
            let _ = served.await;
        });
    }
}

async fn respond(
    api: &HttpApi,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    if !request.uri().path().starts_with("/shop/") {
        return Ok(Response::new(Full::from("A page of the server.\n")));
    }
    let (mut parts, body) = request.into_parts();
    // Buffers at most the maximum body size; `Oversized` takes the place of a larger body.
    let body = Limited::new(body, api.settings().max_body_bytes);
    let body = body.collect().await.map_or_else(
        |_| {
            parts.extensions.insert(Oversized);
            Bytes::new()
        },
        http_body_util::Collected::to_bytes,
    );
    let response = api.handle(Request::from_parts(parts, body)).await;
    Ok(response.map(Full::new))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    async fn ask(address: std::net::SocketAddr, target: &str, body: &[u8]) -> String {
        let method = if body.is_empty() { "GET" } else { "POST" };
        let head = format!(
            "{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let mut stream = TcpStream::connect(address).await.expect("it listens");
        let (mut answers, mut asks) = stream.split();
        let mut said = String::new();
        let request = [head.as_bytes(), body].concat();
        // Concurrently, since an error response may come before the whole request is sent.
        let (_, read) = tokio::join!(asks.write_all(&request), answers.read_to_string(&mut said));
        read.expect("an answer");
        said
    }

    #[tokio::test]
    async fn server_and_api_share_one_address() {
        let folder = tempfile::tempdir().expect("a folder");
        let api = super::shop(folder.path().join("shop.db")).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(super::serve(listener, api.expect("a shop")));

        let own = ask(address, "/", b"").await;
        assert!(own.ends_with("\r\n\r\nA page of the server.\n"), "{own}");
        let products = ask(address, "/shop/products", b"").await;
        assert!(products.starts_with("HTTP/1.1 200 "), "{products}");
        assert!(products.ends_with("\r\n\r\n[]"), "{products}");
        let elsewhere = ask(address, "/shop/nothing", b"").await;
        assert!(elsewhere.starts_with("HTTP/1.1 404 "), "{elsewhere}");
        let large = vec![b' '; 1_048_577];
        let refused = ask(address, "/shop/reviews", &large).await;
        assert!(refused.starts_with("HTTP/1.1 413 "), "{refused}");
    }
}
