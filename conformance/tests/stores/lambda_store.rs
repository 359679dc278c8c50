//! The store of a Lambda function: one connection, opened at first use and reopened after a freeze, and no work left after
//! a write is acknowledged.

use std::sync::Arc;

use atelier_conformance::matrix::{StoreKind, Transport, run};
use atelier_conformance::rows::ask;
use atelier_conformance::{TestApp, empty, seed};
use atelier_core::store::migrate;
use atelier_core::{DatabaseUrl, Error, ProductId, QuestionId, ReviewId, ReviewSort, Store, open};
use atelier_test_support::until;
use futures_util::FutureExt;
use futures_util::future::join_all;
use tokio::runtime::Builder;

/// Runs `case` with the store of a function over the database of a [`TestApp`].
fn function(case: impl AsyncFnOnce(&TestApp, Arc<dyn Store>)) {
    run(StoreKind::Postgres, Transport::Core, |shop| async move {
        let store = open(&shop.url, &atelier_core::StoreOptions::lambda())
            .await
            .expect("opens");
        // The other store's connections would be counted.
        shop.store.close().await;
        case(&shop, store).await;
    });
}

/// Returns one string from the database.
async fn one(url: &DatabaseUrl, query: &'static str) -> String {
    ask(url, query, "").await.concat()
}

/// Counts the connections of Atelier.
async fn connections(url: &DatabaseUrl) -> String {
    one(
        url,
        "select count(*)::text from pg_stat_activity
         where datname = current_database() and application_name = 'atelier'",
    )
    .await
}

/// Terminates all connections of Atelier.
async fn end_sessions(url: &DatabaseUrl) {
    one(
        url,
        "select count(pg_terminate_backend(pid, 5000))::text from pg_stat_activity
         where datname = current_database() and application_name = 'atelier'",
    )
    .await;
}

async fn helpfulness(store: &dyn Store) -> i64 {
    let page = store.reviews(ProductId(501), ReviewSort::Helpful, 0, 100);
    let page = page.await.expect("an answer");
    let review = page.rows.iter().find(|row| row.review_id == ReviewId(31));
    review.expect("is listed").helpfulness
}

#[test]
fn store_connects_once_at_first_use() {
    function(async |shop, store| {
        // The connections that made the rows may still be closing.
        until("no connection is open", async || {
            connections(&shop.url).await == "0"
        })
        .await;
        let reads = (0..20).map(|_| store.related(ProductId(501)));
        assert!(join_all(reads).await.iter().all(Result::is_ok));
        store
            .mark_review_helpful(ReviewId(31), seed::POSTED)
            .await
            .expect("is counted");
        assert_eq!(connections(&shop.url).await, "1");
    });
}

#[test]
fn store_reconnects_after_freeze() {
    function(async |shop, store| {
        let before = helpfulness(&*store).await;
        for votes in 1..=3 {
            end_sessions(&shop.url).await;
            store.after_freeze();
            store
                .mark_review_helpful(ReviewId(31), seed::POSTED)
                .await
                .expect("is counted");
            end_sessions(&shop.url).await;
            store.after_freeze();
            assert_eq!(helpfulness(&*store).await, before + votes);
        }
        assert_eq!(connections(&shop.url).await, "1");
    });
}

#[test]
fn cancelled_caller_does_not_break_the_connection() {
    function(async |shop, store| {
        store.related(ProductId(501)).await.expect("an answer");
        for _ in 0..20 {
            // Polled once: the statement is sent, and its result has hardly arrived.
            let _ = store.answers(QuestionId(71), 0, 100).now_or_never();
            store.related(ProductId(501)).await.expect("an answer");
        }
        // PostgreSQL takes a moment to notice that the others are closed.
        until("one connection is left", async || {
            connections(&shop.url).await == "1"
        })
        .await;
    });
}

/// Invalidation of other servers is part of the write: a frozen function could not publish it later.
#[test]
fn acknowledged_write_is_already_published() {
    function(async |shop, _| {
        for published in 1..=3 {
            let url = shop.url.clone();
            // Dropping the runtime stands for the end of the process.
            let process = std::thread::spawn(move || {
                let runtime = Builder::new_current_thread().enable_all().build();
                runtime.expect("a runtime").block_on(async {
                    let store = open(&url, &atelier_core::StoreOptions::lambda())
                        .await
                        .expect("opens");
                    let vote = store.mark_review_helpful(ReviewId(31), seed::POSTED).await;
                    vote.expect("is counted");
                });
            });
            process.join().expect("no panic");
            let rows = "select count(*)::text from changes where kind <> 0";
            assert_eq!(one(&shop.url, rows).await, published.to_string());
        }
    });
}

#[test]
fn outdated_schema_is_refused_until_migrated() {
    run(StoreKind::Postgres, Transport::Core, |_| async move {
        let (url, _place) = empty(StoreKind::Postgres).await;
        let store = open(&url, &atelier_core::StoreOptions::lambda())
            .await
            .expect("opens");
        for _ in 0..2 {
            let error = store.related(ProductId(501)).await.expect_err("no tables");
            assert!(matches!(error, Error::Schema(_)), "{error:?}");
            assert!(
                error.to_string().contains("Run: atelier migrate"),
                "{error}"
            );
        }
        migrate(&url).await.expect("is migrated");
        let related = store.related(ProductId(501)).await;
        assert!(related.expect("an answer").is_none());
        assert_eq!(connections(&url).await, "1");
    });
}
