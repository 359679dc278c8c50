//! List responses: `Link`, `X-Total-Count`, and truncation to the maximum response size.

use std::sync::OnceLock;

use super::body::{JsonBody, ListHeaders};
use super::error::ApiError;
use crate::model::pagination::{Page, Paginated};
use crate::{large_reads, metrics};

/// Limits of list responses, and whether the response to this request was truncated.
pub(super) struct PageLimits {
    /// Maximum rows of one page.
    max_rows: i64,
    /// Maximum bytes of one response, before compression.
    max_bytes: usize,
    truncated: OnceLock<()>,
}

impl PageLimits {
    pub(super) fn new(max_rows: i64, max_bytes: usize) -> Self {
        Self {
            max_rows,
            max_bytes,
            truncated: OnceLock::new(),
        }
    }

    /// Returns the maximum bytes of one response, before compression.
    pub(super) fn max_bytes(&self) -> usize {
        self.max_bytes
    }

    /// Renders a page of a list: as many rows as fit into a response, at least one. A truncated page ends where a page of a
    /// smaller size would end, so that `next` continues right after it. `params` are the other query parameters of the list.
    pub(super) fn render<T>(
        &self,
        list: &Paginated<T>,
        page: Page,
        params: &[(&str, &str)],
        render: impl Fn(&[T]) -> Result<Vec<u8>, ApiError>,
    ) -> Result<JsonBody, ApiError> {
        large_reads::run_blocking_if(large_reads::has_permit(), || {
            self.truncate_and_render(list, page, params, render)
        })
    }

    fn truncate_and_render<T>(
        &self,
        list: &Paginated<T>,
        page: Page,
        params: &[(&str, &str)],
        render: impl Fn(&[T]) -> Result<Vec<u8>, ApiError>,
    ) -> Result<JsonBody, ApiError> {
        let (rows, total, offset) = (&*list.rows, list.total, page.offset());
        let truncate = |max_rows: usize| {
            self.count_truncation();
            let (page_size, rows) = align_page(offset, max_rows);
            let length = i64::try_from(rows).unwrap_or(i64::MAX);
            let headers = ListHeaders::new(offset, page_size, length, total, params);
            Ok(JsonBody::list(render(&list.rows[..rows])?, headers))
        };
        if !list.complete && !rows.is_empty() {
            // The last row may lack some of its answers, so it is left to the next page, unless it is the only one.
            let whole = &rows[..(rows.len() - 1).max(1)];
            return truncate(rows_that_fit(whole, self.max_bytes, &render)?);
        }
        let json = render(rows)?;
        if json.len() > self.max_bytes && rows.len() > 1 {
            return truncate(rows_that_fit(rows, self.max_bytes, &render)?);
        }
        let count = page.limit(self.max_rows);
        let headers = ListHeaders::new(offset, count, count, total, params);
        Ok(JsonBody::list(json, headers))
    }

    /// Counts that the response was truncated, once per request.
    pub(super) fn count_truncation(&self) {
        if self.truncated.set(()).is_ok() {
            metrics::truncated();
        }
    }
}

impl ListHeaders {
    /// Creates the headers of a page that holds `length` rows from `offset`, of a list of `total` rows whose other pages hold
    /// `count`. Links are relative and begin with `?`, so they are valid below any base path.
    fn new(offset: i64, count: i64, length: i64, total: i64, params: &[(&str, &str)]) -> Self {
        let mut links = Vec::new();
        let end = offset.saturating_add(length);
        if count > 0 && end % count == 0 {
            // Numbers of the last page that ends before this one, and of the page that ends where this one ends.
            let (before, number) = ((offset - 1).div_euclid(count) + 1, end / count);
            let last = (total.max(1) - 1) / count + 1;
            let mut link = |relation: &str, number: i64| {
                let page = [
                    ("page", &*number.to_string()),
                    ("count", &*count.to_string()),
                ];
                let pairs = params.iter().copied().chain(page);
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

/// Returns how many of the first rows fit into a response of `max_bytes`, at least one.
pub(super) fn rows_that_fit<T>(
    rows: &[T],
    max_bytes: usize,
    render: impl Fn(&[T]) -> Result<Vec<u8>, ApiError>,
) -> Result<usize, ApiError> {
    let empty = render(&[])?.len();
    let mut length = empty;
    for (index, row) in rows.iter().enumerate() {
        // With a comma; the last row has none, hence one byte more in the comparison.
        length += render(std::slice::from_ref(row))?.len() - empty + 1;
        if length > max_bytes + 1 {
            return Ok(index.max(1));
        }
    }
    Ok(rows.len())
}

/// Returns the size of the pages after a truncated page, and the number of rows of the truncated page at `offset`, at most
/// `max_rows`, so that the next page begins right after it. The size is a power of two: the smaller of two sizes always divides
/// the larger, so pages of a list that is truncated more than once still line up.
fn align_page(offset: i64, max_rows: usize) -> (i64, usize) {
    let count = 1_usize << max_rows.max(1).ilog2();
    let size = i64::try_from(count).unwrap_or(1);
    let excess = usize::try_from(offset % size).unwrap_or(0);
    (size, count - excess)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_cover_the_whole_list() {
        let link = |page, count, total| {
            let (offset, count) = (Page { page, count }.offset(), count.clamp(0, 100));
            ListHeaders::new(offset, count, count, total, &[("product_id", "7")]).link
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
        // A count above the maximum: links use the maximum as the page size.
        let huge = [to(1, 100, "first"), to(2, 100, "next"), to(3, 100, "last")].join(", ");
        assert_eq!(link(1, i64::MAX, 250), Some(huge));
    }

    #[test]
    fn truncated_page_ends_where_a_smaller_page_ends() {
        for (offset, most, count, rows) in [
            (0, 1, 1, 1),
            (0, 147, 128, 128),
            (128, 100, 64, 64),
            (192, 100, 64, 64),
            (7, 5, 4, 1),
            (1_009, 600, 512, 15),
            (i64::MAX, 1_000, 512, 1),
        ] {
            assert_eq!(align_page(offset, most), (count, rows), "{offset} {most}");
        }
        let truncated = ListHeaders::new(1_009, 512, 15, 5_000, &[]).link;
        let to = |page, rel| format!("<?page={page}&count=512>; rel=\"{rel}\"");
        let all = [to(1, "first"), to(2, "prev"), to(3, "next"), to(10, "last")];
        assert_eq!(truncated, Some(all.join(", ")));
    }

    #[test]
    fn rows_fit_up_to_the_maximum_size() {
        let render = |rows: &[&str]| Ok(serde_json::to_vec(rows).expect("JSON"));
        let rows = ["a", "bb", "ccc"];
        for (most, fit) in [(0, 1), (5, 1), (9, 1), (10, 2), (15, 2), (16, 3)] {
            assert_eq!(
                rows_that_fit(&rows, most, render).expect("renders"),
                fit,
                "{most}"
            );
        }
        assert_eq!(render(&rows).expect("renders").len(), 16);
    }
}
