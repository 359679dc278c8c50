//! `Link` and `X-Total-Count`: where a list goes on, and how long it is.

use super::Call;
use super::fault::Fault;
use super::respond::Rendered;
use crate::Page;
use crate::store::Listing;

/// A page of a list, and what its headers tell of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Paging {
    /// `Link`; none where the list has no other page.
    pub(super) link: Option<String>,
    /// How many rows the list has.
    pub(super) total: i64,
}

impl Paging {
    /// The pages round the one at `offset` of a list of `total` rows, as addresses that begin with `?` and so stand below
    /// whatever address was asked. `kept` are the other parameters of the list. `count` is what a page brings at most,
    /// which may be less than was asked.
    fn new(offset: i64, count: i64, total: i64, kept: &[(&str, &str)]) -> Self {
        let mut links = Vec::new();
        if count > 0 && offset % count == 0 {
            let number = offset / count + 1;
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
    /// The answer with a page of a list, which `render` makes of its rows: of as many as fit into an answer, at least one.
    /// Where that is not all, it is so many that the next page begins right behind them.
    pub(super) fn paged<T>(
        &self,
        listing: &Listing<T>,
        page: Page,
        kept: &[(&str, &str)],
        render: impl Fn(&[T]) -> Result<Vec<u8>, Fault>,
    ) -> Result<Rendered, Fault> {
        let settings = self.atelier.settings();
        let (rows, total, offset) = (&*listing.rows, listing.total, page.offset());
        let asked = page.limit(settings.max_rows);
        let there = total.saturating_sub(offset).clamp(0, asked);
        let cut = |rows: usize| {
            let count = aligned(offset, rows);
            let paging = Paging::new(offset, i64::try_from(count).unwrap_or(1), total, kept);
            Ok(Rendered::page(render(&listing.rows[..count])?, paging))
        };
        if i64::try_from(rows.len()).unwrap_or(i64::MAX) < there && rows.len() > 1 {
            // The store has cut it, perhaps within the last.
            let fit = fitting(&rows[..rows.len() - 1], settings.max_answer_bytes, &render)?;
            return cut(fit);
        }
        let body = render(rows)?;
        if body.len() > settings.max_answer_bytes && rows.len() > 1 {
            return cut(fitting(rows, settings.max_answer_bytes, &render)?);
        }
        Ok(Rendered::page(
            body,
            Paging::new(offset, asked, total, kept),
        ))
    }
}

/// How many of the first rows fit into an answer of `most` bytes: one, if none does.
pub(super) fn fitting<T>(
    rows: &[T],
    most: usize,
    render: impl Fn(&[T]) -> Result<Vec<u8>, Fault>,
) -> Result<usize, Fault> {
    let empty = render(&[])?.len();
    let mut length = empty;
    for (place, row) in rows.iter().enumerate() {
        // With the comma between two.
        length += render(std::slice::from_ref(row))?.len() - empty + 1;
        if length > most + 1 {
            return Ok(place.max(1));
        }
    }
    Ok(rows.len())
}

/// How many rows a page at `offset` brings, at most `most`, so that it is one of a list of pages of that size: the largest
/// divisor of what lies before it. At the beginning anything would do; a power of two has divisors for the pages behind.
fn aligned(offset: i64, most: usize) -> usize {
    let offset = usize::try_from(offset).unwrap_or(usize::MAX);
    if offset == 0 {
        return 1 << most.max(1).ilog2();
    }
    (1..=most)
        .rev()
        .find(|count| offset.is_multiple_of(*count))
        .unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_through_the_whole_list() {
        let link = |page, count, total| {
            let page = Page { page, count };
            Paging::new(
                page.offset(),
                page.limit(100),
                total,
                &[("product_id", "7")],
            )
            .link
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

    #[test]
    fn a_page_that_was_cut_is_one_of_a_list_of_such_pages() {
        for (offset, most, count) in [
            (0, 1, 1),
            (0, 147, 128),
            (128, 100, 64),
            (192, 100, 96),
            (7, 5, 1),
            (i64::MAX, 1_000, 889),
        ] {
            assert_eq!(aligned(offset, most), count, "{offset} {most}");
        }
    }

    #[test]
    fn as_many_rows_fit_as_there_is_room_for() {
        let render = |rows: &[&str]| Ok(serde_json::to_vec(rows).expect("JSON"));
        let rows = ["a", "bb", "ccc"];
        for (most, fit) in [(0, 1), (5, 1), (9, 1), (10, 2), (15, 2), (16, 3)] {
            assert_eq!(
                fitting(&rows, most, render).expect("renders"),
                fit,
                "{most}"
            );
        }
        assert_eq!(render(&rows).expect("renders").len(), 16);
    }
}
