//! Row accounting: every physical line of a file is loaded, rejected, skipped or joined to another.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::AddAssign;

use serde_json::{Map, Value, json};

use crate::format::thousands;
use crate::rules::outcome::{Outcome, RejectReason, Skip, Warning};

/// Counts of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileReport {
    /// Physical lines, including the header and a last line without LF.
    pub lines: u64,
    /// 1 if the first line is a header.
    pub header: u64,
    /// Records loaded unchanged.
    pub clean: u64,
    /// Records loaded after a repair.
    pub repaired: u64,
    /// Lines beyond the first of each record.
    pub joined: u64,
    /// Rejected records by reason.
    pub rejected: BTreeMap<RejectReason, u64>,
    /// Skipped records by reason.
    pub skipped: BTreeMap<Skip, u64>,
    /// Loaded records with a warning.
    pub warnings: BTreeMap<Warning, u64>,
}

impl FileReport {
    /// Counts a record and the lines joined to its first.
    pub(crate) fn count(&mut self, outcome: Outcome, joined: u64) {
        self.joined += joined;
        match outcome {
            Outcome::Loaded { repaired: false } => self.clean += 1,
            Outcome::Loaded { repaired: true } => self.repaired += 1,
            Outcome::Rejected(it) => *self.rejected.entry(it.reason).or_default() += 1,
            Outcome::Skipped(skip) => *self.skipped.entry(skip).or_default() += 1,
        }
    }

    /// Counts a warning.
    pub(crate) fn warn(&mut self, warning: Warning) {
        *self.warnings.entry(warning).or_default() += 1;
    }

    /// Returns the number of loaded records.
    pub fn loaded(&self) -> u64 {
        self.clean + self.repaired
    }

    /// Returns the counts that must balance.
    pub fn totals(&self) -> RowCounts {
        RowCounts {
            lines: self.lines,
            headers: self.header,
            loaded: self.loaded(),
            rejected: self.rejected.values().sum(),
            skipped: self.skipped.values().sum(),
            joined: self.joined,
        }
    }

    /// Returns the counts as JSON, as in reports and manifests.
    pub fn to_json(&self) -> Value {
        let totals = self.totals();
        json!({
            "lines": totals.lines,
            "header": totals.headers,
            "records": totals.loaded + totals.rejected + totals.skipped,
            "loaded": totals.loaded,
            "repaired": self.repaired,
            "joined": totals.joined,
            "rejected": to_object(&self.rejected, RejectReason::as_str),
            "skipped": to_object(&self.skipped, Skip::as_str),
            "warnings": to_object(&self.warnings, Warning::as_str),
        })
    }
}

fn to_object<K: Copy>(counts: &BTreeMap<K, u64>, name: fn(K) -> &'static str) -> Value {
    let members = counts.iter();
    let members = members.map(|(key, count)| (name(*key).to_owned(), json!(count)));
    Value::Object(members.collect::<Map<_, _>>())
}

/// Counts of a file or of all files, where `lines - headers = loaded + rejected + skipped + joined`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the terms of the equation")]
pub struct RowCounts {
    pub lines: u64,
    pub headers: u64,
    pub loaded: u64,
    pub rejected: u64,
    pub skipped: u64,
    pub joined: u64,
}

impl RowCounts {
    /// Whether every line is accounted for.
    pub fn is_balanced(self) -> bool {
        self.lines == self.headers + self.loaded + self.rejected + self.skipped + self.joined
    }
}

impl AddAssign for RowCounts {
    fn add_assign(&mut self, other: Self) {
        self.lines += other.lines;
        self.headers += other.headers;
        self.loaded += other.loaded;
        self.rejected += other.rejected;
        self.skipped += other.skipped;
        self.joined += other.joined;
    }
}

impl fmt::Display for RowCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [lines, headers, loaded, rejected, skipped, joined] = [
            self.lines,
            self.headers,
            self.loaded,
            self.rejected,
            self.skipped,
            self.joined,
        ]
        .map(thousands);
        write!(
            f,
            "{lines} lines - {headers} headers = {loaded} loaded + {rejected} rejected + {skipped} skipped + {joined} joined"
        )
    }
}
