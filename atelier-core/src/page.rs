//! Which rows of a list are asked for.

/// A page of a list, as asked: never refused, never out of range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Page {
    /// From 1.
    pub page: i64,
    /// Rows on a page, from 0.
    pub count: i64,
}

impl Default for Page {
    fn default() -> Self {
        Self { page: 1, count: 5 }
    }
}

impl Page {
    /// From the texts of `page` and `count`. What is absent or no whole number, or negative, takes the default; page 0 is
    /// page 1; what lies beyond 2^63-1 is 2^63-1.
    pub fn parse(page: Option<&str>, count: Option<&str>) -> Self {
        let default = Self::default();
        Self {
            page: whole(page).map_or(default.page, |page| page.max(1)),
            count: whole(count).unwrap_or(default.count),
        }
    }

    /// How many rows lie before the page: `(page - 1) * count`, at most 2^63-1.
    pub fn offset(self) -> i64 {
        (self.page.max(1) - 1).saturating_mul(self.count.max(0))
    }

    /// How many rows to fetch when at most `max_rows` may be.
    pub fn limit(self, max_rows: i64) -> i64 {
        self.count.clamp(0, max_rows)
    }
}

/// A whole number of at least 0.
fn whole(text: Option<&str>) -> Option<i64> {
    let digits = text?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        // `-0` is zero; every other number with a sign in front is negative or none at all.
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
    fn page_and_count_follow_the_table_of_the_contract() {
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
    fn the_offset_saturates() {
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
