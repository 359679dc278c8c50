//! Waiting for a PostgreSQL server at startup.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Instant;

use atelier_test_support::postgres;
use socket2::{Domain, Socket, Type};
use tokio::runtime::Runtime;

use crate::program::{Running, Server, ended, get, signal, until};
use crate::{atelier, home, program_in};

fn free() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").to_string()
}

/// Reserves a port on which nothing listens, and returns its address.
pub(crate) fn closed_port() -> (Socket, String) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    socket.bind(&any.into()).expect("a port");
    let place = socket.local_addr().expect("an address").as_socket();
    (socket, place.expect("an address").to_string())
}

/// Forwards every connection on `from` to `to` until the process ends.
fn forward(from: Socket, to: String) {
    from.listen(128).expect("it listens");
    let listener = TcpListener::from(from);
    thread::spawn(move || {
        for near in listener.incoming() {
            let near = near.expect("a connection");
            let far = TcpStream::connect(&to).expect("the server is there");
            for (from, to) in [(&near, &far), (&far, &near)] {
                let (mut from, mut to) = (
                    from.try_clone().expect("a copy"),
                    to.try_clone().expect("a copy"),
                );
                thread::spawn(move || {
                    let mut bytes = [0; 16_384];
                    while let Ok(read @ 1..) = from.read(&mut bytes) {
                        if to.write_all(&bytes[..read]).is_err() {
                            break;
                        }
                    }
                    let _ = to.shutdown(Shutdown::Both);
                });
            }
        }
    });
}

#[test]
fn probes_are_answered_while_the_database_is_down() {
    let runtime = Runtime::new().expect("threads");
    let database = runtime.block_on(postgres::database());
    let url = database.url();
    let (_, real) = url.split_once('@').expect("a user");
    let (real, name) = real.split_once('/').expect("a place");
    let (listen, (socket, place)) = (free(), closed_port());
    let home = home();
    let process = atelier(&home)
        .args([
            "--listen",
            &listen,
            "--log-format",
            "json",
            "--database-url",
        ])
        .arg(format!("postgres://postgres:hunter2@{place}/{name}"))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut process = Running(process);
    let (sender, lines) = channel();
    let log = BufReader::new(process.0.stderr.take().expect("its log"));
    thread::spawn(move || {
        log.lines()
            .map_while(Result::ok)
            .try_for_each(|line| sender.send(line))
    });
    let line = lines.recv().expect("a line of the log");
    assert!(line.contains("\"waiting for the database\""), "{line}");
    let reason = format!("PostgreSQL at {place} ");
    assert!(
        line.contains(&reason) && line.contains("Connection refused (os error 111)"),
        "{line}"
    );
    let hint =
        format!("Is it running? Try: psql 'postgres://postgres@{place}/{name}' -c 'select 1'");
    assert!(line.contains(&hint), "{line}");
    for (target, status, words) in [
        ("/live", 200, "live"),
        ("/ready", 503, "not ready"),
        ("/health", 503, "starting"),
        (
            "/products",
            503,
            "Error: the service is busy, try again later",
        ),
    ] {
        let answer = get(&listen, target);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{answer}"
        );
        assert!(answer.ends_with(words), "{answer}");
        assert!(
            target != "/products" || answer.contains("\r\nretry-after: "),
            "{answer}"
        );
    }
    assert!(get(&listen, "/metrics").contains("\natelier_ready 0\n"));
    forward(socket, real.to_owned());
    let reachable = Instant::now();
    until(|| get(&listen, "/ready").starts_with("HTTP/1.1 200"));
    println!("ready after {:?}; promised: 2 s", reachable.elapsed());
    assert!(get(&listen, "/products").starts_with("HTTP/1.1 200"));
    assert!(get(&listen, "/metrics").contains("\natelier_ready 1\n"));
    signal(&process.0, "INT");
    assert_eq!(process.0.wait().expect("ends").code(), Some(0));
    let _in = runtime.enter();
    drop(database);
}

/// Forwards connections to `to`, and returns the address. Once a client sends `words`, its connection and the next five are
/// closed, as by a server that restarts.
fn restarting_at(words: &'static str, to: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let place = listener.local_addr().expect("an address").to_string();
    let sent = Arc::new(AtomicBool::new(false));
    thread::spawn(move || {
        let mut refused = 0;
        for near in listener.incoming() {
            let near = near.expect("a connection");
            if sent.load(Ordering::SeqCst) && refused < 5 {
                refused += 1;
                continue;
            }
            let far = TcpStream::connect(&to).expect("the server is there");
            let (mut from, mut back) = (
                far.try_clone().expect("a copy"),
                near.try_clone().expect("a copy"),
            );
            thread::spawn(move || {
                let _ = std::io::copy(&mut from, &mut back);
            });
            let sent = Arc::clone(&sent);
            thread::spawn(move || {
                let (mut near, mut far) = (near, far);
                let mut bytes = [0; 16_384];
                while let Ok(read @ 1..) = near.read(&mut bytes) {
                    let found = bytes[..read]
                        .windows(words.len())
                        .any(|it| it == words.as_bytes());
                    if found && !sent.swap(true, Ordering::SeqCst) {
                        break;
                    }
                    if far.write_all(&bytes[..read]).is_err() {
                        break;
                    }
                }
                let _ = near.shutdown(Shutdown::Both);
                let _ = far.shutdown(Shutdown::Both);
            });
        }
    });
    place
}

#[test]
fn database_that_restarts_during_startup_is_waited_for() {
    let runtime = Runtime::new().expect("threads");
    // Queries of a start: the version of the server, the content, the number of products.
    for words in ["server_version_num", "from store_facts", "max(position)"] {
        let database = runtime.block_on(postgres::database());
        let url = database.url();
        let (_, real) = url.split_once('@').expect("a user");
        let (real, name) = real.split_once('/').expect("a place");
        let place = restarting_at(words, real.to_owned());
        let home = home();
        let url = format!("postgres://postgres@{place}/{name}");
        let server = Server::start(&mut program_in(&home, &["--database-url", &url]));
        assert!(
            server.get("/products").starts_with("HTTP/1.1 200"),
            "{words}"
        );
        server.stop("INT");
        let _in = runtime.enter();
        drop(database);
    }
}

#[test]
fn signal_ends_a_waiting_server() {
    let (listen, (_socket, place)) = (free(), closed_port());
    let home = home();
    let process = atelier(&home)
        .args(["--listen", &listen, "--database-url"])
        .arg(format!("postgres://app@{place}/shop"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let mut process = Running(process);
    until(|| get(&listen, "/live").starts_with("HTTP/1.1 200"));
    signal(&process.0, "TERM");
    assert_eq!(process.0.wait().expect("ends").code(), Some(0));
}

#[test]
fn waiting_ends_after_the_configured_time() {
    let (_socket, place) = closed_port();
    let url = format!("postgres://app@{place}/shop");
    let arguments = [
        "--database-url",
        &url,
        "--wait-for-database",
        "10ms",
        "--log",
        "error",
    ];
    let (code, said, words) = ended(&mut program_in(&home(), &arguments));
    assert_eq!((code, &*said), (3, ""));
    assert!(
        words.starts_with(&format!("PostgreSQL at {place} can't be used: ")),
        "{words}"
    );
}
