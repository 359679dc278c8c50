//! Statistics of the formats in which a file is written, for `check`.

use std::cmp::Reverse;

use crate::csv::record::{Record, Shape};
use crate::schema::{ColumnType, LegacyFile, TABLES, TableSchema};

/// Format statistics of all files.
#[derive(Debug, Default)]
pub(crate) struct FormatStats([Formats; TABLES.len()]);

/// Number of records or values in each format.
#[derive(Debug, Default)]
struct Formats {
    separators: [u64; 2],
    dates: [u64; 3],
    booleans: [u64; 3],
}

const SEPARATORS: [&str; 2] = ["bare commas", "blanks after commas"];
const DATES: [&str; 3] = ["dates in milliseconds", "dates as days", "other dates"];
const BOOLEANS: [&str; 3] = ["true/false", "1/0", "other booleans"];

impl FormatStats {
    pub(crate) fn add(&mut self, table: &TableSchema, record: &Record<'_>) {
        if record.shape != Shape::Complete {
            return;
        }
        let formats = &mut self.0[table.file as usize];
        // The first comma is behind the id, which contains none.
        if let Some(comma) = memchr::memchr(b',', record.text.as_bytes()) {
            let padded = matches!(record.text.as_bytes().get(comma + 1), Some(b' ' | b'\t'));
            formats.separators[usize::from(padded)] += 1;
        }
        for (index, column) in table.columns.iter().enumerate() {
            match (column.kind, record.content(index)) {
                (ColumnType::Date, Some(text)) => formats.dates[date_format(text.trim())] += 1,
                (ColumnType::Bool(_), Some(text)) => formats.booleans[bool_format(text)] += 1,
                _ => {}
            }
        }
    }

    /// Lists the formats of a file, each kind by descending frequency. Empty for a file without records.
    pub(crate) fn describe(&self, file: LegacyFile) -> String {
        let formats = &self.0[file as usize];
        let mut names = by_frequency(formats.separators, SEPARATORS);
        names.extend(by_frequency(formats.dates, DATES));
        names.extend(by_frequency(formats.booleans, BOOLEANS));
        names.join(", ")
    }
}

fn by_frequency<const N: usize>(counts: [u64; N], names: [&'static str; N]) -> Vec<&'static str> {
    let mut formats: Vec<_> = counts.into_iter().zip(names).collect();
    formats.retain(|(count, _)| *count > 0);
    formats.sort_by_key(|(count, _)| Reverse(*count));
    formats.into_iter().map(|(_, name)| name).collect()
}

fn date_format(text: &str) -> usize {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.len() {
        13 if is_number => 0,
        10 if !is_number => 1,
        _ => 2,
    }
}

fn bool_format(text: &str) -> usize {
    match text.trim() {
        "true" | "false" => 0,
        "1" | "0" => 1,
        _ => 2,
    }
}
