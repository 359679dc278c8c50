//! `atelier health`, for the health check of a container.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::process::ExitCode;
use std::time::Duration;

use crate::cli::{AddressOptions, exit, say};

/// Timeout for connecting, for sending and for each part of the response.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Requests `/ready` and prints the outcome in one line. Exits with 0 or 1 alone: a supervisor knows no other codes.
pub(crate) fn health(options: &AddressOptions) -> ExitCode {
    let admin = options
        .admin()
        .and_then(|admin| admin.resolve(options.listen));
    let address = connectable(admin.unwrap_or(options.listen));
    let (code, outcome) = match status(address).as_ref() {
        Ok(b"200") => (exit::SUCCESS, format!("The server at {address} is ready.")),
        Ok(b"404") => (
            exit::RUNNING,
            format!(
                "The server at {address} has no /ready: pass the --admin-addr that it was started with."
            ),
        ),
        Ok(_) => (
            exit::RUNNING,
            format!("The server at {address} is not ready."),
        ),
        Err(error) => (
            exit::RUNNING,
            format!("No server answers at {address}: {error}."),
        ),
    };
    say(outcome);
    ExitCode::from(code)
}

/// Returns the address by which this machine reaches a server that listens on `address`.
fn connectable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// Returns the status code of `/ready`.
fn status(address: SocketAddr) -> io::Result<[u8; 3]> {
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    let request = format!("GET /ready HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    stream.read_exact(&mut [0; b"HTTP/1.1 ".len()])?;
    let mut status = [0; 3];
    stream.read_exact(&mut status)?;
    Ok(status)
}
