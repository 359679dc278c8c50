//! Headers and query parameters in events: JSON objects whose values are strings or lists of strings.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// The entries of a JSON object in order. A list is an entry for each of its elements.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct MultiMap(pub(crate) Vec<(String, String)>);

impl<'de> Deserialize<'de> for MultiMap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MultiMapVisitor)
    }
}

struct MultiMapVisitor;

impl<'de> Visitor<'de> for MultiMapVisitor {
    type Value = MultiMap;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of strings, or of lists of strings")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<MultiMap, A::Error> {
        let mut entries = vec![];
        while let Some((name, Values(values))) = object.next_entry::<String, _>()? {
            entries.extend(values.into_iter().map(|value| (name.clone(), value)));
        }
        Ok(MultiMap(entries))
    }
}

/// A string, a list of strings, or null.
struct Values(Vec<String>);

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValuesVisitor).map(Self)
    }
}

struct ValuesVisitor;

impl<'de> Visitor<'de> for ValuesVisitor {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, or a list of strings")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Vec<String>, E> {
        self.visit_string(text.to_owned())
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Vec<String>, E> {
        Ok(vec![text])
    }

    fn visit_unit<E: Error>(self) -> Result<Vec<String>, E> {
        Ok(vec![])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<String>, A::Error> {
        let mut values = vec![];
        while let Some(value) = list.next_element::<Option<String>>()? {
            values.extend(value);
        }
        Ok(values)
    }
}
