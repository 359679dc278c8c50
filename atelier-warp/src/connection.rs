//! Serves one HTTP/1.1 connection by hyper. hyper responds to a malformed request by itself, with a bare status; that response
//! is discarded, and the request is refused with the same headers and body as by the API.

use std::convert::Infallible;
use std::error::Error as StdError;
use std::future::{Future, ready};
use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, ready as poll_ready};
use std::time::Duration;

use atelier_core::http::ApiError;
use bytes::Bytes;
use futures_util::future::Either;
use http::{Method, Request, Response};
use hyper::body::{Body, Incoming};
use hyper::rt::{Read, Write};
use hyper::server::conn::http1::{Builder, Connection};
use hyper::service::{HttpService, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Sleep, sleep, timeout};
use tokio_io_timeout::TimeoutStream;

mod head;

/// Maximum number of a request's headers.
const MAX_HEADERS: usize = 200;

/// If the head of a request is too large and its first line is longer than this, the target is reported as too long, else the
/// headers.
const MAX_REQUEST_LINE: usize = 16 * 1_024;

/// Maximum size of a request line and headers, in bytes.
const MAX_HEAD_BYTES: usize = 64 * 1_024;

/// How long a request is processed after its client has closed its side of the connection. Such a client may wait for the
/// response or have disconnected; the server finds out only when it writes.
const HALF_CLOSED_TIMEOUT: Duration = Duration::from_secs(1);

/// How long, and for how many bytes, input is read and discarded after a refusal. Closing a socket with unread input sends a
/// reset, which may destroy the response.
const LINGER_TIMEOUT: Duration = Duration::from_secs(2);
const LINGER_BYTES: usize = 1024 * 1_024;

/// Settings of connections.
pub(crate) struct Protocol {
    /// Reads as many headers as fit into hyper's array on the stack.
    http: Builder,
    /// Reads [`MAX_HEADERS`], for which hyper allocates memory in each request. Used only for connections that need it.
    many_headers: Builder,
    write_timeout: Duration,
}

impl Protocol {
    /// Connections are closed if headers take longer than `header_timeout`, or a write takes longer than `write_timeout`.
    pub(crate) fn new(header_timeout: Duration, write_timeout: Duration, keep_alive: bool) -> Self {
        let mut http = Builder::new();
        // hyper panics if there is a timeout without a timer.
        http.timer(TokioTimer::new())
            .header_read_timeout(header_timeout)
            .keep_alive(keep_alive)
            .max_buf_size(MAX_HEAD_BYTES);
        let mut many_headers = http.clone();
        many_headers.max_headers(MAX_HEADERS);
        Self {
            http,
            many_headers,
            write_timeout,
        }
    }

    /// Serves a connection. `respond` handles its requests; `refuse` responds to a malformed one, after which the connection is
    /// closed. Once `stop` is true, it is closed after the current response.
    pub(crate) async fn serve<B, F>(
        &self,
        stream: TcpStream,
        mut stop: watch::Receiver<bool>,
        respond: impl Fn(Request<Incoming>, &Arc<Exchange>) -> F,
        refuse: impl Fn(&ApiError, &Request<()>) -> Response<Bytes>,
    ) where
        B: Body + From<Bytes> + 'static,
        B::Error: Into<Box<dyn StdError + Send + Sync>>,
        F: Future<Output = Response<B>>,
    {
        let exchange = Arc::new(Exchange::default());
        let mut io = ClientIo::new(stream, self.write_timeout, &exchange);
        let mut service = service_fn(|request: Request<Incoming>| {
            exchange.begin(request.body().is_end_stream());
            let response = if head::is_well_formed(&request) {
                Either::Left(respond(request, &exchange))
            } else {
                let refusal = refuse(&ApiError::MalformedRequest, &request.map(|_| ()));
                Either::Right(ready(refusal.map(B::from)))
            };
            let exchange = &exchange;
            async move {
                let response = response.await;
                exchange.response_ready();
                Ok::<_, Infallible>(response)
            }
        });
        let mut many_headers = false;
        let (error, request) = loop {
            let http = if many_headers {
                &self.many_headers
            } else {
                &self.http
            };
            let mut connection = http.serve_connection(TokioIo::new(io), service);
            let error = match drive(&mut connection, &mut stop).await {
                Err(error) if error.is_parse() => error,
                // The client disconnected, or exceeded a timeout.
                _ => return,
            };
            let parts = connection.into_parts();
            (io, service) = (parts.io.into_inner(), parts.service);
            let read = parts.read_buf;
            let error = if !error.is_parse_too_large() {
                ApiError::MalformedRequest
            } else if read
                .iter()
                .take(MAX_REQUEST_LINE)
                .all(|byte| *byte != b'\n')
            {
                ApiError::TargetTooLong
            } else if read.len() < MAX_HEAD_BYTES && !many_headers {
                many_headers = true;
                io.replay(read);
                continue;
            } else {
                ApiError::HeadersTooLarge
            };
            break (error, head::recover(&read));
        };
        let refusal = refuse(&error, &request);
        // hyper writes the refusal as the response to a valid request that takes the place of the malformed one.
        let method = match request.method() {
            &Method::HEAD => "HEAD",
            _ => "GET",
        };
        io.replay(
            [
                method,
                " / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
            ]
            .concat()
            .into(),
        );
        let service = service_fn(|_: Request<Incoming>| {
            exchange.begin(true);
            exchange.response_ready();
            ready(Ok::<_, Infallible>(refusal.clone().map(B::from)))
        });
        let mut connection = self.http.serve_connection(TokioIo::new(io), service);
        if drive(&mut connection, &mut stop).await.is_ok() {
            let io = connection.into_parts().io.into_inner();
            let _ = timeout(LINGER_TIMEOUT, discard(io.stream.get_ref())).await;
        }
    }
}

/// Drives a connection until it is closed. Once `stop` is true, it is closed after the current response.
async fn drive<I, B, S>(
    connection: &mut Connection<I, S>,
    stop: &mut watch::Receiver<bool>,
) -> hyper::Result<()>
where
    I: Read + Write + Unpin,
    B: Body + 'static,
    B::Error: Into<Box<dyn StdError + Send + Sync>>,
    S: HttpService<Incoming, ResBody = B>,
    S::Error: Into<Box<dyn StdError + Send + Sync>>,
{
    tokio::select! {
        biased;
        result = &mut *connection => return result,
        _ = stop.wait_for(|stop| *stop) => {}
    }
    Pin::new(&mut *connection).graceful_shutdown();
    connection.await
}

/// Reads and discards input.
async fn discard(stream: &TcpStream) -> io::Result<()> {
    let mut bytes = [0; 4_096];
    let mut left = LINGER_BYTES;
    while left > 0 {
        stream.readable().await?;
        match stream.try_read(&mut bytes) {
            Ok(0) => break,
            Ok(read) => left = left.saturating_sub(read),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The progress of the current request and response of a connection.
#[derive(Debug, Default)]
pub(crate) struct Exchange(AtomicU8);

/// There is no request.
const IDLE: u8 = 0;
/// The request's body is being read.
const READING: u8 = 1;
/// The request was read, and is being processed.
const PROCESSING: u8 = 2;
/// hyper is writing the response.
const WRITING: u8 = 3;

impl Exchange {
    fn begin(&self, complete: bool) {
        self.set(if complete { PROCESSING } else { READING });
    }

    /// Records that the body was read.
    pub(crate) fn body_read(&self) {
        self.set(PROCESSING);
    }

    fn response_ready(&self) {
        self.set(WRITING);
    }

    fn set(&self, stage: u8) {
        self.0.store(stage, Ordering::Relaxed);
    }

    fn stage(&self) -> u8 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The client's socket, as hyper uses it.
struct ClientIo {
    stream: Pin<Box<TimeoutStream<TcpStream>>>,
    /// Input that hyper reads before the socket's.
    replayed: Bytes,
    exchange: Arc<Exchange>,
    /// Runs from the moment at which the client closes its side before the response.
    half_closed: Option<Pin<Box<Sleep>>>,
    /// Whether hyper writes a response of its own, which is discarded.
    discards_writes: bool,
}

impl ClientIo {
    fn new(stream: TcpStream, write_timeout: Duration, exchange: &Arc<Exchange>) -> Self {
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(write_timeout));
        Self {
            stream: Box::pin(stream),
            replayed: Bytes::new(),
            exchange: Arc::clone(exchange),
            half_closed: None,
            discards_writes: false,
        }
    }

    /// Prepares for another connection of hyper, which reads `input` first.
    fn replay(&mut self, input: Bytes) {
        self.replayed = input;
        self.discards_writes = false;
    }

    /// Whether hyper writes a response of its own: it does so while there is no request.
    fn discards_write(&mut self) -> bool {
        self.discards_writes |= self.exchange.stage() == IDLE;
        self.discards_writes
    }
}

impl AsyncRead for ClientIo {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.replayed.is_empty() {
            let length = self.replayed.len().min(bytes.remaining());
            bytes.put_slice(&self.replayed.split_to(length));
            return Poll::Ready(Ok(()));
        }
        let before = bytes.filled().len();
        poll_ready!(self.stream.as_mut().poll_read(cx, bytes))?;
        if bytes.filled().len() == before {
            // hyper drops the request when it reads the end of the connection. The client may have closed only its side, so
            // the end is reported later.
            match self.exchange.stage() {
                PROCESSING => {
                    let wait = || Box::pin(sleep(HALF_CLOSED_TIMEOUT));
                    let wait = self.half_closed.get_or_insert_with(wait);
                    poll_ready!(wait.as_mut().poll(cx));
                }
                // hyper polls again after the response is written.
                WRITING => return Poll::Pending,
                _ => {}
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for ClientIo {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.discards_write() {
            return Poll::Ready(Ok(bytes.len()));
        }
        self.stream.as_mut().poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.discards_write() {
            return Poll::Ready(Ok(parts.iter().map(|part| part.len()).sum()));
        }
        self.stream.as_mut().poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        poll_ready!(self.stream.as_mut().poll_flush(cx))?;
        // hyper flushes after its buffer is written, and the buffer contains the whole response: no response is streamed.
        if self.exchange.stage() == WRITING {
            self.exchange.set(IDLE);
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.discards_writes {
            return Poll::Ready(Ok(()));
        }
        self.stream.as_mut().poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests;
