//! Clients hang up while their statements wait for a lock.

use futures_util::future::join_all;

use super::*;

/// Repeats a read of a locked table, and disconnects before the response.
async fn hang_up(shop: &TestApp) {
    loop {
        let _ = timeout(Duration::from_millis(50), shop.get(&fresh())).await;
    }
}

#[test]
fn abandoned_statements_leave_connections_to_other_resources() {
    staged(without_cache(), async |Stage { shop, past, .. }| {
        let mut locking = connect(&past.url).await;
        let lock = "begin; lock table reviews in access exclusive mode";
        execute(&mut locking, lock).await;
        let reads = max_connections() / 3;
        let abandoned = join_all((0..30).map(|_| hang_up(shop)));
        let others = async {
            until("statements wait for the lock", async || {
                count(&past.url, pool_exhausted::WAITING).await >= reads - 1
            })
            .await;
            for _ in 0..200 {
                let reply = shop.get("/products/501").await;
                assert_eq!(reply.status, 200, "{:?}", reply.parts());
                let waiting = count(&past.url, pool_exhausted::WAITING).await;
                assert!(
                    waiting < reads,
                    "{waiting} of {reads} connections wait for the lock"
                );
            }
        };
        tokio::select! {
            _ = abandoned => unreachable!("they ask again and again"),
            () = others => {}
        }
        execute(&mut locking, "rollback").await;
    });
}
