//! The rows behind a shop, asked in SQL: what no route shows.

use atelier_conformance::Shop;
use atelier_core::DatabaseUrl;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, PgConnection, Row, SqliteConnection};

/// What a statement answers. Its columns must be texts.
pub(crate) async fn rows(shop: &Shop, statement: &'static str) -> Vec<Vec<String>> {
    match &shop.url {
        DatabaseUrl::Postgres(url) => {
            let connected = PgConnection::connect(url.expose()).await;
            let mut connection = connected.expect("connects");
            let rows = sqlx::query(statement).fetch_all(&mut connection).await;
            rows.unwrap_or_else(|error| panic!("{error}: {statement}"))
                .iter()
                .map(|row| (0..row.len()).map(|column| row.get(column)).collect())
                .collect()
        }
        DatabaseUrl::Sqlite(path) | DatabaseUrl::SqliteReadOnly(path) => {
            let options = SqliteConnectOptions::new().filename(path);
            let mut connection = SqliteConnection::connect_with(&options)
                .await
                .expect("opens");
            let rows = sqlx::query(statement).fetch_all(&mut connection).await;
            rows.unwrap_or_else(|error| panic!("{error}: {statement}"))
                .iter()
                .map(|row| (0..row.len()).map(|column| row.get(column)).collect())
                .collect()
        }
    }
}
