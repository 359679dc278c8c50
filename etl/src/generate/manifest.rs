//! Manifest of a generated data set: its parameters and sizes, and the counts that a load must report.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::format::thousands;
use crate::generate::csv_writer::FileTotals;
use crate::generate::dataset_spec::DatasetSpec;
use crate::schema::TABLES;

/// Parameters of a data set, and the totals of its files in load order.
#[derive(Debug)]
pub struct Manifest {
    spec: DatasetSpec,
    files: Vec<FileTotals>,
}

impl Manifest {
    pub(crate) fn new(spec: DatasetSpec, files: Vec<FileTotals>) -> Self {
        Self { spec, files }
    }

    /// Returns the manifest as JSON: the parameters, and for each file its rows, bytes and highest loaded id, with the
    /// members that the report of a load must have.
    pub fn to_json(&self) -> Value {
        let files = TABLES.iter().zip(&self.files).map(|(table, totals)| {
            let mut file = totals.report.to_json();
            file["rows"] = json!(totals.rows);
            file["bytes"] = json!(totals.bytes);
            file["highest_id"] = json!(totals.highest_id);
            (table.name.to_owned(), file)
        });
        let spec = &self.spec;
        json!({
            "generator": concat!("atelier-etl ", env!("CARGO_PKG_VERSION")),
            "products": spec.options.products,
            "seed": spec.options.seed,
            "defect_rate": spec.options.defect_rate,
            "format_version": if spec.is_early { "early" } else { "late" },
            "features_header": !spec.options.no_features_header,
            "url_length": spec.options.url_length,
            "rows": self.rows(),
            "bytes": self.bytes(),
            "files": files.collect::<Map<_, _>>(),
        })
    }

    /// Returns the number of data rows of all files.
    pub fn rows(&self) -> u64 {
        self.files.iter().map(|file| file.rows).sum()
    }

    /// Returns the number of bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// Formats a table for people.
    pub(crate) fn summary(
        &self,
        dir: &Path,
        manifest: &str,
        defects: &str,
        elapsed: Duration,
    ) -> String {
        let mut text = String::new();
        let mut line = |name: &str, columns: [String; 7]| {
            let [rows, bytes, id, loaded, repaired, rejected, skipped] = columns;
            let _ = writeln!(
                text,
                "  {name:<27}{rows:>13}{bytes:>16}{id:>13}{loaded:>13}{repaired:>12}{rejected:>12}{skipped:>10}"
            );
        };
        let titles = [
            "rows",
            "bytes",
            "highest id",
            "loaded",
            "repaired",
            "rejected",
            "skipped",
        ];
        line("", titles.map(str::to_owned));
        for (table, file) in TABLES.iter().zip(&self.files) {
            let totals = file.report.totals();
            let columns = [
                file.rows,
                file.bytes,
                file.highest_id,
                totals.loaded,
                file.report.repaired,
                totals.rejected,
                totals.skipped,
            ];
            line(table.name, columns.map(thousands));
        }
        let seconds = elapsed.as_secs_f64();
        let millis = u64::try_from(elapsed.as_millis())
            .unwrap_or(u64::MAX)
            .max(1);
        let _ = writeln!(
            text,
            "  {} rows, {} bytes in {seconds:.3} s ({} MB/s)\n  expected counts: {}   rows with defects: {}\n  load them \
             with: atelier-etl load {}",
            thousands(self.rows()),
            thousands(self.bytes()),
            thousands(self.bytes() / millis / 1_000),
            dir.join(manifest).display(),
            dir.join(defects).display(),
            dir.display()
        );
        text
    }
}
