//! Content negotiation and conditional requests.

use ::http::header::{ACCEPT, ACCEPT_ENCODING, IF_NONE_MATCH};
use ::http::{HeaderMap, HeaderValue};

use super::header_list;

/// Returns whether `Accept-Encoding` allows gzip, by name or by `*`, with a weight above 0.
pub fn accepts_gzip(request: &HeaderMap) -> bool {
    let (mut named, mut any) = (None, None);
    let values = request.get_all(ACCEPT_ENCODING).iter();
    for coding in values.flat_map(header_list::list_elements) {
        match header_list::name(coding) {
            name if name.eq_ignore_ascii_case(b"gzip") || name.eq_ignore_ascii_case(b"x-gzip") => {
                named = Some(header_list::is_acceptable(coding));
            }
            b"*" => any = Some(header_list::is_acceptable(coding)),
            _ => {}
        }
    }
    named.or(any).unwrap_or(false)
}

/// Returns whether `Accept` names problem documents with a weight above 0.
pub(crate) fn accepts_problem_json(request: &HeaderMap) -> bool {
    let is_problem_json = |range: &[u8]| {
        header_list::name(range).eq_ignore_ascii_case(b"application/problem+json")
            && header_list::is_acceptable(range)
    };
    let values = request.get_all(ACCEPT).iter();
    values
        .flat_map(header_list::list_elements)
        .any(is_problem_json)
}

/// Returns whether `If-None-Match` contains the tag (weak comparison), so that the response is 304.
pub fn is_not_modified(request: &HeaderMap, etag: &HeaderValue) -> bool {
    let contains_tag = |value: &HeaderValue| {
        // `*` counts only as the whole value, not as an element of a list.
        let mut tags = header_list::entity_tags(value);
        value == "*" || tags.any(|tag| tag.strip_prefix(b"W/").unwrap_or(tag) == etag)
    };
    request.get_all(IF_NONE_MATCH).iter().any(contains_tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_accepted_by_name_or_wildcard() {
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
    }
}
