//! Products, features and styles.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::ids::ProductId;
use crate::model::money::Cents;
use crate::model::raw_json::RawJson;
use crate::model::time::Millis;

/// A product without its features.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// Identifier.
    pub id: ProductId,
    /// Name.
    pub name: String,
    /// Slogan; empty if there is none.
    pub slogan: String,
    /// Description; empty if there is none.
    pub description: String,
    /// Category, such as `Jackets`; empty if there is none.
    pub category: String,
    /// Price, which a style may override.
    pub default_price: Cents,
    /// Time of creation.
    pub created_at: Millis,
    /// Time of the last change.
    pub updated_at: Millis,
}

/// A product with its features.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductDetail {
    /// The product.
    pub product: Product,
    /// Features by ascending id.
    pub features: RawJson<Vec<Feature>>,
}

/// A feature of a product. Names may repeat, and values may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are the keys of the JSON")]
pub struct Feature {
    pub feature: String,
    pub value: Option<String>,
}

/// A style of a product as served.
///
/// A style without photos has one placeholder of two nulls; a style without SKUs has one placeholder under the key `null`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "the fields are the keys of the JSON")]
pub struct Style {
    pub style_id: i64,
    pub name: String,
    /// Amount with two decimals, such as `72.00`.
    pub original_price: String,
    /// Amount with two decimals; `None` if the style is not on sale.
    pub sale_price: Option<String>,
    #[serde(rename = "default?")]
    pub default: bool,
    pub photos: Vec<StylePhoto>,
    /// Stock by SKU id.
    pub skus: BTreeMap<String, Sku>,
}

/// A photo of a style.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are the keys of the JSON")]
pub struct StylePhoto {
    pub thumbnail_url: Option<String>,
    pub url: Option<String>,
}

/// The stock of a style in one size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are the keys of the JSON")]
pub struct Sku {
    pub quantity: Option<i64>,
    pub size: Option<String>,
}
