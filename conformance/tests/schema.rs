//! A program meets a database whose schema is of another version.

use atelier_conformance::matrix::{StoreKind, Transport, run};
use atelier_core::{DatabaseUrl, Error, open, store};
use sqlx::{Connection, PgConnection};

/// Changes what the database of `url` says of its migrations.
async fn change(url: &DatabaseUrl, statement: &'static str) {
    let DatabaseUrl::Postgres(url) = url else {
        panic!("a PostgreSQL shop")
    };
    let mut connection = PgConnection::connect(url.expose()).await.expect("connects");
    sqlx::query(statement)
        .execute(&mut connection)
        .await
        .expect("changes");
}

/// What opening says, when it refuses the schema.
async fn refusal(url: &DatabaseUrl) -> String {
    match open(url).await {
        Ok(_) => panic!("it opens"),
        Err(Error::Schema(failure)) => failure.to_string(),
        Err(other) => panic!("another failure: {other}"),
    }
}

#[test]
fn a_database_that_is_ahead_asks_for_a_newer_program() {
    run(StoreKind::Postgres, Transport::Core, |shop| async move {
        // The whole of it: a block that took its URL alone would let the database go.
        let shop = &shop;
        let ahead =
            "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
            values (9999, 'later', true, '', 0)";
        change(&shop.url, ahead).await;
        let words = refusal(&shop.url).await;
        assert!(
            words.contains("9999") && words.contains("Upgrade the program"),
            "{words}"
        );
    });
}

#[test]
fn a_database_that_is_behind_asks_for_a_migration() {
    run(StoreKind::Postgres, Transport::Core, |shop| async move {
        let shop = &shop;
        change(&shop.url, "delete from _sqlx_migrations").await;
        let words = refusal(&shop.url).await;
        assert!(
            words.contains("migration 1 (nouns)") && words.contains("Run: atelier migrate"),
            "{words}"
        );
    });
}

#[test]
fn a_store_with_rows_takes_no_load_but_gives_way_where_they_are_a_demo() {
    for kind in [StoreKind::Sqlite, StoreKind::Postgres] {
        run(kind, Transport::Core, |shop| async move {
            let demo = || atelier_warp::demo::catalogue(3, 1);
            let refused = shop
                .store
                .load(demo(), false)
                .await
                .expect_err("it holds rows");
            assert!(matches!(refused, Error::Unusable(_)), "{refused}");
            assert_eq!(
                shop.get("/products?count=0").await.header("x-total-count"),
                Some("6")
            );
        });
    }
    // The demo of an empty store gives way to a load, and what was put in its carts goes with it.
    run(StoreKind::Sqlite, Transport::Core, |_| async {
        let folder = tempfile::tempdir().expect("a folder");
        let store = open(&DatabaseUrl::sqlite(folder.path().join("shop.db")))
            .await
            .expect("opens");
        store
            .load(atelier_warp::demo::catalogue(3, 1), true)
            .await
            .expect("an empty store");
        assert_eq!(
            store.content().await.expect("content"),
            store::Content {
                products: true,
                demo: true
            }
        );
        store
            .load(atelier_conformance::seed::rows(), false)
            .await
            .expect("a demo gives way");
        assert_eq!(
            store.content().await.expect("content"),
            store::Content {
                products: true,
                demo: false
            }
        );
        assert_eq!(store.products(0, 0).await.expect("products").total, 6);
    });
}
