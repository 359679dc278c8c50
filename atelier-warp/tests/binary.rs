//! The program `atelier` as a process: output, served routes, signals.

use std::net::TcpListener;
use std::process::Stdio;

use program::{Running, Server, atelier, ended, get, home, until};

#[allow(dead_code, reason = "other tests need more of it")]
mod program;

/// An address that was free a moment ago.
fn free() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").to_string()
}

#[test]
fn without_settings_a_demo_is_served_under_the_printed_addresses() {
    let home = home();
    let mut command = atelier(&home);
    // An empty variable counts as not set.
    command.env("DATABASE_URL", "").env("ATELIER_TOKEN", "");
    let server = Server::start(command.args(["--listen", "127.0.0.1:0", "--demo", "5"]));
    assert!(server.get("/ready").starts_with("HTTP/1.1 200"));
    assert!(server.get("/live").starts_with("HTTP/1.1 200"));
    assert!(
        server
            .get("/reviews?product_id=1")
            .contains("\"review_id\":")
    );
    let (code, words) = server.stop("INT");
    assert_eq!(code, 0);
    assert!(
        words.contains("curl 'http://127.0.0.1:")
            && words.contains("stopped: 1 requests, 0 failed"),
        "{words}"
    );

    // The next start serves the same demo.
    let server = Server::start(atelier(&home).args(["serve", "--listen", "127.0.0.1:0"]));
    let related = server.get("/products?count=100");
    assert_eq!(related.matches("\"campus\"").count(), 5);
    // The printed addresses exist.
    let targets: Vec<_> = words
        .lines()
        .filter_map(|line| line.split_once("http://127.0.0.1:")?.1.split_once('/'))
        .filter_map(|(_, rest)| rest.split(['\'', ' ']).next())
        .collect();
    assert_eq!(
        targets,
        ["", "docs", "ready", "reviews?product_id=1&count=2"],
        "{words}"
    );
    for target in targets.into_iter().chain(["openapi.json", "metrics"]) {
        let answer = server.get(&format!("/{target}"));
        assert!(answer.starts_with("HTTP/1.1 200"), "{target}: {answer}");
    }
    server.stop("INT");
}

#[test]
fn named_database_gets_no_demo_by_default() {
    let home = home();
    let url = format!("sqlite:{}", home.path().join("shop.db").display());
    let server =
        Server::start(atelier(&home).args(["--listen", "127.0.0.1:0", "--database-url", &url]));
    assert!(server.get("/products").ends_with("\r\n\r\n[]"));
    let (_, words) = server.stop("INT");
    assert!(words.contains("atelier-etl load"), "{words}");
}

#[test]
fn invalid_settings_exit_with_2_and_print_no_password() {
    for arguments in [
        &["--listen", "nowhere"][..],
        &["--database-url", "mysql://app:hunter2@db/shop"],
        &["--database-read-url", "mysql://app:hunter2@db/shop"],
        &["--demo", "many"],
        &["--unknown"],
    ] {
        let (code, _, words) = ended(atelier(&home()).args(arguments));
        assert_eq!(code, 2, "{arguments:?}: {words}");
        assert!(!words.contains("hunter2"), "{words}");
    }
}

#[test]
fn unreachable_database_exits_with_3() {
    let free = free();
    let url = format!("postgres://app:hunter2@{free}/shop");
    let now = ["--listen", "127.0.0.1:0", "--wait-for-database", "0"];
    for command in [&now[..], &["migrate"]] {
        let (code, _, words) = ended(
            atelier(&home())
                .args(command)
                .args(["--database-url", &url]),
        );
        assert_eq!(code, 3, "{words}");
        assert!(
            words.contains(&free) && !words.contains("hunter2"),
            "{words}"
        );
    }
}

#[test]
fn second_signal_exits_at_once() {
    let home = home();
    let mut server = Server::start(atelier(&home).args(["--listen", "127.0.0.1:0", "--demo", "1"]));
    // The first begins a drain, during which the server is not ready and still answers.
    server.signal("TERM");
    until(|| !server.get("/ready").starts_with("HTTP/1.1 200"));
    assert!(
        server
            .get("/products/1")
            .to_lowercase()
            .contains("connection: close")
    );
    server.signal("TERM");
    assert_eq!(server.process.0.wait().expect("ends").code(), Some(130));
}

#[test]
fn migrate_prints_number_of_migrations() {
    let home = home();
    for applied in ["2 migrations applied", "0 migrations applied"] {
        let output = atelier(&home).arg("migrate").output().expect("it starts");
        let words = String::from_utf8(output.stdout).expect("text");
        assert!(words.contains(applied), "{words}");
    }
}

#[test]
fn failed_write_of_output_fails_the_command() {
    let home = home();
    for arguments in [
        &["--print-config"][..],
        &["completions", "bash"],
        &["settings"],
    ] {
        let full = std::fs::File::options().write(true).open("/dev/full");
        let output = atelier(&home)
            .args(arguments)
            .stdout(full.expect("a device"))
            .output()
            .expect("it starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(
            said.contains("Cannot write to standard output.")
                && said.contains("No space left on device"),
            "{said}"
        );
    }
}

#[test]
fn closed_output_does_not_stop_the_process() {
    let home = home();
    let address = free();
    let process = atelier(&home)
        .args(["--listen", &address, "--demo", "1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut process = Running(process);
    drop((process.0.stdout.take(), process.0.stderr.take()));
    until(|| get(&address, "/ready").starts_with("HTTP/1.1 200"));
    program::signal(&process.0, "INT");
    assert_eq!(process.0.wait().expect("ends").code(), Some(0));
    for arguments in [
        &["--print-config"][..],
        &["completions", "bash"],
        &["settings"],
    ] {
        let mut process = atelier(&home)
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        drop(process.stdout.take());
        assert!(process.wait().expect("ends").success(), "{arguments:?}");
    }
}
