//! The loop that serves: accepts connections, runs HTTP/1.1 on them, and ends without losing a request.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use atelier_core::Atelier;
use atelier_core::http::{ApiError, FromTrustedProxy, RequestSummary};
use futures_util::future::{Either, ready};
use http::header::CONNECTION;
use http::{HeaderValue, Request, Uri};
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use ipnet::IpNet;
use socket2::{Domain, SockRef, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

use crate::Limits;
use crate::connection::{Exchange, Protocol};
use crate::health::Health;
use crate::mount::{TOLD, Told, mount};
use crate::observe::metrics::CLOSED;
use crate::observe::{Observer, Watch};
use crate::own::Own;

/// How often the log says at most that the limit of connections is reached.
const REPORT_INTERVAL: Duration = Duration::from_secs(1);

/// Connections that were closed because the limit is reached.
#[derive(Default)]
struct AboveLimit {
    reported: Option<Instant>,
    /// How many since that report.
    closed: u64,
}

impl AboveLimit {
    /// Counts and logs a connection that is closed.
    fn closed(&mut self, limit: usize) {
        ::metrics::counter!(CLOSED).increment(1);
        self.closed += 1;
        if self
            .reported
            .is_none_or(|at| at.elapsed() >= REPORT_INTERVAL)
        {
            let closed = std::mem::take(&mut self.closed);
            tracing::warn!(
                limit,
                closed,
                "connection limit reached, new connections are closed: raise --max-connections"
            );
            self.reported = Some(Instant::now());
        }
    }
}

/// Bounds of the loop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Serving {
    /// Bounds on bodies.
    pub limits: Limits,
    /// Connections at a time; more are closed at once, the old ones kept.
    pub max_connections: usize,
    /// How long headers may take, and how long a kept-alive connection may idle: longer than any proxy in front keeps it.
    pub header_timeout: Duration,
    /// How long a client may take no byte of an answer.
    pub write_timeout: Duration,
    /// How long connections are still accepted once the server is to end.
    pub drain_delay: Duration,
    /// How long requests under way may take after that.
    pub shutdown_timeout: Duration,
    /// Where the operator's own proxies are: what they say of a request is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether there are pages for people, `/` and `/docs`; without them both are the API's: no route.
    pub pages: bool,
    /// Whether probes are answered here; see [`probes`](crate::probes) for another place.
    pub probes: bool,
    /// Texts that hosted load testers ask for, to see that the server is the operator's: `TOKEN` is the answer to `/TOKEN/`,
    /// `/TOKEN.txt` and `/TOKEN.html`.
    pub load_test_tokens: Vec<String>,
}

impl Default for Serving {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            max_connections: 10_000,
            header_timeout: Duration::from_secs(10),
            write_timeout: Duration::from_secs(10),
            drain_delay: Duration::from_secs(6),
            shutdown_timeout: Duration::from_secs(20),
            trusted_proxies: vec![],
            pages: true,
            probes: true,
            load_test_tokens: vec![],
        }
    }
}

/// How long what the last connection brought may be on its way to us.
const LAST_READ: Duration = Duration::from_millis(100);

/// How a server is told to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Go on accepting for a while, so that no proxy meets a closed door.
    Drain,
    /// Finish what is under way.
    Now,
}

/// The socket handed over by a supervisor (`LISTEN_FDS`), or a new one at `address`.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    match inherited()? {
        Some(listener) => Ok(listener),
        None => bind(address),
    }
}

/// The socket handed over by a supervisor (`LISTEN_FDS`), if one was. Fails where it is not one socket of TCP that listens.
pub fn inherited() -> io::Result<Option<TcpListener>> {
    let mut sockets = listenfd::ListenFd::from_env();
    if sockets.len() > 1 {
        let why = format!(
            "{} sockets were handed over, and one is served.",
            sockets.len()
        );
        return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    }
    let Some(listener) = sockets.take_tcp_listener(0)? else {
        return Ok(None);
    };
    if !SockRef::from(&listener).is_listener()? {
        let why = "The socket that was handed over does not listen.";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    }
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener).map(Some)
}

/// A new socket at `address`.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(socket2::Protocol::TCP),
    )?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(4_096)?;
    TcpListener::from_std(socket.into())
}

/// Serves the API on `listener` until `stop` says how to end; returns when the last answer is out or time is up.
pub async fn serve(
    atelier: Atelier,
    listener: TcpListener,
    health: Health,
    serving: Serving,
    observer: Observer,
    stop: impl Future<Output = Stop>,
) {
    let metrics = observer.metrics.clone();
    let watch = Arc::new(Watch {
        observer,
        atelier: atelier.clone(),
        trusted_proxies: serving.trusted_proxies.clone(),
    });
    let own = Arc::new(Own::new(atelier.settings(), &health, &serving, metrics));
    let service = TowerToHyperService::new(warp::service(mount(atelier, serving.limits)));
    let protocol = Arc::new(Protocol::new(
        serving.header_timeout,
        serving.write_timeout,
        true,
    ));
    let (ending, ends) = watch::channel(false);
    let places = Arc::new(Semaphore::new(serving.max_connections));

    let mut accepting = Box::pin(async {
        let mut above_limit = AboveLimit::default();
        loop {
            let Some((stream, peer)) = accept(&listener).await else {
                continue;
            };
            let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
                above_limit.closed(serving.max_connections);
                continue;
            };
            let peer = peer.ip().to_canonical();
            let trusted = watch.trusts(peer);
            let (service, own) = (service.clone(), Arc::clone(&own));
            let (health, watch) = (health.clone(), Arc::clone(&watch));
            let (protocol, ends) = (Arc::clone(&protocol), ends.clone());
            tokio::spawn(async move {
                let answer = |mut request: Request<Incoming>, exchange: &Arc<Exchange>| {
                    if request.uri().path_and_query().is_none() {
                        // CONNECT names a host and no path, which warp's filters can't stand.
                        *request.uri_mut() = Uri::from_static("/");
                    }
                    if trusted {
                        request.extensions_mut().insert(FromTrustedProxy);
                    }
                    let own = own.answer(&request);
                    let probe = own.as_ref().is_some_and(|(_, page)| page.is_none());
                    let mut under_way = (!probe).then(|| watch.begin(&request, peer, trusted));
                    let answer = if let Some((response, page)) = own {
                        let route = page.unwrap_or_default();
                        let routed = RequestSummary {
                            route,
                            ..RequestSummary::default()
                        };
                        Either::Left(ready((Ok(response.map(Into::into)), routed)))
                    } else {
                        let told = Told::of(exchange);
                        let answer = service.call(request);
                        let routed = async { (answer.await, TOLD.with(Told::routed)) };
                        Either::Right(TOLD.scope(told, routed))
                    };
                    let health = &health;
                    async move {
                        let (response, routed) = answer.await;
                        let mut response = response.unwrap_or_else(|never| match never {});
                        if let Some(under_way) = &mut under_way {
                            under_way.end(routed, &response);
                        }
                        if health.draining() {
                            response
                                .headers_mut()
                                .insert(CONNECTION, HeaderValue::from_static("close"));
                        }
                        response
                    }
                };
                let refuse = |fault: &ApiError, request: &Request<()>| {
                    watch.refuse(fault, request, peer, trusted)
                };
                protocol.serve(stream, ends, answer, refuse).await;
                drop(place);
            });
        }
    });
    let stop = tokio::select! {
        stop = stop => stop,
        () = &mut accepting => Stop::Now,
    };
    health.drain();
    if stop == Stop::Drain {
        let _ = tokio::time::timeout(serving.drain_delay, &mut accepting).await;
    }
    drop(accepting);
    drop(listener);
    if stop == Stop::Drain {
        // What came with the last connections is still to be read; those that nothing was read of are closed below.
        tokio::time::sleep(LAST_READ).await;
    }
    ending.send_replace(true);
    let all = u32::try_from(serving.max_connections).unwrap_or(u32::MAX);
    let ended = tokio::time::timeout(serving.shutdown_timeout, places.acquire_many(all));
    if ended.await.is_err() {
        let left = serving.max_connections - places.available_permits();
        let why = "not waited for any longer, by --shutdown-timeout";
        tracing::warn!("{why}: {left} with requests under way");
    }
}

/// The next connection; none when there was a failure, which is waited out where it would come again at once.
pub(crate) async fn accept(listener: &TcpListener) -> Option<(TcpStream, SocketAddr)> {
    match listener.accept().await {
        Ok((stream, peer)) => {
            // An answer is sent in one piece; waiting to fill a packet would only delay it.
            let _ = stream.set_nodelay(true);
            Some((stream, peer))
        }
        Err(error) => {
            if !matches!(
                error.kind(),
                io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
            ) {
                tracing::warn!("a connection can't be accepted: {error}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            None
        }
    }
}
