use std::future::pending;

use http_body_util::Full;
use tokio::net::TcpListener;
use tokio::time::Instant;

use super::*;

/// Maximum time that a test waits.
const LONG: Duration = Duration::from_mins(1);

/// A connection to a server that responds with the bytes of `body`, and the task that serves it.
async fn connected<F>(
    body: impl Fn() -> F + Send + Sync + 'static,
) -> (TcpStream, tokio::task::JoinHandle<()>)
where
    F: Future<Output = Bytes> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let client = TcpStream::connect(address).await.expect("connects");
    let (stream, _) = listener.accept().await.expect("a connection");
    let protocol = Protocol::new(LONG, Duration::from_millis(50), true);
    let serving = tokio::spawn(async move {
        let (_stop, stopped) = watch::channel(false);
        let respond = |_: Request<Incoming>, _: &_| {
            let body = body();
            async { Response::new(Full::new(body.await)) }
        };
        let refuse = |_: &ApiError, _: &Request<()>| Response::new(Bytes::new());
        protocol.serve(stream, stopped, respond, refuse).await;
    });
    (client, serving)
}

async fn send_request(client: &TcpStream) {
    client.writable().await.expect("can be written");
    let request = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    assert_eq!(client.try_write(request).expect("is sent"), request.len());
}

#[tokio::test]
async fn connection_is_closed_when_a_write_times_out() {
    // Larger than the buffers of both sockets.
    let large = Bytes::from(vec![b'x'; 64 << 20]);
    let (client, serving) = connected(move || ready(large.clone())).await;
    send_request(&client).await;
    let result = timeout(LONG, serving).await;
    result.expect("in time").expect("ends");
    drop(client);
}

#[tokio::test]
async fn request_is_dropped_one_second_after_its_client_disconnected() {
    let (client, serving) = connected(pending).await;
    send_request(&client).await;
    drop(client);
    // With a paused clock, only the server's timers pass.
    tokio::time::pause();
    let begun = Instant::now();
    serving.await.expect("ends");
    let waited = begun.elapsed();
    assert!((HALF_CLOSED_TIMEOUT..LONG).contains(&waited), "{waited:?}");
}
