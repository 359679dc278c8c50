//! Validates a file record by record, and accounts for each of its lines.

use std::io::{self, Read};

use atelier_core::Millis;

use crate::csv::record::{Record, Records, Shape};
use crate::error::ReadError;
use crate::rules::constraints::{Constraints, RowError};
use crate::rules::outcome::{Outcome, Skip, Warning};
use crate::rules::row::{Row, parse_row};
use crate::rules::row_counts::FileReport;
use crate::schema::{ColumnType, LegacyFile, TableSchema};
use crate::spill::dir::SpillDir;
use crate::spill::paged_map::{DEFAULT_MEMORY, PagedMap};

/// Indexes of columns of `styles.csv`.
const SALE_PRICE: usize = 3;
const ORIGINAL_PRICE: usize = 4;
const DEFAULT_STYLE: usize = 5;

/// Validates one file after the other, in load order.
#[derive(Debug)]
pub struct RowValidator {
    constraints: Constraints,
    /// Later dates are in the future.
    now: Millis,
    /// 1 for each product with a default style.
    default_styles: PagedMap<u8>,
    spill_dir: SpillDir,
}

impl RowValidator {
    /// Creates a validator that spills to `spill_dir` what exceeds its memory.
    pub fn new(now: Millis, spill_dir: &SpillDir) -> Self {
        Self::with_memory(now, spill_dir, DEFAULT_MEMORY)
    }

    /// Creates a validator with a limit in bytes for each of its maps. The limit does not change outcomes.
    pub fn with_memory(now: Millis, spill_dir: &SpillDir, memory: usize) -> Self {
        Self {
            constraints: Constraints::new(spill_dir, memory),
            now,
            default_styles: PagedMap::new(spill_dir, memory),
            spill_dir: spill_dir.clone(),
        }
    }

    /// Reads a whole file and calls `on_record` for each record in file order, with its outcome and, if it is loaded,
    /// its row. An error of `on_record` is reported as [`ReadError::Spill`].
    ///
    /// Fails with [`ReadError::RowCountMismatch`] unless each line is the header, loaded, rejected, skipped or joined.
    pub fn validate_file<R: Read>(
        &mut self,
        table: &'static TableSchema,
        input: R,
        mut on_record: impl FnMut(&Record<'_>, Outcome, Option<Row<'_>>) -> io::Result<()>,
    ) -> Result<FileReport, ReadError> {
        self.constraints.begin_file();
        let mut records = Records::new(table, input)?;
        let mut report = FileReport {
            header: u64::from(records.has_header()),
            ..FileReport::default()
        };
        while let Some(record) = records.next()? {
            // Built in place: moving a row copies all its columns.
            let mut loaded = None;
            let row = loaded.insert(Row::default());
            let outcome = match self.validate(table, &record, row, &mut report) {
                Ok(()) => Outcome::Loaded {
                    repaired: row.repaired,
                },
                Err(RowError::Outcome(outcome)) => outcome,
                Err(RowError::Spill(source)) => return Err(self.spill_dir.read_error(source)),
            };
            report.count(outcome, record.joined);
            if !outcome.is_loaded() {
                loaded = None;
            }
            on_record(&record, outcome, loaded)
                .map_err(|source| self.spill_dir.read_error(source))?;
        }
        report.lines = records.lines();
        let totals = report.totals();
        if totals.is_balanced() {
            Ok(report)
        } else {
            let counts = totals.to_string();
            Err(ReadError::RowCountMismatch { counts })
        }
    }

    fn validate<'r>(
        &mut self,
        table: &TableSchema,
        record: &Record<'r>,
        row: &mut Row<'r>,
        report: &mut FileReport,
    ) -> Result<(), RowError> {
        if record.shape == Shape::Blank {
            return Err(RowError::Outcome(Outcome::Skipped(Skip::Blank)));
        }
        parse_row(table, record, row)
            .map_err(|rejection| RowError::Outcome(Outcome::Rejected(rejection)))?;
        self.constraints.check(table, row)?;
        self.warn(table, row, report)?;
        Ok(())
    }

    fn warn(
        &mut self,
        table: &TableSchema,
        row: &Row<'_>,
        report: &mut FileReport,
    ) -> io::Result<()> {
        for (index, column) in table.columns.iter().enumerate() {
            if column.kind == ColumnType::Date && row.int(index) > Some(self.now.0) {
                report.warn(Warning::FutureDate);
            }
        }
        if table.file != LegacyFile::Styles {
            return Ok(());
        }
        if row.int(SALE_PRICE) > row.int(ORIGINAL_PRICE) {
            report.warn(Warning::SaleAboveOriginal);
        }
        if !row.flag(DEFAULT_STYLE) {
            return Ok(());
        }
        self.default_styles.update(row.product, |has_default| {
            if *has_default == 1 {
                report.warn(Warning::TwoDefaults);
            }
            *has_default = 1;
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Validates a file and returns each loaded row as `id product reported`.
    fn loaded(
        validator: &mut RowValidator,
        file: LegacyFile,
        text: &str,
    ) -> Result<Vec<String>, ReadError> {
        let mut rows = Vec::new();
        validator.validate_file(file.schema(), text.as_bytes(), |_, _, row| {
            let row = row.map(|row| format!("{} {} {}", row.id, row.product, row.reported));
            rows.extend(row);
            Ok(())
        })?;
        Ok(rows)
    }

    #[test]
    fn row_gets_its_product_and_whether_its_review_is_reported() {
        use LegacyFile::{CharacteristicReviews, Characteristics, Product, Reviews, ReviewsPhotos};
        let mut validator = RowValidator::new(Millis(0), &SpillDir::default());
        let reviews = r#"1,2147483647,5,1593600000000,"","b",true,true,"n","a@b.c",null,0
2,7,5,1593600000000,"","b",true,false,"n","a@b.c",null,0"#;
        let products = "7,\"a\",\"\",\"\",\"\",1\n2147483647,\"b\",\"\",\"\",\"\",1";
        let characteristics = "3,7,\"Fit\"\n4,2147483647,\"Fit\"";
        let photos = "1,1,\"http://a\"\n2,2,\"http://a\"";
        // The last two join a review to the characteristic of another product.
        let values = "1,4,1,5\n2,3,2,5\n3,3,1,5\n4,4,2,5";
        let of_reviews = ["1 2147483647 true", "2 7 false"];
        #[rustfmt::skip]
        let table = [
            (Product, products, ["7 7 false", "2147483647 2147483647 false"]),
            (Reviews, reviews, of_reviews),
            (Characteristics, characteristics, ["3 7 false", "4 2147483647 false"]),
            (ReviewsPhotos, photos, of_reviews),
            (CharacteristicReviews, values, of_reviews),
        ];
        for (file, text, expected) in table {
            let rows = loaded(&mut validator, file, text).expect("readable");
            assert_eq!(rows, expected, "{file:?}");
        }
    }

    #[test]
    fn duplicate_is_identical_if_its_parsed_values_are() {
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
            let mut validator = RowValidator::new(Millis(0), &SpillDir::default());
            let mut outcomes = Vec::new();
            let text = format!("{first}\n{again}\n");
            let table = LegacyFile::Product.schema();
            let report = validator.validate_file(table, text.as_bytes(), |_, outcome, _| {
                outcomes.push(outcome.to_string());
                Ok(())
            });
            report.expect("readable");
            assert_eq!(outcomes, ["REPAIR", expected], "{again}");
        }
    }

    #[test]
    fn missing_spill_directory_fails_the_file_and_is_named() {
        let spill_dir = SpillDir::new("/nonexistent".into());
        let mut validator = RowValidator::with_memory(Millis(0), &spill_dir, 1);
        let text = "1,\"a\",\"\",\"\",\"\",1\n2147483647,\"b\",\"\",\"\",\"\",1";
        let error = loaded(&mut validator, LegacyFile::Product, text).expect_err("no directory");
        assert!(error.to_string().contains("/nonexistent"), "{error}");
    }
}
