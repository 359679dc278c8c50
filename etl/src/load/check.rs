//! `atelier-etl check`, and `load --dry-run`: what the files hold, and what a load would make of it.

use std::future::Future;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::pin::pin;

use atelier_core::DatabaseUrl;

use crate::error::{Error, Failed};
use crate::load::inputs as input;
use crate::load::pipeline::blocking;
use crate::load::reader::{Purpose, Reader};
use crate::messages::Misnamed;
use crate::report::counts::Report;
use crate::report::format_stats::Forms;
use crate::report::progress_reporter::Show;
use crate::report::reject_log::writable;
use crate::report::summary::{self, say};

/// What to read, and where to tell about it.
#[derive(Debug, Clone, clap::Args)]
pub struct Check {
    /// The directory with the CSV files; those that are absent are skipped
    pub dir: PathBuf,
    /// Where rejected records are listed, if there are any [default: ./atelier-rejects.csv for a load, else none]
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,
    /// Write all figures to this file, as JSON
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Fail, and load nothing, when more records than this are rejected
    #[arg(long, value_name = "N")]
    pub max_rejects: Option<u64>,
}

impl Check {
    /// A reader of the files. Fails when what is to be written cannot be, or there is nothing to read.
    pub(crate) async fn reader(
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
        let reader = blocking(move || {
            let inputs = input::inputs(&options.dir)?;
            let mut needed: Vec<_> = inputs.iter().map(|input| input.path.clone()).collect();
            needed.extend(store);
            for path in rejects.iter().chain(&options.report) {
                if needed.iter().any(|other| input::same_file(other, path)) {
                    return Err(Error::Overwritten { path: path.clone() });
                }
                needed.push(path.clone());
            }
            for path in rejects.iter().chain(&options.report) {
                writable(path)?;
            }
            let misnamed = input::misnamed(&options.dir, &needed);
            let misnamed = misnamed.map_err(|source| Error::Directory {
                path: options.dir,
                source,
            })?;
            if !misnamed.is_empty() {
                // Not at the end alone: a load of all files takes minutes.
                let _ = writeln!(io::stderr(), "{}", Misnamed(&misnamed));
            }
            Reader::new(inputs, rejects)
        });
        tokio::select! {
            reader = reader => reader,
            () = stop => Err(Error::Interrupted),
        }
    }
}

/// Reads all files as a load would, checks that every line is accounted for, and tells about it on standard output. No
/// store is touched. [`Error::Interrupted`] when `stop` comes first.
pub async fn check(options: &Check, stop: impl Future<Output = ()>) -> Result<Report, Failed> {
    let checked = run(options, stop).await;
    checked.map_err(|error| Failed {
        error,
        after: String::new(),
    })
}

async fn run(options: &Check, stop: impl Future<Output = ()>) -> Result<Report, Error> {
    let mut stop = pin!(stop);
    let rejects = options.rejects.clone();
    let reader = options.reader(rejects, None, stop.as_mut()).await?;
    let reading = blocking({
        let reader = reader.clone();
        move || {
            let mut forms = Forms::default();
            let (report, _) = reader.read(Purpose::Check(&mut forms))?;
            Ok((report, forms))
        }
    });
    let read = Show::new(&reader).during(stop, reading).await;
    let finished = reader.rejects.finish();
    let (report, forms) = read?;
    finished?;
    let lines = summary::checked(&report, &reader, &forms);
    let told = summary::tell(options, &report, &reader.rejects, &lines);
    let said = say(&summary::estimate(&report, &reader));
    told?;
    // What a check says is all that it does.
    said.map_err(|source| Error::Output { source })?;
    Ok(report)
}
