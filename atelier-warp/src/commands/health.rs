//! `atelier health`: what a container asks itself.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::process::ExitCode;
use std::time::Duration;

use crate::cli::{Failure, Options, exit, say};

/// How long a server may take to say that it is ready.
const PATIENCE: Duration = Duration::from_secs(2);

/// Asks the server whether it is ready, and tells in one sentence. There is nothing but 0 and 1: other codes mean other
/// things to a supervisor.
pub(crate) fn health(options: Result<Options, Failure>) -> ExitCode {
    let (ready, sentence) = match options {
        Ok(options) => {
            let address = within_reach(options.admin.unwrap_or(options.listen));
            match ready(address) {
                Ok(true) => (true, format!("The server at {address} is ready.")),
                Ok(false) => (false, format!("The server at {address} is not ready.")),
                Err(error) => (false, format!("No server answers at {address}: {error}.")),
            }
        }
        Err(failure) => (false, failure.to_string().replace('\n', " ")),
    };
    say(sentence);
    ExitCode::from(if ready { exit::FINE } else { exit::RUNNING })
}

/// Where a server that listens there is reached from this machine.
fn within_reach(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

fn ready(address: SocketAddr) -> io::Result<bool> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let request = format!("GET /ready HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut status = [0; b"HTTP/1.1 200".len()];
    stream.read_exact(&mut status)?;
    Ok(status == *b"HTTP/1.1 200")
}
