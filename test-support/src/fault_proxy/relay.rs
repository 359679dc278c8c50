//! Accepts connections and relays their bytes.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use socket2::{Domain, Protocol, SockRef, Socket, Type};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::{Instant, sleep_until};

use super::{Counts, Fault, Orders};

/// Binds a socket whose port other sockets of this process can share.
pub(super) fn socket(address: SocketAddr) -> io::Result<Socket> {
    let kind = Type::STREAM.nonblocking();
    let socket = Socket::new(Domain::for_address(address), kind, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

pub(super) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = socket(address)?;
    socket.listen(1_024)?;
    TcpListener::from_std(socket.into())
}

/// Accepts connections until the proxy is dropped.
pub(super) async fn accept(
    _reserved: Socket,
    address: SocketAddr,
    listener: TcpListener,
    mut orders: watch::Receiver<Orders>,
    counts: Arc<Counts>,
) {
    let mut listener = Some(listener);
    loop {
        let refuses = orders.borrow_and_update().fault == Fault::Refuse;
        if refuses {
            listener = None;
        } else if listener.is_none() {
            listener = Some(listen(address).expect("the reserved port"));
        }
        let accepted = async {
            match &listener {
                Some(listener) => listener.accept().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            changed = orders.changed() => if changed.is_err() {
                return;
            },
            accepted = accepted => if let Ok((client, _)) = accepted {
                let number = counts.accepted.fetch_add(1, Ordering::SeqCst);
                let open = Open::count(&counts);
                tokio::spawn(relay(client, number, orders.clone(), open));
            },
        }
    }
}

/// Counts a connection as open until it is dropped.
struct Open(Arc<Counts>);

impl Open {
    fn count(counts: &Arc<Counts>) -> Self {
        counts.open.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(counts))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Relays one connection until either side closes it, or a fault ends it.
async fn relay(mut client: TcpStream, number: usize, orders: watch::Receiver<Orders>, open: Open) {
    let mut reset = orders.clone();
    let mut server = None;
    let relayed = async {
        // Without a server the client's connection is closed, as by a real relay in front of a closed port.
        let upstream = orders.borrow().upstream;
        let stream = TcpStream::connect(upstream).await?;
        let server = server.insert(stream);
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        tokio::select! {
            _ = direction(number, from_client, to_server, &orders, None) => {}
            _ = direction(number, from_server, to_client, &orders, Some(&open.0)) => {}
        }
        io::Result::Ok(())
    };
    let is_reset = tokio::select! {
        ended = reset.wait_for(|orders| orders.fault == Fault::Reset) => ended.is_ok(),
        _ = relayed => false,
    };
    if is_reset {
        for stream in [Some(client), server].into_iter().flatten() {
            // Closing a socket that does not linger sends RST.
            let _ = SockRef::from(&stream).set_linger(Some(Duration::ZERO));
        }
    }
}

/// Relays one direction until its source is closed, its sink fails, or the connection is cut. Cuts count the bytes of
/// responses, whose counts are given.
async fn direction(
    number: usize,
    from: ReadHalf<'_>,
    to: WriteHalf<'_>,
    orders: &watch::Receiver<Orders>,
    responses: Option<&Counts>,
) -> io::Result<()> {
    let (sender, received) = mpsc::unbounded_channel();
    let source_closed = Notify::new();
    let reading = async {
        let read = read_loop(from, orders, sender).await;
        source_closed.notify_one();
        read
    };
    let stalls = |orders: &Orders| orders.stall(number);
    let writing = write_loop(
        to,
        orders.clone(),
        stalls,
        received,
        responses,
        &source_closed,
    );
    tokio::pin!(reading, writing);
    tokio::select! {
        written = &mut writing => return written,
        read = &mut reading => read?,
    }
    // The last bytes are relayed as well.
    writing.await
}

/// Reads until the source is closed, and queues the bytes with the time at which they are due.
async fn read_loop(
    mut from: ReadHalf<'_>,
    orders: &watch::Receiver<Orders>,
    queue: mpsc::UnboundedSender<(Instant, Bytes)>,
) -> io::Result<()> {
    let mut buffer = BytesMut::with_capacity(64 * 1_024);
    while from.read_buf(&mut buffer).await? > 0 {
        let delay = match orders.borrow().fault {
            Fault::Delay(delay) => delay,
            _ => Duration::ZERO,
        };
        let _ = queue.send((Instant::now() + delay, buffer.split().freeze()));
        buffer.reserve(64 * 1_024);
    }
    Ok(())
}

/// Writes the queued bytes when they are due and the connection is not stalled. A stalled connection ends when its source
/// is closed.
async fn write_loop(
    mut to: WriteHalf<'_>,
    mut orders: watch::Receiver<Orders>,
    stalls: impl Fn(&Orders) -> bool,
    mut queue: mpsc::UnboundedReceiver<(Instant, Bytes)>,
    responses: Option<&Counts>,
    source_closed: &Notify,
) -> io::Result<()> {
    while let Some((due, bytes)) = queue.recv().await {
        if due > Instant::now() {
            sleep_until(due).await;
        }
        tokio::select! {
            biased;
            flows = orders.wait_for(|orders| !stalls(orders)) => if flows.is_err() {
                return Ok(());
            },
            () = source_closed.notified() => return Ok(()),
        }
        let allowed = responses.map_or(bytes.len(), |counts| counts.before_cut(bytes.len()));
        to.write_all(&bytes[..allowed]).await?;
        if allowed < bytes.len() {
            return Ok(());
        }
    }
    Ok(())
}
