//! The port, or why it can't be had.

use std::fs;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use atelier_warp::serve;
use tokio::net::TcpListener;

use crate::cli::{Failure, exit};

/// Listens at the address of the setting `flag`.
pub(super) fn listen(
    address: SocketAddr,
    flag: &str,
    listen: impl FnOnce(SocketAddr) -> io::Result<TcpListener>,
) -> Result<TcpListener, Failure> {
    listen(address).map_err(|error| {
        let next = SocketAddr::new(address.ip(), address.port().checked_add(1).unwrap_or(3_000));
        let (why, next) = match error.kind() {
            // The servers of a machine may have it from one file of settings.
            ErrorKind::AddrInUse if flag == "--admin-addr" => {
                (taken(address.port()), "+10000".to_owned())
            }
            ErrorKind::AddrInUse => (taken(address.port()), next.to_string()),
            ErrorKind::AddrNotAvailable => {
                let why = "No network of this machine has the address.".to_owned();
                (why, format!("0.0.0.0:{}", address.port()))
            }
            ErrorKind::PermissionDenied if address.port() >= 1_024 => (
                "A rule of this system forbids it: of the unit (SocketBindAllow), or of a container.".to_owned(),
                next.to_string(),
            ),
            ErrorKind::PermissionDenied => {
                let why = "Ports below 1024 are for programs with more rights.".to_owned();
                (why, SocketAddr::new(address.ip(), 8_080).to_string())
            }
            _ => (format!("The system says: {error}."), next.to_string()),
        };
        Failure::new(
            format!("Cannot listen on {address}."),
            why,
            format!("Try: atelier {flag} {next}"),
        )
    })
}

/// The public port: of a supervisor, or a new one.
pub(super) fn public(address: SocketAddr) -> Result<TcpListener, Failure> {
    let inherited = serve::inherited().map_err(|error| {
        Failure::new(
            "Cannot serve on what was handed over as LISTEN_FDS.",
            error.to_string(),
            "Hand over one TCP socket that listens: one ListenStream= of the socket unit, with Accept=no. \
             [::]:3000 with BindIPv6Only=both is one for IPv4 and IPv6.",
        )
        .code(exit::SETTING)
    })?;
    match inherited {
        Some(listener) => Ok(listener),
        None => listen(address, "--listen", serve::bind),
    }
}

fn taken(port: u16) -> String {
    match owner(port) {
        Some((name, process)) => {
            format!("Another program has the port: {name}, process {process}.")
        }
        None => "Another program has the port.".to_owned(),
    }
}

/// The program that listens on a port, as far as this user may see it, where the system tells in `/proc`.
fn owner(port: u16) -> Option<(String, u32)> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"];
    let sockets: Vec<String> = tables
        .into_iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .flat_map(|table| listening(&table, port))
        .collect();
    let processes = fs::read_dir("/proc").ok()?.flatten();
    let mut numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let process = numbers.find(|process: &u32| {
        let files = fs::read_dir(format!("/proc/{process}/fd"));
        let mut files = files.into_iter().flatten().flatten();
        files.any(|file| {
            let target = fs::read_link(file.path()).unwrap_or_default();
            sockets
                .iter()
                .any(|socket| target.as_os_str() == socket.as_str())
        })
    })?;
    let name = fs::read_to_string(format!("/proc/{process}/comm")).ok()?;
    Some((name.trim().to_owned(), process))
}

/// The sockets that listen on a port, as the files of a process name them.
fn listening(table: &str, port: u16) -> Vec<String> {
    let line = |line: &str| {
        let fields: Vec<_> = line.split_whitespace().collect();
        let [_, local, _, "0A", ..] = fields[..] else {
            return None;
        };
        let (_, of) = local.rsplit_once(':')?;
        let is_it = u16::from_str_radix(of, 16) == Ok(port);
        is_it.then(|| Some(format!("socket:[{}]", fields.get(9)?)))?
    };
    table.lines().filter_map(line).collect()
}
