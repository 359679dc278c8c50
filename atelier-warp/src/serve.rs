//! The accept loop: limits connections, serves HTTP/1.1 on them, and shuts down without losing a request.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use atelier_core::http::{ApiError, FromTrustedProxy, HttpApi, RequestSummary};
use bytes::Bytes;
use futures_util::future::{Either, ready};
use http::header::CONNECTION;
use http::{HeaderValue, Request, Response, Uri};
use hyper::body::{Body, Incoming};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use socket2::{Domain, SockRef, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

pub use crate::config::ServerConfig;
use crate::connection::{Exchange, Protocol};
use crate::health::Health;
use crate::internal_routes::InternalRoutes;
use crate::mount::{REPORT, RequestReport, mount};
use crate::observe::names::CONNECTIONS_CLOSED;
use crate::observe::{RequestObserver, Telemetry};

/// Length of the queue of connections that are not yet accepted.
const BACKLOG: i32 = 4_096;

/// Minimum interval between warnings that the connection limit is reached.
const WARNING_INTERVAL: Duration = Duration::from_secs(1);

/// How long requests on the last accepted connections may take to arrive.
const LAST_READ_TIMEOUT: Duration = Duration::from_millis(100);

/// How a server shuts down. Both finish the requests in flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shutdown {
    /// Accepts connections for the drain delay, so that proxies notice the failing health check before connections are refused.
    Graceful,
    /// Stops accepting connections at once.
    Immediate,
}

/// Returns the socket that a supervisor passed by `LISTEN_FDS`, or binds a new one to `address`.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    match inherited()? {
        Some(listener) => Ok(listener),
        None => bind(address),
    }
}

/// Returns the socket that a supervisor passed by `LISTEN_FDS`, if any. Fails unless it is exactly one listening TCP socket.
pub fn inherited() -> io::Result<Option<TcpListener>> {
    let mut sockets = listenfd::ListenFd::from_env();
    if sockets.len() > 1 {
        let message = format!(
            "{} sockets were passed, but one is supported.",
            sockets.len()
        );
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    let Some(listener) = sockets.take_tcp_listener(0)? else {
        return Ok(None);
    };
    if !SockRef::from(&listener).is_listener()? {
        let message = "The socket that was passed does not listen.";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener).map(Some)
}

/// Binds a new socket to `address`.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(socket2::Protocol::TCP),
    )?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

/// Serves the API and the internal routes on `listener` until `shutdown` resolves. Returns when all responses are sent, or when
/// the shutdown timeout is over.
pub async fn serve(
    api: HttpApi,
    listener: TcpListener,
    health: Health,
    config: ServerConfig,
    telemetry: Telemetry,
    shutdown: impl Future<Output = Shutdown>,
) {
    let metrics = telemetry.metrics.clone();
    let internal = InternalRoutes::new(&api, &health, &config, metrics);
    let observer = Arc::new(RequestObserver {
        telemetry,
        api: api.clone(),
        trusted_proxies: config.trusted_proxies.clone(),
    });
    let api = TowerToHyperService::new(warp::service(mount(api, config.limits)));
    let handler = Arc::new(Handler {
        api,
        internal,
        observer,
        health: health.clone(),
    });
    let protocol = Arc::new(Protocol::new(
        config.header_timeout,
        config.write_timeout,
        true,
    ));
    let (stop, stopped) = watch::channel(false);
    let connection_permits = Arc::new(Semaphore::new(config.max_connections));

    let mut accepting = Box::pin(async {
        let mut rejected = RejectedConnections::default();
        loop {
            let Some((stream, peer)) = accept(&listener).await else {
                continue;
            };
            let Ok(permit) = Arc::clone(&connection_permits).try_acquire_owned() else {
                rejected.add(config.max_connections);
                continue;
            };
            let peer = peer.ip().to_canonical();
            let trusted = handler.observer.trusts(peer);
            let (handler, protocol) = (Arc::clone(&handler), Arc::clone(&protocol));
            let stopped = stopped.clone();
            tokio::spawn(async move {
                let respond = |request: Request<Incoming>, exchange: &Arc<Exchange>| {
                    handler.respond(request, peer, trusted, exchange)
                };
                let refuse = |error: &ApiError, request: &Request<()>| {
                    handler.observer.refuse(error, request, peer, trusted)
                };
                protocol.serve(stream, stopped, respond, refuse).await;
                drop(permit);
            });
        }
    });
    let shutdown = tokio::select! {
        shutdown = shutdown => shutdown,
        () = &mut accepting => Shutdown::Immediate,
    };
    health.drain();
    if shutdown == Shutdown::Graceful {
        let _ = tokio::time::timeout(config.drain_delay, &mut accepting).await;
    }
    drop(accepting);
    drop(listener);
    if shutdown == Shutdown::Graceful {
        // Connections that have sent nothing by then are closed below.
        tokio::time::sleep(LAST_READ_TIMEOUT).await;
    }
    stop.send_replace(true);
    let all = u32::try_from(config.max_connections).unwrap_or(u32::MAX);
    let all_closed = connection_permits.acquire_many(all);
    let finished = tokio::time::timeout(config.shutdown_timeout, all_closed).await;
    if finished.is_err() {
        let connections = config.max_connections - connection_permits.available_permits();
        tracing::warn!(
            connections,
            "shutdown timeout reached, closing connections with requests in flight: raise --shutdown-timeout"
        );
    }
}

/// Responds to requests by the internal routes or the API `S`.
struct Handler<S> {
    api: S,
    internal: InternalRoutes,
    observer: Arc<RequestObserver>,
    health: Health,
}

impl<S, B> Handler<S>
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = std::convert::Infallible>,
    B: Body + From<Bytes>,
{
    fn respond<'a>(
        &'a self,
        mut request: Request<Incoming>,
        peer: IpAddr,
        trusted: bool,
        exchange: &Arc<Exchange>,
    ) -> impl Future<Output = Response<B>> + use<'a, S, B> {
        if request.uri().path_and_query().is_none() {
            // The target of CONNECT has no path, on which warp's filters panic.
            *request.uri_mut() = Uri::from_static("/");
        }
        if trusted {
            request.extensions_mut().insert(FromTrustedProxy);
        }
        let internal = self.internal.respond(&request);
        let observed = internal.as_ref().is_none_or(|(_, page)| page.is_some());
        let mut in_flight = observed.then(|| self.observer.begin(&request, peer, trusted));
        let response = if let Some((response, page)) = internal {
            let routed = RequestSummary {
                route: page.unwrap_or_default(),
                ..RequestSummary::default()
            };
            Either::Left(ready((Ok(response.map(B::from)), routed)))
        } else {
            let report = RequestReport::new(exchange);
            let response = self.api.call(request);
            let routed = async { (response.await, REPORT.with(RequestReport::routed)) };
            Either::Right(REPORT.scope(report, routed))
        };
        let health = &self.health;
        async move {
            let (response, routed) = response.await;
            let mut response = response.unwrap_or_else(|never| match never {});
            if let Some(in_flight) = &mut in_flight {
                in_flight.finish(routed, &response);
            }
            if health.draining() {
                response
                    .headers_mut()
                    .insert(CONNECTION, HeaderValue::from_static("close"));
            }
            response
        }
    }
}

/// Counts connections that are closed because the limit is reached, and logs them once for each interval.
#[derive(Default)]
struct RejectedConnections {
    last_warning: Option<Instant>,
    /// Number since the last warning.
    count: u64,
}

impl RejectedConnections {
    fn add(&mut self, limit: usize) {
        ::metrics::counter!(CONNECTIONS_CLOSED).increment(1);
        self.count += 1;
        if self
            .last_warning
            .is_none_or(|at| at.elapsed() >= WARNING_INTERVAL)
        {
            let closed = std::mem::take(&mut self.count);
            tracing::warn!(
                limit,
                closed,
                "connection limit reached, new connections are closed: raise --max-connections"
            );
            self.last_warning = Some(Instant::now());
        }
    }
}

/// Accepts a connection. Returns none after an error; waits first if the error would recur at once, as when all file descriptors
/// are in use.
pub(crate) async fn accept(listener: &TcpListener) -> Option<(TcpStream, SocketAddr)> {
    match listener.accept().await {
        Ok((stream, peer)) => {
            // A response is written at once; Nagle's algorithm would only delay its last packet.
            let _ = stream.set_nodelay(true);
            Some((stream, peer))
        }
        Err(error) => {
            if !matches!(
                error.kind(),
                io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
            ) {
                tracing::warn!(%error, "a connection can't be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            None
        }
    }
}
