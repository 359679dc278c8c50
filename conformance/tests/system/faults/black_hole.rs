//! The network between server and database drops all packets.

use atelier_core::http::HttpSettings;
use atelier_test_support::fault_proxy::Fault;
use futures_util::future::join_all;

use super::*;
use tokio::task::yield_now;

/// Sends one of several requests that need the database. Returns its status on success, the response, and the time it took.
async fn ask_something(shop: &TestApp, place: usize, name: &str) -> (u16, TestResponse, Duration) {
    let name = format!("{name}-{}", place / 4);
    let (good, asked) = match place % 4 {
        0 => (200, timed(shop.get(&fresh())).await),
        1 => (200, timed(shop.get("/cart")).await),
        2 => (204, timed(shop.put("/qa/answers/81/helpful")).await),
        _ => (201, timed(ask_under_key(shop, &name)).await),
    };
    (good, asked.0, asked.1)
}

#[test]
fn black_hole_answers_in_time_and_recovers() {
    staged(HttpSettings::default(), async |stage| {
        let Stage { proxy, shop, past } = stage;
        fill_cache(shop).await;
        until("all connections are made", async || all_succeed(shop).await).await;
        proxy.set(Fault::Stall);
        let mut longest = Duration::ZERO;
        for wave in ["first", "second"] {
            let asking = join_all((0..40).map(|place| ask_something(shop, place, wave)));
            let asking = async {
                for (_, reply, took) in asking.await {
                    assert_busy(&reply);
                    assert!(took <= ANY, "an answer took {took:?}");
                    longest = longest.max(took);
                }
            };
            tokio::pin!(asking);
            // Cached answers are served all the time.
            loop {
                tokio::select! {
                    () = &mut asking => break,
                    () = assert_cached(shop) => yield_now().await,
                }
            }
        }
        proxy.set(Fault::Pass);
        let back = timed(until("the pool is whole", async || all_succeed(shop).await))
            .await
            .1;
        println!(
            "a3: the longest answer took {longest:?}; whole after {back:?}, {} connections",
            proxy.open()
        );
        assert!(back <= Duration::from_secs(2), "whole after {back:?}");

        // A post that was answered 503 may have been stored; the retry must not store it twice.
        for wave in ["first", "second"] {
            for place in 0..10 {
                ask_until_stored(shop, &format!("{wave}-{place}")).await;
            }
        }
        let rows = stored(&past.url).await;
        let mut names = rows.clone();
        names.dedup();
        assert_eq!(rows, names, "nothing is stored twice");
        until("no connection is left over", async || {
            // Connections past the proxy belong to the other server.
            past.store.close().await;
            proxy.open() <= max_connections() && count(&past.url, CONNECTED).await == proxy.open()
        })
        .await;
    });
}

#[test]
fn connections_dropped_by_a_middlebox_are_replaced() {
    staged(without_cache(), async |stage| {
        let Stage { proxy, shop, .. } = stage;
        until("all connections are made", async || all_succeed(shop).await).await;
        // Only new connections are relayed.
        proxy.forget();
        let asked = join_all((0..40).map(|place| ask_something(shop, place, "lost"))).await;
        for (good, reply, took) in asked {
            assert_status_or_busy(&reply, good);
            assert!(took <= ANY, "an answer took {took:?}");
        }
        let back = timed(until("the pool is whole", async || all_succeed(shop).await))
            .await
            .1;
        println!("a3: whole {back:?} after the first were answered");
        assert!(back <= Duration::from_secs(2), "whole after {back:?}");
    });
}
