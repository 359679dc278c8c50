//! Amounts of money, as people have written them.

use crate::rules::numbers as number;
use crate::rules::outcome::Reason;

/// Words that make another amount of the number beside them.
const SCALES: [&str; 23] = [
    "hundred", "thousand", "k", "tsd", "million", "mio", "mn", "m", "billion", "bn", "lakh",
    "crore", "dozen", "half", "minus", "negative", "percent", "pct", "cent", "cents", "ct",
    "pence", "off",
];

/// Reads the one number in the text, a whole amount, and returns it in cents. Currency signs, words and thousands commas
/// around it are left out, and an exponent is understood; everything but plain digits is a repair.
///
/// A text that is not wholly understood is refused rather than guessed: a second number (`1 234`, `1/2`), a sign or a word
/// that may change the amount (`5-`, `5%`, `(5)`, `5 million`), decimals other than zeros, a value that does not fit.
pub(crate) fn cents(text: &str, repaired: &mut bool) -> Result<i64, Reason> {
    *repaired |= !number::is_plain(text);
    let amount = the_number(text).and_then(|number| number.checked_mul(100));
    amount.ok_or(Reason::Price)
}

fn the_number(text: &str) -> Option<i64> {
    let (before, number) = text.split_at(text.find(|letter: char| letter.is_ascii_digit())?);
    let (number, behind) = number::leading(number, true)?;
    let before = before.strip_suffix('+').unwrap_or(before);
    let apart = |letter: char| letter.is_whitespace() || is_currency(letter);
    let separate = before.is_empty() || before.ends_with(|it| apart(it) || it == ':');
    let separate = separate
        && (behind.is_empty() || behind.starts_with(|it| apart(it) || ".,;:!".contains(it)));
    (separate && is_wording(before) && is_wording(behind)).then_some(number)
}

fn is_currency(letter: char) -> bool {
    matches!(letter, '$' | '£' | '¤' | '¥' | '\u{20a0}'..='\u{20cf}')
}

/// Whether the text says nothing about the amount: words, currency signs and the marks between them.
fn is_wording(text: &str) -> bool {
    let letters: Vec<_> = text.chars().collect();
    let is_letter = |at: usize| letters.get(at).is_some_and(|it| it.is_alphabetic());
    let harmless = |(at, letter): (usize, &char)| match letter {
        '-' | '_' | '\'' => at > 0 && is_letter(at - 1) && is_letter(at + 1),
        '.' | ',' | ';' | ':' | '!' => true,
        letter => letter.is_alphabetic() || letter.is_whitespace() || is_currency(*letter),
    };
    let mut words = text.split(|letter: char| !letter.is_alphabetic());
    letters.iter().enumerate().all(harmless)
        && !words.any(|word| SCALES.iter().any(|it| it.eq_ignore_ascii_case(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_understood_number_is_the_price() {
        for (text, expected) in [
            ("$64", 64),
            ("€ 64", 64),
            ("64 €", 64),
            ("64€", 64),
            ("USD 64", 64),
            ("64 EUR", 64),
            ("US$64", 64),
            ("default_price: 101", 101),
            ("101 each", 101),
            ("87.00", 87),
            ("571.0", 571),
            ("12.", 12),
            ("1,119", 1_119),
            ("$ 1,234,567.000 each", 1_234_567),
            ("007", 7),
            ("+5", 5),
            ("0.000", 0),
            ("one-time price: 5 USD.", 5),
            ("5e+06", 5_000_000),
            ("1e+05", 100_000),
            ("1E5", 100_000),
            ("1.5e+05", 150_000),
            ("1.234e3", 1_234),
            ("100e-2", 1),
            ("0e+00", 0),
            ("$5e+06", 5_000_000),
        ] {
            let mut repaired = false;
            assert_eq!(cents(text, &mut repaired), Ok(expected * 100), "{text}");
            assert!(repaired, "{text}");
        }
        for (text, expected) in [
            ("145", 14_500),
            ("0", 0),
            ("5000000", 500_000_000),
            ("92233720368547757", 9_223_372_036_854_775_700),
        ] {
            let mut repaired = false;
            assert_eq!(cents(text, &mut repaired), Ok(expected), "{text}");
            assert!(!repaired, "{text}");
        }
    }

    #[test]
    fn number_that_is_not_wholly_understood_is_refused() {
        for text in [
            // No number.
            "",
            "ask in store",
            "٣",
            "NaN",
            "Inf",
            "e+05",
            // Several.
            "1 234",
            "1\u{a0}234",
            "1'234",
            "1_234",
            "1/2",
            "1-2",
            "99 or 100",
            "72, reduced from 80",
            "1.2.3",
            "5.000.000",
            "5 e+06",
            "2 x 5",
            "5²",
            "5½",
            "5 ٣",
            // Digits within a word.
            "0x1F",
            "5k",
            "5M",
            "2nd",
            "5e",
            "5e+",
            "5e+06x",
            "5d+06",
            "USD64",
            "v2",
            // Brackets, minuses and other signs.
            "(5.00)",
            "[5]",
            "($5)",
            "-5",
            "$-5",
            "- 5",
            "-$5",
            "\u{2212}5",
            "\u{2013} 5",
            "5-",
            "5.00-",
            "5 -",
            "5 USD-",
            "5,-",
            "5/-",
            "5%",
            "~5",
            "<5",
            "5+",
            "=5",
            "5*",
            "99¢",
            // Words that change the amount.
            "5 million",
            "5 K",
            "minus 5",
            "99 cents",
            "50 percent",
            "half 5",
            "5 per dozen",
            // Not whole.
            "87.5",
            "0.99",
            "1.005",
            ".5",
            ",5",
            "$.5",
            "1.5e0",
            "1e-2",
            "5e-01",
            // Read in two ways.
            "12,50",
            "1,2345",
            "1234,567",
            "1,119,5",
            "12.000",
            "0,500",
            // Too large.
            "92233720368547759",
            "99999999999999999999",
            "999,999,999,999,999,999,999",
            "1e18",
            "1e400",
            "1e99999999999",
        ] {
            assert_eq!(cents(text, &mut false), Err(Reason::Price), "{text}");
        }
    }
}
