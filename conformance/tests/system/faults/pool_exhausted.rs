//! All connections of the pool are busy.

use atelier_core::http::HttpSettings;
use atelier_core::{PoolSize, StoreOptions};
use futures_util::future::join_all;

use super::*;

/// Statements that wait for a lock.
pub(super) const WAITING: &str = "select pid::text from pg_stat_activity
    where datname = current_database() and application_name = 'atelier' and wait_event_type = 'Lock'";

/// Repeats a read of a locked table; the tables vary, so that all connections are taken.
async fn ask_locked_tables(shop: &TestApp, place: usize) {
    loop {
        let target = match place % 3 {
            0 => fresh(),
            1 => format!("/qa/questions?product_id={}", new()),
            _ => format!("/qa/questions/{}/answers", new()),
        };
        assert_busy(&shop.get(&target).await);
        pause().await;
    }
}

#[test]
fn exhausted_pool_answers_or_sheds_in_time() {
    staged(
        HttpSettings::default(),
        async |Stage { shop, past, .. }| {
            fill_cache(shop).await;
            let mut locking = connect(&past.url).await;
            let lock = "begin; lock table reviews, questions, answers in access exclusive mode";
            execute(&mut locking, lock).await;
            let slow = join_all((0..30).map(|place| ask_locked_tables(shop, place)));
            let others = async {
                let reads = max_connections() / 3;
                until("all places are taken", async || {
                    count(&past.url, WAITING).await >= reads
                })
                .await;
                let asked = join_all((0..100).map(|_| {
                    timed(async { shop.get(&format!("/products?count={}", new())).await })
                }));
                let kept = async {
                    for _ in 0..20 {
                        assert_cached(shop).await;
                    }
                };
                let (asked, ()) = tokio::join!(asked, kept);
                let refused = asked
                    .iter()
                    .filter(|(reply, _)| reply.status == 503)
                    .count();
                let longest = asked.iter().map(|(_, took)| *took).max();
                println!("a4: {refused} of 100 refused, the longest answer took {longest:?}");
                for (reply, took) in asked {
                    assert_status_or_busy(&reply, 200);
                    // The locks hold all connections: a request waits for one, then for its statement.
                    assert!(took <= ANY, "an answer took {took:?}");
                }
            };
            tokio::select! {
                _ = slow => unreachable!("it is asked again and again"),
                () = others => {}
            }
            execute(&mut locking, "rollback").await;
            until("all is well", async || all_succeed(shop).await).await;
        },
    );
}

#[test]
fn smallest_pool_is_never_exceeded_and_serves() {
    exclusively(async {
        let past = TestApp::open(StoreKind::Postgres, Transport::Core).await;
        let proxy = FaultProxy::before(&url_text(&past.url));
        let least = usize::try_from(PoolSize::MIN).expect("a few");
        let options = StoreOptions {
            pool_size: PoolSize::new(PoolSize::MIN).expect("a size"),
            ..StoreOptions::default()
        };
        let shop = TestApp::with(parsed(proxy.url()), &options, Transport::Warp).await;
        let shop = shop.configured(without_cache());
        let clients = (0..64).map(async |client| {
            for _ in 0..5 {
                let name = format!("least-{client}-{}", new());
                if client % 4 == 0 {
                    ask_until_stored(&shop, &name).await;
                    continue;
                }
                let read = fresh();
                until(&read, async || {
                    let reply = shop.get(&read).await;
                    assert_status_or_busy(&reply, 200);
                    reply.status == 200
                })
                .await;
            }
        });
        join_all(clients).await;
        // One connection checked the database and was closed first. None was replaced, so there were never more at once.
        let made = proxy.accepted() - 1;
        println!("a4: {made} connections for 64 clients");
        assert!(made <= least, "{made} connections");
        shop.store.close().await;
        past.store.close().await;
    });
}
