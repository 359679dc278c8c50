//! Lists in header fields (RFC 9110, section 5.6): elements separated by commas, parameters by semicolons. Separators within
//! quotes do not count, and bytes above 0x7f are allowed.

use ::http::HeaderValue;

/// Splits a list of tokens or quoted strings, such as `Accept`. Elements are trimmed; some may be empty.
pub fn list_elements(value: &HeaderValue) -> impl Iterator<Item = &[u8]> {
    split(value.as_bytes(), b',', true)
}

/// Splits a list of entity tags, in which a backslash is not an escape.
pub(crate) fn entity_tags(value: &HeaderValue) -> impl Iterator<Item = &[u8]> {
    split(value.as_bytes(), b',', false)
}

/// Returns the name of an element, without its parameters.
pub(crate) fn name(element: &[u8]) -> &[u8] {
    split(element, b';', true).next().unwrap_or_default()
}

/// Returns whether the weight of an element, its parameter `q`, is above 0. A missing weight is 1, a malformed one 0.
pub(crate) fn is_acceptable(element: &[u8]) -> bool {
    match split(element, b';', true).skip(1).find_map(weight) {
        None | Some(b"1") => true,
        Some([b'1', b'.', zeros @ ..]) => zeros.iter().all(|digit| *digit == b'0'),
        Some([b'0', b'.', digits @ ..]) => {
            digits.iter().all(u8::is_ascii_digit) && digits.iter().any(|digit| *digit != b'0')
        }
        Some(_) => false,
    }
}

/// Returns the value of a parameter named `q`.
fn weight(parameter: &[u8]) -> Option<&[u8]> {
    let ([b'q' | b'Q'], rest) = parameter.split_at_checked(1)? else {
        return None;
    };
    let value = rest.trim_ascii_start().strip_prefix(b"=")?;
    Some(value.trim_ascii_start())
}

/// Splits `text` at separators outside quotes. `escapes` is whether a backslash within quotes escapes the next byte.
fn split(text: &[u8], separator: u8, escapes: bool) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest.take()?;
        let (mut quoted, mut skip) = (false, false);
        for (at, byte) in text.iter().enumerate() {
            match byte {
                _ if skip => skip = false,
                b'"' => quoted = !quoted,
                b'\\' => skip = quoted && escapes,
                byte if *byte == separator && !quoted => {
                    rest = Some(&text[at + 1..]);
                    return Some(text[..at].trim_ascii());
                }
                _ => {}
            }
        }
        Some(text.trim_ascii())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(bytes: &[u8]) -> HeaderValue {
        HeaderValue::from_bytes(bytes).expect("a header")
    }

    #[test]
    fn commas_within_quotes_do_not_separate() {
        let list = value(b"a;x=\"b,\\\",c\" ,, d\xff\t,\"\\\\\",e");
        let expected: [&[u8]; 5] = [b"a;x=\"b,\\\",c\"", b"", b"d\xff", b"\"\\\\\"", b"e"];
        assert_eq!(list_elements(&list).collect::<Vec<_>>(), expected);
        assert_eq!(list_elements(&value(b"")).collect::<Vec<_>>(), [b""]);
        // An unclosed quote extends to the end.
        let open = value(b"a,\"b,c");
        assert_eq!(
            list_elements(&open).collect::<Vec<_>>(),
            [&b"a"[..], b"\"b,c"]
        );
    }

    #[test]
    fn backslash_is_not_an_escape_in_an_entity_tag() {
        let list = value(b"\"a\\\", W/\"b,*\"");
        let expected: [&[u8]; 2] = [b"\"a\\\"", b"W/\"b,*\""];
        assert_eq!(entity_tags(&list).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn element_with_weight_above_zero_is_acceptable() {
        for (element, acceptable) in [
            ("gzip", true),
            ("gzip;q=1", true),
            ("gzip ; Q = 0.001", true),
            ("gzip;q=1.000", true),
            ("a/b;x=\";q=0\"", true),
            ("a/b;qs=0", true),
            ("gzip;q=0", false),
            ("gzip;q=0.000", false),
            ("a/b;x=\"a;b\";q=0", false),
            ("gzip;q=", false),
            ("gzip;q=x", false),
            ("gzip;q=-1", false),
            ("gzip;q=inf", false),
            ("gzip;q=2", false),
            ("gzip;q=1.1", false),
        ] {
            assert_eq!(is_acceptable(element.as_bytes()), acceptable, "{element}");
        }
        assert_eq!(name(b"a/b ;x=\",\""), b"a/b");
    }
}
