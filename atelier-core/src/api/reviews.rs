//! Operations on reviews.

use super::Atelier;
use crate::model::error::Result;
use crate::model::idempotency::{IdempotencyKey, WriteOutcome};
use crate::model::ids::{ProductId, ReviewId};
use crate::model::pagination::{Page, Paginated};
use crate::model::reviews::{NewReview, Review, ReviewMeta, ReviewSort};
use crate::model::validation::Valid;

impl Atelier {
    /// Lists the reviews of a product, reported ones excluded: `GET /reviews`. Empty if the product does not exist.
    pub async fn reviews(
        &self,
        product: ProductId,
        sort: ReviewSort,
        page: Page,
    ) -> Result<Paginated<Review>> {
        let limit = page.limit(self.limits().max_rows);
        self.store()
            .reviews(product, sort, page.offset(), limit)
            .await
    }

    /// Returns the rating totals of a product, reported reviews excluded: `GET /reviews/meta`. All zero if the product does not
    /// exist.
    pub async fn review_meta(&self, product: ProductId) -> Result<ReviewMeta> {
        self.store().review_meta(product).await
    }

    /// Adds a review: `POST /reviews`. With a key, a repeated request is not stored again. [`Error::Invalid`] if a field is
    /// invalid, the product does not exist, or the value of one of its characteristics is out of range.
    ///
    /// [`Error::Invalid`]: crate::Error::Invalid
    pub async fn add_review(
        &self,
        new: NewReview,
        key: Option<IdempotencyKey>,
    ) -> Result<WriteOutcome<ReviewId>> {
        let new = Valid::check(new)?;
        let context = self.write_context(key);
        self.writable_store()?.add_review(new, context).await
    }

    /// Adds a vote for a review: `PUT /reviews/{review_id}/helpful`. With a key, a repeated vote is not counted again. Does
    /// nothing if the review does not exist.
    pub async fn mark_review_helpful(
        &self,
        id: ReviewId,
        key: Option<IdempotencyKey>,
    ) -> Result<()> {
        let context = self.write_context(key);
        self.writable_store()?
            .mark_review_helpful(id, context)
            .await
    }

    /// Hides a review for good and removes it from the totals: `PUT /reviews/{review_id}/report`. Does nothing if the review
    /// does not exist.
    pub async fn report_review(&self, id: ReviewId) -> Result<()> {
        self.writable_store()?.report_review(id).await
    }
}
