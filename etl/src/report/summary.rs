//! Summary of a load or check on standard output.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;

use crate::format::{self, clock, thousands};
use crate::report::format_stats::FormatStats;
use crate::report::load_report::Report;
use crate::report::progress::Progress;
use crate::rules::outcome::{RejectReason, Skip, Warning};
use crate::rules::row_counts::FileReport;
use crate::schema::TableSchema;

/// Rows that a load processes per second, for the estimate. About half the rate measured with seven million rows on two
/// cores, because building the indexes of larger sets exceeds the memory for sorting.
const ROWS_PER_SECOND: u64 = 500_000;

/// Maximum overhead in bytes of a spilled row, compared with its text in the file.
const SPILL_OVERHEAD: u64 = 32;

/// Formats a line for each file.
pub(crate) fn file_lines(report: &Report) -> String {
    let lines = report.files.iter();
    lines
        .map(|(table, file)| file_line(table, file) + "\n")
        .collect()
}

/// Formats two lines for each file: its counts; and size, formats and reasons.
pub(crate) fn detailed_file_lines(
    report: &Report,
    progress: &Progress,
    stats: &FormatStats,
) -> String {
    let mut text = String::new();
    for ((table, file), progress) in report.files.iter().zip(&progress.files) {
        let _ = writeln!(text, "{}", file_line(table, file));
        let header = if file.header > 0 {
            "header"
        } else {
            "no header"
        };
        let rejected = file.rejected.iter();
        let skipped = file.skipped.iter();
        let mut parts = vec![
            format!("{} bytes", thousands(progress.bytes_read.get())),
            header.to_owned(),
            stats.describe(table.file),
        ];
        for (label, reasons) in [
            (
                "rejected: ",
                format::counts(
                    rejected.map(|(reason, count)| (RejectReason::as_str(*reason), *count)),
                ),
            ),
            (
                "skipped: ",
                format::counts(skipped.map(|(skip, count)| (Skip::as_str(*skip), *count))),
            ),
        ] {
            if !reasons.is_empty() {
                parts.push(format!("{label}{reasons}"));
            }
        }
        parts.retain(|part| !part.is_empty());
        let _ = writeln!(text, "      {}", parts.join("   "));
    }
    text
}

fn file_line(table: &TableSchema, file: &FileReport) -> String {
    let totals = file.totals();
    let mut text = format!(
        "  {:<28}{:>14} rows to load   repaired {}   rejected {}",
        table.name,
        thousands(totals.loaded),
        thousands(file.repaired),
        thousands(totals.rejected)
    );
    if !file.warnings.is_empty() {
        let warnings = file.warnings.iter();
        let warnings = warnings.map(|(warning, count)| (Warning::as_str(*warning), *count));
        let _ = write!(text, "   warnings: {}", format::counts(warnings));
    }
    text
}

/// Formats the totals, and where the rejected records and the report were written.
pub(crate) fn totals(report: &Report, rejects: Option<&Path>, json: Option<&Path>) -> String {
    let mut text = String::new();
    let absent = report.absent();
    if !absent.is_empty() {
        let _ = writeln!(text, "  absent, skipped: {}", absent.join(", "));
    }
    let read_time = clock(report.read_time.as_secs());
    let _ = writeln!(
        text,
        "  read in {read_time}   {}   ✓ all lines accounted for",
        report.totals()
    );
    let mut parts = Vec::new();
    let reasons = report.top_reasons();
    if !reasons.is_empty() {
        parts.push(format!("top reasons: {reasons}"));
    }
    for (label, path) in [("rejects", rejects), ("report", json)] {
        parts.extend(path.map(|path| format!("{label}: {}", path.display())));
    }
    if !parts.is_empty() {
        let _ = writeln!(text, "  {}", parts.join("      "));
    }
    text
}

/// Estimates time and disk space of a load of these files.
pub(crate) fn estimate(report: &Report, progress: &Progress, spill_dir: &Path) -> String {
    let rows = report.totals().loaded;
    let bytes: u64 = progress.files.iter().map(|file| file.size).sum();
    format!(
        "  a load takes about {} on two cores (at {} rows per second), and up to {} MB in {}\n  this was a check: nothing \
         was loaded\n",
        clock(rows / ROWS_PER_SECOND),
        thousands(ROWS_PER_SECOND),
        thousands((bytes + SPILL_OVERHEAD * rows) / 1_000_000 + 1),
        spill_dir.display()
    )
}

/// Prints to standard output. A closed pipe is not an error.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        _ => Ok(()),
    }
}
