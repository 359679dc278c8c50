//! PostgreSQL under settings of the database, the role or the server that differ from the defaults.

use atelier_conformance::matrix::{RUNTIME, Transport};
use atelier_conformance::{TestApp, seed};
use atelier_core::store::{self, Provenance};
use atelier_core::{ConnectErrorKind, DatabaseUrl, Error, PoolSize, StoreOptions, open};
use atelier_test_support::postgres::{self, Database};
use futures_util::future::join_all;
use sqlx::{Connection, PgConnection};

/// Runs statements in a database.
async fn execute(url: &str, statements: &'static str) {
    let mut connection = PgConnection::connect(url).await.expect("connects");
    let done = sqlx::raw_sql(statements).execute(&mut connection).await;
    done.expect(statements);
    connection.close().await.expect("closes");
}

fn parsed(url: &str) -> DatabaseUrl {
    DatabaseUrl::parse(url).expect("a URL")
}

/// Returns the error of opening a database.
async fn refusal(url: &DatabaseUrl) -> Error {
    match open(url, &atelier_core::StoreOptions::default()).await {
        Ok(_) => panic!("it opens"),
        Err(error) => error,
    }
}

/// Returns the URL of the database for a new role with a connection limit.
async fn limited(database: &Database, limit: &'static str) -> DatabaseUrl {
    let url = database.url();
    execute(
        &url,
        "do $$ begin
            execute format('create role %I login password ''x''', current_database() || '_role');
            execute format('alter database %I owner to %I', current_database(), current_database() || '_role');
        end $$",
    )
    .await;
    execute(&url, limit).await;
    let (_, place) = url.split_once('@').expect("a user");
    let name = url.rsplit('/').next().expect("a name");
    parsed(&format!("postgres://{name}_role:x@{place}"))
}

/// Drops the role and the tables that it owns.
async fn unlimited(database: &Database) {
    execute(
        &database.url(),
        "do $$ begin
            execute format('reassign owned by %I to current_user', current_database() || '_role');
            execute format('drop role %I', current_database() || '_role');
        end $$",
    )
    .await;
}

#[test]
fn concurrent_starts_on_an_empty_database_all_succeed() {
    RUNTIME.block_on(async {
        for _ in 0..3 {
            let database = postgres::database().await;
            let url = parsed(&database.url());
            let migrations = join_all((0..4).map(|_| store::migrate(&url)));
            let options = StoreOptions::default();
            let servers = join_all((0..4).map(|_| open(&url, &options)));
            let (migrated, opened) = tokio::join!(migrations, servers);
            for steps in migrated {
                steps.expect("waits, and finds it up to date");
            }
            for store in opened {
                let store = store.expect("waits, and opens");
                assert_eq!(store.products(0, 0).await.expect("products").total, 0);
                store.close().await;
            }
        }
    });
}

#[test]
fn concurrent_load_waits_for_the_first() {
    RUNTIME.block_on(async {
        let database = postgres::database().await;
        let url = parsed(&database.url());
        let first = store::bulk_load(&url).await.expect("nobody else loads");
        assert!(
            store::bulk_load(&url).await.is_err(),
            "another load is under way"
        );
        let second = tokio::spawn(async move { store::bulk_load_when_free(&url).await.map(drop) });
        let waits = "select count(*) > 0 from pg_locks l join pg_database d on d.oid = l.database
            where d.datname = current_database() and l.locktype = 'advisory' and not l.granted";
        let mut connection = PgConnection::connect(&database.url())
            .await
            .expect("connects");
        loop {
            let waiting = sqlx::query_scalar(waits).fetch_one(&mut connection).await;
            if waiting.expect("an answer") {
                break;
            }
            assert!(!second.is_finished(), "it did not wait");
        }
        drop(first);
        second.await.expect("no panic").expect("has its claim");
    });
}

#[test]
fn strict_isolation_levels_refuse_no_write() {
    RUNTIME.block_on(async {
        for level in [
            "do $$ begin execute format('alter database %I set default_transaction_isolation = %L', current_database(),
                'repeatable read'); end $$",
            "do $$ begin execute format('alter database %I set default_transaction_isolation = %L', current_database(),
                'serializable'); end $$",
        ] {
            let database = postgres::database().await;
            execute(&database.url(), level).await;
            let url = parsed(&database.url());
            let filled = store::fill(&url, seed::rows(), Provenance::Loaded("a test")).await;
            filled.expect("fills");
            let one = TestApp::over(url.clone(), Transport::Core).await;
            let other = TestApp::over(url, Transport::Core).await;
            for _ in 0..20 {
                let votes = (0..8).flat_map(|_| [one.put("/reviews/31/helpful"), other.put("/reviews/31/helpful")]);
                for reply in join_all(votes).await {
                    assert_eq!(reply.status, 204, "{}", reply.text());
                }
            }
            one.store.close().await;
            other.store.close().await;
        }
    });
}

#[test]
fn database_in_another_encoding_is_refused() {
    RUNTIME.block_on(async {
        let database = postgres::latin1_database().await;
        let url = parsed(&database.url());
        let DatabaseUrl::Postgres(postgres) = &url else {
            panic!("a server")
        };
        let name = postgres.database().expect("a name").to_owned();
        for error in [
            refusal(&url).await,
            store::migrate(&url).await.expect_err("refused"),
            store::check_schema(&url).await.expect_err("refused"),
            store::bulk_load(&url).await.map(drop).expect_err("refused"),
        ] {
            let kind = error.connect_error().expect("a kind");
            assert_eq!(kind, ConnectErrorKind::Encoding);
            assert!(error.to_string().contains("LATIN1"), "{error}");
            let cure = format!("create database {name}_utf8 encoding UTF8");
            assert!(
                kind.hint(postgres).contains(&cure),
                "{}",
                kind.hint(postgres)
            );
        }
    });
}

#[test]
fn read_only_default_is_refused_before_the_first_write() {
    RUNTIME.block_on(async {
        let database = postgres::database().await;
        let url = parsed(&database.url());
        open(&url, &atelier_core::StoreOptions::default())
            .await
            .expect("is set up")
            .close()
            .await;
        store::check_writable(&url).await.expect("writable");
        let read_only =
            "do $$ begin execute format('alter database %I set default_transaction_read_only = on',
            current_database()); end $$";
        execute(&database.url(), read_only).await;
        let error = store::check_writable(&url).await.expect_err("read-only");
        assert_eq!(error.connect_error(), Some(ConnectErrorKind::ReadOnly));
        // Existing rows can still be served.
        open(&url, &atelier_core::StoreOptions::default())
            .await
            .expect("opens")
            .close()
            .await;
    });
}

#[test]
fn role_with_few_connections_serves_and_loads_within_them() {
    RUNTIME.block_on(async {
        let database = postgres::database().await;
        let url = limited(
            &database,
            "do $$ begin execute format('alter role %I connection limit 3', current_database() || '_role'); end $$",
        )
        .await;
        let error = refusal(&url).await;
        assert_eq!(error.connect_error(), Some(ConnectErrorKind::RoleConnectionLimit), "{error}");
        // A load needs fewer connections.
        store::fill(&url, seed::rows(), Provenance::Demo).await.expect("fills");
        execute(
            &database.url(),
            "do $$ begin execute format('alter role %I connection limit 5', current_database() || '_role'); end $$",
        )
        .await;
        let options = StoreOptions {
            pool_size: PoolSize::new(12).expect("a size"),
            ..StoreOptions::default()
        };
        let store = open(&url, &options).await.expect("opens");
        for _ in 0..5 {
            let reads = (0..40).map(|_| store.products(0, 1));
            for products in join_all(reads).await {
                assert_eq!(products.expect("products").total, 6);
            }
        }
        store.close().await;
        unlimited(&database).await;
    });
}

#[test]
fn connection_limits_have_distinct_errors() {
    RUNTIME.block_on(async {
        let database = postgres::database().await;
        let url = limited(
            &database,
            "do $$ begin execute format('alter role %I connection limit 1', current_database() || '_role'); end $$",
        )
        .await;
        let DatabaseUrl::Postgres(role) = &url else {
            panic!("a server")
        };
        let held = PgConnection::connect(role.expose()).await.expect("connects");
        let error = refusal(&url).await;
        assert_eq!(error.connect_error(), Some(ConnectErrorKind::RoleConnectionLimit), "{error}");
        execute(
            &database.url(),
            "do $$ begin
                execute format('alter role %I connection limit -1', current_database() || '_role');
                execute format('alter database %I connection limit 1', current_database());
            end $$",
        )
        .await;
        let error = refusal(&url).await;
        assert_eq!(error.connect_error(), Some(ConnectErrorKind::DatabaseConnectionLimit), "{error}");
        drop(held);
        unlimited(&database).await;
    });
}

#[test]
fn debug_output_hides_password() {
    RUNTIME.block_on(async {
        let database = postgres::database().await;
        let url = database.url();
        let (_, place) = url.split_once('@').expect("a user");
        // The server of the tests trusts local connections with any password.
        let secret = format!("postgres://postgres:hunter2@{place}");
        // The other address has no listener, so it is not used.
        let url = |text: &str| DatabaseUrl::parse(text).expect("a URL");
        let reader = url("postgres://app:hunter2@127.0.0.1:1/shop");
        for readers in [vec![], vec![reader]] {
            let options = StoreOptions {
                readers,
                ..StoreOptions::default()
            };
            let store = open(&url(&secret), &options).await.expect("opens");
            assert!(!format!("{store:?}").contains("hunter2"), "{store:?}");
            store.close().await;
        }
    });
}
