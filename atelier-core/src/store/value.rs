//! What goes into a statement and comes out of a row.

use serde::Serialize;

use crate::Result;

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
    /// All columns, where each is a number.
    fn ints(&self) -> Result<Vec<i64>>;
    /// The bytes of its texts.
    fn weight(&self) -> usize;
}

/// [`Row`] for a row type of sqlx: the same code over either, whose bounds would not fit on a page. What type a column has
/// is not asked for each value: the texts are constants, and tests read every column.
macro_rules! impl_row {
    ($row:ty) => {
        impl crate::store::value::Row for $row {
            fn maybe_int(&self, column: usize) -> crate::Result<Option<i64>> {
                sqlx::Row::try_get_unchecked(self, column)
                    .map_err(|error| crate::store::failure::from("row", error))
            }

            fn int(&self, column: usize) -> crate::Result<i64> {
                sqlx::Row::try_get_unchecked(self, column)
                    .map_err(|error| crate::store::failure::from("row", error))
            }

            fn bool(&self, column: usize) -> crate::Result<bool> {
                sqlx::Row::try_get_unchecked(self, column)
                    .map_err(|error| crate::store::failure::from("row", error))
            }

            fn maybe_text(&self, column: usize) -> crate::Result<Option<&str>> {
                sqlx::Row::try_get_unchecked(self, column)
                    .map_err(|error| crate::store::failure::from("row", error))
            }

            fn text(&self, column: usize) -> crate::Result<&str> {
                sqlx::Row::try_get_unchecked(self, column)
                    .map_err(|error| crate::store::failure::from("row", error))
            }

            fn ints(&self) -> crate::Result<Vec<i64>> {
                let columns = 0..sqlx::Row::len(self);
                columns
                    .map(|column| crate::store::value::Row::int(self, column))
                    .collect()
            }

            fn weight(&self) -> usize {
                let text = |column: &usize| {
                    sqlx::TypeInfo::name(sqlx::Column::type_info(sqlx::Row::column(self, *column)))
                        == "TEXT"
                };
                let texts = (0..sqlx::Row::len(self)).filter(text);
                texts
                    .filter_map(|column| self.maybe_text(column).ok().flatten())
                    .map(str::len)
                    .sum()
            }
        }
    };
}
pub(super) use impl_row;
