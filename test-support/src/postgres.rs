//! Throwaway databases on a real PostgreSQL server, version 13 or newer.
//!
//! Tests share one server ([`server`]), and each creates databases of its own on it ([`database`], [`Template::copy`]), so
//! that they run side by side. It is the server of `TEST_DATABASE_URL`, which `scripts/with-postgres` starts for all
//! processes of a run; without the variable each process starts one from the programs of this machine.

pub mod cluster;
mod server;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::process::Child;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// Returns the URL of a database that always exists on the server of this process, `postgres://user@host:port/name`: the
/// value of `TEST_DATABASE_URL`, or that of a server started by the first call.
///
/// A started server listens on a free port of 127.0.0.1, trusts local connections, and ends with the process. Its settings
/// trade durability for speed (no fsync, no JIT), allow 300 connections, and sort text by bytes.
///
/// # Panics
/// When there is no server and none can be started. The message says why, and how to get one.
pub fn server() -> &'static str {
    // A failure is stored as well: every test reports it, and none starts a server again.
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

/// Creates an empty database in UTF-8.
///
/// # Panics
/// As [`server`], and when the server refuses to create it.
pub async fn database() -> Database {
    // Not from template1, the default: copying fails while another client of a given server is connected to it.
    create("template0 encoding 'UTF8'").await
}

/// Creates an empty database in LATIN1, which cannot store every text.
///
/// # Panics
/// As [`server`], and when the server refuses to create it.
pub async fn latin1_database() -> Database {
    create("template0 encoding 'LATIN1' locale 'C'").await
}

/// A database that is filled once and then copied, which is faster than filling each copy.
///
/// The processes of one executable share it, so that a runner with a process for each test fills it once. It is never
/// dropped: it ends with a started server, and remains on a given one, once for each build of the executable.
#[derive(Debug)]
pub struct Template {
    name: String,
}

impl Template {
    /// Returns the template of this executable. The first call fills it by `fill`, which is given the URL of an empty
    /// database and must close its connections to it.
    ///
    /// # Panics
    /// As [`database`].
    pub async fn shared(fill: impl AsyncFnOnce(&str)) -> Self {
        let name = format!("atelier_template_{:x}", build_id());
        if !exists(&name).await {
            let filled = database().await;
            fill(&filled.url()).await;
            let (from, to) = (&filled.name, &name);
            if let Err(error) = execute(format!("alter database {from} rename to {to}")).await {
                // Another process was faster; the copy that is not needed is dropped below.
                assert!(exists(&name).await, "no template {name}: {error}");
            }
        }
        Self { name }
    }

    /// Creates a copy of the template: schema and rows.
    ///
    /// # Panics
    /// As [`database`]; also when a client is still connected to the template after 5 s, for which the server waits.
    pub async fn copy(&self) -> Database {
        create(&self.name).await
    }
}

/// Returns a number that differs between executables and between builds of one.
fn build_id() -> u64 {
    let executable = std::env::current_exe().expect("the path of this executable");
    let built = executable.metadata().and_then(|file| file.modified());
    let mut hasher = DefaultHasher::new();
    (executable, built.expect("its time of modification")).hash(&mut hasher);
    hasher.finish()
}

async fn exists(name: &str) -> bool {
    let mut connection = PgConnection::connect(server()).await.expect("connects");
    let found = sqlx::query_scalar("select exists(select from pg_database where datname = $1)")
        .bind(name)
        .fetch_one(&mut connection)
        .await;
    connection.close().await.expect("closes");
    found.expect("the list of databases")
}

async fn create(template: &str) -> Database {
    static CREATED: AtomicU32 = AtomicU32::new(0);
    // Process ids repeat: over time, and between containers that share a server.
    let since_1970 = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_nanos();
    let number = CREATED.fetch_add(1, Ordering::Relaxed);
    let name = format!("atelier_{since_1970:x}_{:x}_{number}", std::process::id());
    match execute(format!("create database {name} template {template}")).await {
        Ok(()) => Database { name },
        Err(error) => {
            // Not the URL, which may hold a password.
            let server = given().map_or(
                "the server started for the tests",
                |_| "the server of TEST_DATABASE_URL",
            );
            panic!("no database can be created on {server}: {error}")
        }
    }
}

/// Runs a statement on the server, in the database of its URL.
async fn execute(statement: String) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect(server()).await?;
    // The one use of `AssertSqlSafe` in the project; `make check` refuses another. The name of a database cannot be a
    // parameter. Names come from this file alone and consist of a to z, digits and underscores.
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(&mut connection)
        .await?;
    connection.close().await
}

/// A database of one test. Dropping the value drops the database, even while clients are connected to it. A value in a
/// `static` is never dropped: its database ends with a started server, and remains on a given one.
#[derive(Debug)]
#[must_use = "dropping it drops the database"]
pub struct Database {
    name: String,
}

impl Database {
    /// Returns its URL, `postgres://user@host:port/name`, with the password and parameters of `TEST_DATABASE_URL`.
    pub fn url(&self) -> String {
        on_server(server(), &self.name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let statement = format!("drop database if exists {} with (force)", self.name);
        // On a thread and a runtime of its own: blocking inside the test's runtime is not possible.
        let dropped = std::thread::spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(execute(statement))
        });
        match dropped.join() {
            Ok(Ok(())) => {}
            // A panic would hide the failure of the test itself.
            failed => eprintln!("the test database {} remains: {failed:?}", self.name),
        }
    }
}

/// Returns the URL of the database `name` on the server of `url`.
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

    async fn create_table(url: &str) {
        let mut connection = PgConnection::connect(url).await.expect("a connection");
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
        create_table(&one.url()).await;
        create_table(&other.url()).await;

        let url = one.url();
        let connected = PgConnection::connect(&url).await.expect("a connection");
        drop(one);
        let gone = row(&url).await.expect_err("a dropped database");
        assert!(gone.to_string().contains("does not exist"), "{gone}");
        assert_eq!(row(&other.url()).await.expect("the other stays"), "kept");
        drop(connected);
    }

    #[tokio::test]
    async fn copies_have_the_rows_of_their_template() {
        let fill = async |url: &str| create_table(url).await;
        let (one, other) = tokio::join!(Template::shared(fill), Template::shared(fill));
        assert_eq!(one.name, other.name);
        let (copy, another) = tokio::join!(one.copy(), other.copy());
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
