//! The proxy in front of an echo server, which answers `more` with 100,000 bytes.

use std::io::{self, ErrorKind};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, timeout};

use super::*;
use crate::{pause, until};

const LONG: Duration = Duration::from_secs(20);

async fn echo() -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut said = [0; 1_024];
                while let Ok(bytes @ 1..) = stream.read(&mut said).await {
                    let answer = match &said[..bytes] {
                        b"more" => vec![b'x'; 100_000],
                        said => said.to_vec(),
                    };
                    if stream.write_all(&answer).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}

async fn proxy() -> FaultProxy {
    FaultProxy::to(echo().await)
}

async fn connect(proxy: &FaultProxy) -> TcpStream {
    TcpStream::connect(proxy.address()).await.expect("connects")
}

async fn send(stream: &mut TcpStream, words: &str) {
    stream.write_all(words.as_bytes()).await.expect("room");
}

/// Reads as many bytes as `words` has.
async fn receive(stream: &mut TcpStream, words: &str) -> io::Result<String> {
    let mut heard = vec![0; words.len()];
    let read = timeout(LONG, stream.read_exact(&mut heard)).await;
    read.expect("in time")?;
    Ok(String::from_utf8_lossy(&heard).into_owned())
}

async fn exchange(stream: &mut TcpStream, words: &str) -> io::Result<String> {
    stream.write_all(words.as_bytes()).await?;
    receive(stream, words).await
}

/// Reads to the end: the number of bytes, and how the connection ended.
async fn end(stream: &mut TcpStream) -> (usize, io::Result<()>) {
    let mut heard = Vec::new();
    let end = timeout(LONG, stream.read_to_end(&mut heard)).await;
    (heard.len(), end.expect("in time").map(drop))
}

#[tokio::test]
async fn bytes_pass_both_ways_and_connections_are_counted() {
    let proxy = proxy().await;
    let (mut one, mut other) = (connect(&proxy).await, connect(&proxy).await);
    assert_eq!(exchange(&mut one, "salt").await.expect("an answer"), "salt");
    assert_eq!(
        exchange(&mut other, "spray").await.expect("an answer"),
        "spray"
    );
    assert_eq!((proxy.accepted(), proxy.open(), proxy.cuts()), (2, 2, 0));
    drop(one);
    until("one has ended", async || proxy.open() == 1).await;
    assert_eq!(
        exchange(&mut other, "again").await.expect("an answer"),
        "again"
    );
    drop(proxy);
    assert_eq!(end(&mut other).await.0, 0, "it ends with the proxy");
}

#[tokio::test]
async fn delay_applies_to_each_direction() {
    let proxy = proxy().await;
    let mut stream = connect(&proxy).await;
    let delay = Duration::from_millis(20);
    proxy.set(Fault::Delay(delay));
    let asked = Instant::now();
    assert_eq!(
        exchange(&mut stream, "late").await.expect("an answer"),
        "late"
    );
    assert!(asked.elapsed() >= 2 * delay);
}

#[tokio::test]
async fn stalled_bytes_arrive_after_the_stall() {
    let proxy = proxy().await;
    let mut old = connect(&proxy).await;
    assert_eq!(exchange(&mut old, "salt").await.expect("an answer"), "salt");
    proxy.set(Fault::Stall);
    let mut new = connect(&proxy).await;
    send(&mut old, "old").await;
    send(&mut new, "new").await;
    until("it is accepted", async || proxy.accepted() == 2).await;
    let mut gone = connect(&proxy).await;
    send(&mut gone, "gone").await;
    until("it is accepted", async || proxy.open() == 3).await;
    drop(gone);
    until("the closed connection ends", async || proxy.open() == 2).await;
    let mut byte = [0];
    let nothing = old.try_read(&mut byte).expect_err("nothing is carried");
    assert_eq!(nothing.kind(), ErrorKind::WouldBlock);
    proxy.set(Fault::Pass);
    assert_eq!(receive(&mut old, "old").await.expect("an answer"), "old");
    assert_eq!(receive(&mut new, "new").await.expect("an answer"), "new");
}

#[tokio::test]
async fn forgotten_connections_stay_silent() {
    let proxy = proxy().await;
    let mut old = connect(&proxy).await;
    assert_eq!(exchange(&mut old, "salt").await.expect("an answer"), "salt");
    proxy.forget();
    let mut new = connect(&proxy).await;
    send(&mut old, "old").await;
    for _ in 0..10 {
        assert_eq!(exchange(&mut new, "new").await.expect("an answer"), "new");
    }
    let nothing = old.try_read(&mut [0]).expect_err("nothing is carried");
    assert_eq!(nothing.kind(), ErrorKind::WouldBlock);
    drop(old);
    until("it ends all the same", async || proxy.open() == 1).await;
}

#[tokio::test]
async fn new_connections_are_refused_while_port_is_reserved() {
    let proxy = proxy().await;
    let mut old = connect(&proxy).await;
    assert_eq!(exchange(&mut old, "salt").await.expect("an answer"), "salt");
    proxy.set(Fault::Refuse);
    let refused = async {
        loop {
            match TcpStream::connect(proxy.address()).await {
                Err(error) if error.kind() == ErrorKind::ConnectionRefused => return,
                _ => pause().await,
            }
        }
    };
    timeout(LONG, refused).await.expect("refused in the end");
    assert_eq!(exchange(&mut old, "old").await.expect("an answer"), "old");
    proxy.set(Fault::Pass);
    let accepted = async {
        loop {
            if let Ok(stream) = TcpStream::connect(proxy.address()).await {
                return stream;
            }
            pause().await;
        }
    };
    let mut new = timeout(LONG, accepted).await.expect("accepted in the end");
    assert_eq!(exchange(&mut new, "new").await.expect("an answer"), "new");
}

#[tokio::test]
async fn reset_closes_old_and_new_connections() {
    let proxy = proxy().await;
    let mut old = connect(&proxy).await;
    assert_eq!(exchange(&mut old, "salt").await.expect("an answer"), "salt");
    proxy.set(Fault::Reset);
    let kind = |ended: (usize, io::Result<()>)| ended.1.expect_err("no end as usual").kind();
    assert_eq!(kind(end(&mut old).await), ErrorKind::ConnectionReset);
    // A new connection is reset when it is used, at the latest.
    if let Ok(mut new) = TcpStream::connect(proxy.address()).await {
        assert_eq!(kind(end(&mut new).await), ErrorKind::ConnectionReset);
    }
    proxy.set(Fault::Pass);
    let mut new = connect(&proxy).await;
    assert_eq!(exchange(&mut new, "new").await.expect("an answer"), "new");
}

#[tokio::test]
async fn connection_is_cut_once_after_given_bytes() {
    let proxy = proxy().await;
    for bytes in [0, 1, 4_095, 4_096, 65_536, 99_999] {
        let (cuts, mut stream) = (proxy.cuts(), connect(&proxy).await);
        proxy.cut_after(bytes);
        send(&mut stream, "more").await;
        assert_eq!(end(&mut stream).await.0, bytes);
        assert_eq!(proxy.cuts(), cuts + 1);
        let mut next = connect(&proxy).await;
        assert_eq!(
            exchange(&mut next, "next").await.expect("an answer"),
            "next"
        );
    }
    // A response that ends at the cut arrives completely.
    let mut stream = connect(&proxy).await;
    proxy.cut_after(4);
    assert_eq!(
        exchange(&mut stream, "salt").await.expect("an answer"),
        "salt"
    );
    send(&mut stream, "next").await;
    assert_eq!(end(&mut stream).await.0, 0);
}

#[tokio::test]
async fn new_connections_go_to_new_upstream() {
    let (proxy, elsewhere) = (proxy().await, proxy().await);
    let mut old = connect(&proxy).await;
    assert_eq!(exchange(&mut old, "salt").await.expect("an answer"), "salt");
    proxy.set_upstream(elsewhere.address());
    let mut new = connect(&proxy).await;
    assert_eq!(exchange(&mut new, "new").await.expect("an answer"), "new");
    assert_eq!(exchange(&mut old, "old").await.expect("an answer"), "old");
    assert_eq!((proxy.open(), elsewhere.open()), (2, 1));
    drop(elsewhere);
    assert_eq!(end(&mut new).await.0, 0);
    // The upstream is gone.
    let mut orphan = connect(&proxy).await;
    assert_eq!(end(&mut orphan).await.0, 0);
}
