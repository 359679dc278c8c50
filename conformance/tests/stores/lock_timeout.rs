//! A write that waits too long for a row lock is cancelled, and can be retried.

use std::time::Duration;

use atelier_conformance::matrix::{StoreKind, Transport, run};
use atelier_core::DatabaseUrl;
use sqlx::{Connection, PgConnection};

#[test]
fn write_that_times_out_on_a_lock_is_503() {
    run(StoreKind::Postgres, Transport::Core, |shop| async move {
        let DatabaseUrl::Postgres(url) = &shop.url else {
            panic!("a PostgreSQL shop")
        };
        let mut connection = PgConnection::connect(url.expose()).await.expect("connects");
        let locked = sqlx::raw_sql("begin; select 1 from reviews where id = 31 for update")
            .execute(&mut connection)
            .await;
        locked.expect("locks");
        let vote = tokio::time::timeout(Duration::from_secs(20), shop.put("/reviews/31/helpful"));
        let vote = vote.await.expect("an answer, before the lock is let go");
        assert_eq!(vote.status, 503, "{}", vote.text());
        connection.close().await.expect("lets go");
        assert_eq!(shop.put("/reviews/31/helpful").await.status, 204);
    });
}
