//! Numbers as people and programs write them.

/// Parses the unsigned number at the start of `text`, which begins with a digit, and returns it with the text behind it.
/// Understands decimals and an exponent (R writes 100000 as `1e+05`). `None` when the value is not whole, does not fit,
/// or can be read in two ways.
///
/// With `thousands`, commas may group the digits. Then `12.000` is refused: in half of Europe it is twelve thousand.
pub(crate) fn leading(text: &str, thousands: bool) -> Option<(i64, &str)> {
    let (whole, mut rest) = run_of_digits(text);
    let mut value = add_digits(0, whole)?;
    let mut grouped = false;
    while let Some(behind) = rest.strip_prefix(',').filter(|_| thousands) {
        let (group, behind) = run_of_digits(behind);
        if group.is_empty() {
            break;
        }
        if group.len() != 3 || !is_group(whole) {
            return None;
        }
        value = add_digits(value, group)?;
        (rest, grouped) = (behind, true);
    }
    let mut decimals = "";
    if let Some(behind) = rest.strip_prefix('.') {
        let (digits, behind) = run_of_digits(behind);
        if !digits.is_empty() {
            (decimals, rest) = (digits, behind);
        }
    }
    let shift = match exponent(rest) {
        Some((exponent, behind)) => {
            rest = behind;
            exponent.parse::<i32>().ok()?
        }
        None if thousands && !grouped && decimals == "000" && is_group(whole) => return None,
        None => 0,
    };
    let decimals = decimals.trim_end_matches('0');
    value = add_digits(value, decimals)?;
    let shift = shift.checked_sub(i32::try_from(decimals.len()).ok()?)?;
    let value = match 10_i64.checked_pow(shift.unsigned_abs()) {
        _ if value == 0 => 0,
        Some(scale) if shift >= 0 => value.checked_mul(scale)?,
        Some(scale) if value % scale == 0 => value / scale,
        _ => return None,
    };
    Some((value, rest))
}

/// Whether `text` is digits alone, without zeros in front.
pub(crate) fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && (text.len() == 1 || !text.starts_with('0'))
}

/// Whether `digits` may stand in front of the first separator of thousands.
fn is_group(digits: &str) -> bool {
    digits.len() <= 3 && !digits.starts_with('0')
}

fn run_of_digits(text: &str) -> (&str, &str) {
    let end = text
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at(end)
}

/// `value` with `digits` written behind it.
fn add_digits(value: i64, digits: &str) -> Option<i64> {
    digits.bytes().try_fold(value, |value, digit| {
        value.checked_mul(10)?.checked_add(i64::from(digit - b'0'))
    })
}

/// The exponent at the start of `text`, with its sign but without the `e`, and the text behind it.
fn exponent(text: &str) -> Option<(&str, &str)> {
    let signed = text.strip_prefix(['e', 'E'])?;
    let sign = usize::from(signed.starts_with(['+', '-']));
    let (digits, behind) = run_of_digits(&signed[sign..]);
    (!digits.is_empty()).then(|| (&signed[..sign + digits.len()], behind))
}
