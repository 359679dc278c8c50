//! The address that was asked, from what an event tells of it.

use atelier_core::http::ApiError;
use http::Uri;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// What stands in no query as it is. A percent sign stays: it may be one that encodes.
const QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>');

/// What would be taken for something else in a query that was decoded.
const DECODED: &AsciiSet = &QUERY.add(b'%').add(b'&').add(b'+').add(b'=');

/// What stands in no path as it is. Some callers decode paths and some don't, so a percent sign stays here too.
const PATH: &AsciiSet = &QUERY
    .add(b'?')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Longer addresses are no `Uri`, whatever they say.
const LONGEST: usize = u16::MAX as usize - 1;

/// The address of a path and a query, in which what can't stand in an address is encoded.
pub(crate) fn uri(path: &str, query: &str) -> Result<Uri, ApiError> {
    let mut target = utf8_percent_encode(path, PATH).to_string();
    if !target.starts_with('/') {
        target.insert(0, '/');
    }
    if !query.is_empty() {
        target.push('?');
        target.extend(utf8_percent_encode(query, QUERY));
    }
    if target.len() > LONGEST {
        return Err(ApiError::TargetTooLong);
    }
    Uri::try_from(target).map_err(|_| ApiError::NoRoute)
}

/// A path without the stage it begins with, if it does. `whole` is the path as API Gateway was asked, where the event has
/// that: when the stage comes on top of the path there, the path has none, whatever it begins with.
pub(crate) fn below_stage<'a>(path: &'a str, stage: Option<&str>, whole: Option<&str>) -> &'a str {
    let Some(stage) = stage.filter(|stage| !stage.is_empty() && *stage != "$default") else {
        return path;
    };
    let below = |path: &'a str| path.strip_prefix('/')?.strip_prefix(stage);
    let on_top = whole.and_then(|whole| whole.strip_prefix('/')?.strip_prefix(stage));
    if on_top == Some(path) {
        return path;
    }
    below(path)
        .filter(|rest| rest.is_empty() || rest.starts_with('/'))
        .unwrap_or(path)
}

/// The query of parameters that the caller has decoded.
pub(crate) fn query_of_decoded(parameters: &[(String, String)]) -> String {
    let mut query = String::new();
    for (name, value) in parameters {
        separate(&mut query);
        query.extend(utf8_percent_encode(name, DECODED));
        query.push('=');
        query.extend(utf8_percent_encode(value, DECODED));
    }
    query
}

/// The query of parameters that are as they were sent.
pub(crate) fn query_of_encoded(parameters: &[(String, String)]) -> String {
    let mut query = String::new();
    for (name, value) in parameters {
        separate(&mut query);
        query.push_str(name);
        query.push('=');
        query.push_str(value);
    }
    query
}

fn separate(query: &mut String) {
    if !query.is_empty() {
        query.push('&');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_is_taken_off_once_and_only_where_it_is() {
        for (path, stage, whole, below) in [
            ("/products", None, None, "/products"),
            ("/products", Some(""), None, "/products"),
            ("/products", Some("$default"), None, "/products"),
            ("/products", Some("live"), None, "/products"),
            ("/live/products", Some("live"), None, "/products"),
            ("/live/live/products", Some("live"), None, "/live/products"),
            ("/live", Some("live"), None, ""),
            ("/live/", Some("live"), None, "/"),
            ("/lively/products", Some("live"), None, "/lively/products"),
            ("/Live/products", Some("live"), None, "/Live/products"),
            // A REST API says in its context what was asked of it.
            (
                "/products",
                Some("live"),
                Some("/live/products"),
                "/products",
            ),
            (
                "/live/products",
                Some("live"),
                Some("/live/products"),
                "/products",
            ),
            // A stage by the name of a route.
            (
                "/reviews",
                Some("reviews"),
                Some("/reviews/reviews"),
                "/reviews",
            ),
            (
                "/reviews/meta",
                Some("reviews"),
                Some("/reviews/reviews/meta"),
                "/reviews/meta",
            ),
            // A mapping of a domain of one's own is no stage.
            (
                "/v1/products",
                Some("live"),
                Some("/v1/products"),
                "/v1/products",
            ),
            ("", Some("live"), Some("/live"), ""),
        ] {
            let row = format!("{path} of {stage:?}, in {whole:?}");
            assert_eq!(below_stage(path, stage, whole), below, "{row}");
        }
    }

    #[test]
    fn whatever_a_path_and_a_query_hold_they_make_an_address() {
        for (path, query, target) in [
            ("", "", "/"),
            ("products", "", "/products"),
            ("/products", "a=1&b=%20+", "/products?a=1&b=%20+"),
            ("/products/5 01", "", "/products/5%2001"),
            ("/products/5%2001", "", "/products/5%2001"),
            ("/products/5%", "x=%", "/products/5%?x=%"),
            ("/a?b#c", "d#e?f", "/a%3Fb%23c?d%23e?f"),
            ("/é\u{0}", "é=\u{7f}", "/%C3%A9%00?%C3%A9=%7F"),
            ("//example.org/products", "", "//example.org/products"),
            ("http://example.org/", "", "/http://example.org/"),
            ("*", "", "/*"),
            ("/\"<>\\^`{|}", "", "/%22%3C%3E%5C%5E%60%7B%7C%7D"),
        ] {
            let uri = uri(path, query).expect(path);
            assert_eq!(uri.to_string(), target, "{path} and {query}");
        }
        let long = "x".repeat(70_000);
        assert!(matches!(uri(&long, ""), Err(ApiError::TargetTooLong)));
        assert!(matches!(uri("/", &long), Err(ApiError::TargetTooLong)));
        for byte in 0..=char::MAX as u32 {
            let Some(any) = char::from_u32(byte) else {
                continue;
            };
            assert!(
                uri(&format!("/{any}"), &format!("{any}")).is_ok(),
                "{any:?}"
            );
        }
    }

    #[test]
    fn parameters_say_again_what_they_said() {
        let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
            pairs.iter().map(owned).collect()
        };
        let decoded = pairs(&[("a b", "1&2"), ("c=d", "+%20="), ("é", "")]);
        assert_eq!(
            query_of_decoded(&decoded),
            "a%20b=1%262&c%3Dd=%2B%2520%3D&%C3%A9="
        );
        let sent = pairs(&[("a%20b", "1%262"), ("a", "+"), ("a", "")]);
        assert_eq!(query_of_encoded(&sent), "a%20b=1%262&a=+&a=");
        assert_eq!(query_of_encoded(&[]) + &query_of_decoded(&[]), "");
    }
}
