//! Queries of `/products`.

use crate::{Read, read};

/// A page of products by ascending id.
pub const LIST: Read = read!("products/list");
/// One product with its features.
pub const ONE: Read = read!("products/one", batch);
/// The styles of a product.
pub const STYLES: Read = read!("products/styles", batch);
/// The ids related to a product.
pub const RELATED: Read = read!("products/related", batch);
/// Whether there are products, and whether they are the demo catalogue.
pub const CONTENT: Read = read!("products/content");
