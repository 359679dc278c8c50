//! PostgreSQL servers that are of no use.

use atelier_conformance::postgres::{self, Database};
use sqlx::{Connection, PgConnection};
use tokio::runtime::Runtime;

use crate::program::Server;
use crate::{assert_refused, home, program_in, refused};

const NOT_NOW: [&str; 2] = ["--wait-for-database", "0"];

/// A test with a database of its own, and where its server is: `127.0.0.1:5432`.
fn with_database(test: impl FnOnce(&Runtime, &Database, &str)) {
    let runtime = Runtime::new().expect("threads");
    let database = runtime.block_on(postgres::database());
    let url = database.url();
    let place = place(&url).to_owned();
    test(&runtime, &database, &place);
    // In the runtime, which its end needs.
    let _in = runtime.enter();
    drop(database);
}

fn place(url: &str) -> &str {
    let (_, rest) = url.split_once('@').expect("a user");
    rest.split('/').next().expect("a place")
}

fn execute(runtime: &Runtime, url: &str, statements: &'static str) {
    runtime.block_on(async {
        let mut connection = PgConnection::connect(url).await.expect("a connection");
        sqlx::raw_sql(statements)
            .execute(&mut connection)
            .await
            .expect("done");
        connection.close().await.expect("closed");
    });
}

#[test]
fn one_that_is_not_there() {
    let (_nobody, place) = crate::waiting::nobody();
    let url = format!("postgres://app:hunter2@{place}/shop");
    let words = format!(
        "PostgreSQL at {place} can't be used: connect: error communicating with database: Connection refused (os error \
         111).\n\
         --database-url leads to postgres://app:***@{place}/shop.\n\
         Is it running? Try: psql 'postgres://app@{place}/shop' -c 'select 1'\n"
    );
    let home = home();
    let mut command = program_in(&home, &["--database-url", &url]);
    assert_refused(command.args(NOT_NOW), &words, 3);
    for command in [&["migrate"][..], &["migrate", "--check"]] {
        let arguments = [command, &["--database-url", &url]].concat();
        assert_refused(&mut program_in(&home, &arguments), &words, 3);
    }
    let bad = "postgres://app:hunter2@db:port/shop";
    assert_refused(
        &mut program_in(&home, &["--database-url", bad]),
        "The database URL can't be read.\n\
         --database-url leads to postgres://app:***@db:port/shop.\n\
         Give such as: --database-url postgres://USER:PASSWORD@HOST:PORT/DATABASE\n",
        2,
    );
}

#[test]
fn what_does_not_mend_itself_is_not_waited_for() {
    with_database(|runtime, database, place| {
        let url = database.url();
        let name = url.rsplit('/').next().expect("a name");
        execute(
            runtime,
            &url,
            "do $$ begin create role atelier_out nologin; exception when duplicate_object or unique_violation then end $$",
        );
        let user = url
            .split_once("://")
            .and_then(|(_, rest)| rest.split_once('@'));
        let user = user.expect("a user").0.split(':').next().expect("a name");
        for (url, words) in [
            (
                format!("postgres://{user}:hunter2@{place}/atelier_nowhere"),
                format!(
                    "PostgreSQL at {place} can't be used: connect: database \"atelier_nowhere\" does not exist (3D000).\n\
                     --database-url leads to postgres://{user}:***@{place}/atelier_nowhere.\n\
                     Is the name right? Try: psql 'postgres://{user}@{place}/postgres' -c 'create database atelier_nowhere'\n"
                ),
            ),
            (
                format!("postgres://atelier_out:hunter2@{place}/{name}"),
                format!(
                    "PostgreSQL at {place} can't be used: connect: role \"atelier_out\" is not permitted to log in (28000).\n\
                     --database-url leads to postgres://atelier_out:***@{place}/{name}.\n\
                     Are user and password right? Try: psql 'postgres://atelier_out@{place}/{name}' -c 'select 1'\n"
                ),
            ),
            (
                format!("postgres://{user}:hunter2@{place}/{name}?sslmode=verify-full"),
                format!(
                    "PostgreSQL at {place} can't be used: connect: error occurred while attempting to establish a TLS \
                     connection: server does not support TLS.\n\
                     --database-url leads to postgres://{user}:***@{place}/{name}.\n\
                     Does the server offer TLS, with a certificate for that name? What is asked of it is in the address: \
                     sslmode=verify-full, sslrootcert=FILE\n"
                ),
            ),
        ] {
            assert_refused(
                &mut program_in(&home(), &["--database-url", &url]),
                &words,
                3,
            );
        }
    });
}

#[test]
fn a_schema_that_is_not_this_programs() {
    with_database(|runtime, database, _| {
        let url = database.url();
        let check = ["migrate", "--check", "--database-url", &url];
        let (words, code) = {
            execute(runtime, &url, "create table products (id int)");
            refused(&mut program_in(&home(), &["--database-url", &url]))
        };
        let that = format!("That is {url}.");
        assert_eq!(
            (words, code),
            (
                format!(
                    "The database holds no tables of Atelier.\n{that}\nRun, under the same --database-url: atelier migrate\n"
                ),
                4
            )
        );
        let none = format!(
            "The database holds no tables of Atelier.\n{that}\nRun, under the same --database-url: atelier migrate\n"
        );
        assert_refused(&mut program_in(&home(), &check), &none, 4);
        execute(runtime, &url, "drop table products");
        // A server would set it up.
        assert_refused(&mut program_in(&home(), &check), &none, 4);
        let (code, said, _) = crate::ended(&mut program_in(
            &home(),
            &["migrate", "--database-url", &url],
        ));
        assert_eq!(code, 0, "{said}");
        let good = (0, format!("{url}: up to date\n"), String::new());
        assert_eq!(crate::ended(&mut program_in(&home(), &check)), good);
        let last = "delete from _sqlx_migrations where version = 2";
        execute(runtime, &url, last);
        let behind = format!(
            "The database lacks migration 2 (changes), which this program needs.\n{that}\nRun, under the same --database-url: atelier migrate\n"
        );
        for arguments in [&check[..], &check[2..]] {
            assert_refused(&mut program_in(&home(), arguments), &behind, 4);
        }
        execute(
            runtime,
            &url,
            "update _sqlx_migrations set version = 9999 where version = (select max(version) from _sqlx_migrations)",
        );
        let ahead = format!(
            "The database has migration 9999, which this program does not know: it is older than the database. Upgrade \
             the program.\n{that}\n"
        );
        for arguments in [&check[..], &check[2..]] {
            assert_refused(&mut program_in(&home(), arguments), &ahead, 4);
        }
    });
}

#[test]
fn an_empty_database_is_served_and_says_what_to_load() {
    with_database(|_, database, _| {
        let server = Server::start(&mut program_in(
            &home(),
            &["--database-url", &database.url()],
        ));
        let data = "  ✓ data       0 products. Load some, under the same --database-url: atelier-etl load ./csv\n";
        assert!(server.words.contains(data), "{}", server.words);
        server.stop("INT");
    });
}
