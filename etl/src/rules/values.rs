//! Parses a field into a value, by the rule of its column type.

use std::borrow::Cow;

use crate::csv::parser::Field;
use crate::csv::raw_field::RawField;
use crate::rules::dates::parse_millis;
use crate::rules::numbers;
use crate::rules::outcome::RejectReason;
use crate::rules::prices::parse_cents;
use crate::schema::{BoolFormat, ColumnType};

const MAX_ID: i64 = i32::MAX as i64;

/// Names of characteristics, as stored.
const CHARACTERISTICS: [&str; 6] = ["Size", "Width", "Comfort", "Quality", "Length", "Fit"];

/// Value of a field. Prices are cents, dates milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "the names are self-explanatory")]
pub enum Value<'a> {
    #[default]
    Null,
    Text(Cow<'a, str>),
    Int(i64),
    Bool(bool),
}

/// Parses a field of a record. Sets `repaired` if the value was corrected. A foreign key that is not a valid id becomes
/// -1, which no row has.
#[inline]
pub(crate) fn parse_value<'a>(
    kind: ColumnType,
    record: &'a str,
    field: Field,
    repaired: &mut bool,
) -> Result<Value<'a>, RejectReason> {
    match plain_number(kind, record, field) {
        Some(number) => Ok(Value::Int(number)),
        None => parse_raw(kind, RawField::new(record, field), repaired),
    }
}

/// Fast path for nearly all numeric fields: a few unquoted digits within the range of the column type.
fn plain_number(kind: ColumnType, record: &str, field: Field) -> Option<i64> {
    let range = match kind {
        ColumnType::Id => 1..=MAX_ID,
        ColumnType::Parent(_) | ColumnType::Quantity | ColumnType::Counter => 0..=MAX_ID,
        ColumnType::Rating => 1..=5,
        ColumnType::Date => 1_000_000_000_000..=9_999_999_999_999,
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

fn parse_raw<'a>(
    kind: ColumnType,
    field: RawField<'a>,
    repaired: &mut bool,
) -> Result<Value<'a>, RejectReason> {
    match kind {
        ColumnType::RequiredText | ColumnType::Session => {
            *repaired |= !field.quoted && kind != ColumnType::Session;
            let text = field.into_text(repaired);
            let text = text.filter(|text| !text.trim_start().is_empty());
            text.map(Value::Text).ok_or(RejectReason::Required)
        }
        ColumnType::OptionalText | ColumnType::NullableText => {
            let is_normal_null = kind == ColumnType::NullableText && field.is_bare_null();
            *repaired |= !field.quoted && !is_normal_null;
            let text = field.into_text(repaired);
            *repaired |= text.is_none() && field.quoted;
            Ok(text.map_or(Value::Null, Value::Text))
        }
        ColumnType::PersonName => {
            *repaired |= !field.quoted;
            let name = field.into_text(repaired);
            *repaired |= name.is_none();
            Ok(Value::Text(name.unwrap_or(Cow::Borrowed("anonymous"))))
        }
        ColumnType::Email
        | ColumnType::Url
        | ColumnType::Thumbnail
        | ColumnType::CharacteristicName => parse_quoted(kind, field, repaired),
        _ => parse_unquoted(kind, field, repaired),
    }
}

/// Parses column types that are normally quoted, but are not free text.
fn parse_quoted<'a>(
    kind: ColumnType,
    field: RawField<'a>,
    repaired: &mut bool,
) -> Result<Value<'a>, RejectReason> {
    *repaired |= !field.quoted;
    let Some(text) = field.into_token(repaired) else {
        *repaired = true;
        return match kind {
            ColumnType::Email | ColumnType::Thumbnail => Ok(Value::Null),
            _ => Err(RejectReason::Required),
        };
    };
    match kind {
        ColumnType::Email if is_email(&text) => Ok(Value::Text(text)),
        ColumnType::Email => {
            *repaired = true;
            Ok(Value::Null)
        }
        ColumnType::CharacteristicName => {
            let mut names = CHARACTERISTICS.into_iter();
            let name = names.find(|name| name.eq_ignore_ascii_case(&text));
            let name = name.ok_or(RejectReason::Name)?;
            *repaired |= name != text;
            Ok(Value::Text(Cow::Borrowed(name)))
        }
        _ => parse_url(text, repaired).map(Value::Text),
    }
}

/// Parses column types that are normally unquoted.
fn parse_unquoted<'a>(
    kind: ColumnType,
    field: RawField<'a>,
    repaired: &mut bool,
) -> Result<Value<'a>, RejectReason> {
    *repaired |= field.quoted;
    let is_bare_null = field.is_bare_null();
    let token = field.into_token(repaired);
    let text = token.as_deref();
    match kind {
        ColumnType::SalePrice => {
            *repaired |= text.is_none() && !is_bare_null;
            let cents = text.map(|text| parse_cents(text, repaired)).transpose()?;
            *repaired |= cents == Some(0);
            let cents = cents.filter(|cents| *cents != 0);
            Ok(cents.map_or(Value::Null, Value::Int))
        }
        ColumnType::Price => {
            parse_cents(text.ok_or(RejectReason::Price)?, repaired).map(Value::Int)
        }
        ColumnType::Bool(format) => {
            parse_bool(text.ok_or(RejectReason::Bool)?, format, repaired).map(Value::Bool)
        }
        ColumnType::Date => parse_millis(text.ok_or(RejectReason::Date)?, repaired).map(Value::Int),
        ColumnType::Rating => match parse_whole(text.ok_or(RejectReason::Required)?, repaired) {
            Some(number @ 1..=5) => Ok(Value::Int(number)),
            _ => Err(RejectReason::Range),
        },
        ColumnType::Quantity | ColumnType::Counter => {
            match text.map(|text| parse_whole(text, repaired)) {
                Some(Some(number @ 0..)) => Ok(Value::Int(number)),
                Some(_) if kind == ColumnType::Quantity => Err(RejectReason::Range),
                _ => {
                    *repaired = true;
                    Ok(Value::Int(0))
                }
            }
        }
        ColumnType::Parent(_) => Ok(text.map_or(Value::Null, |text| {
            let id = parse_digits(text, repaired).filter(|id| *id <= MAX_ID);
            Value::Int(id.unwrap_or(-1))
        })),
        _ => match text.and_then(|text| parse_digits(text, repaired)) {
            Some(id @ 1..=MAX_ID) => Ok(Value::Int(id)),
            _ => Err(RejectReason::Id),
        },
    }
}

/// Parses a number of only digits. Leading zeros are a repair.
fn parse_digits(text: &str, repaired: &mut bool) -> Option<i64> {
    *repaired |= text.len() > 1 && text.starts_with('0');
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok())?
}

/// Parses a whole number. `4.0` and `1e+05` are whole too, but repairs.
fn parse_whole(text: &str, repaired: &mut bool) -> Option<i64> {
    *repaired |= !numbers::is_plain(text);
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    if !digits.starts_with(|letter: char| letter.is_ascii_digit()) {
        return None;
    }
    match numbers::parse_leading(digits, false)? {
        (number, "") => Some(sign * number),
        _ => None,
    }
}

fn parse_bool(text: &str, format: BoolFormat, repaired: &mut bool) -> Result<bool, RejectReason> {
    let normal = match format {
        BoolFormat::Words => ["false", "true"],
        BoolFormat::Digits => ["0", "1"],
    };
    *repaired |= !normal.contains(&text);
    let is = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
    if is(&["true", "1", "t", "yes", "y"]) {
        Ok(true)
    } else if is(&["false", "0", "f", "no", "n"]) {
        Ok(false)
    } else {
        Err(RejectReason::Bool)
    }
}

/// Whether the text looks like `a@b.c`: one @ with text before it, a dot with text on both sides behind it, no blanks.
fn is_email(text: &str) -> bool {
    let Some((name, domain)) = text.split_once('@') else {
        return false;
    };
    let mut inner = domain.bytes().skip(1).take(domain.len().saturating_sub(2));
    !name.is_empty()
        && inner.any(|byte| byte == b'.')
        && !domain.contains('@')
        && !text.contains(char::is_whitespace)
}

/// Drops a `u` before `http` and lower-cases the scheme. Refuses URLs that are not of an image.
fn parse_url<'a>(text: Cow<'a, str>, repaired: &mut bool) -> Result<Cow<'a, str>, RejectReason> {
    const SCHEMES: [&str; 3] = ["http://", "https://", "data:image/"];
    let is_valid = |url: &str| SCHEMES.iter().any(|scheme| url.starts_with(scheme));
    if is_valid(&text) {
        return Ok(text);
    }
    *repaired = true;
    let without_u = text.strip_prefix(['u', 'U']).filter(|rest| {
        let scheme = rest.get(..4);
        scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("http"))
    });
    let (scheme, rest) = without_u
        .unwrap_or(&text)
        .split_once(':')
        .ok_or(RejectReason::Url)?;
    let url = format!("{}:{rest}", scheme.to_ascii_lowercase());
    is_valid(&url)
        .then_some(Cow::Owned(url))
        .ok_or(RejectReason::Url)
}

/// Returns the bit of a characteristic name in a set of them, or 0 for any other text.
pub(crate) fn characteristic_bit(name: &str) -> u8 {
    let index = CHARACTERISTICS.iter().position(|known| *known == name);
    index.map_or(0, |index| 1 << index)
}

#[cfg(test)]
mod tests;
