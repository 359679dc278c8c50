//! What goes into a statement and comes out of a row.

use serde::Serialize;

use crate::model::error::Result;

/// A value bound to a statement, or on its way into a table; as JSON, what it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum Value {
    Int(i64),
    Bool(bool),
    Text(String),
    /// No text.
    Null,
}

impl Value {
    pub(super) fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(*value),
            _ => None,
        }
    }

    pub(super) fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(value) => Some(value),
            _ => None,
        }
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<Option<String>> for Value {
    fn from(value: Option<String>) -> Self {
        value.map_or(Self::Null, Self::Text)
    }
}

/// A row that came back; columns count from 0.
pub(crate) trait Row: Send {
    fn maybe_int(&self, column: usize) -> Result<Option<i64>>;
    fn int(&self, column: usize) -> Result<i64>;
    fn bool(&self, column: usize) -> Result<bool>;
    fn maybe_text(&self, column: usize) -> Result<Option<&str>>;
    fn text(&self, column: usize) -> Result<&str>;
    /// The bytes of its texts.
    fn weight(&self) -> usize;
}
