//! The program `atelier` as its user meets it: what it prints, what it serves, how it ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

fn atelier(home: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_atelier"));
    command
        .env_remove("DATABASE_URL")
        .env("XDG_DATA_HOME", home.path());
    command
}

fn home() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// What the program says and ends with, when it ends by itself.
fn ended(command: &mut Command) -> (i32, String) {
    let Output { status, stderr, .. } = command.output().expect("it starts");
    (
        status.code().expect("it ends by itself"),
        String::from_utf8(stderr).expect("text"),
    )
}

/// A running server.
struct Server {
    process: Child,
    address: String,
    output: BufReader<std::process::ChildStdout>,
    /// What it has said so far.
    words: String,
}

impl Server {
    fn start(command: &mut Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().expect("it starts");
        let mut output = BufReader::new(process.stdout.take().expect("its output"));
        let mut words = String::new();
        let address = loop {
            let mut line = String::new();
            assert_ne!(
                output.read_line(&mut line).expect("a line"),
                0,
                "it ended before it listened"
            );
            words.push_str(&line);
            if let Some((_, address)) = line.split_once("listening  http://") {
                break address.trim().to_owned();
            }
        };
        Self {
            process,
            address,
            output,
            words,
        }
    }

    fn get(&self, target: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("connects");
        write!(
            stream,
            "GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        )
        .expect("asks");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("answers");
        answer
    }

    fn signal(&self, name: &str) {
        let done = Command::new("kill")
            .args(["-s", name, &self.process.id().to_string()])
            .status();
        assert!(done.expect("kill runs").success());
    }

    /// Ends it; its exit code, and all it said.
    fn stop(mut self, signal: &str) -> (i32, String) {
        self.signal(signal);
        self.output
            .read_to_string(&mut self.words)
            .expect("its last words");
        (
            self.process
                .wait()
                .expect("ends")
                .code()
                .expect("an exit code"),
            self.words,
        )
    }
}

#[test]
fn alone_it_serves_a_demo_and_says_what_to_open() {
    let home = home();
    let mut command = atelier(&home);
    // A variable that is set to nothing is not set.
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
            && words.contains("stopped: 3 requests, 0 failed"),
        "{words}"
    );

    // The next start finds what the first one made.
    let server = Server::start(atelier(&home).args(["serve", "--listen", "127.0.0.1:0"]));
    let related = server.get("/products?count=100");
    assert_eq!(related.matches("\"campus\"").count(), 5);
    server.stop("INT");
}

#[test]
fn a_database_that_is_named_gets_no_demo_unless_asked_for() {
    let home = home();
    let url = format!("sqlite:{}", home.path().join("shop.db").display());
    let server =
        Server::start(atelier(&home).args(["--listen", "127.0.0.1:0", "--database-url", &url]));
    assert!(server.get("/products").ends_with("\r\n\r\n[]"));
    let (_, words) = server.stop("INT");
    assert!(words.contains("atelier-etl load"), "{words}");
}

#[test]
fn a_port_that_is_taken_is_named_with_the_way_out() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address");
    let (code, words) = ended(atelier(&home()).args(["--listen", &address.to_string()]));
    assert_eq!(code, 1);
    assert!(
        words.contains(&format!("Cannot listen on {address}.")),
        "{words}"
    );
    assert!(
        words.contains("Another program has the port.") && words.contains("Try: atelier --listen"),
        "{words}"
    );
}

#[test]
fn wrong_settings_end_with_2_and_repeat_no_password() {
    for arguments in [
        &["--listen", "nowhere"][..],
        &["--database-url", "mysql://app:hunter2@db/shop"],
        &["--database-read-url", "mysql://app:hunter2@db/shop"],
        &["--demo", "many"],
        &["--unknown"],
    ] {
        let (code, words) = ended(atelier(&home()).args(arguments));
        assert_eq!(code, 2, "{arguments:?}: {words}");
        assert!(!words.contains("hunter2"), "{words}");
    }
}

#[test]
fn a_database_out_of_reach_ends_with_3() {
    // A port that was free a moment ago.
    let free = TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("an address");
    let url = format!("postgres://app:hunter2@{free}/shop");
    for command in [&["--listen", "127.0.0.1:0"][..], &["migrate"]] {
        let (code, words) = ended(
            atelier(&home())
                .args(command)
                .args(["--database-url", &url]),
        );
        assert_eq!(code, 3, "{words}");
        assert!(
            words.contains(&free.to_string()) && !words.contains("hunter2"),
            "{words}"
        );
    }
}

#[test]
fn one_server_for_each_file() {
    let home = home();
    let server = Server::start(atelier(&home).args(["--listen", "127.0.0.1:0", "--demo", "1"]));
    let (code, words) = ended(atelier(&home).args(["--listen", "127.0.0.1:0"]));
    assert_eq!(code, 1);
    assert!(words.contains("is in use by another program"), "{words}");
    server.stop("INT");
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let home = home();
    let mut server = Server::start(atelier(&home).args(["--listen", "127.0.0.1:0", "--demo", "1"]));
    // The first begins a drain of seconds, during which it is not ready and still answers.
    server.signal("TERM");
    while server.get("/ready").starts_with("HTTP/1.1 200") {}
    assert!(
        server
            .get("/products/1")
            .to_lowercase()
            .contains("connection: close")
    );
    server.signal("TERM");
    assert_eq!(server.process.wait().expect("ends").code(), Some(130));
}

#[test]
fn migrate_tells_how_far_it_came() {
    let home = home();
    for steps in [1, 0] {
        let output = atelier(&home).arg("migrate").output().expect("it starts");
        let words = String::from_utf8(output.stdout).expect("text");
        assert!(
            words.contains(&format!("{steps} migrations applied")),
            "{words}"
        );
    }
}

#[test]
fn the_addresses_that_it_prints_lead_somewhere() {
    let home = home();
    let mut command = atelier(&home);
    let mut server = Server::start(command.args(["--listen", "127.0.0.1:0", "--demo", "1"]));
    let mut words = String::new();
    while !words.contains("Ctrl-C") {
        let read = server.output.read_line(&mut words).expect("a line");
        assert_ne!(read, 0, "{words}");
    }
    let base = format!("http://{}", server.address);
    let targets: Vec<_> = words
        .split(&base)
        .skip(1)
        .filter_map(|rest| rest.split(['\'', ' ', '\n']).next())
        .chain(["/openapi.json"])
        .collect();
    assert_eq!(targets[..2], ["/", "/docs"], "{words}");
    for target in targets {
        let answer = server.get(target);
        assert!(answer.starts_with("HTTP/1.1 200"), "{target}: {answer}");
    }
    server.stop("INT");
}
