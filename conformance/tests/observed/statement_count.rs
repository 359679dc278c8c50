//! A read is one statement, or none when it is kept, and a write is one on PostgreSQL; reads that wait for a connection
//! share one. Alone in its process, because it counts what all of it asks.

use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use atelier_conformance::Shop;
use atelier_conformance::matrix::{StoreKind, Transport, run};
use atelier_core::{DatabaseUrl, Settings};
use futures_util::FutureExt;
use futures_util::future::join_all;
use sqlx::{Connection, PgConnection};
use tracing::field::Field;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// Counts the statements that sqlx tells of.
#[derive(Clone, Default)]
struct Count(Arc<AtomicU64>);

impl Subscriber for Count {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "sqlx::query" && *metadata.level() <= Level::DEBUG
    }

    fn event(&self, event: &Event<'_>) {
        event.record(&mut |field: &Field, value: &dyn Debug| {
            // A pool may still be opening connections, which begin with settings; and servers tell each other what was
            // changed, when the request has been answered.
            let of_no_request =
                |text: &str| text.contains("PRAGMA") || text.contains("changes log");
            if field.name() == "summary" && !of_no_request(&format!("{value:?}")) {
                self.0.fetch_add(1, Ordering::SeqCst);
            }
        });
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// The statements of this process, for one test at a time.
fn count() -> MutexGuard<'static, Count> {
    static COUNT: LazyLock<Mutex<Count>> = LazyLock::new(|| {
        let count = Count::default();
        tracing::subscriber::set_global_default(count.clone()).expect("the first subscriber");
        Mutex::new(count)
    });
    COUNT.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn a_read_is_one_statement_and_so_is_a_write_on_postgres() {
    let count = count();
    let statements = |store| {
        let count = count.0.clone();
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
                let before = count.load(Ordering::SeqCst);
                shop.get(target).await;
                assert_eq!(
                    count.load(Ordering::SeqCst) - before,
                    1,
                    "{store:?}: GET {target}"
                );
                // The cart is nobody else's business, and so is not kept.
                let again = u64::from(target == "/cart");
                shop.get(target).await;
                assert_eq!(
                    count.load(Ordering::SeqCst) - before,
                    1 + again,
                    "{store:?}: GET {target} again"
                );
            }
            // In SQLite a write is a transaction of several, whose number is no promise.
            if store == StoreKind::Postgres {
                let review = serde_json::json!({"product_id": 501, "rating": 4, "body": "b", "recommend": true, "name": "n",
                    "email": "e@example.org", "photos": ["p"], "characteristics": {"61": 4}});
                let before = count.load(Ordering::SeqCst);
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
                assert_eq!(count.load(Ordering::SeqCst) - before, 6, "six writes");
            }
        });
    };
    statements(StoreKind::Postgres);
    statements(StoreKind::Sqlite);
}

/// Makes every read wait until the connection is closed.
async fn lock(shop: &Shop) -> PgConnection {
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

/// Each kind of read by key, two hundred times at once, over rows that differ.
#[test]
fn reads_that_wait_for_a_connection_share_statements() {
    const AT_ONCE: usize = 200;
    let count = count();
    run(StoreKind::Postgres, Transport::Core, |shop| async move {
        // What is kept needs no statement at all.
        let shop = shop.configured(Settings {
            cache: 0,
            ..Settings::default()
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
            let before = count.0.load(Ordering::SeqCst);
            let mut asked = vec![];
            for n in 0..AT_ONCE {
                let mut reply = Box::pin(shop.get(targets[n % targets.len()]));
                assert!((&mut reply).now_or_never().is_none(), "{targets:?}");
                asked.push(reply);
            }
            // All have asked, and those that have a connection wait for the locks.
            locks.close().await.expect("closes");
            let together = join_all(asked).await;
            let statements = count.0.load(Ordering::SeqCst) - before;
            for (n, reply) in together.iter().enumerate() {
                assert_eq!(reply, &alone[n % targets.len()], "{targets:?}");
            }
            // One for each connection, of which there are 32 at most, and then one for each 32 questions.
            assert!(
                statements <= 32 + 6,
                "{statements} statements for {targets:?}"
            );
        }
    });
}
