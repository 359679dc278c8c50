//! Identifiers.

use serde::{Deserialize, Serialize};

/// Parses an id: one or more ASCII digits with a value of at least 1, leading zeros allowed. A number above 2^63-1 is a valid
/// id of a row that does not exist, and becomes 2^63-1.
pub(crate) fn parse(text: &str) -> Option<i64> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let id = text.bytes().fold(0i64, |id, digit| {
        id.saturating_mul(10)
            .saturating_add(i64::from(digit - b'0'))
    });
    (id >= 1).then_some(id)
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl $name {
            /// Parses the decimal digits of an id; `None` for any other text.
            pub fn parse(text: &str) -> Option<Self> {
                parse(text).map(Self)
            }
        }
    };
}

id! {
    /// Identifier of a product.
    ProductId
}
id! {
    /// Identifier of a review.
    ReviewId
}
id! {
    /// Identifier of a question.
    QuestionId
}
id! {
    /// Identifier of an answer.
    AnswerId
}
id! {
    /// Identifier of a stock-keeping unit.
    SkuId
}
id! {
    /// Identifier of a characteristic, such as the fit of one product.
    CharacteristicId
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_ascii_digits_of_at_least_one() {
        for (text, id) in [
            ("1", Some(1)),
            ("007", Some(7)),
            ("9223372036854775807", Some(i64::MAX)),
            ("9223372036854775808", Some(i64::MAX)),
            ("99999999999999999999999999999999", Some(i64::MAX)),
            ("0", None),
            ("000", None),
            ("", None),
            (" 1", None),
            ("-1", None),
            ("+7", None),
            ("5.0", None),
            ("1e3", None),
            ("0x7", None),
            ("٣", None),
            ("1\0", None),
        ] {
            assert_eq!(parse(text), id, "{text:?}");
        }
    }
}
