//! What `--production` refuses.

use atelier_core::store::{self, Provenance};
use atelier_core::{DatabaseUrl, bulk::Batch};
use atelier_warp::demo;

use crate::program::{Server, get};
use crate::{assert_refused, home, program_in};

#[test]
fn all_of_it_each_with_its_cure() {
    assert_refused(
        &mut program_in(&home(), &["--production"]),
        "--production refuses what is unsafe:\n  \
         No database is named, so a demo would be served.\n    \
         Cure: --database-url 'postgres://USER:PASSWORD@HOST/DATABASE?sslmode=verify-full'\n\
         To serve it nevertheless, leave --production out.\n",
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
    assert_refused(
        &mut program_in(&home(), &arguments.concat()),
        "--production refuses what is unsafe:\n  \
         An empty database would be filled with a demo.\n    \
         Cure: --demo 0\n  \
         The way to postgres://app:***@db/shop is not encrypted for certain, or to whom is not.\n    \
         Cure: --database-url '..?sslmode=verify-full'\n  \
         The way to postgres://app:***@one/shop?sslmode=require is not encrypted for certain, or to whom is not.\n    \
         Cure: --database-read-url '..?sslmode=verify-full'\n  \
         Everybody is a trusted proxy: 0.0.0.0/0.\n    \
         Cure: --trusted-proxies 10.0.0.7\n\
         To serve it nevertheless, leave --production out.\n",
        2,
    );
}

/// Fills a file of its own.
fn filled(home: &tempfile::TempDir, mark: Provenance<'_>) -> String {
    let url = DatabaseUrl::sqlite(home.path().join("shop.db"));
    let rows: Batch = demo::catalogue(1, 42);
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    runtime
        .block_on(store::fill(&url, rows, mark))
        .expect("fills");
    url.to_string()
}

#[test]
fn a_database_that_holds_a_demo() {
    let home = home();
    let url = filled(&home, Provenance::Demo);
    let admin = ["--admin-addr", "127.0.0.1:0"];
    let mut command = program_in(&home, &["--production", "--database-url", &url]);
    assert_refused(
        command.args(admin),
        &format!(
            "--production refuses what is unsafe:\n  \
             {url} holds the demo.\n    \
             Cure: --database-url of another, or your own data in its place: atelier-etl load DIR\n\
             To serve it nevertheless, leave --production out.\n"
        ),
        2,
    );
}

#[test]
fn what_is_safe_is_served_with_the_probes_elsewhere() {
    let home = home();
    let url = filled(&home, Provenance::Loaded("the test"));
    let mut command = program_in(&home, &["--production", "--database-url", &url]);
    let server = Server::start(command.args(["--admin-addr", "127.0.0.1:0"]));
    let line = server
        .words
        .lines()
        .find_map(|line| line.split_once("probes     http://"));
    let (_, admin) = line.expect("where probes are answered");
    assert!(get(admin, "/ready").starts_with("HTTP/1.1 200"));
    assert!(server.get("/ready").starts_with("HTTP/1.1 404"));
    assert!(server.get("/products/1").starts_with("HTTP/1.1 200"));
    server.stop("INT");
}
