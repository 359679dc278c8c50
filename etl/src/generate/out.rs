//! A file as it is written: its rows, the dirt on them, and the count of what must become of them.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use super::dirt::Act;
use super::kinds::{FUTURE_DATE, SALE_ABOVE_ORIGINAL};
use super::line::Line;
use super::row::Row;
use super::smear::{again, smear};
use super::spots::{Spot, Spots};
use crate::report::counts::FileReport;
use crate::rules::outcome::{Defect, Outcome, Reason, Skip, Warning};
use crate::schema::Layout;

/// The buffer is written when it holds this much.
const FULL: usize = 1 << 18;

/// What has come of a file.
#[derive(Debug, Clone, Default)]
pub(super) struct Written {
    pub(super) bytes: u64,
    /// The largest id that is loaded.
    pub(super) highest_id: u64,
    pub(super) report: FileReport,
}

/// A file that is being written.
#[derive(Debug)]
pub(super) struct Out {
    pub(super) line: Line,
    layout: &'static Layout,
    spots: Spots,
    file: File,
    placed: BufWriter<File>,
    /// Where the fields of the layout stand in the line, if in another order.
    order: Option<&'static [usize]>,
    written: Written,
}

impl Out {
    /// A file that begins with `header`, if there is one. Dirty rows are listed in `placed`.
    pub(super) fn new(
        layout: &'static Layout,
        spots: Spots,
        separator: &'static [u8],
        order: Option<&'static [usize]>,
        header: Option<&str>,
        files: (File, File),
    ) -> Self {
        let mut out = Self {
            line: Line::new(separator),
            layout,
            spots,
            file: files.0,
            placed: BufWriter::new(files.1),
            order,
            written: Written::default(),
        };
        if let Some(header) = header {
            out.line.begin();
            out.line.add(header);
            out.written.report.header = 1;
            out.written.report.lines = 1;
        }
        out
    }

    /// The dirt of a row.
    pub(super) fn spot(&self, row: u64) -> Option<Spot> {
        self.spots.at(row)
    }

    /// Ends the row that was written last: makes it dirty, if it is to be, and counts it.
    pub(super) fn end(&mut self, row: &Row) -> io::Result<()> {
        let outcome = row.outcome(self.layout);
        if row.spot.is_none() && row.seen.is_none() && self.order.is_none() {
            self.count(row.id, outcome, 0);
        } else {
            self.dirty(row, outcome)?;
        }
        if self.line.buffer.len() >= FULL {
            self.flush()?;
        }
        Ok(())
    }

    fn dirty(&mut self, row: &Row, outcome: Outcome) -> io::Result<()> {
        let number = self.written.report.lines + 1;
        let clean = self.line.take_fields();
        let mut fields = clean.clone();
        let start = self.line.buffer.len();
        let mut act = None;
        if let Some(spot) = row.spot {
            smear(spot, &mut fields, self.layout);
            act = Some(spot.dirt.act);
        }
        let id = String::from_utf8_lossy(&fields[0]).into_owned();
        if let Some(order) = self.order {
            fields = in_order(&fields, order);
        }
        match act {
            Some(Act::Pad) => self
                .line
                .buffer
                .extend_from_slice(&fields.join(&b" ,\t"[..])),
            _ => self.line.put(&fields),
        }
        if let Some(Act::Append(more)) = act {
            self.line.buffer.extend_from_slice(more);
        }
        let written = &self.line.buffer[start..];
        let joined = memchr::memchr_iter(b'\n', written).count() as u64;
        self.count(row.id, outcome, joined);
        if let Some(name) = row.seen.or(row.spot.map(|spot| spot.dirt.name)) {
            self.place(number, &id, name, outcome)?;
        }
        if let (Some(act), Some(spot)) = (act, row.spot) {
            self.warn(spot, outcome);
            self.follow(act, clean, outcome, spot.dirt.name)?;
        }
        Ok(())
    }

    fn warn(&mut self, spot: Spot, outcome: Outcome) {
        let warning = match spot.dirt.name {
            SALE_ABOVE_ORIGINAL => Warning::SaleAboveOriginal,
            FUTURE_DATE => Warning::FutureDate,
            _ => return,
        };
        if matches!(outcome, Outcome::Loaded { .. }) {
            self.written.report.warn(warning);
        }
    }

    /// Two default styles: only who writes the styles knows of the other one.
    pub(super) fn warn_two_defaults(&mut self) {
        self.written.report.warn(Warning::TwoDefaults);
    }

    /// What stands in a line of its own after the dirty one.
    fn follow(
        &mut self,
        act: Act,
        mut fields: Vec<Vec<u8>>,
        outcome: Outcome,
        name: &str,
    ) -> io::Result<()> {
        let number = self.written.report.lines + 1;
        let loaded = matches!(outcome, Outcome::Loaded { .. });
        match act {
            Act::BlankLine => {
                self.line.begin();
                self.line.add("  ");
                let outcome = Outcome::Skipped(Skip::Blank);
                self.count(0, outcome, 0);
                self.place(number, "", name, outcome)
            }
            // Of a row that is not loaded, the second copy would take the place of the first.
            Act::Again | Act::AgainChanged if loaded => {
                let changed = act == Act::AgainChanged && again(&mut fields, self.layout);
                let outcome = if changed {
                    Outcome::Rejected(Defect {
                        reason: Reason::DupId,
                        column: None,
                    })
                } else {
                    Outcome::Skipped(Skip::DupIdentical)
                };
                let id = String::from_utf8_lossy(&fields[0]).into_owned();
                if let Some(order) = self.order {
                    fields = in_order(&fields, order);
                }
                self.line.begin();
                self.line.put(&fields);
                self.count(0, outcome, 0);
                self.place(number, &id, name, outcome)
            }
            _ => Ok(()),
        }
    }

    fn count(&mut self, id: u64, outcome: Outcome, joined: u64) {
        let written = &mut self.written;
        written.report.count(outcome, joined);
        written.report.lines += 1 + joined;
        if matches!(outcome, Outcome::Loaded { .. }) {
            written.highest_id = written.highest_id.max(id);
        }
    }

    fn place(&mut self, line: u64, id: &str, kind: &str, outcome: Outcome) -> io::Result<()> {
        let name = self.layout.name;
        let id = id.replace('"', "\"\"");
        writeln!(self.placed, "{name},{line},\"{id}\",{kind},{outcome}")
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.write_all(&self.line.buffer)?;
        self.written.bytes += self.line.buffer.len() as u64;
        self.line.buffer.clear();
        Ok(())
    }

    /// Writes what is left.
    pub(super) fn finish(mut self) -> io::Result<Written> {
        self.flush()?;
        self.placed.flush()?;
        Ok(self.written)
    }
}

/// The fields in the order of the file; a line may have lost its last one.
fn in_order(fields: &[Vec<u8>], order: &[usize]) -> Vec<Vec<u8>> {
    order
        .iter()
        .filter_map(|at| fields.get(*at).cloned())
        .collect()
}
