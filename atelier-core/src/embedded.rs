//! JSON inside JSON.

use std::fmt;
use std::marker::PhantomData;

use serde::de::DeserializeOwned;
use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::{Error, Failure, Result};

/// A JSON value kept as the text in which it is stored and sent. Serialises verbatim; parses only when a Rust caller
/// asks.
#[derive(Clone, PartialEq, Eq)]
pub struct Embedded<T> {
    text: Box<str>,
    of: PhantomData<fn() -> T>,
}

impl<T> Embedded<T> {
    /// Takes `text` for JSON without looking at it: for what a store wrote.
    pub fn from_stored(text: impl Into<Box<str>>) -> Self {
        Self {
            text: text.into(),
            of: PhantomData,
        }
    }

    /// The JSON text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl<T: DeserializeOwned> Embedded<T> {
    /// The value. [`Error::Internal`] when the stored text is not of this shape.
    pub fn get(&self) -> Result<T> {
        serde_json::from_str(&self.text).map_err(|error| {
            Error::Internal(Failure::new("a stored JSON text is not of its shape").because(error))
        })
    }
}

impl<T> fmt::Debug for Embedded<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// How `serde_json` marks a struct whose one field is to be written as it is. Its own `RawValue` can only be made by
/// parsing the text again, which would be most of the cost of an answer; a test sees that the mark still works.
const RAW: &str = "$serde_json::private::RawValue";

impl<T> Serialize for Embedded<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut raw = serializer.serialize_struct(RAW, 1)?;
        raw.serialize_field(RAW, &*self.text)?;
        raw.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_text_is_sent_as_it_is_and_parsed_on_demand() {
        #[derive(serde::Serialize)]
        struct Row {
            photos: Embedded<Vec<i64>>,
        }
        let row = Row {
            photos: Embedded::from_stored("[1, 2,3 ]"),
        };
        assert_eq!(
            serde_json::to_string(&row).expect("serialises"),
            r#"{"photos":[1, 2,3 ]}"#
        );
        assert_eq!(row.photos.get().expect("parses"), [1, 2, 3]);
        assert!(Embedded::<Vec<i64>>::from_stored("{}").get().is_err());
    }
}
