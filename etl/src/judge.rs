//! One file from its first byte to its last: what becomes of each record, and the sum of it.

use std::io::{self, Read};

use atelier_core::Millis;

use crate::clean::{Row, clean};
use crate::error::ReadError;
use crate::files::{Kind, Layout, LegacyFile};
use crate::ids::{IdMap, MEMORY};
use crate::keys::{Keys, Refusal};
use crate::outcome::{Outcome, Skip, Warning};
use crate::record::{Record, Records, Shape};
use crate::report::FileReport;
use crate::scratch::Scratch;

/// Decides on the records of one file after the other, which must come in load order.
#[derive(Debug)]
pub struct Judge {
    keys: Keys,
    /// Later dates lie ahead.
    now: Millis,
    /// 1 for each product with a default style.
    defaults: IdMap<u8>,
    scratch: Scratch,
}

impl Judge {
    /// A judge who has seen no row yet, and remembers in `scratch` what does not fit in memory.
    pub fn new(now: Millis, scratch: &Scratch) -> Self {
        Self::with_memory(now, scratch, MEMORY)
    }

    /// The same, with another number of bytes for each of the nine maps that are kept. It decides alike with any.
    pub fn with_memory(now: Millis, scratch: &Scratch, memory: usize) -> Self {
        Self {
            keys: Keys::new(scratch, memory),
            now,
            defaults: IdMap::new(scratch, memory),
            scratch: scratch.clone(),
        }
    }

    /// Reads a whole file and hands each record to `each`, in the order of the file, with what became of it and, if it
    /// is loaded, its row. What `each` fails with is a failure of what it puts aside.
    ///
    /// The report adds up: every physical line but the header is loaded, rejected, skipped or joined to another.
    /// [`ReadError::DoesNotAddUp`] if it ever should not.
    pub fn file<R: Read>(
        &mut self,
        layout: &'static Layout,
        input: R,
        mut each: impl FnMut(&Record<'_>, Outcome, Option<Row<'_>>) -> io::Result<()>,
    ) -> Result<FileReport, ReadError> {
        self.keys.begin_file();
        let mut records = Records::new(layout, input)?;
        let mut report = FileReport {
            header: u64::from(records.has_header()),
            ..FileReport::default()
        };
        while let Some(record) = records.next()? {
            let mut row = Row::default();
            let outcome = match self.record(layout, &record, &mut row, &mut report) {
                Ok(()) => Outcome::Loaded {
                    repaired: row.repaired,
                },
                Err(Refusal::Row(outcome)) => outcome,
                Err(Refusal::Scratch(source)) => return Err(self.scratch.unusable(source)),
            };
            report.count(outcome, record.joined);
            let loaded = matches!(outcome, Outcome::Loaded { .. });
            each(&record, outcome, loaded.then_some(row))
                .map_err(|source| self.scratch.unusable(source))?;
        }
        report.lines = records.lines();
        if report.adds_up() {
            Ok(report)
        } else {
            Err(ReadError::DoesNotAddUp { sum: report.sum() })
        }
    }

    fn record<'r>(
        &mut self,
        layout: &Layout,
        record: &Record<'r>,
        row: &mut Row<'r>,
        report: &mut FileReport,
    ) -> Result<(), Refusal> {
        if record.shape == Shape::Blank {
            return Err(Refusal::Row(Outcome::Skipped(Skip::Blank)));
        }
        clean(layout, record, row).map_err(|defect| Refusal::Row(Outcome::Rejected(defect)))?;
        self.keys.admit(layout, row)?;
        self.warn(layout, row, report)?;
        Ok(())
    }

    fn warn(&mut self, layout: &Layout, row: &Row<'_>, report: &mut FileReport) -> io::Result<()> {
        for (at, column) in layout.columns.iter().enumerate() {
            if column.kind == Kind::Date && row.int(at).is_some_and(|date| date > self.now.0) {
                report.warn(Warning::FutureDate);
            }
        }
        if layout.file == LegacyFile::Styles {
            if row.int(3) > row.int(4) {
                report.warn(Warning::SaleAboveOriginal);
            }
            if row.flag(5) {
                self.defaults.update(row.product, |has_default| {
                    if *has_default == 1 {
                        report.warn(Warning::TwoDefaults);
                    }
                    *has_default = 1;
                })?;
            }
        }
        Ok(())
    }
}
