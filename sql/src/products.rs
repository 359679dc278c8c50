//! Queries of `/products`.

use crate::{Read, read};

/// A page of products by ascending id.
pub const LIST: Read = read!("products/list");
/// One product with its features.
pub const ONE: Read = read!("products/one", together);
/// The styles of a product.
pub const STYLES: Read = read!("products/styles", together);
/// The ids related to a product.
pub const RELATED: Read = read!("products/related", together);
/// What the store holds.
pub const CONTENT: Read = read!("products/content");
