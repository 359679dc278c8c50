//! Ports that can't be had.

use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::OwnedFd;
use std::process::Command;

use tempfile::TempDir;

use crate::program::{Server, get};
use crate::{assert_refused, atelier, home, program_in, refused};

/// This program's name and number, as the system has them.
fn this() -> (String, u32) {
    let name = std::fs::read_to_string("/proc/self/comm").expect("a name");
    (name.trim().to_owned(), std::process::id())
}

#[test]
fn one_that_is_taken_is_named_with_who_has_it_and_the_way_out() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address");
    let (host, port) = (address.ip(), address.port());
    let (name, process) = this();
    for flag in ["--listen", "--admin-addr"] {
        let address = address.to_string();
        let mut arguments = vec![flag, &address];
        if flag == "--admin-addr" {
            arguments.extend(["--listen", "127.0.0.1:0"]);
        }
        // Several servers of a machine may have the same settings.
        let other = match flag {
            "--admin-addr" => "+10000".to_owned(),
            _ => format!("{host}:{}", port.checked_add(1).unwrap_or(3_000)),
        };
        let words = format!(
            "Cannot listen on {address}.\n\
             Another program has the port: {name}, process {process}.\n\
             Try: atelier {flag} {other}\n"
        );
        assert_refused(&mut program_in(&home(), &arguments), &words, 1);
    }
}

#[test]
fn api_and_probes_at_the_same_address_are_told_as_that() {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = free.local_addr().expect("an address").port();
    drop(free);
    for listen in ["127.0.0.1", "0.0.0.0"] {
        let listen = format!("{listen}:{port}");
        let admin = format!("127.0.0.1:{port}");
        let arguments = ["--listen", &*listen, "--admin-addr", &*admin];
        assert_refused(
            &mut program_in(&home(), &arguments),
            &format!(
                "--listen and --admin-addr are the same address, {listen}.\n\
                 Probes are answered on a port of their own, or with the API on its port.\n\
                 Leave --admin-addr out, or name another port: --admin-addr +10000\n"
            ),
            2,
        );
    }
}

#[test]
fn an_address_of_another_machine() {
    let (words, code) = refused(&mut program_in(&home(), &["--listen", "192.0.2.1:3000"]));
    assert_eq!(
        words,
        "Cannot listen on 192.0.2.1:3000.\n\
         No network of this machine has the address.\n\
         Try: atelier --listen 0.0.0.0:3000\n"
    );
    assert_eq!(code, 1);
}

/// The program with `socket` handed over as a supervisor does, so many times.
fn supervised(home: &TempDir, socket: impl Into<OwnedFd>, times: u32) -> Command {
    let program = atelier(home);
    let mut command = Command::new("sh");
    let start = "LISTEN_PID=$$ exec \"$0\" --demo 1 3<&0 4<&0";
    command.args(["-c", start]).arg(program.get_program());
    command.env_clear().env("PATH", "/usr/bin:/bin");
    command.env("HOME", home.path()).current_dir(home.path());
    command.env("LISTEN_FDS", times.to_string());
    command.stdin(socket.into());
    command
}

#[test]
fn a_socket_of_a_supervisor_is_served() {
    let (home, socket) = (home(), TcpListener::bind("127.0.0.1:0").expect("a port"));
    let address = socket.local_addr().expect("an address").to_string();
    let server = Server::start(&mut supervised(&home, socket, 1));
    assert_eq!(server.address, address);
    assert!(get(&address, "/live").starts_with("HTTP/1.1 200"));
    assert_eq!(server.stop("INT").0, 0);
}

#[test]
fn sockets_of_a_supervisor_that_can_not_all_be_served_are_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let connected = TcpStream::connect(address).expect("a connection");
    let datagrams = UdpSocket::bind("127.0.0.1:0").expect("a port");
    for (socket, times, why) in [
        (
            OwnedFd::from(listener),
            2,
            "2 sockets were handed over, and one is served.",
        ),
        (
            connected.into(),
            1,
            "The socket that was handed over does not listen.",
        ),
        (datagrams.into(), 1, "fd 3 is not a valid tcp socket"),
    ] {
        let (words, code) = refused(&mut supervised(&home(), socket, times));
        let begin = format!(
            "Cannot serve on what was handed over as LISTEN_FDS.\n{why}\nHand over one TCP socket"
        );
        assert!(words.starts_with(&begin), "{words}");
        assert_eq!(code, 2);
    }
}
