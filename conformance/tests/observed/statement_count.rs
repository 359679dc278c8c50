//! A read is one statement, or none when its answer is cached, and a write is one on PostgreSQL; reads that wait for a
//! connection share one.

use atelier_conformance::TestApp;
use atelier_conformance::matrix::{StoreKind, Transport, run};
use atelier_core::DatabaseUrl;
use atelier_core::http::HttpSettings;
use futures_util::FutureExt;
use futures_util::future::join_all;
use sqlx::{Connection, PgConnection};

use crate::recorder::{count, record};

/// Counts the statements so far. Two kinds belong to no request: the settings of a new connection, and
/// cache invalidation between servers.
fn statements() -> usize {
    count(|line| {
        line.contains(" sqlx::query ") && !line.contains("PRAGMA") && !line.contains("changes log")
    })
}

#[test]
fn read_and_postgres_write_take_one_statement() {
    let _recording = record();
    let asked_once = |store| {
        run(store, Transport::Core, |shop| async move {
            for target in [
                "/products",
                "/products?page=2&count=2",
                "/products?count=0",
                "/products/501",
                "/products/9",
                "/products/501/styles",
                "/products/501/related",
                "/reviews?product_id=501",
                "/reviews?product_id=501&sort=newest&page=3",
                "/reviews?product_id=9",
                "/reviews/meta?product_id=501",
                "/qa/questions?product_id=501",
                "/qa/questions/71/answers?page=2",
                "/cart",
            ] {
                let before = statements();
                shop.get(target).await;
                assert_eq!(statements() - before, 1, "{store:?}: GET {target}");
                // The cart is private, and therefore not cached.
                let again = usize::from(target == "/cart");
                shop.get(target).await;
                assert_eq!(
                    statements() - before,
                    1 + again,
                    "{store:?}: GET {target} again"
                );
            }
            // In SQLite a write is a transaction of several, whose number is no promise.
            if store == StoreKind::Postgres {
                let review = serde_json::json!({"product_id": 501, "rating": 4, "body": "b", "recommend": true, "name": "n",
                    "email": "e@example.org", "photos": ["p"], "characteristics": {"61": 4}});
                let before = statements();
                assert_eq!(shop.post("/reviews", &review).await.status, 201);
                assert_eq!(shop.put("/reviews/31/helpful").await.status, 204);
                assert_eq!(shop.put("/reviews/31/report").await.status, 204);
                let question = serde_json::json!({"product_id": 501, "body": "b", "name": "n", "email": "e@example.org"});
                assert_eq!(shop.post("/qa/questions", &question).await.status, 201);
                assert_eq!(
                    shop.post("/qa/questions/71/answers", &question)
                        .await
                        .status,
                    201
                );
                assert_eq!(
                    shop.post("/cart", &serde_json::json!({"sku_id": 1}))
                        .await
                        .status,
                    201
                );
                assert_eq!(statements() - before, 6, "six writes");
            }
        });
    };
    asked_once(StoreKind::Postgres);
    asked_once(StoreKind::Sqlite);
}

/// Locks the tables, so that every read waits until the connection is closed.
async fn lock(shop: &TestApp) -> PgConnection {
    let DatabaseUrl::Postgres(url) = &shop.url else {
        panic!("a PostgreSQL shop")
    };
    let mut connection = PgConnection::connect(url.expose()).await.expect("connects");
    let tables =
        "begin; lock products, styles, reviews, review_totals, characteristics, questions, answers";
    let locked = sqlx::raw_sql(tables).execute(&mut connection).await;
    locked.expect("locks");
    connection
}

/// Each kind of read by key, 200 times concurrently, over different rows.
#[test]
fn waiting_reads_share_statements() {
    const AT_ONCE: usize = 200;
    let _recording = record();
    run(StoreKind::Postgres, Transport::Core, |shop| async move {
        // A cached answer would need no statement.
        let shop = shop.configured(HttpSettings {
            cache_bytes: 0,
            ..HttpSettings::default()
        });
        for targets in [
            &["/products/501", "/products/507", "/products/9"][..],
            &[
                "/products/501/styles",
                "/products/505/styles",
                "/products/9/styles",
            ],
            &[
                "/products/501/related",
                "/products/502/related",
                "/products/9/related",
            ],
            &[
                "/reviews?product_id=501",
                "/reviews?product_id=507&count=2&page=2",
                "/reviews?product_id=9",
            ],
            &[
                "/reviews?product_id=507&sort=newest",
                "/reviews?product_id=501&sort=newest&count=0",
            ],
            &[
                "/reviews/meta?product_id=501",
                "/reviews/meta?product_id=502",
                "/reviews/meta?product_id=9",
            ],
            &["/qa/questions?product_id=501", "/qa/questions?product_id=9"],
            &[
                "/qa/questions/71/answers",
                "/qa/questions/71/answers?page=2&count=1",
                "/qa/questions/73/answers",
            ],
        ] {
            let mut alone = vec![];
            for target in targets {
                alone.push(shop.get(target).await);
            }
            let locks = lock(&shop).await;
            let before = statements();
            let mut asked = vec![];
            for n in 0..AT_ONCE {
                let mut reply = Box::pin(shop.get(targets[n % targets.len()]));
                assert!((&mut reply).now_or_never().is_none(), "{targets:?}");
                asked.push(reply);
            }
            // All are polled; those that have a connection wait for the locks.
            locks.close().await.expect("closes");
            let together = join_all(asked).await;
            let sent = statements() - before;
            for (n, reply) in together.iter().enumerate() {
                assert_eq!(reply, &alone[n % targets.len()], "{targets:?}");
            }
            // One for each of at most 32 connections, then one for each batch of 32 reads.
            assert!(sent <= 32 + 6, "{sent} statements for {targets:?}");
        }
    });
}
