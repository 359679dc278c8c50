//! Records of a file: which lines belong together, and where their fields are.

use std::io::Read;

use crate::csv::encoding as decode;
use crate::csv::header::{self, Order, is_whole_number, natural_order};
use crate::csv::lines::{Line, Lines};
use crate::csv::parser::{Field, OpenQuote, Strict, lenient, strict};
use crate::error::ReadError;
use crate::rules::values::Written;
use crate::schema::Layout;

/// As many lines may follow the first one of a record.
const MOST_JOINED: u64 = 50;

/// Reads the records of one file from its bytes, in one pass and without holding more than a record.
#[derive(Debug)]
pub struct Records<R> {
    layout: &'static Layout,
    order: Order,
    has_header: bool,
    lines: Lines<R>,
    /// The line number of the next record.
    number: u64,
    /// What the record given out last takes up in the source.
    taken: Taken,
    /// The text of a record that does not stand in the buffer as it is: decoded, or joined of several lines.
    text: String,
    fields: Vec<Field>,
    /// For a look at lines that may not belong to the record.
    ahead: Ahead,
}

#[derive(Debug, Clone, Copy, Default)]
struct Taken {
    bytes: usize,
    lines: u64,
}

#[derive(Debug, Default)]
struct Ahead {
    text: String,
    fields: Vec<Field>,
}

/// What a record looks like before its values are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// As many fields as the file has columns.
    Whole,
    /// Nothing but blanks.
    Blank,
    /// Another number of fields.
    WrongColumns,
}

/// One record.
#[derive(Debug)]
pub struct Record<'r> {
    /// Its text, decoded; the lines of a joined record are separated by LF.
    pub text: &'r str,
    /// What it looks like.
    pub shape: Shape,
    /// The physical line on which it starts, from 1, the header counted.
    pub line: u64,
    /// The byte of the file at which it starts.
    pub offset: u64,
    /// How many physical lines it takes up beyond the first.
    pub joined: u64,
    /// Something was repaired before any value was read: the encoding, a NUL, a quote.
    pub repaired: bool,
    fields: &'r [Field],
    order: &'r Order,
}

impl<R: Read> Records<R> {
    /// Opens a file and reads its header, if it has one. [`ReadError::Header`] when it has the wrong columns.
    pub fn new(layout: &'static Layout, input: R) -> Result<Self, ReadError> {
        let mut lines = Lines::new(input)?;
        let mut text = String::new();
        let mut order = None;
        if let Some(first) = lines.peek(0)? {
            decode::append(lines.content(first), &mut text);
            order = header::read(layout, &text)?;
            if order.is_some() {
                lines.advance(first.next);
            }
        }
        let has_header = order.is_some();
        Ok(Self {
            layout,
            order: order.unwrap_or_else(natural_order),
            has_header,
            lines,
            number: 1 + u64::from(has_header),
            taken: Taken::default(),
            text,
            fields: Vec::new(),
            ahead: Ahead::default(),
        })
    }

    /// Whether the first line was a header.
    pub fn has_header(&self) -> bool {
        self.has_header
    }

    /// The physical lines read so far, the header included; all of them once [`next`](Self::next) gave `None`.
    pub fn lines(&self) -> u64 {
        self.lines.count()
    }

    /// The next record, or `None` at the end of the file.
    #[expect(
        clippy::should_implement_trait,
        reason = "a record borrows from the reader"
    )]
    pub fn next(&mut self) -> Result<Option<Record<'_>>, ReadError> {
        self.lines.advance(self.taken.bytes);
        self.number += self.taken.lines;
        let Some(first) = self.lines.peek(0)? else {
            self.taken = Taken::default();
            return Ok(None);
        };
        self.taken = Taken {
            bytes: first.next,
            lines: 1,
        };
        let reading = strict(self.lines.content(first), &mut self.fields, None);
        // Nearly every record is read where it stands, and before it is decoded: quotes and commas keep their places in
        // that, unless a NUL stands beside them.
        let (reading, text, mut repaired) = if self.may_go_on(reading) || self.lines.has_nul(first)
        {
            let (reading, repaired) = self.put_together(first)?;
            (reading, self.text.as_str(), repaired)
        } else {
            let line = self.lines.content(first);
            if let Ok(text) = str::from_utf8(line) {
                (reading, text, false)
            } else {
                self.text.clear();
                decode::append(line, &mut self.text);
                let reading = strict(self.text.as_bytes(), &mut self.fields, None);
                (reading, self.text.as_str(), true)
            }
        };
        let shape = if text.trim_start().is_empty() {
            Shape::Blank
        } else {
            if reading != Strict::Done {
                lenient(text.as_bytes(), &mut self.fields);
                repaired = true;
            }
            if self.fields.len() == self.layout.columns.len() {
                Shape::Whole
            } else {
                Shape::WrongColumns
            }
        };
        Ok(Some(Record {
            text,
            shape,
            line: self.number,
            offset: self.lines.offset(),
            joined: self.taken.lines - 1,
            repaired,
            fields: &self.fields,
            order: &self.order,
        }))
    }

    /// Decodes the line into `text`, with those that belong to it. What the strict reading makes of them, and whether
    /// anything was repaired.
    fn put_together(&mut self, first: Line) -> Result<(Strict, bool), ReadError> {
        self.text.clear();
        let mut repaired = decode::append(self.lines.content(first), &mut self.text);
        let mut reading = strict(self.text.as_bytes(), &mut self.fields, None);
        if let Strict::Open(open) = reading
            && self.may_go_on(reading)
            && self.join(first, open, &mut repaired)?
        {
            reading = Strict::Done;
        }
        Ok((reading, repaired))
    }

    /// Whether the record may go on in the next line.
    fn may_go_on(&self, reading: Strict) -> bool {
        matches!(reading, Strict::Open(_)) && !self.layout.one_line
    }

    /// Joins lines to the first, whose quote is open, until the quote is closed and the columns are complete. If that
    /// never happens the quote was never closed: `text` holds the first line again, and the answer is false.
    fn join(
        &mut self,
        first: Line,
        mut open: OpenQuote,
        repaired: &mut bool,
    ) -> Result<bool, ReadError> {
        let alone = self.text.len();
        let mut changed = *repaired;
        let mut taken = self.taken;
        let mut from = first.next;
        while taken.lines <= MOST_JOINED {
            let Some(line) = self.lines.peek(from)? else {
                break;
            };
            self.ahead.text.clear();
            changed |= decode::append(self.lines.content(line), &mut self.ahead.text);
            if self.ahead.is_whole_record(self.layout, &self.order) {
                break;
            }
            self.text.push('\n');
            self.text.push_str(&self.ahead.text);
            taken = Taken {
                bytes: line.next,
                lines: taken.lines + 1,
            };
            from = line.next;
            match strict(self.text.as_bytes(), &mut self.fields, Some(open)) {
                Strict::Open(still) => open = still,
                Strict::Done if self.fields.len() == self.layout.columns.len() => {
                    self.taken = taken;
                    *repaired = changed;
                    return Ok(true);
                }
                // The record has ended here, and a further line would only stand outside its quotes.
                Strict::Done | Strict::Misplaced => break,
            }
        }
        self.text.truncate(alone);
        Ok(false)
    }
}

impl Ahead {
    /// Whether the line, alone, has the right number of columns by either reading, and a whole number as id.
    fn is_whole_record(&mut self, layout: &Layout, order: &Order) -> bool {
        let columns = layout.columns.len();
        if strict(self.text.as_bytes(), &mut self.fields, None) != Strict::Done
            || self.fields.len() != columns
        {
            lenient(self.text.as_bytes(), &mut self.fields);
        }
        self.fields.len() == columns
            && self
                .fields
                .get(order[0])
                .is_some_and(|id| is_whole_number(Written::new(&self.text, *id).text.trim()))
    }
}

impl<'r> Record<'r> {
    /// The field of a column of the layout, if the record reaches so far.
    #[inline]
    pub(crate) fn field(&self, column: usize) -> Option<Field> {
        self.fields.get(self.order[column]).copied()
    }

    /// What stands in the field of a column, without the quotes round it.
    pub(crate) fn written(&self, column: usize) -> Option<&'r str> {
        self.field(column)
            .map(|field| Written::new(self.text, field).text)
    }

    /// The id as it is written, without quotes and blanks; empty when there is none.
    pub fn id(&self) -> &'r str {
        self.written(0).map_or("", str::trim)
    }
}

#[cfg(test)]
mod tests;
