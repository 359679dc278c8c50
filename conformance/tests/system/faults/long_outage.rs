//! The database is unreachable for long.

use atelier_core::http::HttpSettings;
use atelier_test_support::fault_proxy::Fault;
use futures_util::future::join_all;

use super::*;

#[test]
fn cached_answers_are_served_during_a_long_outage() {
    for fault in [Fault::Stall, Fault::Reset, Fault::Refuse] {
        staged(
            HttpSettings::default(),
            async |Stage { proxy, shop, .. }| {
                fill_cache(shop).await;
                if fault == Fault::Refuse {
                    // `Refuse` alone would leave the open connections.
                    proxy.set(Fault::Reset);
                    until("all are gone", async || proxy.open() == 0).await;
                }
                proxy.set(fault);
                // A change of the date, an hour forward and then back, does not age cached answers.
                for change in [3_600_000, -7_200_000] {
                    shop.set_date(change);
                    assert_cached(shop).await;
                    let fresh = fresh();
                    let asked = [fresh.as_str(), "/cart"].map(|target| timed(shop.get(target)));
                    for (reply, took) in join_all(asked).await {
                        assert_busy(&reply);
                        assert!(took <= ANY, "an answer took {took:?}");
                    }
                }
                proxy.set(Fault::Pass);
                let back = timed(until("all is well", async || all_succeed(shop).await))
                    .await
                    .1;
                println!("a12: well {back:?} after the end of {fault:?}");
                assert!(
                    back <= Duration::from_secs(5),
                    "{fault:?}: well after {back:?}"
                );
                assert_cached(shop).await;
            },
        );
    }
}
