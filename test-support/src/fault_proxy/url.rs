//! The place in a database's URL, and another in its stead.

use std::net::SocketAddr;
use std::ops::Range;

/// Where host and port are in `postgres://user:password@HOST:PORT/name?parameters`.
fn span(url: &str) -> Range<usize> {
    let begin = url.find("://").map_or(0, |scheme| scheme + 3);
    let authority = url[begin..].split(['/', '?']).next().unwrap_or_default();
    let end = begin + authority.len();
    let host = authority.rfind('@').map_or(begin, |at| begin + at + 1);
    host..end
}

/// `host:port`, with PostgreSQL's port where none is given.
pub(super) fn place(url: &str) -> String {
    let place = &url[span(url)];
    let has_port = place
        .rsplit_once(':')
        .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    if has_port {
        place.to_owned()
    } else {
        format!("{place}:5432")
    }
}

/// The same database at another place.
pub(super) fn at(url: &str, address: SocketAddr) -> String {
    let span = span(url);
    format!("{}{address}{}", &url[..span.start], &url[span.end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_place_is_another() {
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
            assert_eq!(place(given), there, "{given}");
            assert_eq!(at(given, address), moved, "{given}");
        }
    }
}
