//! Where at the root of the server what may be.

use super::values::{Parsed, wrong};

/// Names at the root that are the server's own.
const OURS: [&str; 6] = ["live", "ready", "health", "metrics", "docs", "storefront"];

/// Whether the API has a meaning for a name at its root.
fn is_of_the_api(name: &str) -> bool {
    let first = |path: &'static str| path.trim_start_matches('/').split('/').next();
    let mut endpoints = atelier_core::http::ENDPOINTS.iter();
    endpoints.any(|endpoint| first(endpoint.path) == Some(name))
}

/// Where the API begins: a slash, or segments behind slashes, each a text or a `{name}` that stands for any.
pub(crate) fn base_path(text: &str) -> Parsed<String> {
    let Some(path) = text.strip_prefix('/') else {
        return Err(wrong(text, "a path that begins with a slash"));
    };
    if path.is_empty() {
        return Ok(text.to_owned());
    }
    // Of others no request comes as they are written: clients leave dots out, and spell the rest with percent signs.
    let plain = |segment: &str| {
        let braced = segment.strip_prefix('{');
        let name = braced.map_or(Some(segment), |name| name.strip_suffix('}'));
        let known = |c: char| c.is_alphanumeric() || "-_.~".contains(c);
        let named = name.is_some_and(|name| !name.is_empty() && name.chars().all(known));
        named && ![".", ".."].contains(&segment)
    };
    let mut segments = path.strip_suffix('/').unwrap_or(path).split('/');
    let first = segments.clone().next().unwrap_or_default();
    let expected = if !segments.all(plain) {
        "a path of segments of letters, digits, - _ . and ~, or {name} for any".to_owned()
    } else if OURS.contains(&first) {
        format!("a path of its own, and /{first} is the server's, for its probes and pages")
    } else if is_of_the_api(first) {
        format!("a path of its own, and /{first} is the API's")
    } else {
        return Ok(text.to_owned());
    };
    Err(wrong(text, expected))
}

/// A name that a page may have at the root.
pub(crate) fn page_name(text: &str) -> Parsed<String> {
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if plain && text != "api" && !OURS.contains(&text) && !is_of_the_api(text) {
        return Ok(text.to_owned());
    }
    let expected = "letters, digits, - and _, and no name that the API has a meaning for";
    Err(wrong(text, expected))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_begins_where_nothing_else_is() {
        for (path, good) in [
            ("/", true),
            ("/shop", true),
            ("/shop/", true),
            ("/api/fec2/{campus}", true),
            ("/v1.2/a-b_c~d/é", true),
            ("/shop/live", true),
            ("/{any}", true),
            ("", false),
            ("shop", false),
            ("//shop", false),
            ("/shop//v1", false),
            ("/a/../b", false),
            ("/./b", false),
            ("/a b", false),
            ("/a%20b", false),
            ("/a?b", false),
            ("/a{b}", false),
            ("/{}", false),
            ("/{a", false),
            ("/live", false),
            ("/metrics/", false),
            ("/docs/v1", false),
            ("/products", false),
            ("/qa/v1", false),
        ] {
            assert_eq!(base_path(path).is_ok(), good, "{path}");
        }
        for endpoint in atelier_core::http::ENDPOINTS {
            base_path(endpoint.path).expect_err(endpoint.path);
        }
    }

    #[test]
    fn a_page_has_no_name_of_the_api() {
        for (name, good) in [
            ("loaderio-abc123", true),
            ("products", false),
            ("qa", false),
            ("ready", false),
            ("a/b", false),
            ("..", false),
        ] {
            assert_eq!(page_name(name).is_ok(), good, "{name}");
        }
    }
}
