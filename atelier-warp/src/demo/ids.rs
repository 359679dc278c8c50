//! Ids of the generated rows.

/// Last id assigned of each kind. They ascend with the products, so a larger catalogue starts with the rows of a smaller.
#[derive(Default)]
pub(super) struct Ids {
    pub(super) style: i64,
    pub(super) sku: i64,
    pub(super) characteristic: i64,
    pub(super) review: i64,
    pub(super) review_photo: i64,
    pub(super) question: i64,
    pub(super) answer: i64,
    pub(super) answer_photo: i64,
}

/// Returns the id after `last`, and stores it there.
pub(super) fn next(last: &mut i64) -> i64 {
    *last += 1;
    *last
}
