//! Every statement prepares on both databases, and lists use indexes.

use atelier_conformance::TestApp;
use atelier_conformance::matrix::{StoreKind, Transport, run};
use atelier_core::DatabaseUrl;
use atelier_sql::{READS, WRITES, changes, cluster, load, migrations, setup};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, Executor, PgConnection, Row, SqlSafeStr, SqliteConnection};

async fn postgres(shop: &TestApp) -> PgConnection {
    let DatabaseUrl::Postgres(url) = &shop.url else {
        panic!("a PostgreSQL shop")
    };
    PgConnection::connect(url.expose()).await.expect("connects")
}

async fn sqlite(shop: &TestApp) -> SqliteConnection {
    let DatabaseUrl::Sqlite(path) = &shop.url else {
        panic!("a SQLite shop")
    };
    SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(path))
        .await
        .expect("opens")
}

#[test]
fn postgres_prepares_every_statement() {
    run(StoreKind::Postgres, Transport::Core, |shop| async move {
        let mut connection = postgres(&shop).await;
        sqlx::raw_sql(load::BEGIN_POSTGRES)
            .execute(&mut connection)
            .await
            .expect("tables to load");
        let loading = [
            load::FACT,
            load::ADD_FACT,
            load::DELETE_FACT,
            load::PROGRESS,
            load::ADVANCE,
            load::CLAIM_POSTGRES,
            load::WAIT_FOR_CLAIM_POSTGRES,
            setup::FACTS,
            setup::IS_EMPTY,
            load::LIMIT_WAITS_POSTGRES,
            load::IDS_POSTGRES,
        ];
        let tables = load::TABLES.iter();
        let tables =
            tables.flat_map(|table| [table.indexes_postgres, &[table.count_postgres]].concat());
        let texts = READS
            .iter()
            .flat_map(|read| [Some(read.text), read.batch])
            .flatten()
            .chain(WRITES.iter().map(|write| write.postgres));
        let texts = texts.chain(loading).chain(tables);
        let texts = texts.chain([
            changes::PUBLISH,
            changes::POLL,
            changes::SWEEP,
            cluster::STATUS,
        ]);
        let texts = texts.chain(load::DELETE_CLIENT_DATA.iter().copied());
        for text in texts {
            connection
                .prepare(text.into_sql_str())
                .await
                .unwrap_or_else(|error| panic!("{error}: {text}"));
        }
        // COPY cannot be prepared, so it is started.
        for table in load::TABLES {
            let copy = connection
                .copy_in_raw(table.copy)
                .await
                .unwrap_or_else(|error| panic!("{error}: {}", table.copy));
            copy.finish().await.expect("nothing is copied");
        }
    });
}

#[test]
fn sqlite_prepares_every_statement() {
    run(StoreKind::Sqlite, Transport::Core, |shop| async move {
        let mut connection = sqlite(&shop).await;
        let loading = [
            load::FACT,
            load::ADD_FACT,
            load::DELETE_FACT,
            load::PROGRESS,
            load::ADVANCE,
            load::ATTACH_SQLITE,
            migrations::FOREIGN_SQLITE,
            load::BEGUN_SQLITE,
            load::END_SQLITE,
            load::DELETE_IDS_SQLITE,
            load::IDS_SQLITE,
        ];
        let tables = load::TABLES.iter();
        let tables = tables
            .flat_map(|table| [table.indexes_sqlite, &[table.insert, table.count_sqlite]].concat());
        let texts = READS
            .iter()
            .map(|read| read.sqlite)
            .chain(WRITES.iter().flat_map(|write| write.sqlite).copied());
        let prepare = async |connection: &mut SqliteConnection, text: &'static str| {
            let prepared = connection.prepare(text.into_sql_str()).await;
            prepared.unwrap_or_else(|error| panic!("{error}: {text}"));
        };
        for text in texts {
            prepare(&mut connection, text).await;
        }
        // A file has no indexes during a load.
        sqlx::raw_sql(load::BEGIN_SQLITE)
            .execute(&mut connection)
            .await
            .expect("a file to load into");
        for text in loading.into_iter().chain(tables) {
            prepare(&mut connection, text).await;
        }
    });
}

/// Deep pages cost as much as the first one, because each list starts at its page by an index. Large lists can be truncated
/// early, because rows are streamed and texts are not sorted.
#[test]
fn list_statements_use_an_index() {
    macro_rules! explain {
        ($read:literal) => {
            concat!(
                "explain query plan ",
                include_str!(concat!("../../../sql/queries/", $read, ".sql"))
            )
        };
    }
    run(StoreKind::Sqlite, Transport::Core, |shop| async move {
        let mut connection = sqlite(&shop).await;
        for (explain, step, sorts) in [
            (
                explain!("products/list"),
                "SEARCH products USING INDEX products_by_position (position>?)",
                true,
            ),
            (
                explain!("reviews/list_helpful.sqlite"),
                "SEARCH reviews USING INDEX reviews_by_helpfulness (product_id=?)",
                false,
            ),
            (
                explain!("reviews/list_newest.sqlite"),
                "SEARCH reviews USING INDEX reviews_by_date (product_id=?)",
                false,
            ),
            (
                explain!("answers/list.sqlite"),
                "SEARCH answers USING INDEX answers_by_helpfulness (question_id=?)",
                false,
            ),
            (
                explain!("questions/list.sqlite"),
                "SEARCH a USING INDEX answers_by_id (question_id=?) LEFT-JOIN",
                false,
            ),
        ] {
            let rows = sqlx::query(explain)
                .fetch_all(&mut connection)
                .await
                .expect("explains");
            let plan: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
            assert!(plan.iter().any(|line| line == step), "{plan:#?}");
            let sorted = plan.iter().any(|line| line.contains("TEMP B-TREE"));
            assert_eq!(sorted, sorts, "{plan:#?}");
        }
    });
}

/// SQLite is compiled with the flags of `.cargo/config.toml`, so connections share no mutex.
#[test]
fn sqlite_is_compiled_without_global_mutexes() {
    run(StoreKind::Sqlite, Transport::Core, |shop| async move {
        let mut connection = sqlite(&shop).await;
        let rows = sqlx::query("pragma compile_options")
            .fetch_all(&mut connection)
            .await
            .expect("tells its options");
        let options: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        assert!(
            !options.contains(&"ENABLE_MEMORY_MANAGEMENT".to_owned()),
            "{options:?}"
        );
        assert!(
            options.contains(&"DEFAULT_MEMSTATUS=0".to_owned()),
            "{options:?}"
        );
    });
}
