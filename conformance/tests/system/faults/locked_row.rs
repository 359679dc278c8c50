//! Another program holds the lock of one row.

use atelier_core::http::HttpSettings;
use std::sync::atomic::AtomicBool;

use futures_util::future::join_all;

use super::*;

/// Posts a review of a product.
async fn review(shop: &TestApp, product: i64) -> TestResponse {
    let body = json!({"product_id": product, "rating": 4, "summary": "s", "body": "b", "recommend": true, "name": "n",
        "email": "e@example.org", "photos": [], "characteristics": {}});
    shop.post("/reviews", &body).await
}

#[test]
fn locked_row_delays_no_write_to_other_rows() {
    staged(
        HttpSettings::default(),
        async |Stage { shop, past, .. }| {
            let mut locking = connect(&past.url).await;
            let lock = "begin; select 1 from review_totals where product_id = 501 for update";
            execute(&mut locking, lock).await;
            let done = AtomicBool::new(false);
            let blocked = join_all((0..10).map(async |_| {
                while !done.load(Ordering::SeqCst) {
                    assert_busy(&review(shop, 501).await);
                }
            }));
            let others = async {
                let posts = join_all((0..8).map(async |client| {
                    let product = [503, 505, 507][client % 3];
                    for _ in 0..25 {
                        let reply = review(shop, product).await;
                        assert_eq!(reply.status, 201, "{product}: {:?}", reply.parts());
                    }
                }));
                posts.await;
                done.store(true, Ordering::SeqCst);
            };
            tokio::join!(blocked, others);
            execute(&mut locking, "rollback").await;
            until("the row takes writes again", async || {
                review(shop, 501).await.status == 201
            })
            .await;
        },
    );
}
