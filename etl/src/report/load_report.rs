//! Report of a load: the counts of all files.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::format;
use crate::rules::outcome::RejectReason;
use crate::rules::row_counts::{FileReport, RowCounts};
use crate::schema::{TABLES, TableSchema};

/// Number of reasons that a summary names.
const TOP_REASONS: usize = 5;

/// Counts of each file that is present, in load order.
#[derive(Debug, Default)]
pub struct Report {
    pub(crate) files: Vec<(&'static TableSchema, FileReport)>,
    /// Time taken to read the files.
    pub read_time: Duration,
}

impl Report {
    /// Returns the counts of a file, or `None` if it is absent.
    pub fn file(&self, name: &str) -> Option<&FileReport> {
        let mut files = self.files.iter();
        files
            .find(|(table, _)| table.name == name)
            .map(|(_, report)| report)
    }

    /// Returns the sum of the counts of all files.
    pub fn totals(&self) -> RowCounts {
        let mut totals = RowCounts::default();
        for (_, report) in &self.files {
            totals += report.totals();
        }
        totals
    }

    /// Returns the names of absent files.
    pub fn absent(&self) -> Vec<&'static str> {
        let names = TABLES.iter().map(|table| table.name);
        names.filter(|name| self.file(name).is_none()).collect()
    }

    /// Lists the most frequent reasons: `612 RANGE · 301 FK`. Empty if nothing was rejected.
    pub fn top_reasons(&self) -> String {
        let mut totals = BTreeMap::<RejectReason, u64>::new();
        for (reason, count) in self.files.iter().flat_map(|(_, report)| &report.rejected) {
            *totals.entry(*reason).or_default() += count;
        }
        let mut totals: Vec<_> = totals.into_iter().collect();
        totals.sort_by_key(|(_, count)| Reverse(*count));
        let top = totals.into_iter().take(TOP_REASONS);
        format::counts(top.map(|(reason, count)| (reason.as_str(), count)))
    }

    /// Returns the report as JSON: the counts by file name, the names of absent files, and the seconds taken to read.
    pub fn to_json(&self) -> Value {
        let files = self.files.iter();
        let files = files.map(|(table, report)| (table.name.to_owned(), report.to_json()));
        json!({
            "files": files.collect::<Map<_, _>>(),
            "absent": self.absent(),
            "seconds": self.read_time.as_secs_f64(),
        })
    }
}
