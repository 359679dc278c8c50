//! Carts.

use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::model::error::Result;
use crate::model::ids::SkuId;

/// The owner of a cart: the SHA-256 of a token. The token itself is never stored.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Owner(String);

impl Owner {
    /// Returns the owner with this token. All requests without a token share one owner.
    pub fn of(token: Option<&[u8]>) -> Self {
        Self(hex(&Sha256::digest(token.unwrap_or_default())))
    }

    /// Returns the hash in hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Formats bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)]))
        .collect()
}

/// An item of a cart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CartItem {
    /// The SKU, which may not exist.
    pub sku_id: SkuId,
    /// Number of units; serialised as a string.
    #[serde(serialize_with = "text")]
    pub count: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn text<S: Serializer>(count: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owner_is_the_hash_of_the_token() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Owner::of(None).as_str(), empty);
        assert_ne!(Owner::of(Some(b"a")), Owner::of(Some(b"b")));
    }
}
