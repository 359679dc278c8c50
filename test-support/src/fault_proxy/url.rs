//! Host and port of a database URL.

use std::net::SocketAddr;
use std::ops::Range;

/// Returns the range of host and port in `postgres://user:password@HOST:PORT/name?parameters`.
fn span(url: &str) -> Range<usize> {
    let begin = url.find("://").map_or(0, |scheme| scheme + 3);
    let authority = url[begin..].split(['/', '?']).next().unwrap_or_default();
    let end = begin + authority.len();
    let host = authority.rfind('@').map_or(begin, |at| begin + at + 1);
    host..end
}

/// Returns `host:port`, with the port 5432 when the URL has none.
pub(super) fn host_and_port(url: &str) -> String {
    let host = &url[span(url)];
    let has_port = host
        .rsplit_once(':')
        .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    if has_port {
        host.to_owned()
    } else {
        format!("{host}:5432")
    }
}

/// Returns the URL with another address.
pub(super) fn at(url: &str, address: SocketAddr) -> String {
    let span = span(url);
    format!("{}{address}{}", &url[..span.start], &url[span.end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_host_and_port_are_replaced() {
        let address = SocketAddr::from(([127, 0, 0, 1], 7));
        for (given, there, moved) in [
            (
                "postgres://u:p@db.example:5433/main?options=a/b@c",
                "db.example:5433",
                "postgres://u:p@127.0.0.1:7/main?options=a/b@c",
            ),
            (
                "postgres://u:p%40x@h/n",
                "h:5432",
                "postgres://u:p%40x@127.0.0.1:7/n",
            ),
            ("postgres://h", "h:5432", "postgres://127.0.0.1:7"),
            (
                "postgres://[::1]?a=b",
                "[::1]:5432",
                "postgres://127.0.0.1:7?a=b",
            ),
        ] {
            assert_eq!(host_and_port(given), there, "{given}");
            assert_eq!(at(given, address), moved, "{given}");
        }
    }
}
