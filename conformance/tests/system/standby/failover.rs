//! A standby takes the primary's place.

use std::sync::Arc;
use std::time::{Duration, Instant};

use atelier_conformance::matrix::Transport;
use atelier_conformance::{TestApp, parsed};
use atelier_core::ProductId;
use atelier_core::store::Topic;
use atelier_test_support::postgres::cluster::{End, Server};
use atelier_test_support::{pause, until};
use futures_util::future::join_all;
use http::Method;
use serde_json::json;
use tokio::task::{JoinSet, block_in_place};
use tokio::time::timeout;

use crate::standby::{Servers, review, reviews, until_used};

/// Counts the store's connections at a server.
const CONNECTED: &str =
    "select count(*)::text from pg_stat_activity where application_name = 'atelier'";

const ADD: &str = "-- Adds several reviews with their part of the figures";

/// Posts a review under a key of its own, and retries until it is stored.
async fn post(shop: &TestApp, name: &str) {
    let body = review(501, name).to_string();
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", name),
    ];
    let stored = async {
        loop {
            let reply = shop
                .request(Method::POST, "/reviews", &headers, body.as_bytes())
                .await;
            match reply.status.as_u16() {
                201 => return,
                503 => pause().await,
                other => panic!("{other}: {}", reply.text()),
            }
        }
    };
    let waited = timeout(Duration::from_mins(1), stored).await;
    waited.unwrap_or_else(|_| panic!("timed out: {name} is not stored"));
}

/// Returns the time until a write succeeds.
async fn writes_again(shop: &TestApp) -> Duration {
    let begun = Instant::now();
    post(shop, "the first after it").await;
    begun.elapsed()
}

async fn only_one_connection(server: &Server) {
    // The connection of the health check.
    until("connections to the old primary end", async || {
        matches!(server.value(CONNECTED).await.as_str(), "0" | "1")
    })
    .await;
}

#[test]
fn promoted_standby_receives_writes_exactly_once() {
    Servers::run(2, async |mut servers| {
        // Synchronous replication: acknowledged writes are on the standby that will be promoted.
        let synchronous = "alter system set synchronous_standby_names = 'FIRST 1 (b)'";
        servers.primary.execute(synchronous).await;
        servers.primary.execute("select pg_reload_conf()").await;
        let [new, third] = [servers.standbys[0].clone(), servers.standbys[1].clone()];
        let shop = Arc::new(servers.shop().await);
        until_used(&shop, &new).await;

        let mut posts = JoinSet::new();
        for client in 0..4 {
            let shop = Arc::clone(&shop);
            posts.spawn(async move {
                for n in 0..100 {
                    post(&shop, &format!("{client}-{n}")).await;
                }
            });
        }
        let primary = &servers.primary.clone();
        let written = async |at_least| {
            until("the primary has stored some", async || {
                primary.asked(ADD) >= at_least
            })
            .await;
        };
        written(50).await;
        // It must not have rows that the promoted standby lacks, or it could not follow it.
        block_in_place(|| servers.cluster.stop(&third, End::Fast));
        written(100).await;
        block_in_place(|| servers.cluster.stop(primary, End::Immediate));
        block_in_place(|| servers.cluster.promote(&new));
        let took = writes_again(&shop).await;
        println!(
            "writes are taken {} ms after the promotion",
            took.as_millis()
        );
        // The documented time is 2 s, on a machine that is not overloaded.
        assert!(took < Duration::from_secs(10), "{took:?}");
        posts.join_all().await;
        let doubled = "select coalesce(string_agg(body, ' '), '') from
            (select body from reviews where body ~ '^\\d-\\d+$' group by body having count(*) > 1) d";
        assert_eq!(new.value(doubled).await, "");
        let stored = "select count(*)::text from reviews where body ~ '^\\d-\\d+$'";
        assert_eq!(new.value(stored).await, "400");
        let read = reviews(&shop, 501).await.expect("reviews");
        assert!(read.rows.iter().any(|review| review.body == "3-99"));

        // The old primary comes back: it receives no writes and no connections.
        let before = servers.primary.asked(ADD);
        servers.cluster.start(&servers.primary);
        for n in 0..20 {
            post(&shop, &format!("after {n}")).await;
        }
        only_one_connection(&servers.primary).await;
        assert_eq!(servers.primary.asked(ADD), before);
        // A standby of the new primary is used.
        servers.cluster.follow(&third, &new);
        servers.cluster.start(&third);
        until_used(&shop, &third).await;
        shop.store.close().await;
    });
}

#[test]
fn read_only_primary_is_left_and_disconnected() {
    Servers::run(1, async |mut servers| {
        let new = servers.standbys[0].clone();
        let shop = servers.shop().await;
        let alone = TestApp::over(parsed(&servers.primary.url()), Transport::Core).await;
        until_used(&shop, &new).await;
        // Concurrently, over several connections.
        let names: Vec<_> = (0..8).map(|n| format!("before {n}")).collect();
        let posts = names
            .iter()
            .flat_map(|name| [&shop, &alone].map(|shop| post(shop, name)));
        join_all(posts).await;
        let connected = servers.primary.value(CONNECTED).await;
        let connected: usize = connected.parse().expect("a number");
        let fence = "alter system set default_transaction_read_only = on";
        servers.primary.execute(fence).await;
        servers.primary.execute("select pg_reload_conf()").await;
        until("the old one only reads", async || {
            let reads = "select current_setting('default_transaction_read_only')";
            servers.primary.value(reads).await == "on"
        })
        .await;
        for shop in [&shop, &alone] {
            until("it is noticed", async || {
                shop.post("/reviews", &review(501, "no")).await.status == 503
            })
            .await;
        }
        // Also of a store with one address, which another server may have taken over. The connection of its health check stays.
        let older = "select count(*)::text from pg_stat_activity
            where application_name = 'atelier' and backend_start < pg_conf_load_time()";
        until("connections end", async || {
            matches!(servers.primary.value(older).await.as_str(), "0" | "1")
        })
        .await;
        // All together, not one by one as each is refused.
        let refused = servers.primary.asked("in a read-only transaction");
        assert!(refused < connected - 2, "{refused} of {connected}");
        let other = servers.shop().await;
        block_in_place(|| servers.cluster.promote(&new));
        let took = writes_again(&shop).await;
        println!(
            "writes are taken {} ms after the promotion",
            took.as_millis()
        );
        // Invalidation between servers continues in the log of the new primary.
        until("the other has left as well", async || {
            other.put("/reviews/31/helpful").await.status == 204
        })
        .await;
        let topic = Topic::Questions(ProductId(502));
        let before = other.store.topic_version(topic);
        let question =
            json!({"product_id": 502, "body": "b", "name": "n", "email": "e@example.org"});
        assert_eq!(shop.post("/qa/questions", &question).await.status, 201);
        until("it is heard of", async || {
            other.store.topic_version(topic) > before
        })
        .await;
        other.store.close().await;
        alone.store.close().await;
        only_one_connection(&servers.primary).await;
        let stored = "select count(*)::text from reviews where body like 'before %'";
        assert_eq!(new.value(stored).await, "8");
        shop.store.close().await;
    });
}
