//! Path segments and base paths.

use std::borrow::Cow;

use super::urlencoded::percent_decode_lossy;

/// Splits a path into decoded segments. One trailing slash is ignored; an encoded slash does not separate segments.
pub(crate) fn segments(path: &str) -> Vec<Cow<'_, str>> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    path.split('/').map(percent_decode_lossy).collect()
}

/// A prefix below which the API is served, such as `/api/fec2/{campus}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BasePath(Vec<BaseSegment>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum BaseSegment {
    Fixed(String),
    /// Any segment that is not empty.
    Any,
}

impl BasePath {
    /// Parses a base path; `{name}` stands for any one segment.
    pub(crate) fn parse(text: &str) -> Self {
        let segment = |text: &str| {
            if text.starts_with('{') {
                BaseSegment::Any
            } else {
                BaseSegment::Fixed(text.to_owned())
            }
        };
        let segments = text.split('/').filter(|text| !text.is_empty());
        Self(segments.map(segment).collect())
    }

    /// Returns the segments after the base path; `None` if `segments` do not begin with it.
    pub(crate) fn strip<'a, 'b>(&self, segments: &'a [Cow<'b, str>]) -> Option<&'a [Cow<'b, str>]> {
        let (head, rest) = segments.split_at_checked(self.0.len())?;
        let mut pairs = head.iter().zip(&self.0);
        pairs
            .all(|(segment, base)| base.matches(segment))
            .then_some(rest)
    }
}

impl BaseSegment {
    fn matches(&self, segment: &str) -> bool {
        match self {
            Self::Fixed(text) => text == segment,
            Self::Any => !segment.is_empty(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_is_split_before_decoding() {
        for (path, expected) in [
            ("/", vec![""]),
            ("/reviews/", vec!["reviews"]),
            ("/reviews//", vec!["reviews", ""]),
            ("//products", vec!["", "products"]),
            ("/%70roducts/%37", vec!["products", "7"]),
            ("/products/7%2Fstyles", vec!["products", "7/styles"]),
            ("/products/%zz%", vec!["products", "%zz%"]),
            ("/products/%ff", vec!["products", "\u{fffd}"]),
        ] {
            assert_eq!(segments(path), expected, "{path}");
        }
    }
}
