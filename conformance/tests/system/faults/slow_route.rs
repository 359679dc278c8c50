//! The statements of one route are slow.

use futures_util::future::join_all;

use super::*;

/// Makes reads of one table slower than the statement timeout.
const SLOW: &str = "alter table review_totals rename to held;
    create view review_totals as select held.* from held, lateral (select pg_sleep(10)) slowly";

const ASLEEP: &str = "select pid::text from pg_stat_activity
    where datname = current_database() and wait_event = 'PgSleep'";

/// Reads of other routes.
const OTHERS: [&str; 4] = [
    "/products/501",
    "/products/501/related",
    "/qa/questions?product_id=501",
    "/cart",
];

#[test]
fn slow_route_leaves_connections_to_others() {
    staged(without_cache(), async |Stage { shop, past, .. }| {
        execute(&mut connect(&past.url).await, SLOW).await;
        let slow = join_all((0..60).map(|place| {
            let product = [501, 507][place % 2];
            timed(async move {
                shop.get(&format!("/reviews/meta?product_id={product}"))
                    .await
            })
        }));
        let others = async {
            until("statements are slow", async || {
                count(&past.url, ASLEEP).await > 1
            })
            .await;
            let mut longest = Duration::ZERO;
            for _ in 0..50 {
                for target in OTHERS {
                    let (reply, took) = timed(shop.get(target)).await;
                    assert_eq!(reply.status, 200, "{target}");
                    longest = longest.max(took);
                }
                assert_eq!(
                    ask_under_key(shop, &format!("slow-{}", new())).await.status,
                    201
                );
            }
            let still = count(&past.url, ASLEEP).await;
            println!("a5: beside {still} slow ones the longest answer took {longest:?}");
            assert!(longest <= AT_ONCE, "an answer took {longest:?}");
        };
        let (slow, ()) = tokio::join!(slow, others);
        for (reply, took) in slow {
            assert_busy(&reply);
            assert!(took <= ANY, "an answer took {took:?}");
        }
        until("none is left in the database", async || {
            count(&past.url, ASLEEP).await == 0
        })
        .await;
    });
}
