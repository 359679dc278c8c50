//! Routing: from path and method to an endpoint.

use std::borrow::Cow;
use std::sync::LazyLock;

use ::http::Method;

use super::decode::path::BasePath;
use super::endpoints::{ENDPOINTS, Endpoint};
use super::error::ApiError;

/// A known path, for any method.
pub(super) struct Route<'a> {
    /// The endpoints with this path.
    endpoints: &'static [&'static Endpoint],
    /// The decoded id in the path; empty if it has none.
    pub(super) id: &'a str,
}

impl<'a> Route<'a> {
    /// Finds the route of a path below any of the base paths.
    pub(super) fn find(
        segments: &'a [Cow<'_, str>],
        base_paths: &[BasePath],
    ) -> Result<Self, ApiError> {
        let mut below_base = base_paths.iter().filter_map(|base| base.strip(segments));
        let found = below_base.find_map(|rest| {
            PATTERNS
                .iter()
                .find_map(|(pattern, endpoints)| Some((matches(pattern, rest)?, endpoints)))
        });
        found
            .map(|(id, endpoints)| Self { endpoints, id })
            .ok_or(ApiError::NoRoute)
    }

    /// Returns the endpoint for a method.
    pub(super) fn endpoint(&self, method: &Method) -> Result<&'static Endpoint, ApiError> {
        let method = if method == Method::HEAD {
            &Method::GET
        } else {
            method
        };
        self.endpoints
            .iter()
            .copied()
            .find(|endpoint| endpoint.method == method)
            .ok_or_else(|| ApiError::MethodNotAllowed(self.allow()))
    }

    /// Returns the methods of the path, for `Allow`.
    pub(super) fn allow(&self) -> String {
        let mut allow = String::new();
        for endpoint in self.endpoints {
            allow.push_str(endpoint.method.as_str());
            allow.push_str(if endpoint.method == Method::GET {
                ", HEAD, "
            } else {
                ", "
            });
        }
        allow + "OPTIONS"
    }

    /// Returns the path of the table, such as `/products/{product_id}`.
    pub(super) fn path(&self) -> &'static str {
        self.endpoints.first().map_or("", |endpoint| endpoint.path)
    }
}

/// The distinct paths of [`ENDPOINTS`] in segments, each with its endpoints.
static PATTERNS: LazyLock<Vec<(Vec<&str>, Vec<&Endpoint>)>> = LazyLock::new(|| {
    let mut patterns: Vec<(Vec<_>, Vec<&Endpoint>)> = vec![];
    for endpoint in ENDPOINTS {
        let segments: Vec<_> = endpoint.path[1..].split('/').collect();
        match patterns.iter_mut().find(|(known, _)| *known == segments) {
            Some((_, endpoints)) => endpoints.push(endpoint),
            None => patterns.push((segments, vec![endpoint])),
        }
    }
    patterns
});

/// Matches `segments` with a pattern, and returns the id, which is empty if the pattern has none.
fn matches<'a>(pattern: &[&str], segments: &'a [Cow<'_, str>]) -> Option<&'a str> {
    if pattern.len() != segments.len() {
        return None;
    }
    let mut id = "";
    for (pattern, segment) in pattern.iter().zip(segments) {
        if pattern.starts_with('{') {
            id = segment;
        } else if pattern != segment {
            return None;
        }
    }
    Some(id)
}
