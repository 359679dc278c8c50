//! A TCP proxy that does to a connection what networks and servers do: between a shop and its database, say.

use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;

use self::relay::{accept, listen, socket};

mod relay;
mod url;

/// What the proxy does with what it carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Carries everything on.
    Pass,
    /// Carries everything on, this much later in each direction.
    Delay(Duration),
    /// Accepts and takes everything, and carries nothing on: a black hole. What it took goes on its way afterwards, as a
    /// network would send it again.
    Stall,
    /// Refuses new connections, as a port on which nobody listens.
    Refuse,
    /// Resets every connection, new ones as well.
    Reset,
}

/// The proxy. It ends with the value, and so do its connections.
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
    target: SocketAddr,
    /// Connections before this one are stalled for good.
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
    /// After so many bytes of answers the connection that carries them is cut.
    until_cut: Mutex<Option<usize>>,
}

impl Counts {
    /// How many of so many bytes may be carried before the cut; the cut takes place where that is fewer.
    fn carried(&self, bytes: usize) -> usize {
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
    /// A proxy in front of `target`, which carries everything on until it is told otherwise.
    pub fn to(target: SocketAddr) -> Self {
        // Bound and never listened on: it keeps the port while new connections are refused.
        let place = socket(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a free port");
        let address = place
            .local_addr()
            .ok()
            .and_then(|address| address.as_socket());
        let address = address.expect("an address");
        let (orders, told) = watch::channel(Orders {
            fault: Fault::Pass,
            target,
            forgotten: 0,
        });
        let counts = Arc::<Counts>::default();
        // At once, so that nobody who is told the address finds nobody there.
        let listener = listen(address).expect("a port of one's own");
        tokio::spawn(accept(place, address, listener, told, Arc::clone(&counts)));
        Self {
            address,
            url: None,
            orders,
            counts,
        }
    }

    /// A proxy in front of a PostgreSQL server, to be asked at [`Self::url`].
    pub fn before(database: &str) -> Self {
        let target = url::place(database);
        let target = target.to_socket_addrs().expect("a name that is known");
        let mut proxy = Self::to(target.into_iter().next().expect("an address"));
        proxy.url = Some(url::at(database, proxy.address));
        proxy
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The database that it is [`before`](Self::before), by way of it.
    pub fn url(&self) -> &str {
        self.url.as_deref().expect("a proxy before a database")
    }

    /// What it does from now on, with the connections that there are as well.
    pub fn set(&self, fault: Fault) {
        self.orders.send_modify(|orders| orders.fault = fault);
    }

    /// Where new connections lead from now on.
    pub fn lead_to(&self, target: SocketAddr) {
        self.orders.send_modify(|orders| orders.target = target);
    }

    /// Carries nothing any more on the connections that there are, whatever it does with others: as what lies on their way
    /// and was started anew.
    pub fn forget(&self) {
        let forgotten = self.accepted();
        self.orders
            .send_modify(|orders| orders.forgotten = forgotten);
    }

    /// Cuts a connection in the middle of what the target says: the one that carries the byte after so many from now,
    /// counted over all connections.
    pub fn cut_after(&self, bytes: usize) {
        *self.counts.until_cut.lock().expect("whole") = Some(bytes);
    }

    /// How often it did cut.
    pub fn cuts(&self) -> usize {
        self.counts.cuts.load(Ordering::SeqCst)
    }

    /// How many connections it has accepted so far.
    pub fn accepted(&self) -> usize {
        self.counts.accepted.load(Ordering::SeqCst)
    }

    /// How many of them have not ended.
    pub fn open(&self) -> usize {
        self.counts.open.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests;
