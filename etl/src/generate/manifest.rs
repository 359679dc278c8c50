//! What was written and what must become of it: as JSON for programs, as a table for people.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::out::Written;
use super::{Set, damage};
use crate::report::counts::{Report, thousands};
use crate::schema::{LAYOUTS, LegacyFile};

/// The files of a set, in load order, with their counts.
#[derive(Debug)]
pub struct Manifest {
    set: Set,
    files: Vec<Written>,
}

impl Manifest {
    pub(super) fn new(set: Set, files: Vec<Written>) -> Self {
        Self { set, files }
    }

    /// The parameters, and for each file its rows, bytes and highest loaded id, and what a load of it must report, in
    /// the words of the report of a load.
    pub fn to_json(&self) -> Value {
        let set = &self.set;
        let mut report = Report::default();
        for (layout, written) in LAYOUTS.iter().zip(&self.files) {
            report.push(layout, written.report.clone());
        }
        let report = report.to_json();
        let mut files = Map::new();
        for (layout, written) in LAYOUTS.iter().zip(&self.files) {
            let mut file = json!({
                "rows": set.plan.rows(layout.file),
                "bytes": written.bytes,
                "highest_id": written.highest_id,
            });
            if let (Some(file), Some(counts)) = (
                file.as_object_mut(),
                report["files"][layout.name].as_object(),
            ) {
                file.extend(counts.clone());
            }
            files.insert(layout.name.to_owned(), file);
        }
        json!({
            "generator": concat!("atelier-etl ", env!("CARGO_PKG_VERSION")),
            "products": set.plan.products,
            "seed": set.seed,
            "dirt": set.dirt,
            "vintage": if set.early { "early" } else { "late" },
            "features_header": set.features_header,
            "url_length": set.url_length,
            "rows": self.rows(),
            "bytes": self.bytes(),
            "documented": self.documented(),
            "files": files,
        })
    }

    /// The data rows of all files.
    pub fn rows(&self) -> u64 {
        LAYOUTS
            .iter()
            .map(|layout| self.set.plan.rows(layout.file))
            .sum()
    }

    /// The bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// The dirt of the real files, as far as a set of this size has room for it.
    fn documented(&self) -> Value {
        let set = &self.set;
        let photos = set.plan.rows(LegacyFile::Photos);
        let highest = damage::photo_id(photos);
        let unclosed: Vec<u64> = damage::UNCLOSED
            .iter()
            .filter(|(_, to)| *to <= highest)
            .flat_map(|(from, to)| [*from, *to])
            .collect();
        let lost: u64 = unclosed
            .chunks(2)
            .map(|pair| {
                let missing = damage::missing_below(pair[1]) - damage::missing_below(pair[0]);
                pair[1] - pair[0] - missing
            })
            .sum();
        json!({
            "hand_made_products": set.hand_made(),
            "unclosed_thumbnails": unclosed,
            "rows_lost_by_following_quotes": lost,
            "missing_photo_ids": highest - photos,
            "wrong_scheme_thumbnail": (damage::WRONG_SCHEME <= highest).then_some(damage::WRONG_SCHEME),
            "zero_relations": set.plan.zero_relations,
        })
    }

    /// What a person at a terminal is told.
    pub(super) fn summary(&self, dir: &Path, took: Duration) -> String {
        let mut text = String::new();
        let _ = writeln!(
            text,
            "  {:<27}{:>13}{:>16}{:>13}{:>13}{:>12}{:>12}{:>10}",
            "", "rows", "bytes", "highest id", "loaded", "repaired", "rejected", "skipped"
        );
        for (layout, file) in LAYOUTS.iter().zip(&self.files) {
            let sum = file.report.sum();
            let _ = writeln!(
                text,
                "  {:<27}{:>13}{:>16}{:>13}{:>13}{:>12}{:>12}{:>10}",
                layout.name,
                thousands(self.set.plan.rows(layout.file)),
                thousands(file.bytes),
                thousands(file.highest_id),
                thousands(sum.loaded),
                thousands(file.report.repaired),
                thousands(sum.rejected),
                thousands(sum.skipped)
            );
        }
        let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX).max(1);
        let _ = writeln!(
            text,
            "  {} rows, {} bytes in {}.{:03} s ({} MB/s)\n  expected counts: {}   dirty rows: {}\n  load them with: \
             atelier-etl load {}",
            thousands(self.rows()),
            thousands(self.bytes()),
            millis / 1_000,
            millis % 1_000,
            thousands(self.bytes() / millis / 1_000),
            dir.join(super::MANIFEST).display(),
            dir.join(super::PLACED).display(),
            dir.display()
        );
        text
    }
}
