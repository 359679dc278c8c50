//! Rows, parameters and logging of rusqlite statements.

use rusqlite::types::{ToSqlOutput, Type, ValueRef};
use rusqlite::{Error, Statement, ToSql};

use crate::model::error::Result;
use crate::store::rows::{Row, Value};
use crate::store::sqlite::error;

/// A row, copied out of the page cache.
#[derive(Debug)]
pub(crate) struct SqliteRow(Vec<Value>);

impl SqliteRow {
    /// Copies the current row of a cursor.
    pub(crate) fn copy(row: &rusqlite::Row<'_>, columns: usize) -> rusqlite::Result<Self> {
        let mut values = Vec::with_capacity(columns);
        for column in 0..columns {
            values.push(match row.get_ref(column)? {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(value) => Value::Int(value),
                text @ ValueRef::Text(_) => Value::Text(text.as_str()?.to_owned()),
                other => return Err(wrong(column, other.data_type())),
            });
        }
        Ok(Self(values))
    }

    /// Returns the value of a column, if `get` accepts its type.
    fn get<'r, T>(&'r self, column: usize, get: impl Fn(&'r Value) -> Option<T>) -> Result<T> {
        let value = self.0.get(column).ok_or(Error::InvalidColumnIndex(column));
        value
            .and_then(|value| get(value).ok_or_else(|| wrong(column, value.kind())))
            .map_err(|error| error::convert("row", &error))
    }
}

fn wrong(column: usize, is: Type) -> Error {
    Error::InvalidColumnType(column, String::new(), is)
}

impl Row for SqliteRow {
    fn optional_int(&self, column: usize) -> Result<Option<i64>> {
        self.get(column, |value| match value {
            Value::Int(value) => Some(Some(*value)),
            Value::Null => Some(None),
            _ => None,
        })
    }

    fn int(&self, column: usize) -> Result<i64> {
        self.get(column, |value| match value {
            Value::Int(value) => Some(*value),
            _ => None,
        })
    }

    fn bool(&self, column: usize) -> Result<bool> {
        self.int(column).map(|value| value != 0)
    }

    fn optional_text(&self, column: usize) -> Result<Option<&str>> {
        self.get(column, |value| match value {
            Value::Text(value) => Some(Some(value.as_str())),
            Value::Null => Some(None),
            _ => None,
        })
    }

    fn text(&self, column: usize) -> Result<&str> {
        self.get(column, |value| match value {
            Value::Text(value) => Some(value.as_str()),
            _ => None,
        })
    }

    fn text_bytes(&self) -> usize {
        let texts = self.0.iter().map(|value| match value {
            Value::Text(value) => value.len(),
            _ => 0,
        });
        texts.sum()
    }
}

impl Value {
    fn kind(&self) -> Type {
        match self {
            Self::Int(_) | Self::Bool(_) => Type::Integer,
            Self::Text(_) => Type::Text,
            Self::Null => Type::Null,
        }
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Int(value) => ValueRef::Integer(*value),
            Self::Bool(value) => ValueRef::Integer(i64::from(*value)),
            Self::Text(value) => ValueRef::Text(value.as_bytes()),
            Self::Null => ValueRef::Null,
        }))
    }
}

/// Binds the parameters that a statement uses.
pub(crate) fn bind(statement: &mut Statement<'_>, binds: &[Value]) -> rusqlite::Result<()> {
    for parameter in 1..=statement.parameter_count() {
        // SQLite treats `$2` as a name, and numbers parameters by their first appearance.
        let value = statement
            .parameter_name(parameter)
            .and_then(|name| name.strip_prefix('$')?.parse::<usize>().ok())
            .and_then(|number| binds.get(number.checked_sub(1)?));
        match value {
            Some(value) => statement.raw_bind_parameter(parameter, value)?,
            None => return Err(Error::InvalidParameterCount(binds.len(), parameter)),
        }
    }
    Ok(())
}
