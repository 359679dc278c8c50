//! `Link` and `X-Total-Count`: where a list goes on, and how long it is.

use super::Call;
use super::error::ApiError;
use super::reply::Rendered;
use crate::model::pagination::{Page, Paginated};
use crate::{large_reads, metrics};

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
    /// whatever address was asked. `kept` are the other parameters of the list. `count` is what those pages bring at most,
    /// `brings` what this one does.
    fn new(offset: i64, count: i64, brings: i64, total: i64, kept: &[(&str, &str)]) -> Self {
        let mut links = Vec::new();
        let end = offset.saturating_add(brings);
        if count > 0 && end % count == 0 {
            // The pages of which the last row is before this one, and is the last of this one.
            let (before, number) = ((offset - 1).div_euclid(count) + 1, end / count);
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
            if before > 0 {
                link("prev", before.min(last));
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
        listing: &Paginated<T>,
        page: Page,
        kept: &[(&str, &str)],
        render: impl Fn(&[T]) -> Result<Vec<u8>, ApiError>,
    ) -> Result<Rendered, ApiError> {
        if large_reads::is_held() {
            large_reads::run(|| self.paged_here(listing, page, kept, render))
        } else {
            self.paged_here(listing, page, kept, render)
        }
    }

    fn paged_here<T>(
        &self,
        listing: &Paginated<T>,
        page: Page,
        kept: &[(&str, &str)],
        render: impl Fn(&[T]) -> Result<Vec<u8>, ApiError>,
    ) -> Result<Rendered, ApiError> {
        let settings = self.atelier.settings();
        let (rows, total, offset) = (&*listing.rows, listing.total, page.offset());
        let asked = page.limit(settings.max_rows);
        let cut = |most: usize| {
            self.count_cut();
            let (count, rows) = aligned(offset, most);
            let brings = i64::try_from(rows).unwrap_or(i64::MAX);
            let paging = Paging::new(offset, count, brings, total, kept);
            Ok(Rendered::page(render(&listing.rows[..rows])?, paging))
        };
        if !listing.complete && !rows.is_empty() {
            // The last row may lack some of its answers. It is left to the next page, unless this one would be empty.
            let whole = &rows[..(rows.len() - 1).max(1)];
            return cut(fitting(whole, settings.max_answer_bytes, &render)?);
        }
        let body = render(rows)?;
        if body.len() > settings.max_answer_bytes && rows.len() > 1 {
            return cut(fitting(rows, settings.max_answer_bytes, &render)?);
        }
        Ok(Rendered::page(
            body,
            Paging::new(offset, asked, asked, total, kept),
        ))
    }

    /// Counts that an answer ends early for its bytes, once, in whichever ways it does.
    pub(super) fn count_cut(&self) {
        if self.noted.cut.set(()).is_ok() {
            metrics::cut();
        }
    }
}

/// How many of the first rows fit into an answer of `most` bytes: one, if none does.
pub(super) fn fitting<T>(
    rows: &[T],
    most: usize,
    render: impl Fn(&[T]) -> Result<Vec<u8>, ApiError>,
) -> Result<usize, ApiError> {
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

/// Of a page at `offset` that brings `most` rows at most: the size of the pages that follow, and how many rows it brings so
/// that they begin right behind it. A power of two, since of two of them the smaller divides the larger.
fn aligned(offset: i64, most: usize) -> (i64, usize) {
    let count = 1_usize << most.max(1).ilog2();
    let size = i64::try_from(count).unwrap_or(1);
    let over = usize::try_from(offset % size).unwrap_or(0);
    (size, count - over)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_through_the_whole_list() {
        let link = |page, count, total| {
            let (offset, count) = (Page { page, count }.offset(), count.clamp(0, 100));
            Paging::new(offset, count, count, total, &[("product_id", "7")]).link
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
        for (offset, most, count, rows) in [
            (0, 1, 1, 1),
            (0, 147, 128, 128),
            (128, 100, 64, 64),
            (192, 100, 64, 64),
            (7, 5, 4, 1),
            (1_009, 600, 512, 15),
            (i64::MAX, 1_000, 512, 1),
        ] {
            assert_eq!(aligned(offset, most), (count, rows), "{offset} {most}");
        }
        let cut = Paging::new(1_009, 512, 15, 5_000, &[]).link;
        let to = |page, rel| format!("<?page={page}&count=512>; rel=\"{rel}\"");
        let all = [to(1, "first"), to(2, "prev"), to(3, "next"), to(10, "last")];
        assert_eq!(cut, Some(all.join(", ")));
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
