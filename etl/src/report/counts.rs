//! What a load has come to, in figures that must close.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::rules::outcome::{Outcome, Reason, Skip, Warning};
use crate::schema::{LAYOUTS, Layout};

/// The figures of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileReport {
    /// Physical lines, the header and a last line without LF included.
    pub lines: u64,
    /// 1 when the first line was a header.
    pub header: u64,
    /// Records loaded as they were.
    pub clean: u64,
    /// Records loaded after something was put right.
    pub repaired: u64,
    /// Physical lines beyond the first of each record.
    pub joined: u64,
    /// Records not loaded, by reason.
    pub rejected: BTreeMap<Reason, u64>,
    /// Records passed over without error.
    pub skipped: BTreeMap<Skip, u64>,
    /// Loaded records worth a second look.
    pub warnings: BTreeMap<Warning, u64>,
}

impl FileReport {
    /// Counts a record and the lines it takes up beyond the first.
    pub(crate) fn count(&mut self, outcome: Outcome, joined: u64) {
        self.joined += joined;
        match outcome {
            Outcome::Loaded { repaired: false } => self.clean += 1,
            Outcome::Loaded { repaired: true } => self.repaired += 1,
            Outcome::Rejected(defect) => *self.rejected.entry(defect.reason).or_default() += 1,
            Outcome::Skipped(skip) => *self.skipped.entry(skip).or_default() += 1,
        }
    }

    pub(crate) fn warn(&mut self, warning: Warning) {
        *self.warnings.entry(warning).or_default() += 1;
    }

    /// Records loaded, repaired ones included.
    pub fn loaded(&self) -> u64 {
        self.clean + self.repaired
    }

    /// The sum that must close.
    pub fn sum(&self) -> Sum {
        Sum {
            lines: self.lines,
            headers: self.header,
            loaded: self.loaded(),
            rejected: self.rejected.values().sum(),
            skipped: self.skipped.values().sum(),
            joined: self.joined,
        }
    }

    /// Whether each line was accounted for.
    pub fn adds_up(&self) -> bool {
        self.sum().adds_up()
    }

    fn json(&self) -> Value {
        let sum = self.sum();
        json!({
            "lines": sum.lines,
            "header": sum.headers,
            "records": sum.loaded + sum.rejected + sum.skipped,
            "loaded": sum.loaded,
            "repaired": self.repaired,
            "joined": sum.joined,
            "rejected": counts(&self.rejected, Reason::as_str),
            "skipped": counts(&self.skipped, Skip::as_str),
            "warnings": counts(&self.warnings, Warning::as_str),
        })
    }
}

fn counts<K: Copy>(counts: &BTreeMap<K, u64>, name: fn(K) -> &'static str) -> Value {
    Value::Object(
        counts
            .iter()
            .map(|(key, count)| (name(*key).to_owned(), json!(count)))
            .collect::<Map<_, _>>(),
    )
}

/// `lines - headers = loaded + rejected + skipped + joined`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the terms of the sum")]
pub struct Sum {
    pub lines: u64,
    pub headers: u64,
    pub loaded: u64,
    pub rejected: u64,
    pub skipped: u64,
    pub joined: u64,
}

impl Sum {
    fn adds_up(self) -> bool {
        self.lines == self.headers + self.loaded + self.rejected + self.skipped + self.joined
    }

    fn add(self, other: Self) -> Self {
        Self {
            lines: self.lines + other.lines,
            headers: self.headers + other.headers,
            loaded: self.loaded + other.loaded,
            rejected: self.rejected + other.rejected,
            skipped: self.skipped + other.skipped,
            joined: self.joined + other.joined,
        }
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} lines - {} headers = {} loaded + {} rejected + {} skipped + {} joined",
            thousands(self.lines),
            thousands(self.headers),
            thousands(self.loaded),
            thousands(self.rejected),
            thousands(self.skipped),
            thousands(self.joined)
        )
    }
}

/// The figures of a load: a report for each file that was there, in load order.
#[derive(Debug, Default)]
pub struct Report {
    pub(crate) files: Vec<(&'static Layout, FileReport)>,
    /// How long it took to read the files.
    pub took: Duration,
}

impl Report {
    pub(crate) fn push(&mut self, layout: &'static Layout, report: FileReport) {
        self.files.push((layout, report));
    }

    /// The figures of a file, if it was there.
    pub fn file(&self, name: &str) -> Option<&FileReport> {
        self.files
            .iter()
            .find(|(layout, _)| layout.name == name)
            .map(|(_, report)| report)
    }

    /// The sum over all files.
    pub fn sum(&self) -> Sum {
        self.files
            .iter()
            .fold(Sum::default(), |sum, (_, report)| sum.add(report.sum()))
    }

    /// Names of the files that were not there.
    pub fn absent(&self) -> Vec<&'static str> {
        LAYOUTS
            .iter()
            .map(|layout| layout.name)
            .filter(|name| self.file(name).is_none())
            .collect()
    }

    /// `612 RANGE · 301 FK`, the most frequent first; empty when nothing was rejected.
    pub fn top_reasons(&self) -> String {
        let mut totals = BTreeMap::<Reason, u64>::new();
        for (reason, count) in self.files.iter().flat_map(|(_, report)| &report.rejected) {
            *totals.entry(*reason).or_default() += count;
        }
        let mut totals: Vec<_> = totals.into_iter().collect();
        totals.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        listed(totals.into_iter().take(5), Reason::as_str)
    }

    /// The report as JSON: a member for each file under `files`, the names of the absent ones, and the seconds that it
    /// took to read the files.
    pub fn to_json(&self) -> Value {
        let files: Map<_, _> = self
            .files
            .iter()
            .map(|(layout, report)| (layout.name.to_owned(), report.json()))
            .collect();
        json!({ "files": files, "absent": self.absent(), "seconds": self.took.as_secs_f64() })
    }
}

/// `612 RANGE · 301 FK`
pub(crate) fn listed<K>(
    counts: impl Iterator<Item = (K, u64)>,
    name: fn(K) -> &'static str,
) -> String {
    let parts: Vec<_> = counts
        .map(|(key, count)| format!("{} {}", thousands(count), name(key)))
        .collect();
    parts.join(" · ")
}

/// `70,320,002`
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
