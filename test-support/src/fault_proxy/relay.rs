//! Who accepts connections and carries them.

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

/// A socket that shares its port with others of ours.
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

/// Accepts for as long as somebody gives orders.
pub(super) async fn accept(
    _place: Socket,
    address: SocketAddr,
    listener: TcpListener,
    mut told: watch::Receiver<Orders>,
    counts: Arc<Counts>,
) {
    let mut listener = Some(listener);
    loop {
        let refuses = told.borrow_and_update().fault == Fault::Refuse;
        if refuses {
            listener = None;
        } else if listener.is_none() {
            listener = Some(listen(address).expect("the port that is kept"));
        }
        let accepted = async {
            match &listener {
                Some(listener) => listener.accept().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            changed = told.changed() => if changed.is_err() {
                return;
            },
            accepted = accepted => if let Ok((client, _)) = accepted {
                let number = counts.accepted.fetch_add(1, Ordering::SeqCst);
                let open = Open::one_of(&counts);
                tokio::spawn(carry(client, number, told.clone(), open));
            },
        }
    }
}

/// A connection that has not ended.
struct Open(Arc<Counts>);

impl Open {
    fn one_of(counts: &Arc<Counts>) -> Self {
        counts.open.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(counts))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Carries one connection, to its end.
async fn carry(mut client: TcpStream, number: usize, told: watch::Receiver<Orders>, open: Open) {
    let mut reset = told.clone();
    let mut server = None;
    let carried = async {
        // Who can't be reached ends the connection, as a closed port behind a relay does.
        let target = told.borrow().target;
        let stream = TcpStream::connect(target).await?;
        let server = server.insert(stream);
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        tokio::select! {
            _ = direction(number, from_client, to_server, &told, None) => {}
            _ = direction(number, from_server, to_client, &told, Some(&open.0)) => {}
        }
        io::Result::Ok(())
    };
    let is_reset = tokio::select! {
        ended = reset.wait_for(|orders| orders.fault == Fault::Reset) => ended.is_ok(),
        _ = carried => false,
    };
    if is_reset {
        for stream in [Some(client), server].into_iter().flatten() {
            // What is not waited for is reset.
            let _ = SockRef::from(&stream).set_linger(Some(Duration::ZERO));
        }
    }
}

/// Carries what one says to the other, until it has said all or the other can't be told; answers up to the cut.
async fn direction(
    number: usize,
    from: ReadHalf<'_>,
    to: WriteHalf<'_>,
    told: &watch::Receiver<Orders>,
    answers: Option<&Counts>,
) -> io::Result<()> {
    let (sender, said) = mpsc::unbounded_channel();
    let silent = Notify::new();
    let listening = async {
        let heard = hear(from, told, sender).await;
        silent.notify_one();
        heard
    };
    let stalls = |orders: &Orders| orders.stall(number);
    let telling = tell(to, told.clone(), stalls, said, answers, &silent);
    tokio::pin!(listening, telling);
    tokio::select! {
        told = &mut telling => return told,
        heard = &mut listening => heard?,
    }
    // What was said last is carried on as well.
    telling.await
}

/// Takes all that is said, and notes when it should arrive.
async fn hear(
    mut from: ReadHalf<'_>,
    told: &watch::Receiver<Orders>,
    said: mpsc::UnboundedSender<(Instant, Bytes)>,
) -> io::Result<()> {
    let mut heard = BytesMut::with_capacity(64 * 1_024);
    while from.read_buf(&mut heard).await? > 0 {
        let delay = match told.borrow().fault {
            Fault::Delay(delay) => delay,
            _ => Duration::ZERO,
        };
        let _ = said.send((Instant::now() + delay, heard.split().freeze()));
        heard.reserve(64 * 1_024);
    }
    Ok(())
}

/// Tells what was said, when its time has come and nothing stalls. While something does, there is an end where all was
/// said: nobody waits for it any more.
async fn tell(
    mut to: WriteHalf<'_>,
    mut told: watch::Receiver<Orders>,
    stalls: impl Fn(&Orders) -> bool,
    mut said: mpsc::UnboundedReceiver<(Instant, Bytes)>,
    answers: Option<&Counts>,
    silent: &Notify,
) -> io::Result<()> {
    while let Some((due, bytes)) = said.recv().await {
        if due > Instant::now() {
            sleep_until(due).await;
        }
        tokio::select! {
            biased;
            flows = told.wait_for(|orders| !stalls(orders)) => if flows.is_err() {
                return Ok(());
            },
            () = silent.notified() => return Ok(()),
        }
        let carried = answers.map_or(bytes.len(), |counts| counts.carried(bytes.len()));
        to.write_all(&bytes[..carried]).await?;
        if carried < bytes.len() {
            return Ok(());
        }
    }
    Ok(())
}
