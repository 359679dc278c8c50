//! Writes a CSV file, injects defects, and counts the expected outcomes.

use std::fs::File;
use std::io::{self, BufWriter, IntoInnerError, Write};

use crate::generate::dataset_spec::DatasetSpec;
use crate::generate::defect::{Mutation, change_last_field};
use crate::generate::defect_catalog::{FUTURE_DATE, SALE_ABOVE_ORIGINAL};
use crate::generate::defect_placement::{DefectPlacement, PlacedDefect};
use crate::generate::expected::ExpectedRow;
use crate::rules::outcome::{Outcome, RejectReason, Skip, Warning};
use crate::rules::row_counts::FileReport;
use crate::schema::{LegacyFile, MAX_COLUMNS, TableSchema};

/// Size at which the buffer is written to the file.
const FLUSH_BYTES: usize = 1 << 18;

/// Totals of a written file.
#[derive(Debug, Clone, Default)]
pub(crate) struct FileTotals {
    /// Rows without those that defects add.
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    /// Largest id that is loaded.
    pub(crate) highest_id: u64,
    pub(crate) report: FileReport,
}

/// Totals of a written file, and the list of its rows with defects.
pub(crate) type WrittenFile = (FileTotals, File);

/// File that is being written, field by field.
#[derive(Debug)]
pub(crate) struct CsvFileWriter<'s> {
    table: &'static TableSchema,
    defects: DefectPlacement<'s>,
    separator: &'static [u8],
    /// Order of the columns, if it differs from the schema.
    order: Option<&'static [usize]>,
    file: File,
    /// List of the rows with defects.
    defect_list: BufWriter<File>,
    buffer: Vec<u8>,
    /// Offsets in the buffer of the fields of the current row.
    starts: [usize; MAX_COLUMNS],
    fields: usize,
    totals: FileTotals,
}

impl<'s> CsvFileWriter<'s> {
    /// Starts a file with its header, if it has one.
    pub(crate) fn new(
        spec: &'s DatasetSpec,
        file: LegacyFile,
        csv: File,
        defect_list: File,
    ) -> Self {
        let mut writer = Self {
            table: file.schema(),
            defects: DefectPlacement::new(spec, file),
            separator: spec.separator(file).as_bytes(),
            order: spec.column_order(file),
            file: csv,
            defect_list: BufWriter::new(defect_list),
            buffer: Vec::with_capacity(2 * FLUSH_BYTES),
            starts: [0; MAX_COLUMNS],
            fields: 0,
            totals: FileTotals::default(),
        };
        if let Some(header) = spec.header(file.schema()) {
            writer.push_str(&header);
            writer.totals.report.header = 1;
            writer.totals.report.lines = 1;
        }
        writer
    }

    /// Returns the injected defect of a row.
    pub(crate) fn defect(&self, row: u64) -> Option<PlacedDefect> {
        self.defects.at(row)
    }

    /// Begins a row with its id. The line end is written before each line but the first, so that the file has none at
    /// its end.
    pub(crate) fn begin(&mut self, id: u64) {
        self.begin_line();
        self.number(id);
    }

    fn begin_line(&mut self) {
        if self.totals.report.lines > 0 {
            self.buffer.push(b'\n');
        }
        self.fields = 0;
    }

    fn begin_field(&mut self) {
        if self.fields > 0 {
            self.buffer.extend_from_slice(self.separator);
        }
        self.starts[self.fields] = self.buffer.len();
        self.fields += 1;
    }

    /// Writes an unquoted field.
    pub(crate) fn word(&mut self, word: &str) {
        self.begin_field();
        self.push_str(word);
    }

    /// Writes a number as a field.
    pub(crate) fn number(&mut self, number: u64) {
        self.begin_field();
        self.push_number(number);
    }

    /// Writes a quoted field.
    pub(crate) fn text(&mut self, text: &str) {
        self.quoted(|out| out.push_str(text));
    }

    /// Writes a quoted field, whose content `write` appends.
    pub(crate) fn quoted(&mut self, write: impl FnOnce(&mut Self)) {
        self.open_quote();
        write(self);
        self.push_str("\"");
    }

    /// Begins a quoted field without closing it.
    pub(crate) fn open_quote(&mut self) {
        self.begin_field();
        self.push_str("\"");
    }

    /// Appends to the current field.
    pub(crate) fn push_str(&mut self, text: &str) {
        self.buffer.extend_from_slice(text.as_bytes());
    }

    /// Appends a number to the current field.
    pub(crate) fn push_number(&mut self, number: u64) {
        self.push_str(itoa::Buffer::new().format(number));
    }

    /// Ends the current row: injects its defect, if it has one, and counts its expected outcome.
    pub(crate) fn end(&mut self, row: &ExpectedRow) -> io::Result<()> {
        self.totals.rows += 1;
        let outcome = row.outcome(self.table);
        if row.defect.is_none() && row.known_defect.is_none() && self.order.is_none() {
            self.count(row.id, outcome, 0);
        } else {
            self.inject_defect(row, outcome)?;
        }
        if self.buffer.len() >= FLUSH_BYTES {
            self.flush()?;
        }
        Ok(())
    }

    /// Counts the warning about a second default style of a product.
    pub(crate) fn warn_two_defaults(&mut self) {
        self.totals.report.warn(Warning::TwoDefaults);
    }

    fn inject_defect(&mut self, row: &ExpectedRow, outcome: Outcome) -> io::Result<()> {
        let line = self.totals.report.lines + 1;
        let clean = self.take_fields();
        let mut fields = clean.clone();
        let start = self.buffer.len();
        let mutation = row.defect.map(|placed| placed.defect.mutation);
        if let Some(placed) = row.defect {
            placed
                .defect
                .mutation
                .apply(&mut fields, placed.column, self.table);
        }
        let id = String::from_utf8_lossy(&fields[0]).into_owned();
        match mutation {
            Some(Mutation::PadFields) => self.put_fields(fields, b" ,\t"),
            _ => self.put_fields(fields, self.separator),
        }
        if let Some(Mutation::Append(text)) = mutation {
            self.buffer.extend_from_slice(text);
        }
        let joined = memchr::memchr_iter(b'\n', &self.buffer[start..]).count() as u64;
        self.count(row.id, outcome, joined);
        let name = row.defect.map(|placed| placed.defect.name);
        if let Some(name) = row.known_defect.or(name) {
            self.list(line, &id, name, outcome)?;
        }
        if let (Some(mutation), Some(name)) = (mutation, name) {
            if outcome.is_loaded() {
                match name {
                    SALE_ABOVE_ORIGINAL => self.totals.report.warn(Warning::SaleAboveOriginal),
                    FUTURE_DATE => self.totals.report.warn(Warning::FutureDate),
                    _ => {}
                }
            }
            self.add_line(mutation, clean, outcome, name)?;
        }
        Ok(())
    }

    /// Writes the line that some defects add after their row.
    fn add_line(
        &mut self,
        mutation: Mutation,
        mut fields: Vec<Vec<u8>>,
        row_outcome: Outcome,
        name: &str,
    ) -> io::Result<()> {
        let line = self.totals.report.lines + 1;
        let (id, outcome) = match mutation {
            Mutation::BlankLine => {
                self.begin_line();
                self.push_str("  ");
                (String::new(), Outcome::Skipped(Skip::Blank))
            }
            // If the first row is not loaded, its id would still be free.
            Mutation::Repeat | Mutation::RepeatChanged if row_outcome.is_loaded() => {
                let is_changed = mutation == Mutation::RepeatChanged
                    && change_last_field(&mut fields, self.table);
                let id = String::from_utf8_lossy(&fields[0]).into_owned();
                self.begin_line();
                self.put_fields(fields, self.separator);
                if is_changed {
                    (id, Outcome::rejected(RejectReason::DupId))
                } else {
                    (id, Outcome::Skipped(Skip::DupIdentical))
                }
            }
            _ => return Ok(()),
        };
        self.count(0, outcome, 0);
        self.list(line, &id, name, outcome)
    }

    /// Removes the fields of the current row from the buffer.
    fn take_fields(&mut self) -> Vec<Vec<u8>> {
        let starts = &self.starts[..self.fields];
        let ends = starts[1..].iter().map(|start| start - self.separator.len());
        let ends = ends.chain([self.buffer.len()]);
        let fields = starts.iter().zip(ends);
        let fields = fields.map(|(start, end)| self.buffer[*start..end].to_vec());
        let fields = fields.collect();
        self.buffer.truncate(self.starts[0]);
        fields
    }

    /// Writes fields in the order of the file. The row may lack its last field.
    fn put_fields(&mut self, mut fields: Vec<Vec<u8>>, separator: &[u8]) {
        if let Some(order) = self.order {
            let ordered = order.iter().filter_map(|index| fields.get(*index).cloned());
            fields = ordered.collect();
        }
        self.buffer.extend_from_slice(&fields.join(separator));
    }

    fn count(&mut self, id: u64, outcome: Outcome, joined: u64) {
        self.totals.report.count(outcome, joined);
        self.totals.report.lines += 1 + joined;
        if outcome.is_loaded() {
            self.totals.highest_id = self.totals.highest_id.max(id);
        }
    }

    fn list(&mut self, line: u64, id: &str, kind: &str, outcome: Outcome) -> io::Result<()> {
        let (name, id) = (self.table.name, id.replace('"', "\"\""));
        writeln!(self.defect_list, "{name},{line},\"{id}\",{kind},{outcome}")
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.write_all(&self.buffer)?;
        self.totals.bytes += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    /// Writes the rest.
    pub(crate) fn finish(mut self) -> io::Result<WrittenFile> {
        self.flush()?;
        let list = self.defect_list.into_inner();
        Ok((self.totals, list.map_err(IntoInnerError::into_error)?))
    }
}
