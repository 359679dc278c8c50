//! One connection of HTTP/1.1. hyper reads requests and writes answers; what it would answer by itself to bytes that are no
//! request, without the headers that every answer has, is answered here instead.

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

/// Most headers of a request.
const MAX_HEADERS: usize = 200;

/// Longest first line of a head that is too long whose target is not what makes it so.
const MAX_LINE: usize = 16 * 1_024;

/// Most bytes of its first line and headers.
const MAX_HEAD: usize = 64 * 1_024;

/// How long a request is still worked on whose client has closed its side of the connection. Such a client may wait for the
/// answer, or be gone; nobody can tell until something is sent.
const HALF_CLOSED: Duration = Duration::from_secs(1);

/// How long, and for how many bytes, what a refused client still sends is read, so that it sees the refusal and no reset.
const LINGER: Duration = Duration::from_secs(2);
const LINGER_BYTES: usize = 1024 * 1_024;

/// How connections are served.
pub(crate) struct Protocol {
    /// Reads as many headers as hyper has room for on the stack.
    http: Builder,
    /// Reads [`MAX_HEADERS`]. hyper allocates memory for each request then, so this is for connections that need it.
    many_headers: Builder,
    write_timeout: Duration,
}

impl Protocol {
    /// Closes connections whose headers take longer than `header_timeout`, or that take no byte of an answer for
    /// `write_timeout`.
    pub(crate) fn new(header_timeout: Duration, write_timeout: Duration, keep_alive: bool) -> Self {
        let mut http = Builder::new();
        // Without a timer the time-out would panic on every connection.
        http.timer(TokioTimer::new())
            .header_read_timeout(header_timeout)
            .keep_alive(keep_alive)
            .max_buf_size(MAX_HEAD);
        let mut many_headers = http.clone();
        many_headers.max_headers(MAX_HEADERS);
        Self {
            http,
            many_headers,
            write_timeout,
        }
    }

    /// Serves the requests of one connection: by `answer`, or by `refuse` where there is no well-formed request, after
    /// which the connection ends. Once `stop` is true it ends after the answer that is under way.
    pub(crate) async fn serve<B, A>(
        &self,
        stream: TcpStream,
        mut stop: watch::Receiver<bool>,
        answer: impl Fn(Request<Incoming>, &Arc<Exchange>) -> A,
        refuse: impl Fn(&ApiError, &Request<()>) -> Response<Bytes>,
    ) where
        B: Body + From<Bytes> + 'static,
        B::Error: Into<Box<dyn StdError + Send + Sync>>,
        A: Future<Output = Response<B>>,
    {
        let exchange = Arc::new(Exchange::default());
        let mut wire = Wire::new(stream, self.write_timeout, &exchange);
        let mut service = service_fn(|request: Request<Incoming>| {
            exchange.begin(request.body().is_end_stream());
            let answered = if head::is_well_formed(&request) {
                Either::Left(answer(request, &exchange))
            } else {
                let refusal = refuse(&ApiError::Malformed, &request.map(|_| ()));
                Either::Right(ready(refusal.map(B::from)))
            };
            let exchange = &exchange;
            async move {
                let response = answered.await;
                exchange.end();
                Ok::<_, Infallible>(response)
            }
        });
        let mut many_headers = false;
        let (fault, request) = loop {
            let http = if many_headers {
                &self.many_headers
            } else {
                &self.http
            };
            let mut connection = http.serve_connection(TokioIo::new(wire), service);
            let error = match drive(&mut connection, &mut stop).await {
                Err(error) if error.is_parse() => error,
                // What broke concerns nobody else.
                _ => return,
            };
            let parts = connection.into_parts();
            (wire, service) = (parts.io.into_inner(), parts.service);
            let read = parts.read_buf;
            let fault = if !error.is_parse_too_large() {
                ApiError::Malformed
            } else if read.iter().take(MAX_LINE).all(|byte| *byte != b'\n') {
                ApiError::TargetTooLong
            } else if read.len() < MAX_HEAD && !many_headers {
                many_headers = true;
                wire.again(read);
                continue;
            } else {
                ApiError::HeadersTooLong
            };
            break (fault, head::recover(&read));
        };
        let refusal = refuse(&fault, &request);
        // hyper writes it, as the answer to a request that it can read.
        let method = match request.method() {
            &Method::HEAD => "HEAD",
            _ => "GET",
        };
        wire.again(
            [
                method,
                " / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
            ]
            .concat()
            .into(),
        );
        let service = service_fn(|_: Request<Incoming>| {
            exchange.begin(true);
            exchange.end();
            ready(Ok::<_, Infallible>(refusal.clone().map(B::from)))
        });
        let mut connection = self.http.serve_connection(TokioIo::new(wire), service);
        if drive(&mut connection, &mut stop).await.is_ok() {
            let wire = connection.into_parts().io.into_inner();
            let _ = timeout(LINGER, discard(wire.stream.get_ref())).await;
        }
    }
}

/// Drives a connection to its end; once `stop` is true, to the end of the answer that is under way.
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
        ended = &mut *connection => return ended,
        _ = stop.wait_for(|stop| *stop) => {}
    }
    Pin::new(&mut *connection).graceful_shutdown();
    connection.await
}

/// Reads what still comes, and throws it away.
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

/// How far the request of a connection is that is under way.
#[derive(Debug, Default)]
pub(crate) struct Exchange(AtomicU8);

/// None is under way.
const IDLE: u8 = 0;
/// Its body may still be on the way.
const READING: u8 = 1;
/// It is here as a whole.
const ANSWERING: u8 = 2;
/// hyper has the answer, and has not written all of it.
const WRITING: u8 = 3;

impl Exchange {
    fn begin(&self, whole: bool) {
        self.set(if whole { ANSWERING } else { READING });
    }

    /// The body has been read.
    pub(crate) fn is_read(&self) {
        self.set(ANSWERING);
    }

    fn end(&self) {
        self.set(WRITING);
    }

    fn set(&self, stage: u8) {
        self.0.store(stage, Ordering::Relaxed);
    }

    fn stage(&self) -> u8 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The socket below hyper.
struct Wire {
    stream: Pin<Box<TimeoutStream<TcpStream>>>,
    /// What is read before anything else.
    first: Bytes,
    exchange: Arc<Exchange>,
    /// Begins when the client closes its side while it is owed an answer.
    half_closed: Option<Pin<Box<Sleep>>>,
    /// Whether hyper has answered by itself, which nobody gets to see.
    muted: bool,
}

impl Wire {
    fn new(stream: TcpStream, write_timeout: Duration, exchange: &Arc<Exchange>) -> Self {
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(write_timeout));
        Self {
            stream: Box::pin(stream),
            first: Bytes::new(),
            exchange: Arc::clone(exchange),
            half_closed: None,
            muted: false,
        }
    }

    /// Begins anew, with bytes that were read or are made up.
    fn again(&mut self, first: Bytes) {
        self.first = first;
        self.muted = false;
    }

    /// Whether what hyper writes is its own: an answer of ours is written while its request is under way.
    fn mutes(&mut self) -> bool {
        self.muted |= self.exchange.stage() == IDLE;
        self.muted
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.first.is_empty() {
            let length = self.first.len().min(bytes.remaining());
            bytes.put_slice(&self.first.split_to(length));
            return Poll::Ready(Ok(()));
        }
        let before = bytes.filled().len();
        poll_ready!(self.stream.as_mut().poll_read(cx, bytes))?;
        if bytes.filled().len() == before {
            // hyper drops a request at the end of its connection. Where only the client's side has ended, it is answered.
            match self.exchange.stage() {
                ANSWERING => {
                    let wait = || Box::pin(sleep(HALF_CLOSED));
                    let wait = self.half_closed.get_or_insert_with(wait);
                    poll_ready!(wait.as_mut().poll(cx));
                }
                // hyper looks again once all is written.
                WRITING => return Poll::Pending,
                _ => {}
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.mutes() {
            return Poll::Ready(Ok(bytes.len()));
        }
        self.stream.as_mut().poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.mutes() {
            return Poll::Ready(Ok(parts.iter().map(|part| part.len()).sum()));
        }
        self.stream.as_mut().poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        poll_ready!(self.stream.as_mut().poll_flush(cx))?;
        // hyper flushes when it has written all that it has, and it has an answer as a whole: each is one piece.
        if self.exchange.stage() == WRITING {
            self.exchange.set(IDLE);
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.muted {
            return Poll::Ready(Ok(()));
        }
        self.stream.as_mut().poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests;
