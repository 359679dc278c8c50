//! Products, their styles and what is related to them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::ids::ProductId;
use crate::model::money::Cents;
use crate::model::raw_json::RawJson;
use crate::model::time::Millis;

/// A product, as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// Names it.
    pub id: ProductId,
    /// What it is called.
    pub name: String,
    /// One line of advertisement; empty when there is none.
    pub slogan: String,
    /// A few sentences; empty when there is none.
    pub description: String,
    /// The kind of thing, such as `Jackets`; empty when there is none.
    pub category: String,
    /// What it costs unless a style says otherwise.
    pub default_price: Cents,
    /// When it was put in.
    pub created_at: Millis,
    /// When it was last changed.
    pub updated_at: Millis,
}

/// A product with its features.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductDetail {
    /// The product.
    pub product: Product,
    /// By ascending feature id, possibly none.
    pub features: RawJson<Vec<Feature>>,
}

/// A feature of a product: its name, which may repeat, and a value, which may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are the contract's keys")]
pub struct Feature {
    pub feature: String,
    pub value: Option<String>,
}

/// A style of a product as it is served.
///
/// One without photos has one placeholder photo of two nulls; one without SKUs has one placeholder under the key `null`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "the fields are the contract's keys")]
pub struct Style {
    pub style_id: i64,
    pub name: String,
    /// Money with two decimals, such as `72.00`.
    pub original_price: String,
    /// Money with two decimals; none when it is not on sale.
    pub sale_price: Option<String>,
    #[serde(rename = "default?")]
    pub default: bool,
    pub photos: Vec<StylePhoto>,
    /// By SKU id.
    pub skus: BTreeMap<String, Sku>,
}

/// A photo of a style.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are the contract's keys")]
pub struct StylePhoto {
    pub thumbnail_url: Option<String>,
    pub url: Option<String>,
}

/// What there is of a style in one size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are the contract's keys")]
pub struct Sku {
    pub quantity: Option<i64>,
    pub size: Option<String>,
}
