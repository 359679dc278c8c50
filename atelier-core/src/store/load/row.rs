//! A row to load.

use std::ops::Range;

use serde::Serialize;

use crate::model::error::{Error, Failure, Result};

/// The values of a row, in the order of the columns. The buffers are reused for the next row.
#[derive(Debug, Default)]
pub(crate) struct Row {
    cells: Vec<Cell>,
    text: Vec<u8>,
}

#[derive(Debug)]
enum Cell {
    Null,
    Int(i64),
    Bool(bool),
    Text(Range<usize>),
}

/// A value of a row; texts are UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    Null,
    Int(i64),
    Bool(bool),
    Text(&'a [u8]),
}

impl Row {
    pub(crate) fn clear(&mut self) {
        self.cells.clear();
        self.text.clear();
    }

    pub(crate) fn int(&mut self, value: i64) -> &mut Self {
        self.cells.push(Cell::Int(value));
        self
    }

    pub(crate) fn bool(&mut self, value: bool) -> &mut Self {
        self.cells.push(Cell::Bool(value));
        self
    }

    pub(crate) fn text(&mut self, value: &str) -> &mut Self {
        let start = self.text.len();
        self.text.extend_from_slice(value.as_bytes());
        self.cells.push(Cell::Text(start..self.text.len()));
        self
    }

    pub(crate) fn maybe(&mut self, value: Option<&str>) -> &mut Self {
        if let Some(value) = value {
            return self.text(value);
        }
        self.cells.push(Cell::Null);
        self
    }

    /// Appends a value as JSON text.
    pub(crate) fn json<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<&mut Self> {
        let start = self.text.len();
        serde_json::to_writer(&mut self.text, value)
            .map_err(|error| Error::Internal(Failure::new("JSON").with_source(error)))?;
        self.cells.push(Cell::Text(start..self.text.len()));
        Ok(self)
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = Value<'_>> {
        self.cells.iter().map(|cell| match cell {
            Cell::Null => Value::Null,
            Cell::Int(value) => Value::Int(*value),
            Cell::Bool(value) => Value::Bool(*value),
            Cell::Text(range) => Value::Text(&self.text[range.clone()]),
        })
    }
}
