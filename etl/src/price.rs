//! Amounts of money, as people have written them.

use crate::outcome::Reason;

/// The first number in the text, in cents: without `$`, words and thousands commas. Everything but plain digits is a
/// repair.
///
/// The old shop knew whole amounts only, but two decimals are money too and are kept. What could be read in two ways is
/// refused rather than guessed: a comma that separates no thousands (`12,50`), a third decimal, a number that begins
/// with a point. So is an amount that does not fit.
pub(crate) fn cents(text: &str, repaired: &mut bool) -> Result<i64, Reason> {
    let bytes = text.as_bytes();
    let start = bytes
        .iter()
        .position(u8::is_ascii_digit)
        .ok_or(Reason::Price)?;
    let before =
        text[..start].trim_end_matches(|letter: char| letter == '$' || letter.is_whitespace());
    if before.ends_with(['-', '\u{2212}']) || text[..start].ends_with('.') {
        return Err(Reason::Price);
    }
    let (whole, rest) = integer(&bytes[start..]).ok_or(Reason::Price)?;
    let amount = whole
        .checked_mul(100)
        .and_then(|cents| cents.checked_add(decimals(rest)?))
        .ok_or(Reason::Price)?;
    *repaired |= start > 0
        || !rest.is_empty()
        || bytes.contains(&b',')
        || (bytes[0] == b'0' && bytes.len() > 1);
    Ok(amount)
}

/// The digits at the start, with or without thousands commas, and what follows them.
fn integer(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let (mut number, mut rest) = run_of_digits(0, bytes)?;
    let leading = bytes.len() - rest.len();
    let mut grouped = false;
    while let [b',', group @ ..] = rest {
        if !group.first().is_some_and(u8::is_ascii_digit) {
            break;
        }
        let after = run_of_digits(number, group)?;
        if group.len() - after.1.len() != 3 || (!grouped && leading > 3) {
            return None;
        }
        (number, rest) = after;
        grouped = true;
    }
    Some((number, rest))
}

/// `number` with the digits at the start of `bytes` behind it.
fn run_of_digits(mut number: i64, bytes: &[u8]) -> Option<(i64, &[u8])> {
    let length = bytes
        .iter()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(bytes.len());
    for digit in &bytes[..length] {
        number = number
            .checked_mul(10)?
            .checked_add(i64::from(digit - b'0'))?;
    }
    Some((number, &bytes[length..]))
}

/// The cents behind the point, if there is one with digits behind it.
fn decimals(rest: &[u8]) -> Option<i64> {
    let [b'.', behind @ ..] = rest else {
        return Some(0);
    };
    let length = behind
        .iter()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(behind.len());
    let digit = |at: usize| {
        if at < length {
            i64::from(behind[at] - b'0')
        } else {
            0
        }
    };
    let exact = behind[..length].iter().skip(2).all(|digit| *digit == b'0');
    exact.then(|| digit(0) * 10 + digit(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_number_is_the_price() {
        for (text, expected, repair) in [
            ("145", 14_500, false),
            ("0", 0, false),
            ("5000000", 500_000_000, false),
            ("$64", 6_400, true),
            ("default_price: 101", 10_100, true),
            ("87.00", 8_700, true),
            ("571.0", 57_100, true),
            ("12.", 1_200, true),
            ("1,119", 111_900, true),
            ("$ 1,234,567.000 each", 123_456_700, true),
            ("72, reduced from 80", 7_200, true),
            ("99 or 100", 9_900, true),
            ("87.5", 8_750, true),
            ("0.99", 99, true),
            ("007", 700, true),
            ("92233720368547757", 9_223_372_036_854_775_700, false),
        ] {
            let mut repaired = false;
            assert_eq!(cents(text, &mut repaired), Ok(expected), "{text}");
            assert_eq!(repaired, repair, "{text}");
        }
    }

    #[test]
    fn what_is_no_price_or_two_is_refused() {
        for text in [
            "",
            "ask in store",
            "-5",
            "$-5",
            "- 5",
            "-$5",
            "\u{2212}5",
            "12,50",
            "1,2345",
            "1234,567",
            "1,119,5",
            "1.005",
            ".5",
            "$.5",
            "92233720368547759",
            "99999999999999999999",
            "999,999,999,999,999,999,999",
            "٣",
        ] {
            assert_eq!(cents(text, &mut false), Err(Reason::Price), "{text}");
        }
    }
}
