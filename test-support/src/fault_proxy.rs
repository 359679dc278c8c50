//! A TCP proxy that injects faults of networks and servers, for example between a server and its database.

use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;

use self::relay::{accept, listen, socket};

mod relay;
mod url;

/// What the proxy does with connections and their bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Relays everything.
    Pass,
    /// Relays everything, this much later in each direction.
    Delay(Duration),
    /// Accepts connections, reads everything and relays nothing: a black hole. What was read is relayed after the fault, as a
    /// network would retransmit it.
    Stall,
    /// Refuses new connections, like a port without a listener.
    Refuse,
    /// Resets every connection, including new ones.
    Reset,
}

/// A proxy on a port of 127.0.0.1. Dropping it closes its connections.
#[derive(Debug)]
pub struct FaultProxy {
    address: SocketAddr,
    url: Option<String>,
    orders: watch::Sender<Orders>,
    counts: Arc<Counts>,
}

#[derive(Debug, Clone, Copy)]
struct Orders {
    fault: Fault,
    upstream: SocketAddr,
    /// Connections with lower numbers are stalled for good.
    forgotten: usize,
}

impl Orders {
    fn stall(&self, connection: usize) -> bool {
        self.fault == Fault::Stall || connection < self.forgotten
    }
}

#[derive(Debug, Default)]
struct Counts {
    accepted: AtomicUsize,
    open: AtomicUsize,
    cuts: AtomicUsize,
    /// Bytes of responses until a connection is cut.
    until_cut: Mutex<Option<usize>>,
}

impl Counts {
    /// Returns how many of `bytes` are relayed before the cut. Fewer than `bytes` means that the cut is now.
    fn before_cut(&self, bytes: usize) -> usize {
        let mut until_cut = self.until_cut.lock().expect("no panic while it is held");
        match *until_cut {
            Some(left) if left < bytes => {
                *until_cut = None;
                self.cuts.fetch_add(1, Ordering::SeqCst);
                left
            }
            Some(left) => {
                *until_cut = Some(left - bytes);
                bytes
            }
            None => bytes,
        }
    }
}

impl FaultProxy {
    /// Starts a proxy in front of `upstream` that relays everything.
    pub fn to(upstream: SocketAddr) -> Self {
        // Bound, and never listens: it reserves the port while new connections are refused.
        let reserved = socket(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a free port");
        let address = reserved
            .local_addr()
            .ok()
            .and_then(|address| address.as_socket());
        let address = address.expect("an address");
        let (orders, received) = watch::channel(Orders {
            fault: Fault::Pass,
            upstream,
            forgotten: 0,
        });
        let counts = Arc::<Counts>::default();
        // Listens before the address is returned, so that no connection is refused.
        let listener = listen(address).expect("the reserved port");
        tokio::spawn(accept(
            reserved,
            address,
            listener,
            received,
            Arc::clone(&counts),
        ));
        Self {
            address,
            url: None,
            orders,
            counts,
        }
    }

    /// Starts a proxy in front of the PostgreSQL server of a URL; [`Self::url`] goes through it.
    pub fn before(database: &str) -> Self {
        let upstream = url::host_and_port(database);
        let upstream = upstream.to_socket_addrs().expect("a name that resolves");
        let mut proxy = Self::to(upstream.into_iter().next().expect("an address"));
        proxy.url = Some(url::at(database, proxy.address));
        proxy
    }

    /// Returns the address at which it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the URL of the database that it is [`before`](Self::before), through the proxy.
    pub fn url(&self) -> &str {
        self.url.as_deref().expect("a proxy before a database")
    }

    /// Sets the fault, for new and for open connections.
    pub fn set(&self, fault: Fault) {
        self.orders.send_modify(|orders| orders.fault = fault);
    }

    /// Sets the server to which new connections are relayed.
    pub fn set_upstream(&self, upstream: SocketAddr) {
        self.orders.send_modify(|orders| orders.upstream = upstream);
    }

    /// Stalls the open connections for good, whatever the fault: like a stateful firewall that was restarted.
    pub fn forget(&self) {
        let forgotten = self.accepted();
        self.orders
            .send_modify(|orders| orders.forgotten = forgotten);
    }

    /// Closes one connection in the middle of a response: the one that relays the byte after the next `bytes` bytes of
    /// responses, counted over all connections.
    pub fn cut_after(&self, bytes: usize) {
        *self.counts.until_cut.lock().expect("not poisoned") = Some(bytes);
    }

    /// Returns how many connections were cut.
    pub fn cuts(&self) -> usize {
        self.counts.cuts.load(Ordering::SeqCst)
    }

    /// Returns how many connections were accepted.
    pub fn accepted(&self) -> usize {
        self.counts.accepted.load(Ordering::SeqCst)
    }

    /// Returns how many connections are open.
    pub fn open(&self) -> usize {
        self.counts.open.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests;
