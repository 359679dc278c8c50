//! `atelier-etl check` and `load --dry-run`: validates the files and reports what a load would do.

use std::future::Future;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::pin::pin;

use atelier_core::DatabaseUrl;

use crate::error::{Error, LoadError, misnamed_warning};
use crate::load::inputs::{find_inputs, misnamed_files, same_file};
use crate::load::reader::{Destination, Reader};
use crate::load::task::run_blocking;
use crate::report::format_stats::FormatStats;
use crate::report::load_report::Report;
use crate::report::progress_reporter::ProgressReporter;
use crate::report::reject_log::{RejectLog, ensure_writable};
use crate::report::summary;

/// Inputs and outputs of a check or load.
#[derive(Debug, Clone, clap::Args)]
pub struct Check {
    /// Directory of the CSV files; absent files are skipped
    pub dir: PathBuf,
    /// File for rejected records, created if there are any [default: ./atelier-rejects.csv for a load, none for a
    /// check]
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,
    /// File for a JSON report of all counts
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Fail and load nothing if more records than this are rejected
    #[arg(long, value_name = "N")]
    pub max_rejects: Option<u64>,
}

impl Check {
    /// Opens the inputs. Fails if there are none, or if an output cannot be written.
    pub(crate) async fn open(
        &self,
        rejects: Option<PathBuf>,
        store: Option<&DatabaseUrl>,
        stop: impl Future<Output = ()>,
    ) -> Result<Reader, Error> {
        let options = self.clone();
        let store = match store {
            Some(DatabaseUrl::Sqlite(path)) => Some(path.clone()),
            _ => None,
        };
        let opened = run_blocking(move || {
            let inputs = find_inputs(&options.dir)?;
            let mut used: Vec<_> = inputs.iter().map(|input| input.path.clone()).collect();
            used.extend(store);
            let outputs = || rejects.iter().chain(&options.report);
            for path in outputs() {
                if used.iter().any(|other| same_file(other, path)) {
                    let path = path.clone();
                    return Err(Error::OutputConflict { path });
                }
                used.push(path.clone());
            }
            outputs().try_for_each(|path| ensure_writable(path))?;
            let misnamed = misnamed_files(&options.dir, &used)?;
            if !misnamed.is_empty() {
                // Printed before the load, which may take minutes.
                let _ = writeln!(io::stderr(), "{}", misnamed_warning(&misnamed));
            }
            Reader::new(inputs, rejects)
        });
        tokio::select! {
            reader = opened => reader,
            () = stop => Err(Error::Interrupted),
        }
    }

    /// Writes the JSON report and prints the summary, which begins with `file_lines`. Fails with
    /// [`Error::TooManyRejects`] above the limit.
    pub(crate) fn report(
        &self,
        report: &Report,
        rejects: &RejectLog,
        file_lines: &str,
    ) -> Result<(), Error> {
        if let Some(path) = &self.report {
            write_json(path, report).map_err(|source| Error::Write {
                path: path.clone(),
                source,
            })?;
        }
        let log = rejects.written();
        let totals = summary::totals(report, log, self.report.as_deref());
        // A closed standard output does not stop a load.
        let _ = summary::print(&format!("{file_lines}{totals}"));
        let rejected = report.totals().rejected;
        match self.max_rejects {
            Some(allowed) if rejected > allowed => Err(Error::TooManyRejects {
                rejected,
                allowed,
                reasons: report.top_reasons(),
                log: log.map(Path::to_owned),
            }),
            _ => Ok(()),
        }
    }
}

/// Validates all files as a load would, accounts for every line, and prints a summary. Touches no store. Fails with
/// [`Error::Interrupted`] if `stop` completes first.
pub async fn check(options: &Check, stop: impl Future<Output = ()>) -> Result<Report, LoadError> {
    let checked = run(options, stop).await;
    checked.map_err(|error| LoadError {
        error,
        hint: String::new(),
    })
}

async fn run(options: &Check, stop: impl Future<Output = ()>) -> Result<Report, Error> {
    let mut stop = pin!(stop);
    let reader = options.open(options.rejects.clone(), None, stop.as_mut());
    let reader = reader.await?;
    let progress = reader.progress.clone();
    let reading = run_blocking({
        let reader = reader.clone();
        move || {
            let mut stats = FormatStats::default();
            let (report, _) = reader.read(Destination::Check(&mut stats))?;
            Ok((report, stats))
        }
    });
    let mut reporter = ProgressReporter::new(progress.clone());
    let read = reporter.during(stop, reading).await;
    let closed = reader.rejects.close();
    let (report, stats) = read?;
    closed?;
    let lines = summary::detailed_file_lines(&report, &progress, &stats);
    let result = options.report(&report, &reader.rejects, &lines);
    let estimate = summary::estimate(&report, &progress, reader.spill_dir.path());
    let printed = summary::print(&estimate);
    result?;
    // The output is the only result of a check.
    printed.map_err(|source| Error::Output { source })?;
    Ok(report)
}

fn write_json(path: &Path, report: &Report) -> io::Result<()> {
    let text = serde_json::to_string_pretty(&report.to_json())?;
    std::fs::write(path, text + "\n")
}
