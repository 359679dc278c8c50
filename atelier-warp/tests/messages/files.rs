//! SQLite files that can't be served.

use std::fs;
use std::path::Path;
use std::process::Command;

use atelier_core::DatabaseUrl;
use atelier_core::store::{self, Provenance};
use atelier_warp::demo;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

use crate::program::Server;
use crate::{assert_refused, home, program_in, refused};

fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    runtime.block_on(future)
}

/// Runs statements on a file, which is made where it is not there.
fn execute(path: &Path, statements: &'static str) {
    run(async {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true);
        let mut connection = options.connect().await.expect("a connection");
        sqlx::raw_sql(statements)
            .execute(&mut connection)
            .await
            .expect("done");
        connection.close().await.expect("closed");
    });
}

#[test]
fn what_is_no_file_of_ours() {
    let home = home();
    let at = |name: &str| home.path().join(name);
    fs::create_dir(at("folder")).expect("a folder");
    fs::write(at("noise.db"), [7; 5_000]).expect("a file");
    execute(&at("other.db"), "create table notes (text)");
    for (url, words) in [
        (
            "sqlite:folder",
            "folder is a directory.\n\
             An SQLite database is one file.\n\
             Give such as: --database-url sqlite:folder/shop.db\n",
        ),
        (
            "sqlite:noise.db",
            "noise.db is no SQLite database.\n\
             It begins as none does: it is another program's, or damaged.\n\
             Name another file: --database-url sqlite:PATH\n",
        ),
        (
            "sqlite:other.db",
            "other.db holds tables of another program.\n\
             Atelier puts its own tables into no database that has others.\n\
             Name another file: --database-url sqlite:PATH\n",
        ),
        (
            "sqlite:none.db?mode=ro",
            "The SQLite file none.db can't be served read-only: there is no such file.\n\
             To have it made, brought up to date and written, leave ?mode=ro out.\n",
        ),
        (
            "sqlite:noise.db/shop.db",
            "noise.db is no folder.\n\
             --database-url leads to sqlite:noise.db/shop.db. The file would be made, the folder is not: is the path \
             right?\n\
             Name another file: --database-url sqlite:PATH\n",
        ),
    ] {
        assert_refused(&mut program_in(&home, &["--database-url", url]), words, 1);
    }
    // Nothing of it was touched.
    assert_eq!(fs::read(at("noise.db")).expect("a file"), [7; 5_000]);
}

#[test]
fn one_in_a_folder_that_is_not_there() {
    let home = home();
    let url = "sqlite:no/such/dir/shop.db";
    for command in [
        &[][..],
        &["migrate"],
        &["migrate", "--check"],
        &["demo", "reset"],
    ] {
        let arguments = [command, &["--database-url", url]].concat();
        assert_refused(
            &mut program_in(&home, &arguments),
            "There is no folder no/such/dir.\n\
             --database-url leads to sqlite:no/such/dir/shop.db. The file would be made, the folder is not: is the path \
             right?\n\
             Make it: mkdir -p 'no/such/dir'. Or name another file: --database-url sqlite:PATH\n",
            1,
        );
    }
    assert!(!home.path().join("no").exists());
}

#[test]
fn one_that_is_damaged() {
    let home = home();
    let path = home.path().join("shop.db");
    run(store::migrate(&DatabaseUrl::sqlite(&path))).expect("a file");
    // The first page is left whole, with what the file is.
    let mut bytes = fs::read(&path).expect("a file");
    bytes[4_096..].fill(0xff);
    fs::write(&path, bytes).expect("a file");
    assert_refused(
        &mut program_in(&home, &["--database-url", "sqlite:shop.db"]),
        "shop.db is damaged.\n\
         SQLite says: database disk image is malformed (11).\n\
         Put a copy in its place; or take it away, and a new one is made.\n",
        1,
    );
}

/// What opens well and then is damaged is told as that, while this very process still has the file.
#[test]
fn one_whose_rows_are_damaged() {
    let home = home();
    let path = home.path().join("shop.db");
    let rows = demo::catalogue(1, 42);
    run(store::fill(
        &DatabaseUrl::sqlite(&path),
        rows,
        Provenance::Demo,
    ))
    .expect("fills");
    let roots: Vec<u16> = run(async {
        let options = SqliteConnectOptions::new().filename(&path);
        let mut connection = options.connect().await.expect("a connection");
        sqlx::query_scalar("select rootpage from sqlite_schema where tbl_name = 'products'")
            .fetch_all(&mut connection)
            .await
            .expect("pages")
    });
    let mut bytes = fs::read(&path).expect("a file");
    for root in roots {
        let end = 4_096 * usize::from(root);
        bytes[end - 4_096..end].fill(0xff);
    }
    fs::write(&path, bytes).expect("a file");
    for (command, code) in [(&[][..], " (11)"), (&["demo", "reset"], "")] {
        let arguments = [command, &["--database-url", "sqlite:shop.db"]].concat();
        assert_refused(
            &mut program_in(&home, &arguments),
            &format!(
                "shop.db is damaged.\n\
                 SQLite says: database disk image is malformed{code}.\n\
                 Put a copy in its place; or take it away, and a new one is made.\n"
            ),
            1,
        );
    }
}

#[test]
fn one_that_another_server_has() {
    let home = home();
    let server = Server::start(&mut program_in(
        &home,
        &["--database-url", "sqlite:shop.db"],
    ));
    for command in [
        &["--database-url"][..],
        &["migrate", "--database-url"],
        &["demo", "reset", "--database-url"],
    ] {
        let arguments = [command, &["sqlite:shop.db"]].concat();
        assert_refused(
            &mut program_in(&home, &arguments),
            "shop.db is in use by another program.\n\
             One server for each file. For several replicas use PostgreSQL.\n\
             Stop the other program, or name another file: --database-url sqlite:PATH\n",
            1,
        );
    }
    server.stop("INT");
}

#[test]
#[cfg(target_os = "linux")]
fn file_of_another_server_is_refused_under_each_of_its_names() {
    let home = home();
    let server = Server::start(&mut program_in(
        &home,
        &["--database-url", "sqlite:shop.db"],
    ));
    std::os::unix::fs::symlink("shop.db", home.path().join("link.db")).expect("a link");
    fs::hard_link(home.path().join("shop.db"), home.path().join("hard.db")).expect("a link");
    for name in ["link.db", "hard.db"] {
        for command in [&[][..], &["migrate"], &["demo", "reset"]] {
            let url = format!("sqlite:{name}");
            let arguments = [command, &["--database-url", &url]].concat();
            let (words, code) = refused(&mut program_in(&home, &arguments));
            let expected = format!("{name} is in use by another program.\n");
            assert!(words.starts_with(&expected) && code == 1, "{words}");
        }
    }
    server.stop("INT");
}

/// What is wrong is told by its kind: words in the path say nothing.
#[test]
fn path_with_words_of_a_message_is_told_for_what_it_is() {
    const WORDS: &str =
        "malformed, not a database: served read-only is in use by another program; mode=ro";
    let home = home();
    fs::create_dir(home.path().join(WORDS)).expect("a folder");
    let at = |name: &str| home.path().join(WORDS).join(name);
    execute(
        &at("tables of another program.db"),
        "create table notes (text)",
    );
    execute(
        &at("ours.db"),
        "create table notes (text); drop table notes",
    );
    let url = |name: &str| format!("sqlite:{WORDS}/{name}");
    let first = |arguments: &[&str]| {
        let (words, code) = refused(&mut program_in(&home, arguments));
        assert_eq!(code, 1);
        words.lines().next().unwrap_or_default().to_owned()
    };
    let foreign = url("tables of another program.db");
    assert_eq!(
        first(&["--database-url", &foreign]),
        format!("{WORDS}/tables of another program.db holds tables of another program.")
    );
    let server = Server::start(&mut program_in(&home, &["--database-url", &url("ours.db")]));
    assert_eq!(
        first(&["--database-url", &url("ours.db")]),
        format!("{WORDS}/ours.db is in use by another program.")
    );
    server.stop("INT");
    let mut bytes = fs::read(at("ours.db")).expect("a file");
    bytes[4_096..].fill(0xff);
    fs::write(at("ours.db"), bytes).expect("a file");
    let (words, _) = refused(&mut program_in(&home, &["--database-url", &url("ours.db")]));
    let damaged = format!(
        "{WORDS}/ours.db is damaged.\nSQLite says: database disk image is malformed (11).\n"
    );
    assert!(words.starts_with(&damaged), "{words}");
}

/// The program on a file system of 1 MiB that is full, with a shop on it. Not where this user can mount none.
#[test]
#[cfg(target_os = "linux")]
fn server_started_on_a_full_disk_serves_reads() {
    const MOUNT: &str = "mkdir disk && mount -t tmpfs -o size=1m none disk && cp shop.db disk/";
    const FILL: &str = "cat /dev/zero >disk/fill 2>/dev/null; exec \"$@\"";
    let home = home();
    let path = home.path().join("shop.db");
    let rows = demo::catalogue(1, 42);
    run(store::fill(
        &DatabaseUrl::sqlite(&path),
        rows,
        Provenance::Demo,
    ))
    .expect("fills");
    let within = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--mount", "sh", "-c", script, "sh"]);
        command.current_dir(home.path());
        command
    };
    if !within("mount -t tmpfs none .")
        .status()
        .is_ok_and(|done| done.success())
    {
        eprintln!("not tested: this user can mount nothing");
        return;
    }
    let mut command = within(&[MOUNT, FILL].join(" && "));
    command.arg(env!("CARGO_BIN_EXE_atelier"));
    command.args([
        "--database-url",
        "sqlite:disk/shop.db",
        "--listen",
        "127.0.0.1:0",
    ]);
    let server = Server::start(&mut command);
    for target in ["/products/1", "/reviews?product_id=1", "/ready"] {
        let answer = server.get(target);
        assert!(answer.starts_with("HTTP/1.1 200"), "{target}: {answer}");
    }
    let visit = r#"{"element":"a","widget":"b","time":"c"}"#;
    let json = "content-type: application/json\r\n";
    let answer = server.send("POST", "/interactions", json, visit);
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    server.stop("INT");
}

#[test]
fn one_of_a_newer_program() {
    let home = home();
    let path = home.path().join("shop.db");
    run(store::migrate(&DatabaseUrl::sqlite(&path))).expect("a file");
    execute(
        &path,
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
         values (9999, 'later', true, x'00', 0);
         update store_facts set value = '9999' where name = 'oldest_program'",
    );
    for command in [&[][..], &["migrate"], &["migrate", "--check"]] {
        let arguments = [command, &["--database-url", "sqlite:shop.db"]].concat();
        assert_refused(
            &mut program_in(&home, &arguments),
            "The database has migration 9999, which this program does not know: it is older than the database. \
             Upgrade the program.\n\
             That is sqlite:shop.db.\n",
            4,
        );
    }
}

#[test]
fn newer_schema_that_is_compatible_is_served_with_a_warning() {
    let home = home();
    let path = home.path().join("shop.db");
    run(store::migrate(&DatabaseUrl::sqlite(&path))).expect("a file");
    execute(
        &path,
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
         values (9999, 'later', true, x'00', 0)",
    );
    let url = ["--database-url", "sqlite:shop.db"];
    let check = [&["migrate", "--check"][..], &url].concat();
    let good = (0, "sqlite:shop.db: up to date\n".to_owned());
    let (code, said, _) = crate::ended(&mut program_in(&home, &check));
    assert_eq!((code, said), good);
    let log = home.path().join("log");
    let mut program = program_in(&home, &url);
    program.stderr(fs::File::create(&log).expect("a file"));
    Server::start(&mut program).stop("INT");
    let log = fs::read_to_string(log).expect("a log");
    assert!(log.contains("newer than this program"), "{log}");
}

#[test]
fn products_that_are_no_demo_are_not_reset() {
    let home = home();
    let url = DatabaseUrl::sqlite(home.path().join("shop.db"));
    run(store::fill(
        &url,
        demo::catalogue(1, 42),
        Provenance::Loaded("the test"),
    ))
    .expect("fills");
    assert_refused(
        &mut program_in(
            &home,
            &["demo", "reset", "--database-url", "sqlite:shop.db"],
        ),
        "sqlite:shop.db was not reset.\n\
         Its products are not demo data.\n\
         Name another database: --database-url sqlite:PATH\n",
        1,
    );
}

#[test]
fn one_that_is_only_read_is_not_migrated() {
    assert_refused(
        &mut program_in(
            &home(),
            &["migrate", "--database-url", "sqlite:shop.db?mode=ro"],
        ),
        "sqlite:shop.db?mode=ro is only read. To change the file, leave ?mode=ro out.\n",
        1,
    );
}
