//! Parses numbers as people and programs write them: with decimals, exponents and thousands separators.

/// Parses the unsigned number at the start of `text`, which begins with a digit, and returns it with the rest of the
/// text. Accepts decimals and an exponent (R writes 100000 as `1e+05`). Returns `None` if the value is not whole,
/// overflows or is ambiguous.
///
/// With `thousands`, commas may group the digits. Then `12.000` is refused, as it means twelve thousand in some
/// countries.
pub(crate) fn parse_leading(text: &str, thousands: bool) -> Option<(i64, &str)> {
    let (whole, mut rest) = split_digits(text);
    let mut value = append_digits(0, whole)?;
    let mut grouped = false;
    while let Some(behind) = rest.strip_prefix(',').filter(|_| thousands) {
        let (group, behind) = split_digits(behind);
        if group.is_empty() {
            break;
        }
        if group.len() != 3 || !is_group(whole) {
            return None;
        }
        value = append_digits(value, group)?;
        (rest, grouped) = (behind, true);
    }
    let mut decimals = "";
    if let Some(behind) = rest.strip_prefix('.') {
        let (digits, behind) = split_digits(behind);
        if !digits.is_empty() {
            (decimals, rest) = (digits, behind);
        }
    }
    let shift = match split_exponent(rest) {
        Some((exponent, behind)) => {
            rest = behind;
            exponent.parse::<i32>().ok()?
        }
        None if thousands && !grouped && decimals == "000" && is_group(whole) => return None,
        None => 0,
    };
    let decimals = decimals.trim_end_matches('0');
    value = append_digits(value, decimals)?;
    let shift = shift.checked_sub(i32::try_from(decimals.len()).ok()?)?;
    let value = match 10_i64.checked_pow(shift.unsigned_abs()) {
        _ if value == 0 => 0,
        Some(scale) if shift >= 0 => value.checked_mul(scale)?,
        Some(scale) if value % scale == 0 => value / scale,
        _ => return None,
    };
    Some((value, rest))
}

/// Whether `text` is only digits, without leading zeros.
pub(crate) fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && (text.len() == 1 || !text.starts_with('0'))
}

/// Whether `digits` may precede the first thousands separator.
fn is_group(digits: &str) -> bool {
    digits.len() <= 3 && !digits.starts_with('0')
}

fn split_digits(text: &str) -> (&str, &str) {
    let end = text
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at(end)
}

/// Appends decimal digits to a value.
fn append_digits(value: i64, digits: &str) -> Option<i64> {
    digits.bytes().try_fold(value, |value, digit| {
        value.checked_mul(10)?.checked_add(i64::from(digit - b'0'))
    })
}

/// Splits off the exponent at the start of `text`, with its sign but without the `e`.
fn split_exponent(text: &str) -> Option<(&str, &str)> {
    let signed = text.strip_prefix(['e', 'E'])?;
    let sign = usize::from(signed.starts_with(['+', '-']));
    let (digits, behind) = split_digits(&signed[sign..]);
    (!digits.is_empty()).then(|| (&signed[..sign + digits.len()], behind))
}
