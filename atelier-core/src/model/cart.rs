//! Carts.

use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::model::error::Result;
use crate::model::ids::SkuId;

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
