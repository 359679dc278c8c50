//! The request URI, from the path and the query parameters of an event.

use atelier_core::http::ApiError;
use http::Uri;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// Characters to encode in a query. A percent sign is not among them, as it may be part of an encoded character.
const QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>');

/// Characters to encode in a decoded query parameter.
const PARAMETER: &AsciiSet = &QUERY.add(b'%').add(b'&').add(b'+').add(b'=');

/// Characters to encode in a path. Some event sources decode paths and others do not, so a percent sign is not among them.
const PATH: &AsciiSet = &QUERY
    .add(b'?')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Maximum length of a [`Uri`].
const MAX_URI_BYTES: usize = u16::MAX as usize - 1;

/// Builds a URI, and encodes the characters that it may not contain.
pub(crate) fn uri(path: &str, query: &str) -> Result<Uri, ApiError> {
    let mut target = utf8_percent_encode(path, PATH).to_string();
    if !target.starts_with('/') {
        target.insert(0, '/');
    }
    if !query.is_empty() {
        target.push('?');
        target.extend(utf8_percent_encode(query, QUERY));
    }
    if target.len() > MAX_URI_BYTES {
        return Err(ApiError::TargetTooLong);
    }
    Uri::try_from(target).map_err(|_| ApiError::NoRoute)
}

/// Removes a leading stage from a path. `full_path` is the path of the request to API Gateway, if the event contains it: if it
/// is the stage followed by `path`, then `path` does not contain the stage.
pub(crate) fn strip_stage<'a>(
    path: &'a str,
    stage: Option<&str>,
    full_path: Option<&str>,
) -> &'a str {
    let Some(stage) = stage.filter(|stage| !stage.is_empty() && *stage != "$default") else {
        return path;
    };
    let without_stage = full_path.and_then(|full| full.strip_prefix('/')?.strip_prefix(stage));
    if without_stage == Some(path) {
        return path;
    }
    path.strip_prefix('/')
        .and_then(|path| path.strip_prefix(stage))
        .filter(|rest| rest.is_empty() || rest.starts_with('/'))
        .unwrap_or(path)
}

/// Builds a query from parameters, and encodes them if the event source has decoded them.
pub(crate) fn query(parameters: &[(String, String)], decoded: bool) -> String {
    let parameters = parameters.iter().map(|(name, value)| {
        if decoded {
            let encode = |text| utf8_percent_encode(text, PARAMETER);
            format!("{}={}", encode(name), encode(value))
        } else {
            format!("{name}={value}")
        }
    });
    parameters.collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stage_is_removed_once_and_only_at_the_start() {
        for (path, stage, full_path, stripped) in [
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
            // Events of a REST API contain the full path.
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
            // A stage with the name of a route.
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
            // The base path of a custom domain is not a stage.
            (
                "/v1/products",
                Some("live"),
                Some("/v1/products"),
                "/v1/products",
            ),
            ("", Some("live"), Some("/live"), ""),
        ] {
            let row = format!("{path} of {stage:?}, in {full_path:?}");
            assert_eq!(strip_stage(path, stage, full_path), stripped, "{row}");
        }
    }

    #[test]
    fn any_path_and_query_make_a_valid_uri() {
        for (path, query, expected) in [
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
            assert_eq!(uri.to_string(), expected, "{path} and {query}");
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
    fn decoded_parameters_are_encoded_and_others_are_unchanged() {
        let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
            pairs.iter().map(owned).collect()
        };
        let decoded = pairs(&[("a b", "1&2"), ("c=d", "+%20="), ("é", "")]);
        assert_eq!(
            query(&decoded, true),
            "a%20b=1%262&c%3Dd=%2B%2520%3D&%C3%A9="
        );
        let sent = pairs(&[("a%20b", "1%262"), ("a", "+"), ("a", "")]);
        assert_eq!(query(&sent, false), "a%20b=1%262&a=+&a=");
        assert_eq!(query(&[], true) + &query(&[], false), "");
    }
}
