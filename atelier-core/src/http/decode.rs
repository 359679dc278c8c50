//! From bytes to what a handler reads: path segments, queries, bodies.

use std::borrow::Cow;
use std::collections::BTreeMap;

use ::http::HeaderMap;
use ::http::header::CONTENT_TYPE;
use percent_encoding::percent_decode_str;
use serde_json::value::RawValue;

use super::error::ApiError;
use super::list;
use crate::model::error::Error;
use crate::model::ids::ProductId;
use crate::model::validation::{self, Rules};

/// The decoded segments of a path. One slash at the end is no segment of its own; an encoded slash separates nothing.
pub(super) fn segments(path: &str) -> Vec<Cow<'_, str>> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    path.split('/').map(percent_decoded).collect()
}

/// The parameters of a query. The first of a name counts; names that nobody asks for are never looked at.
pub(super) struct Query<'a>(&'a str);

impl<'a> Query<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self(text.trim_start_matches('?'))
    }

    pub(super) fn get(&self, name: &str) -> Option<Cow<'a, str>> {
        pairs(self.0)
            .find(|(key, _)| *key == name || (is_encoded(key) && lossy(key) == name))
            .map(|(_, value)| lossy(value))
    }

    /// `product_id`, as given and as an id.
    pub(super) fn product_id(&self) -> Result<(Cow<'a, str>, ProductId), ApiError> {
        let given = self.get("product_id").ok_or(ApiError::ProductIdOfQuery)?;
        let id = ProductId::parse(&given).ok_or(ApiError::ProductIdOfQuery)?;
        Ok((given, id))
    }
}

/// Names and values of a form or a query, still encoded.
fn pairs(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

fn lossy(text: &str) -> Cow<'_, str> {
    if text.as_bytes().contains(&b'+') {
        let spaced = text.replace('+', " ");
        return Cow::Owned(percent_decoded(&spaced).into_owned());
    }
    percent_decoded(text)
}

fn percent_decoded(text: &str) -> Cow<'_, str> {
    if is_encoded(text) {
        percent_decode_str(text).decode_utf8_lossy()
    } else {
        Cow::Borrowed(text)
    }
}

/// Whether it says something else than it reads. Hardly anybody encodes what needs no encoding.
fn is_encoded(text: &str) -> bool {
    text.as_bytes().contains(&b'%') || text.as_bytes().contains(&b'+')
}

/// The fields of a body: what is missing is none, what is of another type is a fault of the field alone.
#[derive(Debug)]
pub(super) struct Fields<'a>(BTreeMap<Cow<'a, str>, Field<'a>>);

/// A field as it came.
#[derive(Debug)]
enum Field<'a> {
    Json(&'a RawValue),
    /// Numbers and booleans are read from the text.
    Form(String),
}

/// A field has no usable value.
#[derive(Debug)]
pub(super) struct Unusable;

/// The fields of a body as they are read one by one, and which of them had no usable value.
#[derive(Debug)]
pub(super) struct Reading<'a> {
    fields: Fields<'a>,
    unusable: Vec<&'static str>,
}

impl<'a> Reading<'a> {
    pub(super) fn of(fields: Fields<'a>) -> Self {
        Self {
            fields,
            unusable: vec![],
        }
    }

    /// The value of a field that must be there; where it has none of its type, any, and its name is noted.
    pub(super) fn required<T: Default>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&Fields<'a>, &str) -> Result<Option<T>, Unusable>,
    ) -> T {
        self.optional(name, |fields, name| {
            read(fields, name)?.ok_or(Unusable).map(Some)
        })
    }

    /// The same of a field that may be absent or `null`.
    pub(super) fn optional<T: Default>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&Fields<'a>, &str) -> Result<Option<T>, Unusable>,
    ) -> T {
        let value = read(&self.fields, name).unwrap_or_else(|Unusable| {
            self.unusable.push(name);
            None
        });
        value.unwrap_or_default()
    }

    /// Returns an error if a field was unusable: it names these and all other invalid fields of `new`.
    pub(super) fn reject_unusable(&self, new: &impl Rules) -> Result<(), Error> {
        if self.unusable.is_empty() {
            Ok(())
        } else {
            validation::check(new, &self.unusable)
        }
    }
}

/// Deepest nesting of a JSON body.
const DEEPEST: usize = 128;

impl<'a> Fields<'a> {
    /// Reads a body: nothing, JSON, or a form that says it is one.
    pub(super) fn read(body: &'a [u8], headers: &HeaderMap) -> Result<Self, ApiError> {
        let text = std::str::from_utf8(body).map_err(|_| ApiError::Unreadable)?;
        if text.is_empty() {
            return Ok(Self(BTreeMap::new()));
        }
        // Too deep is refused before anything else looks at it, whatever it says it is.
        if text.trim_start().starts_with(['{', '[']) && depth(text) > DEEPEST {
            return Err(ApiError::Unreadable);
        }
        if let Some(fields) = json_fields(text) {
            return if surrogates_are_paired(text) {
                Ok(Self(fields))
            } else {
                Err(ApiError::Unreadable)
            };
        }
        if is_form(headers) && !text.contains('\0') {
            return form_fields(text).map(Self).ok_or(ApiError::Unreadable);
        }
        Err(ApiError::Unreadable)
    }

    fn json(&self, name: &str) -> Option<&'a RawValue> {
        match self.0.get(name)? {
            Field::Json(raw) if raw.get() != "null" => Some(raw),
            _ => None,
        }
    }

    /// A string; none when it is absent or `null`.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, Unusable> {
        match self.0.get(name) {
            Some(Field::Form(text)) => Ok(Some(text.clone())),
            _ => self
                .json(name)
                .map(|raw| serde_json::from_str(raw.get()).map_err(|_| Unusable))
                .transpose(),
        }
    }

    /// A whole number without fraction or exponent.
    pub(super) fn integer(&self, name: &str) -> Result<Option<i64>, Unusable> {
        let text = match self.0.get(name) {
            Some(Field::Form(text)) => text,
            _ => match self.json(name) {
                Some(raw) => raw.get(),
                None => return Ok(None),
            },
        };
        integer(text).map(Some).ok_or(Unusable)
    }

    /// `true` or `false`.
    pub(super) fn boolean(&self, name: &str) -> Result<Option<bool>, Unusable> {
        let text = match self.0.get(name) {
            Some(Field::Form(text)) => text,
            _ => match self.json(name) {
                Some(raw) => raw.get(),
                None => return Ok(None),
            },
        };
        text.parse().map(Some).map_err(|_| Unusable)
    }

    /// A whole number, or a string that is an id, of at most 2^63-1.
    pub(super) fn id(&self, name: &str) -> Result<Option<i64>, Unusable> {
        match self.text(name) {
            Ok(Some(text)) if crate::model::ids::parse(&text).is_some() => {
                text.parse().map(Some).map_err(|_| Unusable)
            }
            Ok(Some(_)) => Err(Unusable),
            _ => self.integer(name),
        }
    }

    /// A string; where there is none, an empty one, which breaks the rule of every required text.
    pub(super) fn required_text(&self, name: &str) -> String {
        self.text(name).ok().flatten().unwrap_or_default()
    }

    /// The photos; where they are no list of strings, one that no rule allows.
    pub(super) fn photos(&self) -> Vec<String> {
        self.texts("photos")
            .map_or_else(|Unusable| vec![String::new()], Option::unwrap_or_default)
    }

    /// A list of strings; a form has none.
    pub(super) fn texts(&self, name: &str) -> Result<Option<Vec<String>>, Unusable> {
        self.json(name)
            .map(|raw| serde_json::from_str(raw.get()).map_err(|_| Unusable))
            .transpose()
    }

    /// An object of ids to whole numbers; a form has none. Keys that are no ids are left out; a value that is no whole
    /// number is 0.
    pub(super) fn integers_by_id(
        &self,
        name: &str,
    ) -> Result<Option<BTreeMap<i64, i64>>, Unusable> {
        let Some(raw) = self.json(name) else {
            return Ok(None);
        };
        let values: BTreeMap<Cow<'_, str>, &RawValue> =
            serde_json::from_str(raw.get()).map_err(|_| Unusable)?;
        let by_id = |(key, value): (Cow<'_, str>, &RawValue)| {
            crate::model::ids::parse(&key).map(|id| (id, integer(value.get()).unwrap_or(0)))
        };
        Ok(Some(values.into_iter().filter_map(by_id).collect()))
    }
}

/// The fields of a text that is JSON; none of a text that is not. JSON that is no object has no fields.
fn json_fields(text: &str) -> Option<BTreeMap<Cow<'_, str>, Field<'_>>> {
    // Fields nobody reads are only skipped over, whatever numbers they hold; of two with one name the last stays.
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

/// Whether the `\\u` escapes of a JSON text that name half a character come in pairs, also where nobody reads them.
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

/// How deep the brackets of a text nest, outside strings.
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
        .map_or(&b""[..], |value| list::name(value.as_bytes()));
    kind.eq_ignore_ascii_case(b"application/x-www-form-urlencoded")
}

/// The fields of a form; none when a name or a value is not UTF-8 once decoded. The last of a name counts.
fn form_fields(text: &str) -> Option<BTreeMap<Cow<'_, str>, Field<'_>>> {
    let decode = |text: &str| {
        let spaced = text.replace('+', " ");
        percent_decode_str(&spaced)
            .decode_utf8()
            .map(Cow::into_owned)
            .ok()
    };
    pairs(text)
        .map(|(name, value)| Some((decode(name)?.into(), Field::Form(decode(value)?))))
        .collect()
}

/// A whole number as JSON writes it, without fraction or exponent.
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
        Fields::read(body.as_bytes(), &headers)
    }

    #[test]
    fn segments_are_split_before_they_are_decoded() {
        for (path, expected) in [
            ("/", vec![""]),
            ("/reviews/", vec!["reviews"]),
            ("/reviews//", vec!["reviews", ""]),
            ("//products", vec!["", "products"]),
            ("/%70roducts/%37", vec!["products", "7"]),
            ("/products/7%2Fstyles", vec!["products", "7/styles"]),
            ("/products/%zz%", vec!["products", "%zz%"]),
            ("/products/%ff", vec!["products", "\u{fffd}"]),
        ] {
            assert_eq!(segments(path), expected, "{path}");
        }
    }

    #[test]
    fn the_first_parameter_of_a_name_counts() {
        let query =
            Query::new("?a=1&b&product%5Fid=%37&product_id=8&a=2&c=x+y%2B&=z&page[]=3&a%zz=4");
        assert_eq!(query.get("a").as_deref(), Some("1"));
        assert_eq!(query.get("b").as_deref(), Some(""));
        assert_eq!(query.get("product_id").as_deref(), Some("7"));
        assert_eq!(query.get("c").as_deref(), Some("x y+"));
        assert_eq!(query.get("page"), None);
        assert_eq!(query.get("a%zz").as_deref(), Some("4"));
    }

    #[test]
    fn json_is_taken_whatever_the_type_says() {
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
        assert!(Fields::read(b"{\"a\":\"\xff\"}", &HeaderMap::new()).is_err());
    }

    #[test]
    fn half_a_character_is_refused_also_where_nobody_reads() {
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
    fn nesting_is_bounded_also_where_nobody_reads() {
        let nested = |n: usize| format!("{{\"x\":{}{}}}", "[".repeat(n), "]".repeat(n));
        assert!(fields(&nested(64), "").is_ok());
        assert!(fields(&nested(1_000), "").is_err());
        assert!(fields(&"[".repeat(100_000), "").is_err());
        assert!(fields(&format!("{{\"x\":\"{}\\\"[\"}}", "[".repeat(2_000)), "").is_ok());
    }

    #[test]
    fn a_form_is_read_when_it_says_it_is_one() {
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
    fn whole_numbers_have_no_fraction_and_no_exponent() {
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
