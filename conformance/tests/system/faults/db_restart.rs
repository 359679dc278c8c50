//! PostgreSQL is restarted under load.

use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use atelier_conformance::seed;
use atelier_core::store::{self, Provenance};
use atelier_test_support::postgres::cluster::{Cluster, End, Server};
use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval};

use super::*;

/// Number of restarts, alternately fast and immediate; `ATELIER_RESTARTS` overrides it.
const RESTARTS: usize = 6;

/// Counts of the responses that clients received.
#[derive(Default)]
struct Seen {
    done: AtomicBool,
    cached: AtomicUsize,
    read: AtomicUsize,
    refused: AtomicUsize,
    acknowledged: Mutex<Vec<String>>,
}

impl Seen {
    /// Repeats a request, with a pause of 3 ms.
    async fn repeat(&self, work: impl AsyncFn()) {
        let mut pace = interval(Duration::from_millis(3));
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !self.done.load(Ordering::Relaxed) {
            pace.tick().await;
            work().await;
        }
    }

    /// Waits until a counter has grown by `many`.
    async fn more(&self, of: &AtomicUsize, many: usize) {
        let before = of.load(Ordering::Relaxed);
        until("clients go on", async || {
            of.load(Ordering::Relaxed) >= before + many
        })
        .await;
    }

    fn written(&self) -> usize {
        self.acknowledged.lock().expect("whole").len()
    }
}

async fn read_cached(shop: &TestApp, seen: &Seen) {
    for target in CACHED {
        let reply = shop.get(target).await;
        assert_eq!(reply.status, 200, "{target}: {}", reply.text());
        seen.cached.fetch_add(1, Ordering::Relaxed);
    }
}

async fn read_fresh(shop: &TestApp, seen: &Seen) {
    let reply = shop.get(&fresh()).await;
    assert_status_or_busy(&reply, 200);
    let count = if reply.status == 200 {
        &seen.read
    } else {
        &seen.refused
    };
    count.fetch_add(1, Ordering::Relaxed);
}

async fn write(shop: &TestApp, seen: &Seen) {
    let text = format!("restart-{}", new());
    ask_until_stored(shop, &text).await;
    seen.acknowledged.lock().expect("whole").push(text);
}

/// Restarts the server this many times. Returns the times from accepting connections to the first answer.
async fn restart(
    shop: &TestApp,
    seen: &Seen,
    mut cluster: Cluster,
    server: &Server,
    times: usize,
) -> (Cluster, Vec<Duration>) {
    let mut took = vec![];
    for time in 0..times {
        let written = seen.written();
        seen.more(&seen.read, 20).await;
        until("posts are stored", async || seen.written() > written).await;
        let end = if time % 2 == 0 {
            End::Fast
        } else {
            End::Immediate
        };
        let this = server.clone();
        cluster = spawn_blocking(move || {
            cluster.stop(&this, end);
            cluster
        })
        .await
        .expect("stops");
        seen.more(&seen.refused, 10).await;
        seen.more(&seen.cached, 10).await;
        let this = server.clone();
        cluster = spawn_blocking(move || {
            cluster.start(&this);
            cluster
        })
        .await
        .expect("starts");
        let back = timed(until("a fresh read", async || {
            shop.get(&fresh()).await.status == 200
        }))
        .await;
        took.push(back.1);
    }
    (cluster, took)
}

#[test]
fn restarts_of_postgres_lose_no_acknowledged_write() {
    let times = std::env::var("ATELIER_RESTARTS")
        .map_or(RESTARTS, |times| times.parse().expect("a number"));
    exclusively(async {
        let made = spawn_blocking(|| {
            let mut cluster = Cluster::open();
            let server = cluster.primary("one");
            (cluster, server)
        });
        let (cluster, server) = made.await.expect("a server");
        // Acknowledged writes survive an immediate stop only with synchronous commits.
        server
            .execute("alter system set synchronous_commit = on")
            .await;
        server.execute("select pg_reload_conf()").await;
        let filled = store::fill(
            &parsed(&server.url()),
            seed::rows(),
            Provenance::Loaded("the test"),
        )
        .await;
        filled.expect("the rows are loaded");
        let shop = TestApp::over(parsed(&server.url()), Transport::Warp).await;
        fill_cache(&shop).await;

        let (seen, shop) = (Seen::default(), &shop);
        let seen = &seen;
        let clients = async {
            tokio::join!(
                seen.repeat(async || read_cached(shop, seen).await),
                seen.repeat(async || read_fresh(shop, seen).await),
                seen.repeat(async || read_fresh(shop, seen).await),
                seen.repeat(async || write(shop, seen).await),
                seen.repeat(async || write(shop, seen).await),
            )
        };
        let restarts = async {
            let restarted = restart(shop, seen, cluster, &server, times).await;
            seen.done.store(true, Ordering::Relaxed);
            restarted
        };
        let (_, (cluster, took)) = tokio::join!(clients, restarts);

        println!(
            "a1: fresh reads {took:?} after the server's return; {} refused, {} read, {} cached, {} written",
            seen.refused.load(Ordering::Relaxed),
            seen.read.load(Ordering::Relaxed),
            seen.cached.load(Ordering::Relaxed),
            seen.written()
        );
        let mut acknowledged = seen.acknowledged.lock().expect("whole").clone();
        acknowledged.sort();
        assert_eq!(stored(&parsed(&server.url())).await, acknowledged);
        let longest = took.iter().max().expect("restarts");
        assert!(*longest <= Duration::from_secs(3), "{took:?}");
        shop.store.close().await;
        spawn_blocking(move || drop(cluster)).await.expect("ends");
    });
}
