//! From a field as it is written to the value it holds, by the rule of its kind.

use std::borrow::Cow;

use crate::csv::parser::Field;
use crate::rules::dates as date;
use crate::rules::numbers as number;
use crate::rules::outcome::Reason;
use crate::rules::prices as price;
use crate::schema::{Kind, Spelling};

const LARGEST_ID: i64 = i32::MAX as i64;

/// The characteristics there are, as they are stored.
const CHARACTERISTICS: [&str; 6] = ["Size", "Width", "Comfort", "Quality", "Length", "Fit"];

/// What a field holds. Prices are cents, dates milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Value<'a> {
    #[default]
    Null,
    Text(Cow<'a, str>),
    Int(i64),
    Bool(bool),
}

/// A field as it is written: what stands in its quotes to the last blank, or what stands there without quotes, trimmed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Written<'a> {
    pub(crate) text: &'a str,
    /// It stood in quotes, or in apostrophes in their place.
    quoted: bool,
    apostrophes: bool,
    /// `""` stands in it for one quote.
    doubled: bool,
}

impl<'a> Written<'a> {
    #[inline]
    pub(crate) fn new(record: &'a str, field: Field) -> Self {
        let text = &record[field.start..field.end];
        if field.quoted {
            return Self {
                text,
                quoted: true,
                apostrophes: false,
                doubled: field.doubled,
            };
        }
        let text = trim(text);
        let apostrophes = text.len() > 1 && text.starts_with('\'') && text.ends_with('\'');
        Self {
            text: if apostrophes {
                &text[1..text.len() - 1]
            } else {
                text
            },
            quoted: apostrophes,
            apostrophes,
            doubled: false,
        }
    }

    /// A bare `null` in any case, which some columns have as a matter of course.
    fn is_bare_null(self) -> bool {
        !self.quoted && self.text.eq_ignore_ascii_case("null")
    }

    fn content(self) -> Cow<'a, str> {
        if self.doubled {
            Cow::Owned(self.text.replace("\"\"", "\""))
        } else {
            Cow::Borrowed(self.text)
        }
    }

    /// The field as a text: verbatim from quotes, `None` when it is null.
    fn into_text(self, repaired: &mut bool) -> Option<Cow<'a, str>> {
        *repaired |= self.apostrophes;
        let null = self.text.eq_ignore_ascii_case("null") || (!self.quoted && self.text.is_empty());
        (!null).then(|| self.content())
    }

    /// The field as anything but a text: trimmed, `None` when it is null.
    fn into_plain(self, repaired: &mut bool) -> Option<Cow<'a, str>> {
        *repaired |= self.apostrophes;
        if self.doubled {
            let content = self.text.replace("\"\"", "\"");
            plain(&content, repaired).map(|text| Cow::Owned(text.to_owned()))
        } else {
            plain(self.text, repaired).map(Cow::Borrowed)
        }
    }
}

/// What is left without blanks, `None` when that is null.
fn plain<'t>(text: &'t str, repaired: &mut bool) -> Option<&'t str> {
    let trimmed = trim(text);
    *repaired |= trimmed.len() != text.len();
    let null = trimmed.is_empty() || trimmed.eq_ignore_ascii_case("null");
    (!null).then_some(trimmed)
}

/// Without white space at both ends.
fn trim(text: &str) -> &str {
    let bytes = text.as_bytes();
    let bare = |end: Option<&u8>| end.is_none_or(u8::is_ascii_graphic);
    if bare(bytes.first()) && bare(bytes.last()) {
        text
    } else {
        text.trim()
    }
}

/// Reads a field of a record. Sets `repaired` when the value had to be put right, and leaves it alone otherwise. A
/// parent's id that is no id at all becomes -1, the id of no row.
#[inline]
pub(crate) fn read<'a>(
    kind: Kind,
    record: &'a str,
    field: Field,
    repaired: &mut bool,
) -> Result<Value<'a>, Reason> {
    match ordinary_number(kind, record, field) {
        Some(number) => Ok(Value::Int(number)),
        None => read_written(kind, Written::new(record, field), repaired),
    }
}

/// The number in nearly every field of these kinds: a few digits in their range, which need no closer look.
fn ordinary_number(kind: Kind, record: &str, field: Field) -> Option<i64> {
    let range = match kind {
        Kind::Id => 1..=LARGEST_ID,
        Kind::Parent(_) | Kind::Quantity | Kind::Counter => 0..=LARGEST_ID,
        Kind::Rating => 1..=5,
        Kind::Date => 1_000_000_000_000..=9_999_999_999_999,
        _ => return None,
    };
    let digits = &record.as_bytes()[field.start..field.end];
    if field.quoted || digits.len() > 13 || (digits.len() > 1 && digits[0] == b'0') {
        return None;
    }
    let mut number = 0;
    for digit in digits {
        number = number * 10 + i64::from(digit.is_ascii_digit().then(|| digit - b'0')?);
    }
    (!digits.is_empty() && range.contains(&number)).then_some(number)
}

fn read_written<'a>(
    kind: Kind,
    field: Written<'a>,
    repaired: &mut bool,
) -> Result<Value<'a>, Reason> {
    match kind {
        Kind::RequiredText | Kind::Session => {
            *repaired |= !field.quoted && kind != Kind::Session;
            let text = field
                .into_text(repaired)
                .filter(|text| !text.trim_start().is_empty());
            text.map(Value::Text).ok_or(Reason::Required)
        }
        Kind::OptionalText | Kind::NullableText => {
            let ordinary = kind == Kind::NullableText && field.is_bare_null();
            *repaired |= !field.quoted && !ordinary;
            let text = field.into_text(repaired);
            *repaired |= text.is_none() && field.quoted;
            Ok(text.map_or(Value::Null, Value::Text))
        }
        Kind::PersonName => {
            *repaired |= !field.quoted;
            let name = field.into_text(repaired);
            *repaired |= name.is_none();
            Ok(Value::Text(name.unwrap_or(Cow::Borrowed("anonymous"))))
        }
        Kind::Email | Kind::Url | Kind::Thumbnail | Kind::CharacteristicName => {
            word(kind, field, repaired)
        }
        _ => number(kind, field, repaired),
    }
}

/// Kinds that are written in quotes, as texts are, but are no texts.
fn word<'a>(kind: Kind, field: Written<'a>, repaired: &mut bool) -> Result<Value<'a>, Reason> {
    *repaired |= !field.quoted;
    let Some(text) = field.into_plain(repaired) else {
        *repaired = true;
        return match kind {
            Kind::Email | Kind::Thumbnail => Ok(Value::Null),
            _ => Err(Reason::Required),
        };
    };
    match kind {
        Kind::Email if is_email(&text) => Ok(Value::Text(text)),
        Kind::Email => {
            *repaired = true;
            Ok(Value::Null)
        }
        Kind::CharacteristicName => {
            let name = CHARACTERISTICS
                .into_iter()
                .find(|name| name.eq_ignore_ascii_case(&text))
                .ok_or(Reason::Name)?;
            *repaired |= name != text;
            Ok(Value::Text(Cow::Borrowed(name)))
        }
        _ => url(text, repaired).map(Value::Text),
    }
}

/// Kinds that are written without quotes.
fn number<'a>(kind: Kind, field: Written<'a>, repaired: &mut bool) -> Result<Value<'a>, Reason> {
    *repaired |= field.quoted;
    let bare_null = field.is_bare_null();
    let plain = field.into_plain(repaired);
    let text = plain.as_deref();
    match kind {
        Kind::SalePrice => {
            *repaired |= text.is_none() && !bare_null;
            let cents = text.map(|text| price::cents(text, repaired)).transpose()?;
            *repaired |= cents == Some(0);
            Ok(cents
                .filter(|cents| *cents != 0)
                .map_or(Value::Null, Value::Int))
        }
        Kind::Price => price::cents(text.ok_or(Reason::Price)?, repaired).map(Value::Int),
        Kind::Bool(spelling) => {
            boolean(text.ok_or(Reason::Bool)?, spelling, repaired).map(Value::Bool)
        }
        Kind::Date => date::millis(text.ok_or(Reason::Date)?, repaired).map(Value::Int),
        Kind::Rating => match whole(text.ok_or(Reason::Required)?, repaired) {
            Some(number @ 1..=5) => Ok(Value::Int(number)),
            _ => Err(Reason::Range),
        },
        Kind::Quantity | Kind::Counter => match text.map(|text| whole(text, repaired)) {
            Some(Some(number @ 0..)) => Ok(Value::Int(number)),
            Some(_) if kind == Kind::Quantity => Err(Reason::Range),
            _ => {
                *repaired = true;
                Ok(Value::Int(0))
            }
        },
        Kind::Parent(_) => {
            let Some(text) = text else {
                return Ok(Value::Null);
            };
            Ok(Value::Int(
                digits(text, repaired)
                    .filter(|id| *id <= LARGEST_ID)
                    .unwrap_or(-1),
            ))
        }
        _ => match text.and_then(|text| digits(text, repaired)) {
            Some(id @ 1..=LARGEST_ID) => Ok(Value::Int(id)),
            _ => Err(Reason::Id),
        },
    }
}

/// The number that stands there in digits alone. Zeros before it are a repair.
fn digits(text: &str, repaired: &mut bool) -> Option<i64> {
    if text.is_empty() {
        return None;
    }
    *repaired |= text.len() > 1 && text.starts_with('0');
    text.bytes().try_fold(0_i64, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| i64::from(byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

/// A whole number; `4.0` and `1e+05` are whole too, but repairs.
fn whole(text: &str, repaired: &mut bool) -> Option<i64> {
    *repaired |= !number::is_plain(text);
    let (positive, minus) = text
        .strip_prefix('-')
        .map_or((text, false), |rest| (rest, true));
    if !positive.starts_with(|letter: char| letter.is_ascii_digit()) {
        return None;
    }
    match number::leading(positive, false)? {
        (number, "") => Some(if minus { -number } else { number }),
        _ => None,
    }
}

fn boolean(text: &str, spelling: Spelling, repaired: &mut bool) -> Result<bool, Reason> {
    let late = match spelling {
        Spelling::Words => ["false", "true"],
        Spelling::Digits => ["0", "1"],
    };
    if late.contains(&text) {
        return Ok(text == late[1]);
    }
    *repaired = true;
    let is = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
    if is(&["true", "1", "t", "yes", "y"]) {
        Ok(true)
    } else if is(&["false", "0", "f", "no", "n"]) {
        Ok(false)
    } else {
        Err(Reason::Bool)
    }
}

/// `a@b.c`: one @ with something before it, a dot after it with something on both sides, no blanks.
fn is_email(text: &str) -> bool {
    let Some((name, place)) = text.split_once('@') else {
        return false;
    };
    let dotted = place
        .bytes()
        .enumerate()
        .any(|(at, byte)| byte == b'.' && at > 0 && at + 1 < place.len());
    !name.is_empty() && dotted && !place.contains('@') && !text.contains(char::is_whitespace)
}

/// Drops a `u` before `http`, and writes the scheme in small letters.
fn url<'a>(text: Cow<'a, str>, repaired: &mut bool) -> Result<Cow<'a, str>, Reason> {
    const SCHEMES: [&str; 3] = ["http://", "https://", "data:image/"];
    if SCHEMES.iter().any(|scheme| text.starts_with(scheme)) {
        return Ok(text);
    }
    *repaired = true;
    let doubled = text
        .strip_prefix(['u', 'U'])
        .filter(|rest| begins(rest, "http"));
    let address = doubled.unwrap_or(&text);
    let (scheme, rest) = address.split_once(':').ok_or(Reason::Url)?;
    let address = format!("{}:{rest}", scheme.to_ascii_lowercase());
    if SCHEMES.iter().any(|scheme| address.starts_with(scheme)) {
        Ok(Cow::Owned(address))
    } else {
        Err(Reason::Url)
    }
}

/// A bit of its own for each of the six characteristics; none for any other text.
pub(crate) fn characteristic_bit(name: &str) -> u8 {
    CHARACTERISTICS
        .iter()
        .position(|known| *known == name)
        .map_or(0, |at| 1 << at)
}

fn begins(text: &str, word: &str) -> bool {
    text.get(..word.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests;
