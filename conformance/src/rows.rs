//! The rows of a store, read past the API.

use atelier_core::DatabaseUrl;
use atelier_test_support::rows;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, PgConnection, Row, SqliteConnection};

use crate::{TestApp, url_text};

/// Returns the rows of a query with one text column, which is written once for each database.
pub async fn ask(url: &DatabaseUrl, postgres: &'static str, sqlite: &'static str) -> Vec<String> {
    rows::ask(&url_text(url), postgres, sqlite).await
}

/// Returns every value of every row that a load brings, and where new ids start, as texts in a fixed order.
pub async fn all_rows(url: &DatabaseUrl) -> Vec<String> {
    rows::all_rows(&url_text(url)).await
}

/// Returns the rows of a statement whose columns are all texts.
pub async fn rows(shop: &TestApp, statement: &'static str) -> Vec<Vec<String>> {
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
