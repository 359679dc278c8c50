//! One file from its first byte to its last: what becomes of each record, and the sum of it.

use std::io::Read;

use atelier_core::Millis;

use crate::clean::{Row, clean};
use crate::error::ReadError;
use crate::files::{Kind, Layout, LegacyFile};
use crate::keys::{IdMap, Keys};
use crate::outcome::{Outcome, Skip, Warning};
use crate::record::{Record, Records, Shape};
use crate::report::FileReport;

/// Decides on the records of one file after the other, which must come in load order.
#[derive(Debug)]
pub struct Judge {
    keys: Keys,
    /// Later dates lie ahead.
    now: Millis,
    /// Products with a default style.
    defaults: IdMap<bool>,
}

impl Judge {
    /// A judge who has seen no row yet.
    pub fn new(now: Millis) -> Self {
        Self {
            keys: Keys::default(),
            now,
            defaults: IdMap::default(),
        }
    }

    /// Reads a whole file and hands each record to `each`, in the order of the file, with what became of it and, if it
    /// is loaded, its row.
    ///
    /// The report adds up: every physical line but the header is loaded, rejected, skipped or joined to another.
    /// [`ReadError::DoesNotAddUp`] if it ever should not.
    pub fn file<R: Read>(
        &mut self,
        layout: &'static Layout,
        input: R,
        mut each: impl FnMut(&Record<'_>, Outcome, Option<Row<'_>>),
    ) -> Result<FileReport, ReadError> {
        self.keys.begin_file();
        let mut records = Records::new(layout, input)?;
        let mut report = FileReport {
            header: u64::from(records.has_header()),
            ..FileReport::default()
        };
        while let Some(record) = records.next()? {
            let (outcome, row) = match self.record(layout, &record) {
                Ok(row) => (
                    Outcome::Loaded {
                        repaired: row.repaired,
                    },
                    Some(row),
                ),
                Err(outcome) => (outcome, None),
            };
            report.count(outcome, record.joined);
            if let Some(row) = &row {
                self.warn(layout, row, |warning| report.warn(warning));
            }
            each(&record, outcome, row);
        }
        report.lines = records.lines();
        if report.adds_up() {
            Ok(report)
        } else {
            Err(ReadError::DoesNotAddUp { sum: report.sum() })
        }
    }

    fn record<'r>(&mut self, layout: &Layout, record: &Record<'r>) -> Result<Row<'r>, Outcome> {
        if record.shape == Shape::Blank {
            return Err(Outcome::Skipped(Skip::Blank));
        }
        let row = clean(layout, record).map_err(Outcome::Rejected)?;
        self.keys.admit(layout, &row)?;
        Ok(row)
    }

    fn warn(&mut self, layout: &Layout, row: &Row<'_>, mut warn: impl FnMut(Warning)) {
        for (at, column) in layout.columns.iter().enumerate() {
            if column.kind == Kind::Date && row.int(at).is_some_and(|date| date > self.now.0) {
                warn(Warning::FutureDate);
            }
        }
        if layout.file == LegacyFile::Styles {
            let (product, sale, original) =
                (row.key(1).unwrap_or_default(), row.int(3), row.int(4));
            if sale > original {
                warn(Warning::SaleAboveOriginal);
            }
            if row.flag(5) {
                if self.defaults.get(product) {
                    warn(Warning::TwoDefaults);
                }
                self.defaults.insert(product, true);
            }
        }
    }
}
