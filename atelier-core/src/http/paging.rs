//! `Link` and `X-Total-Count`: where a list goes on, and how long it is.

use super::Call;
use super::fault::Fault;
use super::respond::Rendered;
use crate::Page;

/// A page of a list, and what its headers tell of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Paging {
    /// `Link`; none where the list has no other page.
    pub(super) link: Option<String>,
    /// How many rows the list has.
    pub(super) total: i64,
}

impl Paging {
    /// The pages round `page` of a list of `total` rows, as addresses that begin with `?` and so stand below whatever
    /// address was asked. `kept` are the other parameters of the list. A page never brings more than `max_rows` rows, so the
    /// links count by what it does bring.
    fn new(page: Page, total: i64, max_rows: i64, kept: &[(&str, &str)]) -> Self {
        let count = page.limit(max_rows);
        let mut links = Vec::new();
        if count > 0 && page.offset() % count == 0 {
            let number = page.offset() / count + 1;
            let last = (total.max(1) - 1) / count + 1;
            let mut link = |relation: &str, number: i64| {
                let page = [
                    ("page", &*number.to_string()),
                    ("count", &*count.to_string()),
                ];
                let pairs = kept.iter().copied().chain(page);
                let query: Vec<_> = pairs.map(|(name, value)| [name, value].join("=")).collect();
                links.push(format!("<?{}>; rel=\"{relation}\"", query.join("&")));
            };
            link("first", 1);
            if number > 1 {
                link("prev", (number - 1).min(last));
            }
            if number < last {
                link("next", number + 1);
            }
            link("last", last);
        }
        Self {
            link: (!links.is_empty()).then(|| links.join(", ")),
            total,
        }
    }
}

impl Call<'_> {
    /// The answer with a page of a list.
    pub(super) fn paged(
        &self,
        value: &impl serde::Serialize,
        page: Page,
        total: i64,
        kept: &[(&str, &str)],
    ) -> Result<Rendered, Fault> {
        let paging = Paging::new(page, total, self.atelier.settings().max_rows, kept);
        Rendered::page(value, Some(paging))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_through_the_whole_list() {
        let link = |page, count, total| {
            Paging::new(Page { page, count }, total, 100, &[("product_id", "7")]).link
        };
        let to =
            |page, count, rel| format!("<?product_id=7&page={page}&count={count}>; rel=\"{rel}\"");
        assert_eq!(
            link(1, 5, 12),
            Some([to(1, 5, "first"), to(2, 5, "next"), to(3, 5, "last")].join(", "))
        );
        assert_eq!(
            link(3, 5, 12),
            Some([to(1, 5, "first"), to(2, 5, "prev"), to(3, 5, "last")].join(", "))
        );
        assert_eq!(
            link(9, 5, 12),
            Some([to(1, 5, "first"), to(3, 5, "prev"), to(3, 5, "last")].join(", "))
        );
        assert_eq!(
            link(1, 5, 0),
            Some([to(1, 5, "first"), to(1, 5, "last")].join(", "))
        );
        assert_eq!(link(1, 0, 12), None);
        // More was asked than an answer brings: what is left over is on the next page of that size.
        let huge = [to(1, 100, "first"), to(2, 100, "next"), to(3, 100, "last")].join(", ");
        assert_eq!(link(1, i64::MAX, 250), Some(huge));
    }
}
