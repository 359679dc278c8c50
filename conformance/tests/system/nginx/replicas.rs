//! Servers that share a database.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use atelier_conformance::TestApp;
use atelier_conformance::matrix::{StoreKind, Transport};
use atelier_core::http::{HttpApi, HttpSettings};
use atelier_core::{Atelier, Clock, Limits, Store};
use atelier_warp::health::Health;
use atelier_warp::observe::{RequestCounts, Telemetry};
use atelier_warp::serve::{self, ServerConfig, Shutdown};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A server.
pub(crate) struct Replica {
    pub(crate) address: SocketAddr,
    pub(crate) store: Arc<dyn Store>,
    served: Arc<RequestCounts>,
    stop: oneshot::Sender<Shutdown>,
    serving: JoinHandle<()>,
}

/// Starts servers over one database with the rows of the seed, which lives as long as the second value.
pub(crate) async fn some(count: usize) -> (Vec<Replica>, TestApp) {
    let shop = TestApp::open(StoreKind::Postgres, Transport::Core).await;
    let mut replicas = vec![];
    for _ in 0..count {
        let store = atelier_core::open(&shop.url, &atelier_core::StoreOptions::default())
            .await
            .expect("the store opens");
        let atelier = Atelier::with(Arc::clone(&store), Limits::default(), Clock::System);
        let listener = serve::listen(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (end, ended) = oneshot::channel();
        let observer = Telemetry::default();
        let served = Arc::clone(&observer.counts);
        let serving = ServerConfig {
            trusted_proxies: vec![IpAddr::from([127, 0, 0, 1]).into()],
            ..ServerConfig::default()
        };
        let ended = async { ended.await.unwrap_or(Shutdown::Immediate) };
        let serving = serve::serve(
            HttpApi::new(atelier, HttpSettings::default()),
            listener,
            Health::default(),
            serving,
            observer,
            ended,
        );
        replicas.push(Replica {
            address,
            store,
            served,
            stop: end,
            serving: tokio::spawn(serving),
        });
    }
    (replicas, shop)
}

impl Replica {
    /// Returns how many requests it has answered.
    pub(crate) fn answered(&self) -> u64 {
        self.served.requests.load(Ordering::Relaxed)
    }

    /// Stops accepting connections, finishes its requests, and ends.
    pub(crate) async fn end(self) {
        self.stop.send(Shutdown::Immediate).expect("it runs");
        self.serving.await.expect("it ends");
        self.store.close().await;
    }
}
