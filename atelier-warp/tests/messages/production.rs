//! `--production`.

use std::net::TcpListener;

use atelier_core::store::{self, Provenance};
use atelier_core::{DatabaseUrl, bulk::Batch};
use atelier_warp::demo;

use crate::ports::supervised;
use crate::program::{Server, get};
use crate::{assert_fails, home, program_in};

#[test]
fn every_unsafe_setting_is_listed_with_its_correction() {
    assert_fails(
        &mut program_in(&home(), &["--production"]),
        "--production refuses unsafe settings:\n  \
         Without --database-url a demo would be served.\n    \
         Use: --database-url 'postgres://USER:PASSWORD@HOST/DATABASE?sslmode=verify-full'\n\
         To serve anyway, omit --production.\n",
        2,
    );
    let arguments = [
        ["--production", "--demo=5"],
        ["--database-url", "postgres://app:hunter2@db/shop"],
        [
            "--database-read-url",
            "postgres://app:hunter2@one/shop?sslmode=require,postgres://app@two/shop?sslmode=verify-full",
        ],
        ["--trusted-proxies", "10.0.0.7,0.0.0.0/0"],
    ];
    assert_fails(
        &mut program_in(&home(), &arguments.concat()),
        "--production refuses unsafe settings:\n  \
         An empty database would be filled with a demo.\n    \
         Use: --demo 0\n  \
         The connection to postgres://app:***@db/shop may be unencrypted, or its server is not verified.\n    \
         Use: --database-url '..?sslmode=verify-full'\n  \
         The connection to postgres://app:***@one/shop?sslmode=require may be unencrypted, or its server is not verified.\n    \
         Use: --database-read-url '..?sslmode=verify-full'\n  \
         --trusted-proxies contains 0.0.0.0/0, which trusts every client.\n    \
         Use: --trusted-proxies 10.0.0.7\n\
         To serve anyway, omit --production.\n",
        2,
    );
}

/// Fills a database, and returns its URL.
fn filled(home: &tempfile::TempDir, mark: Provenance<'_>) -> String {
    let url = DatabaseUrl::sqlite(home.path().join("shop.db"));
    let rows: Batch = demo::catalogue(1, 42);
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    runtime
        .block_on(store::fill(&url, rows, mark))
        .expect("fills");
    url.to_string()
}

/// The socket of a supervisor may be public where `--listen` is not.
#[test]
fn probes_on_a_public_socket_are_refused() {
    let socket = TcpListener::bind("0.0.0.0:0").expect("a port");
    let address = socket.local_addr().expect("an address");
    let home = home();
    let url = filled(&home, Provenance::Loaded("the test"));
    let mut command = supervised(&home, socket, 1);
    command
        .env("ATELIER_PRODUCTION", "on")
        .env("ATELIER_DEMO", "0")
        .env("DATABASE_URL", url);
    assert_fails(
        &mut command,
        &format!(
            "--production refuses unsafe settings:\n  \
             Probes and metrics would be public on {address}, the socket of the supervisor.\n    \
             Use: --admin-addr 127.0.0.1:3001, or a socket on 127.0.0.1\n\
             To serve anyway, omit --production.\n"
        ),
        2,
    );
}

#[test]
fn demo_in_the_database_is_refused() {
    let home = home();
    let url = filled(&home, Provenance::Demo);
    let admin = ["--admin-addr", "127.0.0.1:0"];
    let mut command = program_in(&home, &["--production", "--database-url", &url]);
    assert_fails(
        command.args(admin),
        &format!(
            "--production refuses unsafe settings:\n  \
             {url} contains the demo.\n    \
             Use: another --database-url, or atelier-etl load DIR to replace the demo\n\
             To serve anyway, omit --production.\n"
        ),
        2,
    );
}

#[test]
fn safe_settings_are_served_with_probes_on_the_admin_address() {
    let home = home();
    let url = filled(&home, Provenance::Loaded("the test"));
    let mut command = program_in(&home, &["--production", "--database-url", &url]);
    let server = Server::start(command.args(["--admin-addr", "127.0.0.1:0"]));
    let line = server
        .words
        .lines()
        .find_map(|line| line.split_once("probes     http://"));
    let (_, admin) = line.expect("the admin address");
    assert!(get(admin, "/ready").starts_with("HTTP/1.1 200"));
    assert!(server.get("/ready").starts_with("HTTP/1.1 404"));
    assert!(server.get("/products/1").starts_with("HTTP/1.1 200"));
    server.stop("INT");
}
