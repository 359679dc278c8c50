//! Parses prices as people wrote them.

use crate::rules::numbers;
use crate::rules::outcome::RejectReason;

/// Words that change the amount of the number next to them.
const SCALING_WORDS: [&str; 23] = [
    "hundred", "thousand", "k", "tsd", "million", "mio", "mn", "m", "billion", "bn", "lakh",
    "crore", "dozen", "half", "minus", "negative", "percent", "pct", "cent", "cents", "ct",
    "pence", "off",
];

/// Parses the only number in the text, a whole amount, and returns it in cents. Ignores currency signs, words and
/// thousands separators; accepts an exponent. Sets `repaired` unless the text is plain digits.
///
/// Ambiguous texts are refused: a second number (`1 234`, `1/2`), a sign or word that may change the amount (`5-`,
/// `5%`,
/// `(5)`, `5 million`), decimals other than zeros, overflow.
pub(crate) fn parse_cents(text: &str, repaired: &mut bool) -> Result<i64, RejectReason> {
    *repaired |= !numbers::is_plain(text);
    let amount = only_number(text).and_then(|number| number.checked_mul(100));
    amount.ok_or(RejectReason::Price)
}

fn only_number(text: &str) -> Option<i64> {
    let (before, number) = text.split_at(text.find(|letter: char| letter.is_ascii_digit())?);
    let (number, after) = numbers::parse_leading(number, true)?;
    let before = before.strip_suffix('+').unwrap_or(before);
    let is_space = |letter: char| letter.is_whitespace() || is_currency(letter);
    let is_separate = (before.is_empty() || before.ends_with(|it| is_space(it) || it == ':'))
        && (after.is_empty() || after.starts_with(|it| is_space(it) || ".,;:!".contains(it)));
    (is_separate && is_harmless(before) && is_harmless(after)).then_some(number)
}

fn is_currency(letter: char) -> bool {
    matches!(letter, '$' | '£' | '¤' | '¥' | '\u{20a0}'..='\u{20cf}')
}

/// Whether the text does not change the amount: words, currency signs and punctuation.
fn is_harmless(text: &str) -> bool {
    let letters: Vec<_> = text.chars().collect();
    let is_letter = |at: usize| letters.get(at).is_some_and(|it| it.is_alphabetic());
    let is_allowed = |(at, letter): (usize, &char)| match letter {
        '-' | '_' | '\'' => at > 0 && is_letter(at - 1) && is_letter(at + 1),
        '.' | ',' | ';' | ':' | '!' => true,
        letter => letter.is_alphabetic() || letter.is_whitespace() || is_currency(*letter),
    };
    let mut words = text.split(|letter: char| !letter.is_alphabetic());
    letters.iter().enumerate().all(is_allowed)
        && !words.any(|word| SCALING_WORDS.iter().any(|it| it.eq_ignore_ascii_case(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_number_in_a_text_is_the_price() {
        #[rustfmt::skip]
        let repaired_texts = [
            ("$64", 64), ("€ 64", 64), ("64 €", 64), ("64€", 64), ("USD 64", 64), ("64 EUR", 64), ("US$64", 64),
            ("default_price: 101", 101), ("101 each", 101), ("87.00", 87), ("571.0", 571), ("12.", 12),
            ("1,119", 1_119), ("$ 1,234,567.000 each", 1_234_567), ("007", 7), ("+5", 5), ("0.000", 0),
            ("one-time price: 5 USD.", 5), ("5e+06", 5_000_000), ("1e+05", 100_000), ("1E5", 100_000),
            ("1.5e+05", 150_000), ("1.234e3", 1_234), ("100e-2", 1), ("0e+00", 0), ("$5e+06", 5_000_000),
        ];
        for (text, expected) in repaired_texts {
            let mut repaired = false;
            assert_eq!(
                parse_cents(text, &mut repaired),
                Ok(expected * 100),
                "{text}"
            );
            assert!(repaired, "{text}");
        }
        for (text, expected) in [
            ("145", 14_500),
            ("0", 0),
            ("5000000", 500_000_000),
            ("92233720368547757", 9_223_372_036_854_775_700),
        ] {
            let mut repaired = false;
            assert_eq!(parse_cents(text, &mut repaired), Ok(expected), "{text}");
            assert!(!repaired, "{text}");
        }
    }

    #[test]
    fn ambiguous_price_is_refused() {
        #[rustfmt::skip]
        let table = [
            // No number.
            "", "ask in store", "٣", "NaN", "Inf", "e+05",
            // Several.
            "1 234", "1\u{a0}234", "1'234", "1_234", "1/2", "1-2", "99 or 100", "72, reduced from 80", "1.2.3",
            "5.000.000", "5 e+06", "2 x 5", "5²", "5½", "5 ٣",
            // Digits within a word.
            "0x1F", "5k", "5M", "2nd", "5e", "5e+", "5e+06x", "5d+06", "USD64", "v2",
            // Brackets, minuses and other signs.
            "(5.00)", "[5]", "($5)", "-5", "$-5", "- 5", "-$5", "\u{2212}5", "\u{2013} 5", "5-", "5.00-", "5 -",
            "5 USD-", "5,-", "5/-", "5%", "~5", "<5", "5+", "=5", "5*", "99¢",
            // Words that change the amount.
            "5 million", "5 K", "minus 5", "99 cents", "50 percent", "half 5", "5 per dozen",
            // Not whole.
            "87.5", "0.99", "1.005", ".5", ",5", "$.5", "1.5e0", "1e-2", "5e-01",
            // Different meanings in different countries.
            "12,50", "1,2345", "1234,567", "1,119,5", "12.000", "0,500",
            // Overflow.
            "92233720368547759", "99999999999999999999", "999,999,999,999,999,999,999", "1e18", "1e400",
            "1e99999999999",
        ];
        for text in table {
            assert_eq!(
                parse_cents(text, &mut false),
                Err(RejectReason::Price),
                "{text}"
            );
        }
    }
}
