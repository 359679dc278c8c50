//! `atelier-etl load`: from a directory of files to a store.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use atelier_core::bulk::Batch;
use atelier_core::{Clock, DatabaseUrl};

use crate::error::{Error, ReadError};
use crate::files::{LAYOUTS, Layout};
use crate::group::Grouping;
use crate::judge::Judge;
use crate::outcome::Outcome;
use crate::record::Records;
use crate::rejects::RejectLog;
use crate::report::Report;
use crate::store::Target;

/// What to load, and how.
#[derive(Debug, Clone, clap::Args)]
pub struct Load {
    /// The directory with the CSV files; those that are absent are skipped
    pub dir: PathBuf,
    /// sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/DATABASE; the embedded store without it
    #[arg(long, value_name = "URL", env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Where rejected records are listed, if there are any [default: ./atelier-rejects.csv; none with --dry-run]
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,
    /// Write all figures to this file, as JSON
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Read and check everything, and write nothing but what --rejects and --report name
    #[arg(long)]
    pub dry_run: bool,
    /// Load nothing when more records than this are rejected
    #[arg(long, value_name = "N")]
    pub max_rejects: Option<u64>,
}

/// Reads all files, checks that every line is accounted for, and fills the store, whole or not at all. Tells about it on
/// standard output.
pub async fn load(options: &Load) -> Result<Report, Error> {
    let started = Instant::now();
    let url = DatabaseUrl::or_embedded(options.database_url.as_deref()).map_err(Error::Url)?;
    let files = files(&options.dir)?;
    // Before all that reading, which would be for nothing if the store cannot take it.
    let target = if options.dry_run {
        None
    } else {
        Some(Target::open(url).await?)
    };
    let log = options
        .rejects
        .clone()
        .or_else(|| (!options.dry_run).then(|| "atelier-rejects.csv".into()));
    let mut rejects = RejectLog::new(log.clone());
    let (batch, report) = read(&files, &mut rejects)?;
    rejects.finish().map_err(|source| Error::Write {
        path: log.unwrap_or_default(),
        source,
    })?;
    if let Some(path) = &options.report {
        write_report(path, &report).map_err(|source| Error::Write {
            path: path.clone(),
            source,
        })?;
    }
    say(&report.summary(
        started.elapsed(),
        rejects.written(),
        options.report.as_deref(),
    ));

    let rejected = report.sum().rejected;
    if let Some(allowed) = options.max_rejects.filter(|allowed| rejected > *allowed) {
        let log = rejects.written().map(Path::to_owned);
        return Err(Error::TooManyRejects {
            rejected,
            allowed,
            reasons: report.top_reasons(),
            log,
        });
    }
    match target {
        None => say("  dry run: nothing was loaded\n"),
        Some(target) => say(&format!("  loaded into {}\n", target.fill(batch).await?)),
    }
    Ok(report)
}

/// A reader who has gone away is no reason to stop a load.
fn say(text: &str) {
    let _ = io::stdout().write_all(text.as_bytes());
}

type Found = (&'static Layout, PathBuf);

/// The files that are there, in load order, each with a header that can be read.
fn files(dir: &Path) -> Result<Vec<Found>, Error> {
    fs::read_dir(dir).map_err(|source| Error::Directory {
        path: dir.to_owned(),
        source,
    })?;
    let mut files = Vec::new();
    for layout in &LAYOUTS {
        let path = dir.join(layout.name);
        match fs::File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => {
                return Err(unreadable(
                    layout,
                    &path,
                    ReadError::Io { source, offset: 0 },
                ));
            }
            Ok(file) => {
                Records::new(layout, file).map_err(|source| unreadable(layout, &path, source))?;
                files.push((layout, path));
            }
        }
    }
    if files.is_empty() {
        Err(Error::NoFiles {
            path: dir.to_owned(),
        })
    } else {
        Ok(files)
    }
}

fn read(files: &[Found], rejects: &mut RejectLog) -> Result<(Batch, Report), Error> {
    let now = Clock::default().now();
    let mut judge = Judge::new(now);
    let mut grouping = Grouping::new(now);
    let mut report = Report::default();
    for (layout, path) in files {
        let file = fs::File::open(path)
            .map_err(|source| ReadError::Io { source, offset: 0 })
            .and_then(|file| {
                judge.file(layout, file, |record, outcome, row| match (outcome, row) {
                    (Outcome::Rejected(defect), _) => rejects.add(layout, record, defect),
                    (_, Some(row)) => grouping.add(layout.file, row),
                    _ => {}
                })
            })
            .map_err(|source| unreadable(layout, path, source))?;
        report.push(layout, file);
    }
    let batch = grouping.finish().map_err(|rows| Error::Lost { rows })?;
    Ok((batch, report))
}

fn unreadable(layout: &'static Layout, path: &Path, source: ReadError) -> Error {
    Error::Read {
        path: path.to_owned(),
        layout,
        source,
    }
}

fn write_report(path: &Path, report: &Report) -> io::Result<()> {
    let mut text = serde_json::to_string_pretty(&report.to_json())?;
    text.push('\n');
    fs::write(path, text)
}
