//! What a person is told when all files are read.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::load::check::Check;
use crate::load::reader::Reader;
use crate::report::counts::{FileReport, Report, listed, thousands};
use crate::report::format_stats::Forms;
use crate::report::progress_line::clock;
use crate::report::reject_log::RejectLog;
use crate::rules::outcome::{Reason, Skip, Warning};
use crate::schema::Layout;

/// Rows that a load takes from file to store in a second, which an estimate stands on: about half of what was measured
/// with seven million rows on two cores, as larger sets outgrow the memory in which indexes are sorted.
const ROWS_PER_SECOND: u64 = 500_000;

/// What a row that is put aside takes beyond its text in the file, at most.
const BESIDE_TEXT: u64 = 32;

/// Writes the report that was asked for, and tells what reading has come to. [`Error::TooManyRejects`] when that is too
/// bad.
pub(crate) fn tell(
    options: &Check,
    report: &Report,
    rejects: &RejectLog,
    lines: &str,
) -> Result<(), Error> {
    if let Some(path) = &options.report {
        write_report(path, report).map_err(|source| Error::Write {
            path: path.clone(),
            source,
        })?;
    }
    let log = rejects.written();
    let mut text = lines.to_owned();
    sum(&mut text, report, log, options.report.as_deref());
    // A summary that is lost is no reason to stop a load.
    let _ = say(&text);
    let rejected = report.sum().rejected;
    match options.max_rejects {
        Some(allowed) if rejected > allowed => Err(Error::TooManyRejects {
            rejected,
            allowed,
            reasons: report.top_reasons(),
            log: log.map(Path::to_owned),
        }),
        _ => Ok(()),
    }
}

/// A line for each file.
pub(crate) fn read(report: &Report) -> String {
    let mut text = String::new();
    for (layout, file) in &report.files {
        line(&mut text, layout, file);
    }
    text
}

/// Two lines for each file: the figures, then size and form and what is behind the figures.
pub(crate) fn checked(report: &Report, reader: &Reader, forms: &Forms) -> String {
    let mut text = String::new();
    for (layout, file) in &report.files {
        line(&mut text, layout, file);
        let bytes = reader.progress.file(layout.file).read.get();
        let header = ["no header", "header"][usize::from(file.header > 0)];
        let mut parts = vec![format!("{} bytes", thousands(bytes)), header.to_owned()];
        parts.push(forms.of(layout.file));
        let rejected = file
            .rejected
            .iter()
            .map(|(reason, count)| (*reason, *count));
        let skipped = file.skipped.iter().map(|(reason, count)| (*reason, *count));
        for (what, reasons) in [
            ("rejected: ", listed(rejected, Reason::as_str)),
            ("skipped: ", listed(skipped, Skip::as_str)),
        ] {
            if !reasons.is_empty() {
                parts.push(format!("{what}{reasons}"));
            }
        }
        parts.retain(|part| !part.is_empty());
        let _ = writeln!(text, "      {}", parts.join("   "));
    }
    text
}

fn line(text: &mut String, layout: &Layout, file: &FileReport) {
    let sum = file.sum();
    let _ = write!(
        text,
        "  {:<28}{:>14} rows to load   repaired {}   rejected {}",
        layout.name,
        thousands(sum.loaded),
        thousands(file.repaired),
        thousands(sum.rejected)
    );
    if !file.warnings.is_empty() {
        let warnings = file.warnings.iter();
        let warnings = warnings.map(|(warning, count)| (*warning, *count));
        let _ = write!(text, "   to look at: {}", listed(warnings, Warning::as_str));
    }
    text.push('\n');
}

/// What is true of all files, and where more is told.
fn sum(text: &mut String, report: &Report, rejects: Option<&Path>, written: Option<&Path>) {
    let absent = report.absent();
    if !absent.is_empty() {
        let _ = writeln!(text, "  not there, skipped: {}", absent.join(", "));
    }
    let took = clock(report.took.as_secs());
    let _ = writeln!(text, "  read in {took}   {}   ✓ adds up", report.sum());
    let mut parts = Vec::new();
    let reasons = report.top_reasons();
    if !reasons.is_empty() {
        parts.push(format!("top reasons: {reasons}"));
    }
    for (what, path) in [("rejects", rejects), ("report", written)] {
        parts.extend(path.map(|path| format!("{what}: {}", path.display())));
    }
    if !parts.is_empty() {
        let _ = writeln!(text, "  {}", parts.join("      "));
    }
}

/// What a load of these files would take.
pub(crate) fn estimate(report: &Report, reader: &Reader) -> String {
    let rows = report.sum().loaded;
    let bytes: u64 = reader.inputs.iter().map(|input| input.size).sum();
    format!(
        "  a load would take some {} on two cores (at {} rows a second), and up to {} MB in {}\n  this was a check: nothing \
         was loaded\n",
        clock(rows / ROWS_PER_SECOND),
        thousands(ROWS_PER_SECOND),
        thousands((bytes + BESIDE_TEXT * rows) / 1_000_000 + 1),
        reader.scratch.dir().display()
    )
}

/// Prints to standard output. A reader who has gone away is no failure.
pub(crate) fn say(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        _ => Ok(()),
    }
}

fn write_report(path: &PathBuf, report: &Report) -> io::Result<()> {
    let mut text = serde_json::to_string_pretty(&report.to_json())?;
    text.push('\n');
    fs::write(path, text)
}
