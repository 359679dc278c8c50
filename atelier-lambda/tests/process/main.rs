//! The program `bootstrap`, started and invoked as by Lambda, with both stores.

mod deadlines;
mod events;
mod frozen;
mod outages;
mod secrets;
mod starts;
mod stops;
mod stores;

use std::path::Path;
use std::time::Duration;

use atelier_conformance::{TestResponse, seed};
use atelier_core::DatabaseUrl;
use atelier_core::store::{self, Provenance};
use atelier_test_support::postgres::{self, Database};
use atelier_test_support::rows;
use atelier_test_support::runtime_api::{Lambda, Outcome, http_event, reply};
use atelier_test_support::until;
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

/// The deadline in tests that are not about deadlines.
const TIMEOUT: Duration = Duration::from_mins(1);

async fn bootstrap(environment: &[(&str, &str)]) -> Lambda {
    let program = Path::new(env!("CARGO_BIN_EXE_bootstrap"));
    let started = Lambda::start(program, environment).await;
    started.expect("the program is there")
}

/// A function over the database at `url`.
async fn function(url: &str) -> Lambda {
    bootstrap(&[("DATABASE_URL", url)]).await
}

/// The response of an invocation that must have one.
fn answered(outcome: Outcome) -> TestResponse {
    match outcome {
        Outcome::Answer(answer) => reply(&answer),
        other => panic!("no answer, but {other:?}"),
    }
}

async fn ask(lambda: &Lambda, event: Vec<u8>) -> TestResponse {
    answered(lambda.invoke(event, TIMEOUT).await)
}

async fn get(lambda: &Lambda, target: &str) -> TestResponse {
    ask(lambda, http_event("GET", target, &[], b"")).await
}

async fn post(lambda: &Lambda, target: &str, body: &Value) -> TestResponse {
    ask(lambda, json_event(target, &[], body)).await
}

/// An event of a POST with JSON.
fn json_event(target: &str, headers: &[(&str, &str)], body: &Value) -> Vec<u8> {
    let headers = [&[("content-type", "application/json")], headers].concat();
    http_event("POST", target, &headers, body.to_string().as_bytes())
}

/// A valid review.
fn review(body: &str) -> Value {
    json!({
        "product_id": 503, "rating": 4, "summary": "s", "body": body, "recommend": true, "name": "n",
        "email": "canary@example.org",
    })
}

/// The bodies of the added reviews, in order.
async fn added(database: &Database) -> Vec<String> {
    query(
        database,
        "select body from reviews where product_id = 503 order by id",
    )
    .await
}

/// The rows of a query with one text column.
async fn query(database: &Database, statement: &'static str) -> Vec<String> {
    rows::ask(&database.url(), statement, "").await
}

async fn connect(database: &Database) -> PgConnection {
    let connection = PgConnection::connect(&database.url()).await;
    connection.expect("connects")
}

async fn execute(connection: &mut PgConnection, statement: &'static str) {
    let done = sqlx::raw_sql(statement).execute(connection).await;
    done.expect(statement);
}

fn url_of(database: &Database) -> DatabaseUrl {
    DatabaseUrl::parse(&database.url()).expect("a URL")
}

/// PostgreSQL with the rows of [`seed`].
async fn seeded() -> Database {
    let database = postgres::database().await;
    fill(&url_of(&database)).await;
    database
}

/// A SQLite file with the rows of [`seed`], opened read-only as in the zip of a function: its URL, and its folder.
async fn packed() -> (String, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("shop.db");
    fill(&DatabaseUrl::sqlite(&path)).await;
    (format!("sqlite:{}?mode=ro", path.display()), folder)
}

async fn fill(url: &DatabaseUrl) {
    let filled = store::fill(url, seed::rows(), Provenance::Loaded("the test")).await;
    filled.expect("the rows are loaded");
}

/// Waits until the process has logged `words`: its output is read asynchronously.
async fn logged(lambda: &Lambda, words: &str) {
    until(words, || async { lambda.log().contains(words) }).await;
}
