//! Paths at the root of the server: base paths of the API, and names of load-test pages.

use atelier_core::http::ENDPOINTS;

/// First segments of the server's own routes.
const RESERVED: [&str; 6] = ["live", "ready", "health", "metrics", "docs", "storefront"];

/// Whether a route of the API begins with this segment.
fn is_api_segment(segment: &str) -> bool {
    let first = |path: &'static str| path.trim_start_matches('/').split('/').next();
    ENDPOINTS.iter().any(|e| first(e.path) == Some(segment))
}

/// Parses a base path of the API: `/`, or segments of which each is a text or `{name}`, which matches any segment.
pub(super) fn base_path(text: &str) -> Result<String, String> {
    let text = text.trim();
    let path = text.strip_prefix('/').ok_or("it must begin with a slash")?;
    if path.is_empty() {
        return Ok(text.to_owned());
    }
    let mut segments = path.strip_suffix('/').unwrap_or(path).split('/');
    let first = segments.clone().next().unwrap_or_default();
    if !segments.all(is_plain_segment) {
        Err("its segments must be {name}, or letters, digits, - _ . and ~".to_owned())
    } else if RESERVED.contains(&first) {
        Err(format!(
            "/{first} is a route of the server's probes and pages"
        ))
    } else if is_api_segment(first) {
        Err(format!("/{first} is a route of the API"))
    } else {
        Ok(text.to_owned())
    }
}

/// Whether clients send the segment as it is written: they resolve dots, and percent-encode other characters.
fn is_plain_segment(segment: &str) -> bool {
    let name = match segment.strip_prefix('{') {
        Some(rest) => rest.strip_suffix('}'),
        None => Some(segment),
    };
    let plain = |c: char| c.is_alphanumeric() || "-_.~".contains(c);
    let plain_name = name.is_some_and(|name| !name.is_empty() && name.chars().all(plain));
    plain_name && ![".", ".."].contains(&segment)
}

/// Parses the token of a load tester, which becomes a path at the root.
pub(super) fn load_test_token(text: &str) -> Result<String, String> {
    let text = text.trim();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let taken = text == "api" || RESERVED.contains(&text) || is_api_segment(text);
    if taken || text.is_empty() || !text.bytes().all(plain) {
        return Err("expected letters, digits, - and _, and no name of a route".to_owned());
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_path_is_apart_from_all_other_routes() {
        for path in [
            "/",
            "/shop",
            "/shop/",
            "/api/fec2/{campus}",
            "/v1.2/a-b_c~d/é",
            "/shop/live",
            "/{any}",
        ] {
            assert_eq!(base_path(path).as_deref(), Ok(path));
        }
        let endpoints = ENDPOINTS.iter().map(|endpoint| endpoint.path);
        for path in endpoints.chain([
            "",
            "shop",
            "//shop",
            "/shop//v1",
            "/a/../b",
            "/./b",
            "/a b",
            "/a%20b",
            "/a?b",
            "/a{b}",
            "/{}",
            "/{a",
            "/live",
            "/metrics/",
            "/docs/v1",
            "/products",
            "/qa/v1",
        ]) {
            base_path(path).expect_err(path);
        }
    }

    #[test]
    fn load_test_token_is_no_name_of_a_route() {
        load_test_token("loaderio-abc123").expect("a name");
        for name in ["products", "qa", "ready", "api", "a/b", "..", ""] {
            load_test_token(name).expect_err(name);
        }
    }
}
