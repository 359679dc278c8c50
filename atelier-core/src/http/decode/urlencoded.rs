//! Percent encoding in paths, queries and forms.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// Splits a query or a form into names and values, still encoded.
pub(super) fn pairs(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// Decodes a name or value of a query; bytes that are not UTF-8 become U+FFFD.
pub(super) fn decode_lossy(text: &str) -> Cow<'_, str> {
    if text.as_bytes().contains(&b'+') {
        let spaced = text.replace('+', " ");
        return Cow::Owned(percent_decode_lossy(&spaced).into_owned());
    }
    percent_decode_lossy(text)
}

/// Decodes a name or value of a form; `None` if it is not UTF-8.
pub(super) fn decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8();
    decoded.map(Cow::into_owned).ok()
}

/// Decodes percent encoding alone; bytes that are not UTF-8 become U+FFFD.
pub(super) fn percent_decode_lossy(text: &str) -> Cow<'_, str> {
    if is_encoded(text) {
        percent_decode_str(text).decode_utf8_lossy()
    } else {
        Cow::Borrowed(text)
    }
}

/// Returns whether a text needs decoding. Most do not, and are used as they are.
pub(super) fn is_encoded(text: &str) -> bool {
    text.as_bytes().contains(&b'%') || text.as_bytes().contains(&b'+')
}
