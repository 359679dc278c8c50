//! Fields of request bodies, JSON or form.

use std::borrow::Cow;
use std::collections::BTreeMap;

use ::http::HeaderMap;
use ::http::header::CONTENT_TYPE;
use serde_json::value::RawValue;

use super::header_list;
use super::urlencoded::{decode, pairs};
use crate::http::error::ApiError;
use crate::model::error::Error;
use crate::model::ids;
use crate::model::validation::{self, Rules};

/// The fields of a request body by name.
#[derive(Debug)]
pub(crate) struct Fields<'a>(BTreeMap<Cow<'a, str>, Field<'a>>);

/// The undecoded value of a field.
#[derive(Debug)]
enum Field<'a> {
    Json(&'a RawValue),
    /// Numbers and booleans are parsed from the text.
    Form(String),
}

/// A field has a value of another type.
#[derive(Debug)]
pub(crate) struct WrongType;

/// Reads the fields of a body one by one, and remembers those that are missing or of another type.
#[derive(Debug)]
pub(crate) struct FieldReader<'a> {
    fields: Fields<'a>,
    unreadable: Vec<&'static str>,
}

impl<'a> FieldReader<'a> {
    pub(crate) fn new(fields: Fields<'a>) -> Self {
        Self {
            fields,
            unreadable: vec![],
        }
    }

    /// Reads a required field. If it is missing or of another type, records its name and returns the default value.
    pub(crate) fn required<T: Default>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&Fields<'a>, &str) -> Result<Option<T>, WrongType>,
    ) -> T {
        self.optional(name, |fields, name| {
            read(fields, name)?.ok_or(WrongType).map(Some)
        })
    }

    /// Reads a field that may be absent or `null`. If it is of another type, records its name and returns the default value.
    pub(crate) fn optional<T: Default>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&Fields<'a>, &str) -> Result<Option<T>, WrongType>,
    ) -> T {
        let value = read(&self.fields, name).unwrap_or_else(|WrongType| {
            self.unreadable.push(name);
            None
        });
        value.unwrap_or_default()
    }

    /// Returns an error if a field was unreadable. It names these fields and all other invalid fields of `new`.
    pub(crate) fn reject_unreadable(&self, new: &impl Rules) -> Result<(), Error> {
        if self.unreadable.is_empty() {
            Ok(())
        } else {
            validation::check(new, &self.unreadable)
        }
    }
}

/// Maximum nesting depth of a JSON body.
const MAX_DEPTH: usize = 128;

impl<'a> Fields<'a> {
    /// Parses a body: empty, JSON of any content type, or a form with the content type of forms.
    pub(crate) fn parse(body: &'a [u8], headers: &HeaderMap) -> Result<Self, ApiError> {
        let text = std::str::from_utf8(body).map_err(|_| ApiError::MalformedBody)?;
        if text.is_empty() {
            return Ok(Self(BTreeMap::new()));
        }
        // Checked before parsing, for every content type: a deeply nested body would overflow the stack of a recursive parser.
        if text.trim_start().starts_with(['{', '[']) && depth(text) > MAX_DEPTH {
            return Err(ApiError::MalformedBody);
        }
        if let Some(fields) = json_fields(text) {
            return if surrogates_are_paired(text) {
                Ok(Self(fields))
            } else {
                Err(ApiError::MalformedBody)
            };
        }
        if is_form(headers) && !text.contains('\0') {
            return form_fields(text).map(Self).ok_or(ApiError::MalformedBody);
        }
        Err(ApiError::MalformedBody)
    }

    fn json(&self, name: &str) -> Option<&'a RawValue> {
        match self.0.get(name)? {
            Field::Json(raw) if raw.get() != "null" => Some(raw),
            _ => None,
        }
    }

    /// Returns a string; `None` if it is absent or `null`.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, WrongType> {
        match self.0.get(name) {
            Some(Field::Form(text)) => Ok(Some(text.clone())),
            _ => self
                .json(name)
                .map(|raw| serde_json::from_str(raw.get()).map_err(|_| WrongType))
                .transpose(),
        }
    }

    /// Returns a whole number without fraction or exponent.
    pub(crate) fn integer(&self, name: &str) -> Result<Option<i64>, WrongType> {
        let text = match self.0.get(name) {
            Some(Field::Form(text)) => text,
            _ => match self.json(name) {
                Some(raw) => raw.get(),
                None => return Ok(None),
            },
        };
        integer(text).map(Some).ok_or(WrongType)
    }

    /// Returns `true` or `false`.
    pub(crate) fn boolean(&self, name: &str) -> Result<Option<bool>, WrongType> {
        let text = match self.0.get(name) {
            Some(Field::Form(text)) => text,
            _ => match self.json(name) {
                Some(raw) => raw.get(),
                None => return Ok(None),
            },
        };
        text.parse().map(Some).map_err(|_| WrongType)
    }

    /// Returns a whole number, or a string that is an id, of at most 2^63-1.
    pub(crate) fn id(&self, name: &str) -> Result<Option<i64>, WrongType> {
        match self.text(name) {
            Ok(Some(text)) if ids::parse(&text).is_some() => {
                text.parse().map(Some).map_err(|_| WrongType)
            }
            Ok(Some(_)) => Err(WrongType),
            _ => self.integer(name),
        }
    }

    /// Returns a string. If it is missing or of another type, returns an empty string, which fails validation.
    pub(crate) fn required_text(&self, name: &str) -> String {
        self.text(name).ok().flatten().unwrap_or_default()
    }

    /// Returns the field `photos`. If it is not a list of strings, returns a list that fails validation.
    pub(crate) fn photos(&self) -> Vec<String> {
        self.texts("photos")
            .map_or_else(|WrongType| vec![String::new()], Option::unwrap_or_default)
    }

    /// Returns a list of strings; forms have none.
    pub(crate) fn texts(&self, name: &str) -> Result<Option<Vec<String>>, WrongType> {
        self.json(name)
            .map(|raw| serde_json::from_str(raw.get()).map_err(|_| WrongType))
            .transpose()
    }

    /// Returns an object of whole numbers by id; forms have none. Keys that are not ids are ignored; a value that is not a whole
    /// number becomes 0.
    pub(crate) fn integers_by_id(
        &self,
        name: &str,
    ) -> Result<Option<BTreeMap<i64, i64>>, WrongType> {
        let Some(raw) = self.json(name) else {
            return Ok(None);
        };
        let values: BTreeMap<Cow<'_, str>, &RawValue> =
            serde_json::from_str(raw.get()).map_err(|_| WrongType)?;
        let by_id = |(key, value): (Cow<'_, str>, &RawValue)| {
            ids::parse(&key).map(|id| (id, integer(value.get()).unwrap_or(0)))
        };
        Ok(Some(values.into_iter().filter_map(by_id).collect()))
    }
}

/// Returns the fields of a JSON text; `None` if the text is not JSON. JSON other than an object has no fields.
fn json_fields(text: &str) -> Option<BTreeMap<Cow<'_, str>, Field<'_>>> {
    // `RawValue` skips unknown fields without decoding their numbers. The last of two fields with one name counts.
    if let Ok(fields) = serde_json::from_str::<BTreeMap<Cow<'_, str>, &RawValue>>(text) {
        return Some(
            fields
                .into_iter()
                .map(|(name, raw)| (name, Field::Json(raw)))
                .collect(),
        );
    }
    let other =
        !text.trim_start().starts_with('{') && serde_json::from_str::<&RawValue>(text).is_ok();
    other.then(BTreeMap::new)
}

/// Returns whether all surrogates among the `\\u` escapes of a JSON text are paired, in unknown fields as well.
fn surrogates_are_paired(json: &str) -> bool {
    let mut rest = json;
    let mut open = false;
    while let Some(at) = rest.find('\\') {
        let unit = rest
            .get(at + 2..at + 6)
            .filter(|_| rest[at + 1..].starts_with('u'));
        let unit = unit.and_then(|digits| u16::from_str_radix(digits, 16).ok());
        let low = unit.is_some_and(|unit| (0xdc00..0xe000).contains(&unit));
        if (open && at > 0) || open != low {
            return false;
        }
        open = unit.is_some_and(|unit| (0xd800..0xdc00).contains(&unit));
        rest = &rest[at + if unit.is_some() { 6 } else { 2 }..];
    }
    !open
}

/// Returns the nesting depth of the brackets outside strings.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest, mut quoted, mut escaped) = (0usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(CONTENT_TYPE)
        .map_or(&b""[..], |value| header_list::name(value.as_bytes()));
    kind.eq_ignore_ascii_case(b"application/x-www-form-urlencoded")
}

/// Returns the fields of a form; `None` if a decoded name or value is not UTF-8. The last field of a name counts.
fn form_fields(text: &str) -> Option<BTreeMap<Cow<'_, str>, Field<'_>>> {
    pairs(text)
        .map(|(name, value)| Some((decode(name)?.into(), Field::Form(decode(value)?))))
        .collect()
}

/// Parses a whole number in the notation of JSON, without fraction or exponent.
fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit())
        && (digits == "0" || !digits.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use ::http::HeaderValue;

    use super::*;

    fn fields<'a>(body: &'a str, kind: &'static str) -> Result<Fields<'a>, ApiError> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        Fields::parse(body.as_bytes(), &headers)
    }

    #[test]
    fn json_is_accepted_with_any_content_type() {
        let read = fields(
            r#" {"n":1,"n":4,"x":1e999,"y":5,"t":"a\u0000"} "#,
            "text/plain",
        )
        .expect("JSON");
        assert_eq!(read.integer("n").ok().flatten(), Some(4));
        assert!(read.text("y").is_err() && read.integer("x").is_err());
        assert_eq!(read.text("t").ok().flatten().as_deref(), Some("a\0"));
        for nothing in ["", "null", "[]", "5", "\"x\"", "{}"] {
            let read = fields(nothing, "application/json").expect(nothing);
            assert!(read.0.is_empty(), "{nothing}");
        }
        for broken in [
            "{",
            "{\"a\":}",
            "nul",
            "\u{feff}{}",
            "{}\0",
            "rating=5",
            " ",
        ] {
            assert!(fields(broken, "application/json").is_err(), "{broken:?}");
        }
        assert!(Fields::parse(b"{\"a\":\"\xff\"}", &HeaderMap::new()).is_err());
    }

    #[test]
    fn unpaired_surrogate_is_rejected_in_unknown_fields() {
        let read = |text: &str| fields(&format!("{{\"x\":\"{text}\"}}"), "").is_ok();
        for good in [
            r"\ud83d\ude00",
            r"a\n\uD83D\uDE00\\ud800",
            r"\\ud800",
            r"\u0041\\",
        ] {
            assert!(read(good), "{good}");
        }
        for bad in [
            r"\ud800",
            r"\udc00",
            r"\ud800x\udc00",
            r"\ud800\n",
            r"\ud800\ud800\udc00",
            r"\\\udfff",
        ] {
            assert!(!read(bad), "{bad}");
        }
    }

    #[test]
    fn nesting_is_limited_in_unknown_fields() {
        let nested = |n: usize| format!("{{\"x\":{}{}}}", "[".repeat(n), "]".repeat(n));
        assert!(fields(&nested(64), "").is_ok());
        assert!(fields(&nested(1_000), "").is_err());
        assert!(fields(&"[".repeat(100_000), "").is_err());
        assert!(fields(&format!("{{\"x\":\"{}\\\"[\"}}", "[".repeat(2_000)), "").is_ok());
    }

    #[test]
    fn form_is_accepted_with_the_content_type_of_forms() {
        let form = "application/x-www-form-urlencoded; charset=utf-8";
        let read = fields(
            "rating=5&recommend=true&body=a+b%21&photos=x&rating=4",
            form,
        )
        .expect("form");
        assert_eq!(read.integer("rating").ok().flatten(), Some(4));
        assert_eq!(read.boolean("recommend").ok().flatten(), Some(true));
        assert_eq!(read.text("body").ok().flatten().as_deref(), Some("a b!"));
        assert_eq!(read.texts("photos").ok().flatten(), None);
        assert!(fields("body=%ff", form).is_err() && fields("body=\0", form).is_err());
    }

    #[test]
    fn integer_has_no_fraction_and_no_exponent() {
        for (text, value) in [
            ("4", Some(4)),
            ("-4", Some(-4)),
            ("0", Some(0)),
            ("-0", Some(0)),
        ] {
            assert_eq!(integer(text), value);
        }
        for bad in [
            "",
            "-",
            "4.0",
            "4e0",
            "04",
            "+4",
            "\"4\"",
            "9223372036854775808",
            " 4",
            "٤",
        ] {
            assert_eq!(integer(bad), None, "{bad:?}");
        }
    }
}
