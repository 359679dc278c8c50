//! Throwaway databases for tests, on a real `PostgreSQL`.
//!
//! All tests of a process share one server ([`server`]); each makes databases of its own on it ([`database`],
//! [`database_like`]), so they run side by side. It is the server that `TEST_DATABASE_URL` names, or else one started from
//! the programs of this machine, which ends with the test process however that ends. Version 13 or newer.

pub mod cluster;
mod server;

use std::process::Child;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// Which server do the tests of this process use? The URL of a database on it that always exists,
/// `postgres://user@host:port/name`: `TEST_DATABASE_URL`, or that of a server started at the first call.
///
/// A started server listens on 127.0.0.1 at a free port, trusts everyone there, and differs from a default one only in
/// what makes it fast and forgetful (no fsync, no JIT) and in taking 300 connections. Its text sorts by bytes.
///
/// # Panics
/// When there is no server and none can be started: the message tells why, and how to get one.
pub fn server() -> &'static str {
    // A failure is kept too: every test tells it, none tries again. Without a process, the server was given.
    static SERVER: OnceLock<Result<(String, Option<Child>), String>> = OnceLock::new();
    let server = SERVER.get_or_init(|| match given() {
        Some(url) => Ok((url, None)),
        None => server::start(server::free_port).map(|(url, process)| (url, Some(process))),
    });
    match server {
        Ok((url, _)) => url,
        Err(reason) => panic!("{reason}"),
    }
}

fn given() -> Option<String> {
    std::env::var("TEST_DATABASE_URL")
        .ok()
        .filter(|url| !url.is_empty())
}

/// An empty database, in UTF-8, dropped with the value.
///
/// # Panics
/// As [`server`], and when the server refuses to create it.
pub async fn database() -> Database {
    // Not from template1, as by default: somebody may be connected to that on a given server.
    create("template0 encoding 'UTF8'").await
}

/// The same in LATIN1, which has no place for every text.
///
/// # Panics
/// As [`server`], and when the server refuses to create it.
pub async fn latin1_database() -> Database {
    create("template0 encoding 'LATIN1' locale 'C'").await
}

/// A copy of `template`, schema and rows, dropped with the value: cheaper than migrating again when many tests want the
/// same. Several copies may be made at once.
///
/// # Panics
/// As [`database`]; also when somebody is still connected to `template` after 5 s, which the server waits for. Close its
/// pools first with `pool.close().await`: a dropped pool closes its connections only later.
pub async fn database_like(template: &Database) -> Database {
    create(&template.name).await
}

async fn create(template: &str) -> Database {
    static MADE: AtomicU32 = AtomicU32::new(0);
    // The number of a process repeats: over time, and between containers that share a server.
    let since_1970 = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_nanos();
    let made = MADE.fetch_add(1, Ordering::Relaxed);
    let name = format!("atelier_{since_1970:x}_{:x}_{made}", std::process::id());
    match execute(format!("create database {name} template {template}")).await {
        Ok(()) => Database { name },
        Err(error) => {
            // Not its URL, which may hold a password.
            let server = given().map_or(
                "the server started for the tests",
                |_| "the server of TEST_DATABASE_URL",
            );
            panic!("no database can be created on {server}: {error}")
        }
    }
}

/// Runs a statement on the server, outside the databases of tests.
async fn execute(statement: String) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect(server()).await?;
    // The one use of `AssertSqlSafe` in the project, and `make check` refuses another: the name of a database cannot be
    // a parameter. Names come from `create` alone, of the letters a to z, digits and underscores.
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(&mut connection)
        .await?;
    connection.close().await
}

/// The database of a test, from [`database`] or [`database_like`]. Dropping the value drops it, whoever is connected to
/// it. A value in a `static` is never dropped: its database goes with a started server, and stays on a given one.
#[derive(Debug)]
#[must_use = "dropping it drops the database"]
pub struct Database {
    name: String,
}

impl Database {
    /// Where is it? `postgres://user@host:port/name`, with the password and parameters of `TEST_DATABASE_URL`, if any.
    pub fn url(&self) -> String {
        on_server(server(), &self.name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let statement = format!("drop database if exists {} with (force)", self.name);
        // A thread and a runtime of its own: the test's runtime cannot be blocked on from inside.
        let dropped = std::thread::spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(execute(statement))
        });
        match dropped.join() {
            Ok(Ok(())) => {}
            // A panic here would hide the failure of the test itself.
            failed => eprintln!("the test database {} is left behind: {failed:?}", self.name),
        }
    }
}

/// The URL of the database `name` on the server of `url`.
fn on_server(url: &str, name: &str) -> String {
    let (location, parameters) = url.split_at(url.find('?').unwrap_or(url.len()));
    let host = location.find("://").map_or(0, |scheme| scheme + 3);
    let path = location[host..]
        .find('/')
        .map_or(location.len(), |path| host + path);
    format!("{}/{name}{parameters}", &location[..path])
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn create_table(database: &Database) {
        let mut connection = PgConnection::connect(&database.url())
            .await
            .expect("a connection");
        let table = sqlx::raw_sql("create table t as select 'kept' as v")
            .execute(&mut connection)
            .await;
        table.expect("no such table yet");
        connection.close().await.expect("closing");
    }

    async fn row(url: &str) -> Result<String, sqlx::Error> {
        let mut connection = PgConnection::connect(url).await?;
        sqlx::query_scalar("select v from t")
            .fetch_one(&mut connection)
            .await
    }

    #[tokio::test]
    async fn databases_are_independent_and_dropped_with_their_values() {
        let (one, other) = (database().await, database().await);
        create_table(&one).await;
        create_table(&other).await;

        let url = one.url();
        let connected = PgConnection::connect(&url).await.expect("a connection");
        drop(one);
        let gone = row(&url).await.expect_err("a dropped database");
        assert!(gone.to_string().contains("does not exist"), "{gone}");
        assert_eq!(row(&other.url()).await.expect("the other stays"), "kept");
        drop(connected);
    }

    #[tokio::test]
    async fn copy_has_rows_of_its_template_and_outlives_it() {
        let template = database().await;
        create_table(&template).await;
        let (copy, another) = tokio::join!(database_like(&template), database_like(&template));
        drop(template);
        assert_eq!(row(&copy.url()).await.expect("a copied row"), "kept");
        assert_eq!(row(&another.url()).await.expect("a copied row"), "kept");
    }

    #[test]
    fn given_url_keeps_user_and_parameters() {
        let given = "postgres://u:p@db.example:5433/main?options=a/b";
        assert_eq!(
            on_server(given, "mine"),
            "postgres://u:p@db.example:5433/mine?options=a/b"
        );
        assert_eq!(
            on_server("postgres://u@db.example", "mine"),
            "postgres://u@db.example/mine"
        );
    }
}
