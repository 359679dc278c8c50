//! Queries of `/reviews`.

use crate::{Read, Write, read, write};

/// A page of reviews, the most helpful first.
pub const LIST_HELPFUL: Read = read!("reviews/list_helpful", batch, sqlite);
/// A page of reviews, the newest first.
pub const LIST_NEWEST: Read = read!("reviews/list_newest", batch, sqlite);
/// The totals of the reviews of a product.
pub const META: Read = read!("reviews/meta", batch);
/// Adds a review and its part of the totals.
pub const ADD: Write = write!("reviews/add", "1_review", "2_sums", "3_totals", "4_key");
/// Adds a vote, once for each key.
pub const HELPFUL: Write = write!("reviews/helpful", "1_vote", "2_key");
/// Hides a review.
pub const REPORT: Write = write!("reviews/report", "1_review", "2_totals", "3_sums");
