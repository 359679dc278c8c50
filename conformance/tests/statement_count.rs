//! A read is one statement, and so is a write on PostgreSQL. Alone in its process, because it counts what all of it asks.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use atelier_conformance::matrix::{StoreKind, Transport, run};
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
            // A pool may still be opening connections, which begin with settings.
            if field.name() == "summary" && !format!("{value:?}").contains("PRAGMA") {
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

#[test]
fn a_read_is_one_statement_and_so_is_a_write_on_postgres() {
    let count = Count::default();
    tracing::subscriber::set_global_default(count.clone()).expect("the first subscriber");
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
