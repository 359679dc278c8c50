//! Amounts of money.

use std::fmt;

use serde::{Serialize, Serializer};

/// An amount in cents. Serialised as a string with two decimals: `"72.00"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cents(pub i64);

impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let cents = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", cents / 100, cents % 100)
    }
}

impl Serialize for Cents {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cents_are_written_with_two_decimals() {
        for (cents, text) in [(7_200, "72.00"), (0, "0.00"), (5, "0.05"), (-150, "-1.50")] {
            assert_eq!(Cents(cents).to_string(), text);
        }
    }
}
