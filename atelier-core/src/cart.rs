//! Carts.

use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::once::{Posted, Stored};
use crate::{Atelier, Result, SkuId};

/// Whose cart it is: the SHA-256 of a token, which itself is never kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Owner(String);

impl Owner {
    /// The owner who shows `token`; without one, the owner that all such callers share.
    pub fn of(token: Option<&[u8]>) -> Self {
        Self(hex(&Sha256::digest(token.unwrap_or_default())))
    }

    /// The hash, as hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)]))
        .collect()
}

/// A line of a cart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CartItem {
    /// What is in it; possibly no SKU of this shop.
    pub sku_id: SkuId,
    /// How many pieces; serialised as a string.
    #[serde(serialize_with = "text")]
    pub count: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn text<S: Serializer>(count: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(count)
}

impl Atelier {
    /// The lines of an owner's cart, in the order in which each SKU was first put in: `GET /cart`. Empty for whoever has none;
    /// at most [`Settings::max_rows`](crate::Settings::max_rows) lines.
    pub async fn cart(&self, of: &Owner) -> Result<Vec<CartItem>> {
        self.store().cart(of, self.settings().max_rows).await
    }

    /// Puts one piece into an owner's cart: `POST /cart`. Whether the shop has such a SKU is not asked.
    pub async fn add_to_cart(&self, of: &Owner, sku: SkuId) -> Result<()> {
        self.post_to_cart(of, sku, self.posted(None)).await?.now()
    }

    pub(crate) async fn post_to_cart(
        &self,
        of: &Owner,
        sku: SkuId,
        posted: Posted,
    ) -> Result<Stored<()>> {
        self.store_to_change()?.add_to_cart(of, sku, posted).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_is_the_hash_of_the_token() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Owner::of(None).as_str(), empty);
        assert_ne!(Owner::of(Some(b"a")), Owner::of(Some(b"b")));
    }
}
