//! A store over a primary and its hot standbys, real servers with streaming replication: standbys serve consistent reads,
//! the loss of any server is survived, and writes follow the primary.

mod failover;
mod losses;
mod reads;

use atelier_conformance::matrix::{RUNTIME, Transport};
use atelier_conformance::{TestApp, parsed, seed};
use atelier_core::store::{self, Provenance};
use atelier_core::{Paginated, ProductId, Result, Review, ReviewSort};
use atelier_test_support::postgres::cluster::{Cluster, Server};
use atelier_test_support::until;
use serde_json::{Value, json};

/// The beginning of the statement for styles, in the log of a server.
const STYLES: &str = "-- The styles of a product";

/// A primary with the rows of [`seed`], and its standbys.
struct Servers {
    cluster: Cluster,
    primary: Server,
    standbys: Vec<Server>,
}

impl Servers {
    /// Runs `case` with this many standbys.
    fn run(standbys: usize, case: impl AsyncFnOnce(Self)) {
        RUNTIME.block_on(async {
            let mut cluster = Cluster::open();
            let primary = cluster.primary("a");
            store::fill(
                &parsed(&primary.url()),
                seed::rows(),
                Provenance::Loaded("the test"),
            )
            .await
            .expect("the rows are loaded");
            let names = ["b", "c"].into_iter().take(standbys);
            let standbys = names.map(|name| cluster.standby(name, &primary)).collect();
            case(Self {
                cluster,
                primary,
                standbys,
            })
            .await;
        });
    }

    /// Opens the API over all of them.
    async fn shop(&self) -> TestApp {
        let readers: Vec<_> = self
            .standbys
            .iter()
            .map(|standby| parsed(&standby.url()))
            .collect();
        TestApp::with_readers(parsed(&self.primary.url()), &readers, Transport::Core).await
    }
}

/// Reads past the cache until `standby` answers.
async fn until_used(shop: &TestApp, standby: &Server) {
    let before = standby.asked(STYLES);
    until("the standby is used", async || {
        styles(shop).await.expect("styles");
        standby.asked(STYLES) > before
    })
    .await;
}

/// Pauses replay on a standby.
async fn pause(standby: &Server) {
    standby.execute("select pg_wal_replay_pause()").await;
    until("replay stops", async || {
        let state = "select case when pg_is_wal_replay_paused() then 'paused' else '' end";
        standby.value(state).await == "paused"
    })
    .await;
}

async fn resume(standby: &Server) {
    standby.execute("select pg_wal_replay_resume()").await;
}

/// Reads a row that no test changes.
async fn styles(shop: &TestApp) -> Result<()> {
    shop.store.styles(ProductId(501)).await.map(drop)
}

/// Reads the reviews of a product, past the cache.
async fn reviews(shop: &TestApp, product: i64) -> Result<Paginated<Review>> {
    let of = ProductId(product);
    shop.store.reviews(of, ReviewSort::Newest, 0, 100).await
}

fn review(product: i64, body: &str) -> Value {
    json!({"product_id": product, "rating": 4, "body": body, "recommend": true, "name": "n",
        "email": "e@example.org"})
}
