//! Compression of answers.

use std::io::Write;

use ::http::HeaderMap;
use ::http::header::ACCEPT_ENCODING;
use flate2::Compression;
use flate2::write::GzEncoder;

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
    let values = request
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok());
    for coding in values.flat_map(|list| list.split(',')) {
        let (name, parameters) = coding.split_once(';').unwrap_or((coding, ""));
        match name.trim() {
            name if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") => {
                named = Some(quality(parameters) > 0.0);
            }
            "*" => any = Some(quality(parameters) > 0.0),
            _ => {}
        }
    }
    named.or(any).unwrap_or(false)
}

/// The quality among the parameters of a header's element: 1 where there is none, 0 where it is no number.
pub(super) fn quality(parameters: &str) -> f32 {
    let parameters = parameters
        .split(';')
        .filter_map(|parameter| parameter.split_once('='));
    let mut named = parameters.filter(|(name, _)| name.trim().eq_ignore_ascii_case("q"));
    named
        .next()
        .map_or(1.0, |(_, value)| value.trim().parse().unwrap_or(0.0))
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
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(accept));
            assert_eq!(accepts_gzip(&headers), allowed, "{accept}");
        }
        assert!(!accepts_gzip(&HeaderMap::new()));
        assert!(worth_it(1_024) && !worth_it(1_023));
    }
}
