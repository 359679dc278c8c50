//! Compression of answers.

use std::io::Write;

use ::http::HeaderMap;
use ::http::header::ACCEPT_ENCODING;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::list;

/// Bodies below this stay as they are: gzip gains nothing worth its time there.
const WORTH_IT: usize = 1_024;

/// Whether a body of this length is sent as gzip to who takes it.
pub(super) fn worth_it(length: usize) -> bool {
    length >= WORTH_IT
}

/// The body as gzip.
pub(super) fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 3), Compression::fast());
    // Writing into memory does not fail.
    let _ = encoder.write_all(body);
    encoder.finish().unwrap_or_default()
}

/// Whether `Accept-Encoding` allows gzip: by name, or else by `*`, with a quality above 0.
pub fn accepts_gzip(request: &HeaderMap) -> bool {
    let (mut named, mut any) = (None, None);
    let values = request.get_all(ACCEPT_ENCODING).iter();
    for coding in values.flat_map(list::elements) {
        match list::name(coding) {
            name if name.eq_ignore_ascii_case(b"gzip") || name.eq_ignore_ascii_case(b"x-gzip") => {
                named = Some(list::is_acceptable(coding));
            }
            b"*" => any = Some(list::is_acceptable(coding)),
            _ => {}
        }
    }
    named.or(any).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use ::http::HeaderValue;

    use super::*;

    #[test]
    fn gzip_is_negotiated() {
        for (accept, allowed) in [
            ("gzip", true),
            ("GZIP;q=0.5, br", true),
            ("deflate, gzip;q=1.0, *;q=0.5", true),
            ("*", true),
            ("gzip;q=0", false),
            ("gzip; q=0.000, *", false),
            ("*;q=0", false),
            ("identity", false),
            ("br", false),
            ("", false),
            ("gzip;q=x", false),
            ("x;a=\",gzip,\"", false),
            ("x;a=\",\";q=0, gzip", true),
            ("\u{e4}, gzip", true),
        ] {
            let mut headers = HeaderMap::new();
            let accept_encoding = HeaderValue::from_str(accept).expect("a header");
            headers.insert(ACCEPT_ENCODING, accept_encoding);
            assert_eq!(accepts_gzip(&headers), allowed, "{accept}");
        }
        assert!(!accepts_gzip(&HeaderMap::new()));
        assert!(worth_it(1_024) && !worth_it(1_023));
    }
}
