//! Checks of a request's head that hyper does not make, and recovery of headers from a malformed head.

use std::net::Ipv6Addr;

use http::header::{ACCEPT, HOST, TRANSFER_ENCODING};
use http::{HeaderName, HeaderValue, Method, Request, Version};
use hyper::body::Body;

/// The request headers on which a refusal depends.
const RECOVERED: [HeaderName; 2] = [ACCEPT, HeaderName::from_static("x-request-id")];

/// Whether a request has exactly one valid `Host`, which is optional in HTTP/1.0, and no transfer coding but `chunked`.
pub(super) fn is_well_formed<B: Body>(request: &Request<B>) -> bool {
    let mut hosts = request.headers().get_all(HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => is_host(host.as_bytes()),
        (None, _) => request.version() < Version::HTTP_11,
        _ => false,
    };
    // A body of unknown length has a transfer coding.
    host && (request.body().size_hint().exact().is_some() || is_chunked(request))
}

fn is_chunked<B>(request: &Request<B>) -> bool {
    let mut codings = request.headers().get_all(TRANSFER_ENCODING).iter();
    let first = codings.next();
    first.is_some_and(|coding| coding.as_bytes().eq_ignore_ascii_case(b"chunked"))
        && codings.next().is_none()
}

/// Whether this is a host with an optional port, by RFC 3986; it may be empty.
fn is_host(text: &[u8]) -> bool {
    let (host, port) = match text.iter().rposition(|byte| *byte == b':') {
        Some(at) if !text.ends_with(b"]") => (&text[..at], &text[at + 1..]),
        _ => (text, &b""[..]),
    };
    port.iter().all(u8::is_ascii_digit)
        && match host {
            [b'[', address @ .., b']'] => is_ipv6_address(address),
            name => name
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=".contains(byte)),
        }
}

/// Whether this is an IPv6 address with an optional zone, as between brackets.
fn is_ipv6_address(text: &[u8]) -> bool {
    let address = text.split(|byte| *byte == b'%').next();
    address
        .and_then(|address| std::str::from_utf8(address).ok())
        .is_some_and(|address| address.parse::<Ipv6Addr>().is_ok())
}

/// Extracts the method and the [`RECOVERED`] headers from a malformed head. An invalid method becomes `_OTHER`, the label that
/// logs and metrics use.
pub(super) fn recover(bytes: &[u8]) -> Request<()> {
    let mut lines = bytes
        .split(|byte| *byte == b'\n')
        .map(<[u8]>::trim_ascii_end);
    let first = lines.next().unwrap_or_default();
    let method = first.split(|byte| *byte == b' ').next().unwrap_or_default();
    let mut request = Request::new(());
    *request.method_mut() = Method::from_bytes(method)
        .or_else(|_| Method::from_bytes(b"_OTHER"))
        .unwrap_or_default();
    for line in lines.take_while(|line| !line.is_empty()) {
        let Some(at) = line.iter().position(|byte| *byte == b':') else {
            continue;
        };
        let (name, value) = (&line[..at], line[at + 1..].trim_ascii());
        let name = HeaderName::from_bytes(name).ok();
        let name = name.filter(|name| RECOVERED.contains(name));
        if let (Some(name), Ok(value)) = (name, HeaderValue::from_bytes(value)) {
            request.headers_mut().append(name, value);
        }
    }
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_is_a_name_or_an_address_with_an_optional_port() {
        for (host, valid) in [
            ("", true),
            ("shop", true),
            ("shop.example.org:3000", true),
            ("shop:", true),
            ("127.0.0.1:80", true),
            ("[::1]", true),
            ("[2001:db8::1]:443", true),
            ("[fe80::1%25eth0]", true),
            ("sh%C3%B6p", true),
            ("a b", false),
            ("a, b", false),
            ("a:b", false),
            ("a:1:2", false),
            ("user@shop", false),
            ("shop/path", false),
            ("[::1", false),
            ("::1", false),
            ("[zz]", false),
            ("[]", false),
            ("shop\u{e4}", false),
        ] {
            assert_eq!(is_host(host.as_bytes()), valid, "{host}");
        }
    }

    #[test]
    fn method_and_headers_are_recovered_from_a_malformed_head() {
        let head = b"HEAD /x HTTP/1.1\r\nHost x\r\nx-request-ID:  r1 \r\nAccept: a\r\nX: \xff\r\naccept: b\r\n\r\nAccept: c";
        let request = recover(head);
        assert_eq!(request.method(), Method::HEAD);
        let headers = request.headers();
        assert_eq!(headers["x-request-id"], "r1");
        let accepted: Vec<_> = headers.get_all(ACCEPT).iter().collect();
        assert_eq!(accepted, ["a", "b"]);
        for other in [&b"\xff\xfe"[..], b"", b"\r\n\r\n"] {
            assert_eq!(recover(other).method().as_str(), "_OTHER");
        }
    }
}
