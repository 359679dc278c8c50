//! Query parameters.

use std::borrow::Cow;

use super::urlencoded::{decode_lossy, is_encoded, pairs};
use crate::http::error::ApiError;
use crate::model::ids::ProductId;
use crate::model::pagination::Page;

/// The query of a request. The first parameter of a name counts; unknown parameters are ignored.
pub(crate) struct Query<'a>(&'a str);

impl<'a> Query<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self(text.trim_start_matches('?'))
    }

    /// Returns the decoded value of a parameter.
    pub(crate) fn get(&self, name: &str) -> Option<Cow<'a, str>> {
        pairs(self.0)
            .find(|(key, _)| *key == name || (is_encoded(key) && decode_lossy(key) == name))
            .map(|(_, value)| decode_lossy(value))
    }

    /// Returns the parameter `product_id`, as text and as an id.
    pub(crate) fn product_id(&self) -> Result<(Cow<'a, str>, ProductId), ApiError> {
        let text = self.get("product_id").ok_or(ApiError::InvalidProductId)?;
        let id = ProductId::parse(&text).ok_or(ApiError::InvalidProductId)?;
        Ok((text, id))
    }

    /// Returns the parameters `page` and `count`.
    pub(crate) fn page(&self) -> Page {
        Page::parse(self.get("page").as_deref(), self.get("count").as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_parameter_of_a_name_counts() {
        let query =
            Query::new("?a=1&b&product%5Fid=%37&product_id=8&a=2&c=x+y%2B&=z&page[]=3&a%zz=4");
        assert_eq!(query.get("a").as_deref(), Some("1"));
        assert_eq!(query.get("b").as_deref(), Some(""));
        assert_eq!(query.get("product_id").as_deref(), Some("7"));
        assert_eq!(query.get("c").as_deref(), Some("x y+"));
        assert_eq!(query.get("page"), None);
        assert_eq!(query.get("a%zz").as_deref(), Some("4"));
    }
}
