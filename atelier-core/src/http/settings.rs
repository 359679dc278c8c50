//! Settings of the HTTP API.

use std::fmt;

/// Settings of an [`HttpApi`](super::HttpApi).
#[derive(Clone, PartialEq, Eq)]
pub struct HttpSettings {
    /// The campus in product responses, whatever base path the request used.
    pub campus: String,
    /// Maximum size of a list response in bytes, before compression; longer lists are truncated at a row.
    pub max_response_bytes: usize,
    /// Maximum size of a request body in bytes.
    pub max_body_bytes: usize,
    /// Accepted `Authorization` values. If there are any, every request needs one of them.
    pub tokens: Vec<String>,
    /// Capacity of the response cache in bytes; 0 disables it.
    pub cache_bytes: usize,
    /// Path prefixes below which the API is served. Each begins with a slash; `{name}` stands for any one segment, `/` is the
    /// root.
    pub base_paths: Vec<String>,
}

/// Shows the number of tokens, not the tokens.
impl fmt::Debug for HttpSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            campus,
            max_response_bytes,
            max_body_bytes,
            tokens,
            cache_bytes,
            base_paths,
        } = self;
        f.debug_struct("HttpSettings")
            .field("campus", campus)
            .field("max_response_bytes", max_response_bytes)
            .field("max_body_bytes", max_body_bytes)
            .field("tokens", &tokens.len())
            .field("cache_bytes", cache_bytes)
            .field("base_paths", base_paths)
            .finish()
    }
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            campus: "hr-rfp".to_owned(),
            max_response_bytes: 16 * 1_024 * 1_024,
            max_body_bytes: 1_048_576,
            tokens: vec![],
            cache_bytes: 128 * 1_024 * 1_024,
            base_paths: vec!["/".to_owned(), "/api/fec2/{campus}".to_owned()],
        }
    }
}
