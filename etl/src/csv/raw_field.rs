//! Content of a field before its type is known: quotes, apostrophes, escaped quotes and null.

use std::borrow::Cow;

use crate::csv::parser::Field;

/// Field as written: verbatim if it is quoted, trimmed otherwise.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RawField<'a> {
    pub(crate) text: &'a str,
    /// Whether it is enclosed in quotes, or in apostrophes instead.
    pub(crate) quoted: bool,
    apostrophes: bool,
    /// Whether it contains `""`, an escaped quote.
    doubled: bool,
}

impl<'a> RawField<'a> {
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
        let inner = text
            .strip_prefix('\'')
            .and_then(|rest| rest.strip_suffix('\''));
        Self {
            text: inner.unwrap_or(text),
            quoted: inner.is_some(),
            apostrophes: inner.is_some(),
            doubled: false,
        }
    }

    /// Whether it is an unquoted `null` in any case, the normal form in some columns.
    pub(crate) fn is_bare_null(self) -> bool {
        !self.quoted && self.text.eq_ignore_ascii_case("null")
    }

    fn unescaped(self) -> Cow<'a, str> {
        if self.doubled {
            Cow::Owned(self.text.replace("\"\"", "\""))
        } else {
            Cow::Borrowed(self.text)
        }
    }

    /// Returns the field as text, verbatim if it was quoted, or `None` if it is null. Sets `repaired` if apostrophes
    /// were removed.
    pub(crate) fn into_text(self, repaired: &mut bool) -> Option<Cow<'a, str>> {
        *repaired |= self.apostrophes;
        let null = self.text.eq_ignore_ascii_case("null") || (!self.quoted && self.text.is_empty());
        (!null).then(|| self.unescaped())
    }

    /// Returns the field as anything but text: trimmed, or `None` if it is null. Sets `repaired` if apostrophes or
    /// blanks were removed.
    pub(crate) fn into_token(self, repaired: &mut bool) -> Option<Cow<'a, str>> {
        *repaired |= self.apostrophes;
        let text = self.unescaped();
        let trimmed = trim(&text);
        *repaired |= trimmed.len() != text.len();
        if trimmed.is_empty() || trimmed.eq_ignore_ascii_case("null") {
            return None;
        }
        Some(match text {
            Cow::Borrowed(text) => Cow::Borrowed(trim(text)),
            Cow::Owned(ref text) => Cow::Owned(trim(text).to_owned()),
        })
    }
}

/// Removes white space at both ends. ASCII text, the common case, is not decoded.
fn trim(text: &str) -> &str {
    let bytes = text.as_bytes();
    let bare = |end: Option<&u8>| end.is_none_or(u8::is_ascii_graphic);
    if bare(bytes.first()) && bare(bytes.last()) {
        text
    } else {
        text.trim()
    }
}
