//! Opening a database whose schema has another version.

use atelier_conformance::empty;
use atelier_conformance::matrix::{StoreKind, Transport, run};
use atelier_core::{DatabaseUrl, Error, open};
use sqlx::{Connection, PgConnection};

/// Changes the table of migrations.
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

/// Returns the message with which opening refuses the schema.
async fn refusal(url: &DatabaseUrl) -> String {
    match open(url, &atelier_core::StoreOptions::default()).await {
        Ok(_) => panic!("it opens"),
        Err(Error::Schema(failure)) => failure.to_string(),
        Err(other) => panic!("another failure: {other}"),
    }
}

#[test]
fn newer_schema_is_served_while_it_is_compatible() {
    run(StoreKind::Postgres, Transport::Core, |shop| async move {
        // A move of its URL alone would drop the database.
        let shop = &shop;
        let ahead =
            "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
            values (9999, 'later', true, '', 0)";
        change(&shop.url, ahead).await;
        // The rows were loaded, and what the schema says of itself is still there.
        atelier_core::store::check_schema(&shop.url)
            .await
            .expect("is compatible");
        let store = open(&shop.url, &atelier_core::StoreOptions::default())
            .await
            .expect("opens");
        // As a program of the previous schema adds it.
        let line = "insert into cart_items (owner, sku_id, count) values ('x', 1, 1)";
        change(&shop.url, line).await;
        store.close().await;
        let contract = "update store_facts set value = '9999' where name = 'oldest_program'";
        change(&shop.url, contract).await;
        let words = refusal(&shop.url).await;
        assert!(
            words.contains("9999") && words.contains("Upgrade the program"),
            "{words}"
        );
    });
}

#[test]
fn older_schema_asks_for_migration() {
    run(StoreKind::Postgres, Transport::Core, |shop| async move {
        let shop = &shop;
        change(&shop.url, "delete from _sqlx_migrations").await;
        let words = refusal(&shop.url).await;
        assert!(
            words.contains("migration 1 (init)") && words.contains("Run: atelier migrate"),
            "{words}"
        );
    });
}

#[test]
fn interrupted_migration_is_resumed() {
    run(StoreKind::Postgres, Transport::Core, |_| async move {
        let (url, _place) = empty(StoreKind::Postgres).await;
        let list = "create table _sqlx_migrations (version bigint primary key, description text not null,
            installed_on timestamptz not null default now(), success boolean not null, checksum bytea not null,
            execution_time bigint not null)";
        change(&url, list).await;
        let store = open(&url, &atelier_core::StoreOptions::default())
            .await
            .expect("is set up");
        assert_eq!(store.products(0, 0).await.expect("products").total, 0);
    });
}
