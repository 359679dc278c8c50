//! Two servers that share a database.

use atelier_core::DatabaseUrl;
use atelier_core::store::Topic;
use atelier_test_support::until;
use sqlx::{Connection, PgConnection};

use crate::TestApp;
use crate::matrix::{StoreKind, Transport, run};

/// Runs `case` with two servers over one database.
pub fn two(case: impl AsyncFnOnce(&TestApp, &TestApp)) {
    run(StoreKind::Postgres, Transport::Core, |one| async move {
        let other = TestApp::over(one.url.clone(), Transport::Core).await;
        case(&one, &other).await;
        // A database that is dropped under a server would be logged.
        other.store.close().await;
        one.store.close().await;
    });
}

/// A connection to the database at `url`.
pub async fn connect(url: &DatabaseUrl) -> PgConnection {
    let DatabaseUrl::Postgres(url) = url else {
        panic!("a PostgreSQL shop")
    };
    PgConnection::connect(url.expose()).await.expect("connects")
}

/// Runs a statement.
pub async fn execute(connection: &mut PgConnection, statement: &'static str) {
    let done = sqlx::raw_sql(statement).execute(connection).await;
    done.expect(statement);
}

/// Waits until the version of `topic` at `shop` is above `before`, and asserts that it rose by one.
pub async fn noted(shop: &TestApp, topic: Topic, before: u64) {
    until("a change is noted", || async {
        shop.store.topic_version(topic) > before
    })
    .await;
    assert_eq!(shop.store.topic_version(topic), before + 1, "{topic:?}");
}
