//! A scripted server.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use atelier_test_support::until;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// The reaction to a request.
#[derive(Debug, Clone)]
pub(crate) enum Does {
    /// Sends this response.
    Answers(String),
    /// Closes the connection.
    Closes,
    /// Sends nothing.
    Waits,
    /// Reacts so after a notification.
    Later(Arc<Notify>, Box<Does>),
    /// Forwards the request to another server, and closes the connection without a response.
    Forwards(SocketAddr),
}

/// The server, and the text of each request.
pub(crate) struct Upstream {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    connections: Arc<Mutex<usize>>,
}

/// Returns a response with these header lines.
pub(crate) fn response(status: &str, headers: &str, body: &str) -> Does {
    let length = body.len();
    Does::Answers(format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}"
    ))
}

impl Upstream {
    /// Starts a server that reacts to the n-th request, from 0, by `does`.
    pub(crate) async fn doing(does: impl Fn(usize, &str) -> Does + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (asked, connections) = <(Arc<Mutex<Vec<_>>>, Arc<Mutex<_>>)>::default();
        let (does, heard, connected) =
            (Arc::new(does), Arc::clone(&asked), Arc::clone(&connections));
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.expect("a connection");
                *connected.lock().expect("a number") += 1;
                let (does, heard) = (Arc::clone(&does), Arc::clone(&heard));
                tokio::spawn(
                    async move { serve(stream, &heard, |n, request| does(n, request)).await },
                );
            }
        });
        Self {
            address,
            asked,
            connections,
        }
    }

    /// Returns how many connections it has accepted.
    pub(crate) fn connections(&self) -> usize {
        *self.connections.lock().expect("a number")
    }

    /// Waits until it has received this many requests.
    pub(crate) async fn heard(&self, requests: usize) {
        until("the requests have arrived", async || {
            self.asked().len() >= requests
        })
        .await;
    }

    /// Returns the requests so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("a list").clone()
    }
}

/// Serves a connection until either side ends it.
async fn serve(
    mut stream: TcpStream,
    heard: &Mutex<Vec<String>>,
    does: impl Fn(usize, &str) -> Does,
) {
    let mut read = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&read).into_owned();
        let whole = text
            .find("\r\n\r\n")
            .map(|end| end + 4 + length(&text[..end]));
        let Some(end) = whole.filter(|end| *end <= read.len()) else {
            if stream.read_buf(&mut read).await.unwrap_or(0) == 0 {
                return;
            }
            continue;
        };
        read.drain(..end);
        let place = {
            let mut heard = heard.lock().expect("a list");
            heard.push(text[..end].to_owned());
            heard.len() - 1
        };
        let mut what = does(place, &text[..end]);
        if let Does::Later(told, then) = what {
            told.notified().await;
            what = *then;
        }
        match what {
            Does::Answers(response) => {
                if stream.write_all(response.as_bytes()).await.is_err() {
                    return;
                }
            }
            Does::Forwards(to) => {
                let mut other = TcpStream::connect(to).await.expect("connects");
                other
                    .write_all(&text.as_bytes()[..end])
                    .await
                    .expect("is sent");
                let answered = other.read(&mut [0; 16]).await;
                assert_ne!(answered.expect("an answer"), 0);
                return;
            }
            Does::Closes | Does::Later(..) => return,
            Does::Waits => std::future::pending().await,
        }
    }
}

fn length(head: &str) -> usize {
    header(head, "content-length").map_or(0, |value| value.parse().expect("a length"))
}

/// Returns the value of a header of a request, if it occurs once.
pub(crate) fn header<'a>(request: &'a str, name: &str) -> Option<&'a str> {
    let pairs = request.lines().filter_map(|line| line.split_once(": "));
    let mut values = pairs.filter(|(named, _)| named.eq_ignore_ascii_case(name));
    let value = values.next().map(|(_, value)| value);
    assert_eq!(values.next(), None, "{request}");
    value
}
