//! What no server on hyper can beat: hyper alone, with the answers of ours ready in memory.
//!
//! A process of its own, as ours is, with as many threads.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::ready;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, DATE};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

use crate::Result;
use crate::client::Connection;
use crate::server::{Child, exit_with_parent};
use crate::targets::get;

/// What the process is told.
#[derive(Debug, clap::Args)]
pub(crate) struct Bare {
    /// The server whose answers it gives.
    #[arg(long)]
    from: SocketAddr,
    /// The addresses it answers, one a line.
    #[arg(long)]
    targets: PathBuf,
}

/// Answers by path and query.
type Answers = HashMap<String, (StatusCode, HeaderMap, Bytes)>;

/// Starts the process, with what the server at `from` answers for `targets` now.
pub(crate) async fn start(from: SocketAddr, targets: &[String], folder: &Path) -> Result<Child> {
    let list = folder.join("targets.txt");
    std::fs::write(&list, targets.join("\n")).map_err(|error| error.to_string())?;
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = tokio::process::Command::new(program);
    command.arg("bare").arg("--from").arg(from.to_string());
    command.arg("--targets").arg(list);
    Child::start(command, "the bare server", |line| line.parse().ok()).await
}

/// Runs it until standard input ends, which means that the parent process has ended.
pub(crate) fn run(bare: &Bare) -> Result<()> {
    exit_with_parent();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let served = runtime.map_err(|error| error.to_string())?.block_on(async {
        let answers = fetch(bare).await?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        println!("{}", listener.local_addr()?);
        serve(&listener, Arc::new(answers)).await
    });
    served.map_err(|error| format!("The bare server can't run: {error}."))
}

async fn fetch(bare: &Bare) -> io::Result<Answers> {
    let mut connection = Connection::new(TcpStream::connect(bare.from).await?);
    let mut answers = Answers::new();
    for target in std::fs::read_to_string(&bare.targets)?.lines() {
        let answer = connection.exchange(&get(target)).await?;
        let status = StatusCode::from_u16(answer.status).map_err(io::Error::other)?;
        let mut headers = HeaderMap::new();
        for (name, value) in answer.headers()? {
            let name = HeaderName::try_from(name).map_err(io::Error::other)?;
            // These two hyper makes itself, for ours as well.
            if name != DATE && name != CONTENT_LENGTH {
                headers.append(
                    name,
                    HeaderValue::try_from(value).map_err(io::Error::other)?,
                );
            }
        }
        let body = Bytes::copy_from_slice(answer.body);
        answers.insert(target.to_owned(), (status, headers, body));
    }
    Ok(answers)
}

async fn serve(listener: &TcpListener, answers: Arc<Answers>) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let answers = Arc::clone(&answers);
        let service = service_fn(move |request: Request<Incoming>| {
            let target = request
                .uri()
                .path_and_query()
                .map(http::uri::PathAndQuery::as_str);
            let mut response = Response::new(Full::default());
            if let Some((status, headers, body)) = target.and_then(|target| answers.get(target)) {
                *response.status_mut() = *status;
                *response.headers_mut() = headers.clone();
                *response.body_mut() = Full::new(body.clone());
            } else {
                *response.status_mut() = StatusCode::NOT_FOUND;
            }
            ready(Ok::<_, Infallible>(response))
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn bare_server_returns_the_fetched_responses_with_headers() {
        let headers = HeaderMap::from_iter([
            (http::header::ETAG, HeaderValue::from_static("\"x\"")),
            (
                http::header::VARY,
                HeaderValue::from_static("Accept-Encoding"),
            ),
        ]);
        let response = (StatusCode::OK, headers, Bytes::from_static(b"[1,2]"));
        let answers = Answers::from([("/products/1/related".to_owned(), response)]);

        // The first serves given responses, the second those that it fetched from the first.
        let first = listening(answers).await;
        let folder = tempfile::tempdir().expect("a folder");
        let targets = folder.path().join("targets.txt");
        std::fs::write(&targets, "/products/1/related\n/products/2/related").expect("a file");
        let bare = Bare {
            from: first,
            targets,
        };
        let second = listening(fetch(&bare).await.expect("answers")).await;

        for target in ["/products/1/related", "/products/2/related"] {
            let (one, other) = (asked(first, target).await, asked(second, target).await);
            assert_eq!(one, other);
        }
        let (status, headers, body) = asked(second, "/products/1/related").await;
        assert_eq!((status, &*body), (200, &b"[1,2]"[..]));
        let names: Vec<_> = headers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["etag", "vary", "content-length", "date"]);
        assert_eq!(asked(second, "/else").await.0, 404);
    }

    async fn listening(answers: Answers) -> SocketAddr {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("its address");
        tokio::spawn(async move { serve(&listener, Arc::new(answers)).await });
        address
    }

    type Asked = (u16, Vec<(String, Vec<u8>)>, Vec<u8>);

    async fn asked(address: SocketAddr, target: &str) -> Asked {
        let stream = TcpStream::connect(address).await.expect("a server");
        let mut connection = Connection::new(stream);
        let answer = connection.exchange(&get(target)).await.expect("an answer");
        let mut headers = answer.headers().expect("headers");
        headers
            .iter_mut()
            .filter(|(name, _)| name == "date")
            .for_each(|(_, date)| date.clear());
        (answer.status, headers, answer.body.to_vec())
    }
}
