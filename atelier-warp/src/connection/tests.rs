use std::future::pending;

use http_body_util::Full;
use tokio::net::TcpListener;
use tokio::time::Instant;

use super::*;

/// The time that bounds what a test waits for.
const LONG: Duration = Duration::from_mins(1);

/// A connection to a server whose answers are `answer`, and the task that serves it.
async fn connected<A>(
    answer: impl Fn() -> A + Send + Sync + 'static,
) -> (TcpStream, tokio::task::JoinHandle<()>)
where
    A: Future<Output = Bytes> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let client = TcpStream::connect(address).await.expect("connects");
    let (stream, _) = listener.accept().await.expect("a connection");
    let protocol = Protocol::new(LONG, Duration::from_millis(50), true);
    let serving = tokio::spawn(async move {
        let (_ending, ends) = watch::channel(false);
        let answer = |_: Request<Incoming>, _: &_| {
            let body = answer();
            async { Response::new(Full::new(body.await)) }
        };
        let refuse = |_: &ApiError, _: &Request<()>| Response::new(Bytes::new());
        protocol.serve(stream, ends, answer, refuse).await;
    });
    (client, serving)
}

async fn ask(client: &TcpStream) {
    client.writable().await.expect("can be written");
    let request = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    assert_eq!(client.try_write(request).expect("is sent"), request.len());
}

#[tokio::test]
async fn a_client_that_takes_no_byte_of_an_answer_is_cut() {
    // More than both sockets hold.
    let large = Bytes::from(vec![b'x'; 64 << 20]);
    let (client, serving) = connected(move || ready(large.clone())).await;
    ask(&client).await;
    let ended = timeout(LONG, serving).await;
    ended.expect("in time").expect("ends");
    drop(client);
}

#[tokio::test]
async fn the_request_of_a_client_that_is_gone_is_dropped_after_a_while() {
    let (client, serving) = connected(pending).await;
    ask(&client).await;
    drop(client);
    // What passes in no time from now on is waited for by the server alone.
    tokio::time::pause();
    let begun = Instant::now();
    serving.await.expect("ends");
    let waited = begun.elapsed();
    assert!((HALF_CLOSED..LONG).contains(&waited), "{waited:?}");
}
