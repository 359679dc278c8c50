//! Pages of lists.

/// Parameters of a list request. Every input is valid: malformed values fall back to defaults, large ones saturate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Page {
    /// Number of the page, from 1.
    pub page: i64,
    /// Rows per page, from 0.
    pub count: i64,
}

impl Default for Page {
    fn default() -> Self {
        Self { page: 1, count: 5 }
    }
}

impl Page {
    /// Parses the query parameters `page` and `count`. An absent, negative or malformed value becomes the default; page 0
    /// becomes page 1; a value above 2^63-1 becomes 2^63-1.
    pub fn parse(page: Option<&str>, count: Option<&str>) -> Self {
        let default = Self::default();
        Self {
            page: parse_count(page).map_or(default.page, |page| page.max(1)),
            count: parse_count(count).unwrap_or(default.count),
        }
    }

    /// Returns the number of rows before the page: `(page - 1) * count`, at most 2^63-1.
    pub fn offset(self) -> i64 {
        (self.page.max(1) - 1).saturating_mul(self.count.max(0))
    }

    /// Returns the number of rows to fetch, at most `max_rows`.
    pub fn limit(self, max_rows: i64) -> i64 {
        self.count.clamp(0, max_rows)
    }
}

/// A page of a list, with the total number of rows in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paginated<T> {
    /// The rows of the page, in the order of the list.
    pub rows: Vec<T>,
    /// Number of rows in the whole list.
    pub total: i64,
    /// Whether the page has all rows that were requested. If not, the store truncated it because the rows exceeded its memory
    /// limit; the last of `rows` may then lack some of its nested rows.
    pub complete: bool,
}

/// Parses a whole number of at least 0; saturates at 2^63-1.
fn parse_count(text: Option<&str>) -> Option<i64> {
    let digits = text?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        // `-0` is zero; any other text with a sign is negative or malformed.
        let zero = digits
            .strip_prefix('-')
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b == b'0'));
        return zero.then_some(0);
    }
    Some(digits.bytes().fold(0i64, |n, digit| {
        n.saturating_mul(10).saturating_add(i64::from(digit - b'0'))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_and_count_fall_back_to_defaults_and_saturate() {
        const MAX: i64 = i64::MAX;
        for (text, page, count) in [
            (None, 1, 5),
            (Some(""), 1, 5),
            (Some("abc"), 1, 5),
            (Some("2.5"), 1, 5),
            (Some("1e3"), 1, 5),
            (Some("+2"), 1, 5),
            (Some(" 2"), 1, 5),
            (Some("-3"), 1, 5),
            (Some("-"), 1, 5),
            (Some("0"), 1, 0),
            (Some("-0"), 1, 0),
            (Some("7"), 7, 7),
            (Some("007"), 7, 7),
            (Some("9223372036854775807"), MAX, MAX),
            (Some("9223372036854775808"), MAX, MAX),
            (Some("-9223372036854775809"), 1, 5),
        ] {
            assert_eq!(Page::parse(text, text), Page { page, count }, "{text:?}");
        }
    }

    #[test]
    fn offset_saturates() {
        assert_eq!(
            Page {
                page: 1,
                count: i64::MAX
            }
            .offset(),
            0
        );
        assert_eq!(Page { page: 2, count: 5 }.offset(), 5);
        assert_eq!(
            Page {
                page: i64::MAX,
                count: i64::MAX
            }
            .offset(),
            i64::MAX
        );
        assert_eq!(
            Page {
                page: i64::MAX,
                count: 0
            }
            .offset(),
            0
        );
    }
}
