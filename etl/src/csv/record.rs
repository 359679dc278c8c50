//! Assembles records from lines, and locates their fields.

use std::io::Read;

use crate::csv::encoding::decode_line;
use crate::csv::header::{ColumnOrder, is_whole_number, parse_header, schema_order};
use crate::csv::lines::{Line, Lines};
use crate::csv::parser::{Field, OpenQuote, Parse, parse_lenient, parse_strict};
use crate::csv::raw_field::RawField;
use crate::error::ReadError;
use crate::schema::TableSchema;

/// Maximum number of lines joined to the first one of a record.
const MAX_JOINED_LINES: u64 = 50;

/// Reads the records of one file in one pass, one record in memory at a time.
#[derive(Debug)]
pub struct Records<R> {
    table: &'static TableSchema,
    order: ColumnOrder,
    has_header: bool,
    lines: Lines<R>,
    /// Line number of the current record.
    line_number: u64,
    /// Extent of the current record.
    extent: Extent,
    /// Text of a record that had to be decoded or joined from several lines. Other records stay in the line buffer.
    text: String,
    fields: Vec<Field>,
    /// Buffers for lines that may not belong to the record.
    lookahead: Lookahead,
}

/// Bytes and lines that a record takes up in the file.
#[derive(Debug, Clone, Copy, Default)]
struct Extent {
    bytes: usize,
    lines: u64,
}

#[derive(Debug, Default)]
struct Lookahead {
    text: String,
    fields: Vec<Field>,
}

/// Shape of a record, before its values are parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// As many fields as columns.
    Complete,
    /// White space only.
    Blank,
    /// Another number of fields.
    WrongColumns,
}

/// One record.
#[derive(Debug)]
pub struct Record<'r> {
    /// Decoded text. Joined lines are separated by LF.
    pub text: &'r str,
    /// Shape by the number of fields.
    pub shape: Shape,
    /// Physical line on which it starts, from 1, including the header.
    pub line: u64,
    /// Offset in the file of its first byte.
    pub offset: u64,
    /// Number of lines joined to the first one.
    pub joined: u64,
    /// Whether the encoding, a NUL or a quote was repaired.
    pub repaired: bool,
    fields: &'r [Field],
    order: &'r ColumnOrder,
}

impl<R: Read> Records<R> {
    /// Reads the header, if there is one. Fails with [`ReadError::Header`] if it has the wrong columns.
    pub fn new(table: &'static TableSchema, input: R) -> Result<Self, ReadError> {
        let mut lines = Lines::new(input)?;
        let mut text = String::new();
        let mut order = None;
        if let Some(first) = lines.peek(0)? {
            decode_line(lines.content(first), &mut text);
            order = parse_header(table, &text)?;
            if order.is_some() {
                lines.advance(first.next);
            }
        }
        let has_header = order.is_some();
        Ok(Self {
            table,
            order: order.unwrap_or_else(schema_order),
            has_header,
            lines,
            line_number: 1 + u64::from(has_header),
            extent: Extent::default(),
            text,
            fields: Vec::new(),
            lookahead: Lookahead::default(),
        })
    }

    /// Whether the first line is a header.
    pub fn has_header(&self) -> bool {
        self.has_header
    }

    /// Returns the number of physical lines read so far, including the header.
    pub fn lines(&self) -> u64 {
        self.lines.count()
    }

    /// Returns the next record, or `None` at the end of the file.
    #[expect(
        clippy::should_implement_trait,
        reason = "a record borrows from the reader"
    )]
    pub fn next(&mut self) -> Result<Option<Record<'_>>, ReadError> {
        self.lines.advance(self.extent.bytes);
        self.line_number += self.extent.lines;
        let Some(first) = self.lines.peek(0)? else {
            self.extent = Extent::default();
            return Ok(None);
        };
        self.extent = Extent {
            bytes: first.next,
            lines: 1,
        };
        let parse = parse_strict(self.lines.content(first), &mut self.fields, None);
        // Fast path: nearly all records are parsed in the line buffer, before they are decoded. Decoding moves no comma
        // or quote unless there is a NUL.
        let (parse, text, mut repaired) = if self.may_continue(parse) || self.lines.has_nul(first) {
            let (parse, repaired) = self.join_lines(first)?;
            (parse, self.text.as_str(), repaired)
        } else {
            let line = self.lines.content(first);
            if let Ok(text) = str::from_utf8(line) {
                (parse, text, false)
            } else {
                self.text.clear();
                decode_line(line, &mut self.text);
                let parse = parse_strict(self.text.as_bytes(), &mut self.fields, None);
                (parse, self.text.as_str(), true)
            }
        };
        let shape = if text.trim_start().is_empty() {
            Shape::Blank
        } else {
            if parse != Parse::Complete {
                parse_lenient(text.as_bytes(), &mut self.fields);
                repaired = true;
            }
            if self.fields.len() == self.table.columns.len() {
                Shape::Complete
            } else {
                Shape::WrongColumns
            }
        };
        Ok(Some(Record {
            text,
            shape,
            line: self.line_number,
            offset: self.lines.offset(),
            joined: self.extent.lines - 1,
            repaired,
            fields: &self.fields,
            order: &self.order,
        }))
    }

    /// Decodes the line and those joined to it into `text`. Returns the result of strict parsing, and whether anything
    /// was repaired.
    fn join_lines(&mut self, first: Line) -> Result<(Parse, bool), ReadError> {
        self.text.clear();
        let mut repaired = decode_line(self.lines.content(first), &mut self.text);
        let mut parse = parse_strict(self.text.as_bytes(), &mut self.fields, None);
        if let Parse::Open(open) = parse
            && self.may_continue(parse)
            && self.close_quote(first, open, &mut repaired)?
        {
            parse = Parse::Complete;
        }
        Ok((parse, repaired))
    }

    /// Whether the record may continue on the next line.
    fn may_continue(&self, parse: Parse) -> bool {
        matches!(parse, Parse::Open(_)) && !self.table.file.has_single_line_records()
    }

    /// Joins lines to the first until its open quote is closed and the columns are complete. Returns false, with `text`
    /// reset to the first line, if a complete record, the end of the file or the limit comes first: the quote was never
    /// closed.
    fn close_quote(
        &mut self,
        first: Line,
        mut open: OpenQuote,
        repaired: &mut bool,
    ) -> Result<bool, ReadError> {
        let first_length = self.text.len();
        let mut changed = *repaired;
        let mut extent = self.extent;
        let mut from = first.next;
        while extent.lines <= MAX_JOINED_LINES {
            let Some(line) = self.lines.peek(from)? else {
                break;
            };
            self.lookahead.text.clear();
            changed |= decode_line(self.lines.content(line), &mut self.lookahead.text);
            if self.lookahead.is_complete_record(self.table, &self.order) {
                break;
            }
            self.text.push('\n');
            self.text.push_str(&self.lookahead.text);
            extent = Extent {
                bytes: line.next,
                lines: extent.lines + 1,
            };
            from = line.next;
            match parse_strict(self.text.as_bytes(), &mut self.fields, Some(open)) {
                Parse::Open(still) => open = still,
                Parse::Complete if self.fields.len() == self.table.columns.len() => {
                    self.extent = extent;
                    *repaired = changed;
                    return Ok(true);
                }
                // The record ends here. Further lines would be outside its quotes.
                Parse::Complete | Parse::Misplaced => break,
            }
        }
        self.text.truncate(first_length);
        Ok(false)
    }
}

impl Lookahead {
    /// Whether the line alone has the right number of columns, parsed either way, and a whole number as id.
    fn is_complete_record(&mut self, table: &TableSchema, order: &ColumnOrder) -> bool {
        let columns = table.columns.len();
        if parse_strict(self.text.as_bytes(), &mut self.fields, None) != Parse::Complete
            || self.fields.len() != columns
        {
            parse_lenient(self.text.as_bytes(), &mut self.fields);
        }
        self.fields.len() == columns
            && self
                .fields
                .get(order[0])
                .is_some_and(|id| is_whole_number(RawField::new(&self.text, *id).text.trim()))
    }
}

impl<'r> Record<'r> {
    /// Returns the field of a column of the schema, if the record has it.
    #[inline]
    pub(crate) fn field(&self, column: usize) -> Option<Field> {
        self.fields.get(self.order[column]).copied()
    }

    /// Returns the content of the field of a column, without quotes.
    pub(crate) fn content(&self, column: usize) -> Option<&'r str> {
        self.field(column)
            .map(|field| RawField::new(self.text, field).text)
    }

    /// Returns the id as written, without quotes and blanks. Empty if the record has no id.
    pub fn id(&self) -> &'r str {
        self.content(0).map_or("", str::trim)
    }
}

#[cfg(test)]
mod tests;
