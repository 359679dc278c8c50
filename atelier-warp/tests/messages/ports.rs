//! Ports and sockets.

use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::OwnedFd;
use std::process::Command;

use tempfile::TempDir;

use crate::program::{Server, get};
use crate::{assert_fails, atelier, failure, home, program_in};

#[test]
fn port_in_use_is_answered_with_another() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address");
    let next = address.port().checked_add(1).unwrap_or(3_000);
    let listen = address.to_string();
    for (arguments, hint) in [
        (
            &["--listen", &*listen][..],
            format!("--listen {}:{next}", address.ip()),
        ),
        // The servers of a machine may share their settings.
        (
            &["--admin-addr", &listen, "--listen", "127.0.0.1:0"],
            "--admin-addr +10000".to_owned(),
        ),
    ] {
        let words = format!(
            "Cannot listen on {address}.\nAnother process uses the port.\nTry: atelier {hint}\n"
        );
        assert_fails(&mut program_in(&home(), arguments), &words, 1);
    }
}

#[test]
fn same_address_for_api_and_probes_is_refused() {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = free.local_addr().expect("an address").port();
    drop(free);
    for listen in ["127.0.0.1", "0.0.0.0"] {
        let listen = format!("{listen}:{port}");
        let admin = format!("127.0.0.1:{port}");
        let arguments = ["--listen", &*listen, "--admin-addr", &*admin];
        assert_fails(
            &mut program_in(&home(), &arguments),
            &format!(
                "--listen and --admin-addr are the same address, {listen}.\n\
                 Probes have a port of their own, or share that of the API.\n\
                 Omit --admin-addr, or name another port: --admin-addr +10000\n"
            ),
            2,
        );
    }
}

#[test]
fn address_of_another_machine_is_refused() {
    let (words, code) = failure(&mut program_in(&home(), &["--listen", "192.0.2.1:3000"]));
    assert_eq!(
        words,
        "Cannot listen on 192.0.2.1:3000.\n\
         The address is not assigned to any interface of this machine.\n\
         Try: atelier --listen 0.0.0.0:3000\n"
    );
    assert_eq!(code, 1);
}

/// The program with `socket` passed as a supervisor does, this many times.
pub(crate) fn supervised(home: &TempDir, socket: impl Into<OwnedFd>, times: u32) -> Command {
    let program = atelier(home);
    let mut command = Command::new("sh");
    let start = "LISTEN_PID=$$ exec \"$0\" 3<&0 4<&0";
    command.args(["-c", start]).arg(program.get_program());
    command.env_clear().env("PATH", "/usr/bin:/bin");
    command.env("HOME", home.path()).current_dir(home.path());
    command
        .env("LISTEN_FDS", times.to_string())
        .env("ATELIER_DEMO", "1");
    command.stdin(socket.into());
    command
}

#[test]
fn socket_of_a_supervisor_is_served() {
    let (home, socket) = (home(), TcpListener::bind("127.0.0.1:0").expect("a port"));
    let address = socket.local_addr().expect("an address").to_string();
    let server = Server::start(&mut supervised(&home, socket, 1));
    assert_eq!(server.address, address);
    assert!(get(&address, "/live").starts_with("HTTP/1.1 200"));
    assert_eq!(server.stop("INT").0, 0);
}

#[test]
fn unusable_sockets_of_a_supervisor_are_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let connected = TcpStream::connect(address).expect("a connection");
    let datagrams = UdpSocket::bind("127.0.0.1:0").expect("a port");
    for (socket, times, why) in [
        (
            OwnedFd::from(listener),
            2,
            "2 sockets were passed, but one is supported.",
        ),
        (
            connected.into(),
            1,
            "The socket that was passed does not listen.",
        ),
        (datagrams.into(), 1, "fd 3 is not a valid tcp socket"),
    ] {
        let (words, code) = failure(&mut supervised(&home(), socket, times));
        let begin =
            format!("Cannot serve the socket in LISTEN_FDS.\n{why}\nPass one listening TCP socket");
        assert!(words.starts_with(&begin), "{words}");
        assert_eq!(code, 2);
    }
}
