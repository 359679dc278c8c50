//! SQLite files that cannot be served.

use std::fs;
use std::path::Path;
use std::process::Command;

use atelier_core::DatabaseUrl;
use atelier_core::store::{self, Provenance};
use atelier_warp::demo;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

use crate::program::Server;
use crate::{assert_fails, failure, home, program_in};

fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    runtime.block_on(future)
}

/// Executes statements in a file, which is created if it does not exist.
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
fn file_of_another_program_is_refused_and_unchanged() {
    let home = home();
    let at = |name: &str| home.path().join(name);
    fs::create_dir(at("folder")).expect("a folder");
    fs::write(at("noise.db"), [7; 5_000]).expect("a file");
    execute(&at("other.db"), "create table notes (text)");
    for (url, words) in [
        (
            "sqlite:folder",
            "folder is a directory.\n\
             An SQLite database is a file.\n\
             Name one: --database-url sqlite:folder/shop.db\n",
        ),
        (
            "sqlite:noise.db",
            "noise.db is not an SQLite database.\n\
             It lacks the header of one.\n\
             Name another file: --database-url sqlite:PATH\n",
        ),
        (
            "sqlite:other.db",
            "other.db contains tables of another program.\n\
             Atelier shares no database.\n\
             Name another file: --database-url sqlite:PATH\n",
        ),
        (
            "sqlite:none.db?mode=ro",
            "The SQLite file none.db can't be served read-only: there is no such file.\n\
             To create, migrate and write the file, omit ?mode=ro.\n",
        ),
        (
            "sqlite:noise.db/shop.db",
            "noise.db is not a directory.\n\
             --database-url is sqlite:noise.db/shop.db; a missing file is created, a directory is not.\n\
             Name another file: --database-url sqlite:PATH\n",
        ),
    ] {
        assert_fails(&mut program_in(&home, &["--database-url", url]), words, 1);
    }
    assert_eq!(fs::read(at("noise.db")).expect("a file"), [7; 5_000]);
}

#[test]
fn file_in_a_missing_directory_is_refused() {
    let home = home();
    let url = "sqlite:no/such/dir/shop.db";
    for command in [
        &[][..],
        &["migrate"],
        &["migrate", "--check"],
        &["demo", "reset"],
    ] {
        let arguments = [command, &["--database-url", url]].concat();
        assert_fails(
            &mut program_in(&home, &arguments),
            "The directory no/such/dir does not exist.\n\
             --database-url is sqlite:no/such/dir/shop.db; a missing file is created, a directory is not.\n\
             If the path is right: mkdir -p 'no/such/dir'\n",
            1,
        );
    }
    assert!(!home.path().join("no").exists());
}

#[track_caller]
fn assert_damaged(command: &mut Command, path: &str) {
    let (words, code) = failure(command);
    assert_eq!(code, 1, "{words}");
    let lines: Vec<_> = words.lines().collect();
    assert_eq!(lines[0], format!("{path} is damaged."));
    assert!(
        lines[1].contains("database disk image is malformed"),
        "{words}"
    );
    let hint = "Restore it from a backup, or remove it to start with a new one.";
    assert_eq!(lines[2..], [hint]);
}

#[test]
fn damaged_file_is_refused() {
    let home = home();
    let path = home.path().join("shop.db");
    run(store::migrate(&DatabaseUrl::sqlite(&path))).expect("a file");
    // The first page, with the header, is left intact.
    let mut bytes = fs::read(&path).expect("a file");
    bytes[4_096..].fill(0xff);
    fs::write(&path, bytes).expect("a file");
    assert_damaged(
        &mut program_in(&home, &["--database-url", "sqlite:shop.db"]),
        "shop.db",
    );
}

/// The file opens, and a query finds the damage.
#[test]
fn damaged_table_is_refused() {
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
    for command in [&[][..], &["demo", "reset"]] {
        let arguments = [command, &["--database-url", "sqlite:shop.db"]].concat();
        assert_damaged(&mut program_in(&home, &arguments), "shop.db");
    }
}

#[test]
fn file_of_another_server_is_refused() {
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
        assert_fails(
            &mut program_in(&home, &arguments),
            "shop.db is in use by another process.\n\
             Only one process at a time may write an SQLite file; several servers share a PostgreSQL database.\n\
             Stop the other process, or name another file: --database-url sqlite:PATH\n",
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
            let (words, code) = failure(&mut program_in(&home, &arguments));
            let expected = format!("{name} is in use by another process.\n");
            assert!(words.starts_with(&expected) && code == 1, "{words}");
        }
    }
    server.stop("INT");
}

/// The kind of an error decides, not its text.
#[test]
fn path_with_text_of_an_error_changes_no_message() {
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
        let (words, code) = failure(&mut program_in(&home, arguments));
        assert_eq!(code, 1);
        words.lines().next().unwrap_or_default().to_owned()
    };
    let foreign = url("tables of another program.db");
    assert_eq!(
        first(&["--database-url", &foreign]),
        format!("{WORDS}/tables of another program.db contains tables of another program.")
    );
    let server = Server::start(&mut program_in(&home, &["--database-url", &url("ours.db")]));
    assert_eq!(
        first(&["--database-url", &url("ours.db")]),
        format!("{WORDS}/ours.db is in use by another process.")
    );
    server.stop("INT");
    let mut bytes = fs::read(at("ours.db")).expect("a file");
    bytes[4_096..].fill(0xff);
    fs::write(at("ours.db"), bytes).expect("a file");
    let mut command = program_in(&home, &["--database-url", &url("ours.db")]);
    assert_damaged(&mut command, &format!("{WORDS}/ours.db"));
}

/// The database is on a full file system of 1 MiB. Skipped if this user cannot mount one.
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
        eprintln!("skipped: this user cannot mount a file system");
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
fn file_of_a_newer_program_is_refused() {
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
        assert_fails(
            &mut program_in(&home, &arguments),
            "The database has migration 9999, which this program does not know: it is older than the database. \
             Upgrade the program.\n\
             The database is sqlite:shop.db.\n",
            4,
        );
    }
}

#[test]
fn compatible_newer_schema_is_served_with_a_warning() {
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
    let (code, said, _) = crate::ended(&mut program_in(&home, &check));
    assert_eq!((code, &*said), (0, "sqlite:shop.db: up to date\n"));
    let log = home.path().join("log");
    let mut program = program_in(&home, &url);
    program.stderr(fs::File::create(&log).expect("a file"));
    Server::start(&mut program).stop("INT");
    let log = fs::read_to_string(log).expect("a log");
    assert!(log.contains("newer than this program"), "{log}");
}

#[test]
fn reset_keeps_products_that_are_no_demo() {
    let home = home();
    let url = DatabaseUrl::sqlite(home.path().join("shop.db"));
    run(store::fill(
        &url,
        demo::catalogue(1, 42),
        Provenance::Loaded("the test"),
    ))
    .expect("fills");
    assert_fails(
        &mut program_in(
            &home,
            &["demo", "reset", "--database-url", "sqlite:shop.db"],
        ),
        "Cannot reset sqlite:shop.db.\n\
         It contains products that are not demo data.\n\
         Name another database: --database-url sqlite:PATH\n",
        1,
    );
}

#[test]
fn read_only_file_is_not_migrated() {
    assert_fails(
        &mut program_in(
            &home(),
            &["migrate", "--database-url", "sqlite:shop.db?mode=ro"],
        ),
        "sqlite:shop.db?mode=ro is only read. To change the file, leave ?mode=ro out.\n",
        1,
    );
}
