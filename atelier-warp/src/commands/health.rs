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
            let admin = options
                .admin
                .and_then(|admin| admin.address(options.listen));
            let address = within_reach(admin.unwrap_or(options.listen));
            match status(address).as_ref() {
                Ok(b"200") => (true, format!("The server at {address} is ready.")),
                Ok(b"404") => {
                    let what =
                        "does not answer /ready: give the --admin-addr that it was started with";
                    (false, format!("The server at {address} {what}."))
                }
                Ok(_) => (false, format!("The server at {address} is not ready.")),
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

/// The status of the answer to `/ready`.
fn status(address: SocketAddr) -> io::Result<[u8; 3]> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let request = format!("GET /ready HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    stream.read_exact(&mut [0; b"HTTP/1.1 ".len()])?;
    let mut status = [0; 3];
    stream.read_exact(&mut status)?;
    Ok(status)
}
