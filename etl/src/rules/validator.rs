//! One file from its first byte to its last: what becomes of each record, and the sum of it.

use std::io::{self, Read};

use atelier_core::Millis;

use crate::csv::record::{Record, Records, Shape};
use crate::error::ReadError;
use crate::report::counts::FileReport;
use crate::rules::constraints::{Keys, Refusal};
use crate::rules::outcome::{Outcome, Skip, Warning};
use crate::rules::row::{Row, clean};
use crate::schema::{Kind, Layout, LegacyFile};
use crate::spill::dir::Scratch;
use crate::spill::paged_map::{IdMap, MEMORY};

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
            // In its place from the start: it is large, and would be copied.
            let mut loaded = None;
            let row = loaded.insert(Row::default());
            let outcome = match self.record(layout, &record, row, &mut report) {
                Ok(()) => Outcome::Loaded {
                    repaired: row.repaired,
                },
                Err(Refusal::Row(outcome)) => outcome,
                Err(Refusal::Scratch(source)) => return Err(self.scratch.unusable(source)),
            };
            report.count(outcome, record.joined);
            if !matches!(outcome, Outcome::Loaded { .. }) {
                loaded = None;
            }
            each(&record, outcome, loaded).map_err(|source| self.scratch.unusable(source))?;
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The files come from the front of the load order; each row that is loaded, as `id product reported`.
    fn loaded(judge: &mut Judge, file: LegacyFile, text: &str) -> Result<Vec<String>, ReadError> {
        let mut rows = Vec::new();
        judge.file(file.layout(), text.as_bytes(), |_, _, row| {
            let row = row.map(|row| format!("{} {} {}", row.id, row.product, row.reported));
            rows.extend(row);
            Ok(())
        })?;
        Ok(rows)
    }

    #[test]
    fn a_row_knows_its_product_and_whether_its_review_is_reported() {
        use LegacyFile::{CharacteristicReviews, Characteristics, Product, Reviews, ReviewsPhotos};
        let mut judge = Judge::new(Millis(0), &Scratch::default());
        let review = |id, product, reported| {
            format!(
                "{id},{product},5,1593600000000,\"\",\"b\",true,{reported},\"n\",\"a@b.c\",null,0\n"
            )
        };
        let reviews = review(1, 2_147_483_647, "true") + &review(2, 7, "false");
        for (file, text, expected) in [
            (
                Product,
                "7,\"a\",\"\",\"\",\"\",1\n2147483647,\"b\",\"\",\"\",\"\",1",
                &["7 7 false", "2147483647 2147483647 false"][..],
            ),
            (Reviews, &reviews, &["1 2147483647 true", "2 7 false"]),
            (
                Characteristics,
                "3,7,\"Fit\"\n4,2147483647,\"Fit\"",
                &["3 7 false", "4 2147483647 false"],
            ),
            (
                ReviewsPhotos,
                "1,1,\"http://a\"\n2,2,\"http://a\"",
                &["1 2147483647 true", "2 7 false"],
            ),
            // The last two join a review to another product's characteristic.
            (
                CharacteristicReviews,
                "1,4,1,5\n2,3,2,5\n3,3,1,5\n4,4,2,5",
                &["1 2147483647 true", "2 7 false"],
            ),
        ] {
            assert_eq!(
                loaded(&mut judge, file, text).expect("readable"),
                expected,
                "{file:?}"
            );
        }
    }

    #[test]
    fn the_same_content_counts_as_it_is_read_and_any_other_does_not() {
        let first = "1,\"ab\",null,\"c\",\"\",2";
        for (again, expected) in [
            (first, "SKIP:DUP_IDENTICAL"),
            ("01,ab,\"NULL\",'c',\"\",$2.00", "SKIP:DUP_IDENTICAL"),
            ("1,\"ab \",null,\"c\",\"\",2", "REJECT:DUP_ID"),
            ("1,\"ab\",\"\",\"c\",\"\",2", "REJECT:DUP_ID"),
            ("1,\"ab\",\"c\",null,\"\",2", "REJECT:DUP_ID"),
            ("1,\"a\",null,\"bc\",\"\",2", "REJECT:DUP_ID"),
            ("1,\"ab\",null,\"c\",\"\",3", "REJECT:DUP_ID"),
        ] {
            let mut judge = Judge::new(Millis(0), &Scratch::default());
            let mut outcomes = Vec::new();
            let text = format!("{first}\n{again}\n");
            judge
                .file(
                    LegacyFile::Product.layout(),
                    text.as_bytes(),
                    |_, outcome, _| {
                        outcomes.push(outcome.to_string());
                        Ok(())
                    },
                )
                .expect("readable");
            assert_eq!(outcomes, ["REPAIR", expected], "{again}");
        }
    }

    #[test]
    fn what_cannot_be_put_aside_ends_the_file_and_names_the_directory() {
        let mut judge = Judge::with_memory(Millis(0), &Scratch::new("/nonexistent".into()), 1);
        let text = "1,\"a\",\"\",\"\",\"\",1\n2147483647,\"b\",\"\",\"\",\"\",1";
        let error = loaded(&mut judge, LegacyFile::Product, text).expect_err("no directory");
        assert!(error.to_string().contains("/nonexistent"), "{error}");
    }
}
