//! JSON text that is stored and served without parsing.

use std::fmt;
use std::marker::PhantomData;

use serde::de::DeserializeOwned;
use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::model::error::{Error, Failure, Result};

/// A JSON value of type `T`, held as text. Serialises verbatim; parses only in [`RawJson::get`].
#[derive(Clone, PartialEq, Eq)]
pub struct RawJson<T> {
    text: Box<str>,
    value: PhantomData<fn() -> T>,
}

impl<T> RawJson<T> {
    /// Wraps `text` without validation. The store uses this for JSON that it wrote itself.
    pub fn from_stored(text: impl Into<Box<str>>) -> Self {
        Self {
            text: text.into(),
            value: PhantomData,
        }
    }

    /// Returns the JSON text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl<T: DeserializeOwned> RawJson<T> {
    /// Parses the value. [`Error::Internal`] when the text is not a `T`.
    pub fn get(&self) -> Result<T> {
        serde_json::from_str(&self.text).map_err(|error| {
            Error::Internal(
                Failure::new("a stored JSON text does not have the expected shape")
                    .with_source(error),
            )
        })
    }
}

impl<T> fmt::Debug for RawJson<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The struct and field name by which `serde_json` recognises raw JSON. Its `RawValue` can only be built by parsing the text,
/// which would dominate the cost of a response. The name is private to `serde_json`; a test checks that it still works.
const RAW_VALUE: &str = "$serde_json::private::RawValue";

impl<T> Serialize for RawJson<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut raw = serializer.serialize_struct(RAW_VALUE, 1)?;
        raw.serialize_field(RAW_VALUE, &*self.text)?;
        raw.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_serialised_verbatim_and_parsed_on_demand() {
        #[derive(serde::Serialize)]
        struct Row {
            photos: RawJson<Vec<i64>>,
        }
        let row = Row {
            photos: RawJson::from_stored("[1, 2,3 ]"),
        };
        assert_eq!(
            serde_json::to_string(&row).expect("serialises"),
            r#"{"photos":[1, 2,3 ]}"#
        );
        assert_eq!(row.photos.get().expect("parses"), [1, 2, 3]);
        assert!(RawJson::<Vec<i64>>::from_stored("{}").get().is_err());
    }
}
