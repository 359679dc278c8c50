//! Requests of arbitrary bytes, half of them close enough to an endpoint to reach its handler.

use atelier_core::http::ENDPOINTS;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Uri};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::shop::MAX_BODY;

pub(crate) fn request() -> impl Strategy<Value = Request<Bytes>> {
    (method(), target(), vec(header(), 0..5), body()).prop_map(|(method, target, headers, body)| {
        let mut request = Request::new(body.into());
        *request.method_mut() = method;
        *request.uri_mut() = uri(&target);
        for (name, value) in headers {
            request.headers_mut().append(name, value);
        }
        request
    })
}

fn method() -> impl Strategy<Value = Method> {
    let other = ["DELETE", "PATCH", "TRACE", "CONNECT", "get", "!"]
        .map(|name| Method::from_bytes(name.as_bytes()).expect(name));
    prop_oneof![
        6 => Just(Method::GET),
        3 => Just(Method::POST),
        2 => Just(Method::PUT),
        1 => select(vec![Method::HEAD, Method::OPTIONS]),
        1 => select(other.to_vec()),
    ]
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..24)
}

/// One of `texts`, or arbitrary bytes.
fn text(texts: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        5 => select(texts).prop_map(|text| text.as_bytes().to_vec()),
        1 => bytes(),
    ]
}

fn id() -> impl Strategy<Value = Vec<u8>> {
    let odd = text(&[
        "501",
        "501",
        "71",
        "6",
        "007",
        "0",
        "-1",
        "+7",
        "5.0",
        "1e3",
        "0x7",
        "hello",
        "",
        "%",
        "%00",
        "%ff",
        "%2F",
        "%35%30%31",
        "%D9%A3",
        "501%00",
        "%f0%9f",
        "9223372036854775807",
        "9223372036854775808",
        "99999999999999999999999999999999",
        "..",
        "null",
        "31",
    ]);
    prop_oneof![1 => Just(b"501".to_vec()), 2 => odd]
}

fn target() -> impl Strategy<Value = Vec<u8>> {
    let paths: Vec<_> = ENDPOINTS.iter().map(|endpoint| endpoint.path).collect();
    let route = (select(paths), id()).prop_map(|(path, id): (&str, _)| {
        let segments = path[1..].split('/');
        let filled = segments.map(|segment| {
            let given: &[u8] = if segment.starts_with('{') {
                &id
            } else {
                segment.as_bytes()
            };
            given.to_vec()
        });
        filled.collect::<Vec<_>>()
    });
    let segment = text(&[
        "products",
        "reviews",
        "meta",
        "qa",
        "questions",
        "answers",
        "cart",
        "helpful",
        "report",
        "501",
        "%70roducts",
        "Products",
        "",
        ".",
        "..",
        "%2e%2e",
        "%2F",
        "%00",
        "api",
        "fec2",
    ]);
    let path = prop_oneof![3 => route, 1 => vec(segment, 0..6)];
    let base = text(&[
        "/api/fec2/hr-rfp/",
        "/api/fec2/%00/",
        "/api/fec2//",
        "//",
        "*",
    ]);
    let base = prop_oneof![6 => Just(b"/".to_vec()), 1 => base];
    let tail = prop_oneof![6 => Just(vec![]), 1 => text(&["/", "//", "?", "%", "#x"])];
    let long = prop_oneof![60 => Just(0usize), 1 => 8_000..20_000usize];
    (base, path, tail, proptest::option::of(query()), long).prop_map(
        |(base, path, tail, query, long)| {
            let mut target = [base, path.join(&b'/'), tail].concat();
            if let Some(query) = query {
                target.push(b'?');
                target.extend(query);
                target.extend(std::iter::repeat_n(b'x', long));
            }
            target
        },
    )
}

fn query() -> impl Strategy<Value = Vec<u8>> {
    let name = text(&[
        "product_id",
        "product_id",
        "page",
        "count",
        "sort",
        "page[]",
        "Count",
        "product%5Fid",
        "",
    ]);
    let value = prop_oneof![
        id(),
        text(&[
            "newest", "helpful", "-1", "2", "3", "%2B2", "a=b", "+2", "2.5"
        ])
    ];
    let pair = (name, value).prop_map(|(name, value)| [name, value].join(&b'='));
    vec(pair, 0..5).prop_map(|pairs| pairs.join(&b'&'))
}

/// Parses the bytes as a request target; percent-encodes them if they are not valid.
fn uri(target: &[u8]) -> Uri {
    Uri::from_maybe_shared(Bytes::copy_from_slice(target)).unwrap_or_else(|_| {
        let encode = |byte: &u8| match byte {
            b'/' | b'?' | b'&' | b'=' | b'%' | b'+' => char::from(*byte).to_string(),
            _ if byte.is_ascii_alphanumeric() => char::from(*byte).to_string(),
            _ => format!("%{byte:02x}"),
        };
        let encoded: String = target.iter().map(encode).collect();
        format!("/{encoded}").parse().expect("a target")
    })
}

fn header() -> impl Strategy<Value = (HeaderName, HeaderValue)> {
    let name = select(
        &[
            "accept",
            "accept-encoding",
            "authorization",
            "content-type",
            "content-length",
            "idempotency-key",
            "if-none-match",
            "origin",
            "access-control-request-method",
            "transfer-encoding",
            "x-request-id",
        ][..],
    );
    let value = prop_oneof![
        text(&[
            "application/problem+json",
            "application/problem+json;q=0",
            "*/*",
            "application/json"
        ]),
        text(&[
            "gzip",
            "br;q=0.5, gzip;q=0",
            "*;q=0",
            "identity",
            "gzip;q=nan",
            ",,;"
        ]),
        text(&[
            "*",
            "\"a\", W/\"b\"",
            "\"",
            "W/",
            "",
            "application/x-www-form-urlencoded"
        ]),
    ];
    (name, value).prop_map(|(name, mut value)| {
        value.retain(|byte| *byte >= b' ' && *byte != 127);
        let value = HeaderValue::from_bytes(&value).expect("a header's bytes");
        (HeaderName::from_static(name), value)
    })
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    let piece = text(&[
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "null",
        "true",
        "1e999",
        "-",
        "1",
        "\\u0000",
        "\\ud800",
        "\0",
        "\"sku_id\"",
        "\"body\"",
        "=",
        "&",
        "sku_id",
        "\u{feff}",
        " ",
    ]);
    prop_oneof![
        8 => Just(vec![]),
        8 => bytes(),
        8 => vec(piece, 0..12).prop_map(|pieces| pieces.concat()),
        2 => (0..3_000usize).prop_map(|depth| b"[".repeat(depth)),
        2 => (0..1_500usize).prop_map(|depth| [b"[".repeat(depth), b"]".repeat(depth)].concat()),
        1 => Just(vec![b' '; MAX_BODY + 1]),
    ]
}
