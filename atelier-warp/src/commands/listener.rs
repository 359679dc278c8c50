//! Listening sockets.

use std::io::ErrorKind;
use std::net::SocketAddr;

use atelier_warp::serve;
use tokio::net::TcpListener;

use crate::cli::{CliError, exit};

/// Listens on the address of the option `flag`.
pub(super) fn bind(address: SocketAddr, flag: &str) -> Result<TcpListener, CliError> {
    serve::bind(address).map_err(|error| {
        let port = address.port();
        let next = SocketAddr::new(address.ip(), port.checked_add(1).unwrap_or(3_000)).to_string();
        let reported = format!("The system reports: {error}.");
        let (cause, example) = match error.kind() {
            // The servers of a machine may share one file of settings.
            ErrorKind::AddrInUse if flag == "--admin-addr" => {
                ("Another process uses the port.", "+10000".to_owned())
            }
            ErrorKind::AddrInUse => ("Another process uses the port.", next),
            ErrorKind::AddrNotAvailable => (
                "The address is not assigned to any interface of this machine.",
                format!("0.0.0.0:{port}"),
            ),
            ErrorKind::PermissionDenied if port < 1_024 => (
                "Ports below 1024 need more privileges.",
                SocketAddr::new(address.ip(), 8_080).to_string(),
            ),
            ErrorKind::PermissionDenied => (
                "A rule of the systemd unit (SocketBindAllow) or of the container forbids it.",
                next,
            ),
            _ => (&*reported, next),
        };
        let hint = format!("Try: atelier {flag} {example}");
        CliError::new(format!("Cannot listen on {address}."), cause, hint)
    })
}

/// Returns the socket of the API: that of a supervisor, or a new one at `address`.
pub(super) fn api(address: SocketAddr) -> Result<TcpListener, CliError> {
    let inherited = serve::inherited().map_err(|error| {
        CliError::new(
            "Cannot serve the socket in LISTEN_FDS.",
            error.to_string(),
            "Pass one listening TCP socket: one ListenStream= of the socket unit, with Accept=no. \
             [::]:3000 with BindIPv6Only=both accepts IPv4 and IPv6.",
        )
        .with_code(exit::SETTING)
    })?;
    match inherited {
        Some(listener) => Ok(listener),
        None => bind(address, "--listen"),
    }
}
