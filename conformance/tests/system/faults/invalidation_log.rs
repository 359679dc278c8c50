//! Failures of the log through which servers invalidate caches of each other.

use atelier_core::ProductId;
use atelier_core::http::HttpSettings;
use atelier_core::store::Topic;
use atelier_test_support::fault_proxy::Fault;

use super::*;

const SHOWN: &str = "/reviews?product_id=501";
const OF_501: Topic = Topic::Reviews(ProductId(501));

async fn shown(shop: &TestApp) -> String {
    let reply = shop.get(SHOWN).await;
    assert_eq!(reply.status, 200);
    reply.text().to_owned()
}

/// Votes for a review, and returns the list, in which the same server shows the vote at once.
async fn vote(shop: &TestApp) -> String {
    let before = shown(shop).await;
    assert_eq!(shop.put("/reviews/31/helpful").await.status, 204);
    let after = shown(shop).await;
    assert_ne!(after, before, "at once, of one's own");
    after
}

#[test]
fn locked_invalidation_log_falls_back_to_cache_ttl() {
    staged(
        HttpSettings::default(),
        async |Stage { shop, past, .. }| {
            let old = shown(shop).await;
            let before = shop.store.topic_version(OF_501);
            let mut locking = connect(&past.url).await;
            execute(
                &mut locking,
                "begin; lock table changes in access exclusive mode",
            )
            .await;
            let new = vote(past).await;
            shop.advance(29_999);
            assert_eq!(shown(shop).await, old, "nothing was heard");
            shop.advance(1);
            assert_eq!(shown(shop).await, new, "by time");
            let own = vote(shop).await;
            assert_eq!(shop.store.topic_version(OF_501), before + 1, "one's own");
            execute(&mut locking, "rollback").await;
            until("it is heard", async || {
                shop.store.topic_version(OF_501) >= before + 2
            })
            .await;
            until("the other hears as well", async || shown(past).await == own).await;
        },
    );
}

#[test]
fn reset_connections_lose_no_invalidation() {
    staged(
        HttpSettings::default(),
        async |Stage { proxy, shop, past }| {
            for _ in 0..20 {
                let before = shop.store.topic_version(OF_501);
                proxy.set(Fault::Reset);
                let new = vote(past).await;
                until("they are gone", async || proxy.open() == 0).await;
                proxy.set(Fault::Pass);
                until("it is heard", async || {
                    shop.store.topic_version(OF_501) > before
                })
                .await;
                assert_eq!(shown(shop).await, new);
            }
        },
    );
}

#[test]
fn isolated_server_serves_stale_answers_for_ten_minutes() {
    staged(
        HttpSettings::default(),
        async |Stage { proxy, shop, past }| {
            let old = shown(shop).await;
            let before = shop.store.topic_version(OF_501);
            proxy.set(Fault::Stall);
            let new = vote(past).await;
            assert_eq!(shown(shop).await, old, "it is kept");
            // Stale-if-error: an answer that cannot be refreshed is served for ten minutes, and no longer.
            shop.advance(599_999);
            assert_eq!(shown(shop).await, old, "while there is no other");
            shop.advance(1_000);
            assert_busy(&shop.get(SHOWN).await);
            proxy.set(Fault::Pass);
            until("it is heard", async || {
                shop.store.topic_version(OF_501) > before
            })
            .await;
            until("it is shown", async || shop.get(SHOWN).await.text() == new).await;
        },
    );
}
