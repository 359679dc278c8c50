//! The origin of the page.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{self, Sender};

const PAGE: &str = include_str!("page.html");

/// Serves the page until its script has posted its results.
pub(crate) async fn seen(listener: &TcpListener) -> Value {
    let (post, mut posted) = mpsc::channel::<Bytes>(1);
    loop {
        tokio::select! {
            Some(seen) = posted.recv() => return serde_json::from_slice(&seen).expect("the page posts JSON"),
            connection = listener.accept() => {
                let (connection, _) = connection.expect("a connection");
                let post = post.clone();
                let answer = service_fn(move |request| answer(request, post.clone()));
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(connection), answer));
            }
        }
    }
}

async fn answer(
    request: Request<Incoming>,
    post: Sender<Bytes>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    if request.method() == Method::POST {
        let seen = request.into_body().collect().await.expect("a whole body");
        post.send(seen.to_bytes()).await.expect("it is awaited");
        return Ok(Response::default());
    }
    let page = Response::builder().header("content-type", "text/html; charset=utf-8");
    Ok(page.body(Full::from(PAGE)).expect("a response"))
}
