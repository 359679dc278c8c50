//! Whole rows on their way into a store: what a loader or a demo catalogue hands over.
//!
//! The API adds one review at a time; a load brings parents with everything that is served inside them. The store keeps
//! a row in the shape in which it is answered, so a bulk row carries its children: a product its features, related ids
//! and styles, a review its photos and characteristic values.

use crate::{Cents, Millis};
pub use crate::{Feature, Photo, StylePhoto};

/// Rows of every kind. All lists may come in any order, and any may be empty.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Batch {
    /// Products with everything `/products/...` serves of them.
    pub products: Vec<Product>,
    /// What reviewers of a product can rate.
    pub characteristics: Vec<Characteristic>,
    /// Reviews with photos and values; reported ones too (they are kept, and hidden).
    pub reviews: Vec<Review>,
    /// Questions, reported ones too.
    pub questions: Vec<Question>,
    /// Answers with their photos, reported ones too.
    pub answers: Vec<Answer>,
    /// Rows of the legacy `cart.csv`; they belong to no cart of the API.
    pub legacy_cart: Vec<LegacyCartItem>,
}

/// A product, its features in the order served (ascending feature id), the related ids likewise, its styles.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the fields are the contract's keys")]
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

/// A style with its photos (ascending photo id) and SKUs; the store sorts styles and SKUs by id.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the fields are the contract's keys")]
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
#[expect(missing_docs, reason = "the fields are the contract's keys")]
pub struct Sku {
    pub id: i64,
    pub quantity: i64,
    pub size: String,
}

/// What reviewers of a product can rate, such as `Fit`.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the fields are the contract's keys")]
pub struct Characteristic {
    pub id: i64,
    pub product_id: i64,
    pub name: String,
}

/// A review, with photos by ascending id and `(characteristic id, value)` pairs.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the fields are the contract's keys")]
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
#[expect(missing_docs, reason = "the fields are the contract's keys")]
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
#[expect(missing_docs, reason = "the fields are the contract's keys")]
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
