//! PostgreSQL servers that cannot be used.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Stdio;
use std::thread;

use atelier_test_support::postgres::{self, Database};
use sqlx::{Connection, PgConnection};
use tokio::runtime::Runtime;

use crate::program::Server;
use crate::{assert_fails, failure, home, program_in};

const NO_WAIT: [&str; 2] = ["--wait-for-database", "0"];

/// Runs a test with a database of its own and the address of its server, such as `127.0.0.1:5432`.
fn with_database(test: impl FnOnce(&Runtime, &Database, &str)) {
    let runtime = Runtime::new().expect("threads");
    let database = runtime.block_on(postgres::database());
    let url = database.url();
    let place = place(&url).to_owned();
    test(&runtime, &database, &place);
    // Dropping the database needs the runtime.
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
fn stopped_server_is_unreachable() {
    let (_socket, place) = crate::waiting::closed_port();
    let url = format!("postgres://app:hunter2@{place}/shop");
    let words = format!(
        "PostgreSQL at {place} can't be used: connect: error communicating with database: Connection refused (os error \
         111).\n\
         The database is postgres://app:***@{place}/shop.\n\
         Is it running? Try: psql 'postgres://app@{place}/shop' -c 'select 1'\n"
    );
    let home = home();
    let mut command = program_in(&home, &["--database-url", &url]);
    assert_fails(command.args(NO_WAIT), &words, 3);
    for command in [&["migrate"][..], &["migrate", "--check"]] {
        let arguments = [command, &["--database-url", &url]].concat();
        assert_fails(&mut program_in(&home, &arguments), &words, 3);
    }
}

#[test]
fn permanent_error_ends_the_server_at_once() {
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
                     The database is postgres://{user}:***@{place}/atelier_nowhere.\n\
                     Is the name right? Try: psql 'postgres://{user}@{place}/postgres' -c 'create database atelier_nowhere'\n"
                ),
            ),
            (
                format!("postgres://atelier_out:hunter2@{place}/{name}"),
                format!(
                    "PostgreSQL at {place} can't be used: connect: role \"atelier_out\" is not permitted to log in (28000).\n\
                     The database is postgres://atelier_out:***@{place}/{name}.\n\
                     Is the user right, and may it log in from here (pg_hba.conf)? Try: psql 'postgres://atelier_out@{place}/{name}' -c 'select 1'\n"
                ),
            ),
            (
                format!("postgres://{user}:hunter2@{place}/{name}?options=-c%20jit%3Dperhaps"),
                format!(
                    "PostgreSQL at {place} can't be used: connect: data exception 22023.\n\
                     The database is postgres://{user}:***@{place}/{name}.\n\
                     The server says why, and its log may say more. Are the `options` of the URL and of PGOPTIONS right?\n"
                ),
            ),
            (
                format!("postgres://{user}:hunter2@{place}/{name}?sslmode=verify-full"),
                format!(
                    "PostgreSQL at {place} can't be used: connect: error occurred while attempting to establish a TLS \
                     connection: server does not support TLS.\n\
                     The database is postgres://{user}:***@{place}/{name}?sslmode=verify-full.\n\
                     Does the server offer TLS, with a certificate for that name? What is asked of it is in the URL: \
                     sslmode=verify-full, sslrootcert=FILE\n"
                ),
            ),
        ] {
            let arguments = ["--database-url", &url];
            assert_fails(&mut program_in(&home(), &arguments), &words, 3);
            // Standbys change neither hint nor exit code.
            let arguments = [
                &arguments[..],
                &["--database-read-url", "postgres://127.0.0.1:1"],
            ]
            .concat();
            let (said, code) = failure(&mut program_in(&home(), &arguments));
            let last = |text: &str| {
                text.lines()
                    .rev()
                    .take(2)
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            };
            assert_eq!((last(&said), code), (last(&words), 3), "{said}");
        }
    });
}

#[test]
fn missing_older_and_newer_schemas_are_refused() {
    with_database(|runtime, database, _| {
        let url = database.url();
        let check = ["migrate", "--check", "--database-url", &url];
        let (words, code) = {
            execute(runtime, &url, "create table products (id int)");
            failure(&mut program_in(&home(), &["--database-url", &url]))
        };
        let that = format!("The database is {url}.");
        assert_eq!(
            (words, code),
            (
                format!("The database holds no tables of Atelier. Run: atelier migrate\n{that}\n"),
                4
            )
        );
        let none =
            format!("The database holds no tables of Atelier. Run: atelier migrate\n{that}\n");
        assert_fails(&mut program_in(&home(), &check), &none, 4);
        execute(runtime, &url, "drop table products");
        // A server would create the tables.
        assert_fails(&mut program_in(&home(), &check), &none, 4);
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
            "The database lacks migration 2 (changes), which this program needs. Run: atelier migrate\n{that}\n"
        );
        for arguments in [&check[..], &check[2..]] {
            assert_fails(&mut program_in(&home(), arguments), &behind, 4);
        }
        execute(
            runtime,
            &url,
            "update _sqlx_migrations set version = 9999 where version = (select max(version) from _sqlx_migrations);
             update store_facts set value = '9999' where name = 'oldest_program'",
        );
        let ahead = format!(
            "The database has migration 9999, which this program does not know: it is older than the database. Upgrade \
             the program.\n{that}\n"
        );
        for arguments in [&check[..], &check[2..]] {
            assert_fails(&mut program_in(&home(), arguments), &ahead, 4);
        }
    });
}

#[test]
fn empty_database_is_served_with_a_hint_to_load_data() {
    with_database(|_, database, _| {
        let server = Server::start(&mut program_in(
            &home(),
            &["--database-url", &database.url()],
        ));
        let data = "  ✓ data       0 products. Load some, with the same --database-url: atelier-etl load ./csv\n";
        assert!(server.words.contains(data), "{}", server.words);
        server.stop("INT");
    });
}

#[test]
fn unknown_host_name_has_its_own_hint() {
    let url = "postgres://app:hunter2@nowhere.invalid/shop";
    let (words, code) = failure(program_in(&home(), &["--database-url", url]).args(NO_WAIT));
    assert_eq!(code, 3);
    let what = "PostgreSQL at nowhere.invalid:5432 can't be used: connect: error communicating with database: failed to lookup";
    assert!(words.starts_with(what), "{words}");
    let cure = "\nIs the host name right, and does this machine know it? Try: getent hosts 'nowhere.invalid'\n";
    assert!(words.ends_with(cure), "{words}");
}

#[test]
fn missing_socket_is_named_by_its_path() {
    let home = home();
    let directory = home.path().display();
    let url = format!("postgres://app@/shop?host={directory}");
    let (words, code) = failure(program_in(&home, &["--database-url", &url]).args(NO_WAIT));
    assert_eq!(code, 3);
    let what = format!("PostgreSQL at {directory}/.s.PGSQL.5432 can't be used: ");
    assert!(words.starts_with(&what), "{words}");
    let cure = format!("Try: psql 'postgres://app@/shop?host={directory}' -c 'select 1'\n");
    assert!(words.ends_with(&cure), "{words}");
}

#[test]
fn unusable_certificate_file_ends_the_server_at_once() {
    let tls = fake_tls_server();
    let home = home();
    std::fs::write(home.path().join("empty.pem"), "").expect("a file");
    for (file, why) in [
        (
            "none.pem",
            "sslrootcert none.pem can't be read: No such file or directory",
        ),
        (
            "empty.pem",
            "sslrootcert empty.pem holds no certificate in PEM form",
        ),
        ("", "sslrootcert is empty"),
    ] {
        let url =
            format!("postgres://app:hunter2@{tls}/shop?sslmode=verify-full&sslrootcert={file}");
        let (words, code) = failure(&mut program_in(&home, &["--database-url", &url]));
        assert_eq!(code, 3, "{words}");
        assert!(words.contains(&format!("\n{why}")), "{words}");
        assert!(
            words.ends_with("Name a PEM file that this user may read with sslrootcert.\n"),
            "{words}"
        );
    }
}

/// Returns the address of a server that accepts TLS as PostgreSQL does, and answers the handshake with an alert.
fn fake_tls_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let place = listener.local_addr().expect("an address").to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut asked = [0; 8];
            if stream.read_exact(&mut asked).is_ok() {
                // TLS is accepted; the alert after the client's hello is a fatal handshake_failure.
                let _ = stream.write_all(b"S");
                let _ = stream.read(&mut [0; 4_096]);
                let _ = stream.write_all(&[21, 3, 3, 0, 2, 2, 40]);
            }
        }
    });
    place
}

#[test]
fn database_in_another_encoding_is_refused_with_a_hint() {
    let runtime = Runtime::new().expect("threads");
    let database = runtime.block_on(postgres::latin1_database());
    let url = database.url();
    let (server, name) = url.rsplit_once('/').expect("a name");
    let words = format!(
        "The encoding of the database is LATIN1, which has no place for every text. It must be UTF8.\n\
         The database is {url}.\n\
         Create another database, and name it with --database-url: psql '{server}/postgres' -c 'create database {name}_utf8 \
         encoding UTF8 locale \"C\" template template0'\n"
    );
    for command in [&[][..], &["migrate"], &["migrate", "--check"]] {
        let arguments = [command, &["--database-url", &url]].concat();
        assert_fails(&mut program_in(&home(), &arguments), &words, 3);
    }
    let _in = runtime.enter();
    drop(database);
}

#[test]
fn read_only_database_needs_read_only_flag() {
    with_database(|runtime, database, _| {
        let url = database.url();
        let migrate = ["migrate", "--database-url", &url];
        assert_eq!(crate::ended(&mut program_in(&home(), &migrate)).0, 0);
        execute(
            runtime,
            &url,
            "do $$ begin execute format('alter database %I set default_transaction_read_only = on', current_database());
             end $$",
        );
        let (words, code) = failure(&mut program_in(&home(), &["--database-url", &url]));
        assert_eq!(code, 3, "{words}");
        assert!(
            words.contains("read-only by default (default_transaction_read_only)"),
            "{words}"
        );
        assert!(
            words.contains("\nServe without changes: --read-only."),
            "{words}"
        );
        let home = home();
        let server = Server::start(&mut program_in(
            &home,
            &["--database-url", &url, "--read-only"],
        ));
        assert!(server.get("/products").starts_with("HTTP/1.1 200"));
        server.stop("INT");
    });
}

#[test]
fn missing_rights_are_answered_with_a_statement() {
    with_database(|runtime, database, place| {
        let url = database.url();
        let name = url.rsplit('/').next().expect("a name");
        execute(
            runtime,
            &url,
            "do $$ begin
                execute format('create role %I login password ''hunter2''', current_database() || '_role');
                revoke create on schema public from public;
             end $$",
        );
        let mine = format!("postgres://{name}_role:hunter2@{place}/{name}");
        let words = format!(
            "migrate: permission denied for schema public (42501).\n\
             The database is postgres://{name}_role:***@{place}/{name}.\n\
             This user must own the database and its tables, or have rights on both. For the database, as an administrator: psql 'postgres://postgres@{place}/postgres' -c \
             'alter database {name} owner to {name}_role'\n"
        );
        assert_fails(
            &mut program_in(&home(), &["--database-url", &mine]),
            &words,
            3,
        );
        assert_fails(
            &mut program_in(&home(), &["migrate", "--database-url", &mine]),
            &words,
            3,
        );
        execute(
            runtime,
            &url,
            "do $$ begin execute format('drop role %I', current_database() || '_role'); end $$",
        );
    });
}

#[test]
fn servers_that_start_at_once_create_one_demo() {
    with_database(|_, database, _| {
        let url = database.url();
        let home = home();
        let start = || {
            let mut command = program_in(&home, &["--database-url", &url, "--demo", "30"]);
            command.stdout(Stdio::piped()).spawn().expect("it starts")
        };
        let starting: Vec<_> = (0..4).map(|_| start()).collect();
        let serving = starting.into_iter().map(|mut process| {
            let output = process.stdout.take().expect("its output");
            Server::begun(process, Box::new(output))
        });
        let servers: Vec<_> = serving.collect();
        let creators = servers
            .iter()
            .filter(|server| server.words.contains("(seed 42"));
        assert_eq!(creators.count(), 1);
        for server in servers {
            assert!(
                server.words.contains("demo data  30 products"),
                "{}",
                server.words
            );
            assert!(server.get("/products/30").starts_with("HTTP/1.1 200"));
            server.stop("INT");
        }
    });
}

#[test]
fn unknown_url_parameters_are_logged_without_values() {
    with_database(|_, database, _| {
        let url = format!(
            "{}?sslpassword=hunter2&connect_timeout=3&x=hunter2",
            database.url()
        );
        let home = home();
        let mut command = program_in(
            &home,
            &["migrate", "--log", "debug", "--database-url", &url],
        );
        let (code, said, log) = crate::ended(&mut command);
        assert_eq!(code, 0, "{log}");
        assert!(
            log.contains("`sslpassword`") && log.contains("`connect_timeout`"),
            "{log}"
        );
        assert!(
            !log.contains("hunter") && !said.contains("hunter"),
            "{said}{log}"
        );
    });
}
