//! Rows of a bulk load.
//!
//! The store keeps rows in the shape in which they are served, so a row includes its children: a product its features, related
//! ids and styles, a review its photos and characteristic values. Totals are part of the load as well, so that the store need
//! not count.

use std::collections::BTreeMap;

use crate::model::money::Cents;
pub use crate::model::products::{Feature, StylePhoto};
pub use crate::model::reviews::Photo;
use crate::model::time::Millis;

/// Rows of every kind, each list in any order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Batch {
    /// Products with features, related ids and styles.
    pub products: Vec<Product>,
    /// Characteristics of products, with totals.
    pub characteristics: Vec<Characteristic>,
    /// Rating totals of products.
    pub review_totals: Vec<ReviewTotals>,
    /// Reviews with photos and characteristic values, reported ones included.
    pub reviews: Vec<Review>,
    /// Questions, reported ones included.
    pub questions: Vec<Question>,
    /// Answers with photos, reported ones included.
    pub answers: Vec<Answer>,
    /// Rows of the legacy `cart.csv`, which belong to no cart of the API.
    pub legacy_cart: Vec<LegacyCartItem>,
}

impl Batch {
    /// Sorts all rows by ascending id, styles and SKUs included.
    #[must_use]
    pub fn in_order(mut self) -> Self {
        self.products.sort_by_key(|product| product.id);
        for product in &mut self.products {
            product.styles.sort_by_key(|style| style.style_id);
            for style in &mut product.styles {
                style.skus.sort_by_key(|sku| sku.id);
            }
        }
        self.characteristics.sort_by_key(|it| it.id);
        self.review_totals.sort_by_key(|it| it.product_id);
        self.reviews.sort_by_key(|review| review.id);
        self.questions.sort_by_key(|question| question.id);
        self.answers.sort_by_key(|answer| answer.id);
        self.legacy_cart.sort_by_key(|item| item.id);
        self
    }

    /// Computes the totals from the reviews of the batch, reported ones excluded.
    #[must_use]
    pub fn with_totals(mut self) -> Self {
        let mut totals = BTreeMap::new();
        let mut values = BTreeMap::<i64, (i64, i64)>::new();
        for review in self.reviews.iter().filter(|review| !review.reported) {
            totals
                .entry(review.product_id)
                .or_insert_with(|| ReviewTotals::none(review.product_id))
                .add(review.rating, review.recommend);
            for (characteristic, value) in &review.characteristics {
                let (sum, count) = values.entry(*characteristic).or_default();
                *sum += value;
                *count += 1;
            }
        }
        for it in &mut self.characteristics {
            (it.value_sum, it.value_count) = values.get(&it.id).copied().unwrap_or_default();
        }
        self.review_totals = totals.into_values().collect();
        self
    }
}

/// A product, with features by ascending id, related ids in the order served, and styles by ascending id.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the fields are named as in the API")]
pub struct Product {
    pub id: i64,
    pub name: String,
    pub slogan: String,
    pub description: String,
    pub category: String,
    pub default_price: Cents,
    pub created_at: Millis,
    pub updated_at: Millis,
    pub features: Vec<Feature>,
    pub related: Vec<i64>,
    pub styles: Vec<Style>,
}

/// A style with its photos and SKUs, each by ascending id.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the fields are named as in the API")]
pub struct Style {
    pub style_id: i64,
    pub name: String,
    pub original_price: Cents,
    pub sale_price: Option<Cents>,
    pub default: bool,
    pub photos: Vec<StylePhoto>,
    pub skus: Vec<Sku>,
}

/// A stock-keeping unit of a style.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the fields are named as in the API")]
pub struct Sku {
    pub id: i64,
    pub quantity: i64,
    pub size: String,
}

/// A characteristic of a product, such as `Fit`, with sum and number of its values in reviews, reported ones excluded.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the fields are named as in the API")]
pub struct Characteristic {
    pub id: i64,
    pub product_id: i64,
    pub name: String,
    pub value_sum: i64,
    pub value_count: i64,
}

/// Rating totals of a product, reported reviews excluded.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "plain counts")]
pub struct ReviewTotals {
    pub product_id: i64,
    pub stars: [i64; 5],
    pub recommend_no: i64,
    pub recommend_yes: i64,
}

impl ReviewTotals {
    /// Returns the totals of a product without reviews.
    pub fn none(product_id: i64) -> Self {
        Self {
            product_id,
            stars: [0; 5],
            recommend_no: 0,
            recommend_yes: 0,
        }
    }

    /// Adds a review. A rating outside 1 to 5 is not counted.
    pub fn add(&mut self, rating: i64, recommend: bool) {
        let star = usize::try_from(rating - 1).ok();
        if let Some(count) = star.and_then(|star| self.stars.get_mut(star)) {
            *count += 1;
        }
        if recommend {
            self.recommend_yes += 1;
        } else {
            self.recommend_no += 1;
        }
    }
}

/// A review, with photos by ascending id and `(characteristic id, value)` pairs.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the fields are named as in the API")]
pub struct Review {
    pub id: i64,
    pub product_id: i64,
    pub rating: i64,
    pub date: Millis,
    pub summary: String,
    pub body: String,
    pub recommend: bool,
    pub reported: bool,
    pub reviewer_name: String,
    pub reviewer_email: Option<String>,
    pub response: Option<String>,
    pub helpfulness: i64,
    pub photos: Vec<Photo>,
    pub characteristics: Vec<(i64, i64)>,
}

/// A question about a product.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the fields are named as in the API")]
pub struct Question {
    pub id: i64,
    pub product_id: i64,
    pub body: String,
    pub date: Millis,
    pub asker_name: String,
    pub asker_email: Option<String>,
    pub reported: bool,
    pub helpfulness: i64,
}

/// An answer to a question, with photos by ascending id.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the fields are named as in the API")]
pub struct Answer {
    pub id: i64,
    pub question_id: i64,
    pub body: String,
    pub date: Millis,
    pub answerer_name: String,
    pub answerer_email: Option<String>,
    pub reported: bool,
    pub helpfulness: i64,
    pub photos: Vec<Photo>,
}

/// A row of the legacy `cart.csv`: a session of the old shop and a product.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the fields are the columns of the file")]
pub struct LegacyCartItem {
    pub id: i64,
    pub user_session: String,
    pub product_id: i64,
    pub active: bool,
}
