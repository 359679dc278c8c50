//! `atelier-etl load`: from a directory of files to a store.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use atelier_core::DatabaseUrl;
use tokio::sync::{Mutex, mpsc};
use tokio::task::{self, JoinSet};

use crate::error::Error;
use crate::group::Ready;
use crate::input::{self, Input};
use crate::progress::Progress;
use crate::read::Reader;
use crate::rejects::RejectLog;
use crate::report::Report;
use crate::scratch::Scratch;
use crate::store::Target;

/// Kinds of rows that are put into the store at once, while the files of the next are read.
const AT_ONCE: usize = 2;

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
    /// Go on with a load of these files that was interrupted
    #[arg(long, conflicts_with = "dry_run")]
    pub resume: bool,
    /// Load nothing when more records than this are rejected
    #[arg(long, value_name = "N")]
    pub max_rejects: Option<u64>,
}

/// Reads all files, checks that every line is accounted for, and fills the store, whole or not at all. Tells about it on
/// standard output. `None` when the store holds these very files already.
pub async fn load(options: &Load) -> Result<Option<Report>, Error> {
    let started = Instant::now();
    let url = DatabaseUrl::or_embedded(options.database_url.as_deref()).map_err(Error::Url)?;
    let inputs: Arc<[Input]> = input::inputs(&options.dir)?.into();
    let scratch = Scratch::default();
    let log = options
        .rejects
        .clone()
        .or_else(|| (!options.dry_run).then(|| "atelier-rejects.csv".into()));
    let mut reader = Reader {
        inputs: Arc::clone(&inputs),
        progress: Arc::new(Progress::default()),
        rejects: RejectLog::new(log),
        scratch: scratch.clone(),
    };
    if options.dry_run {
        let (report, rejects) = blocking(move || {
            let (report, _) = reader.read(None)?;
            Ok((report, reader.rejects))
        })
        .await?;
        tell(options, &report, &rejects, started)?;
        say("  dry run: nothing was loaded\n");
        return Ok(Some(report));
    }

    let target = Arc::new(Target::open(url).await?);
    if target.holds(&inputs).await? {
        say("  nothing to do: the store holds these files\n");
        return Ok(None);
    }
    let of = input::fingerprint(&inputs);
    target.begin(&of, options.resume).await?;
    let (ready, kinds) = mpsc::unbounded_channel();
    let reading = blocking(move || {
        let (report, content) = reader.read(Some(&ready))?;
        Ok((report, content, reader.rejects))
    });
    let putting = put_all(&target, kinds, &scratch);
    let ((report, content, rejects), ()) = tokio::try_join!(reading, putting)?;
    tell(options, &report, &rejects, started)?;
    target.finish(content.as_str()).await?;
    let seconds = started.elapsed().as_secs();
    say(&format!(
        "  loaded into {} in {}:{:02}\n",
        target.url,
        seconds / 60,
        seconds % 60
    ));
    Ok(Some(report))
}

/// Puts each kind of rows into the store as it gets ready.
async fn put_all(
    target: &Arc<Target>,
    kinds: mpsc::UnboundedReceiver<Ready>,
    scratch: &Scratch,
) -> Result<(), Error> {
    let kinds = Arc::new(Mutex::new(kinds));
    let mut putting = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (target, kinds, scratch) = (Arc::clone(target), Arc::clone(&kinds), scratch.clone());
        putting.spawn(async move {
            loop {
                let ready = kinds.lock().await.recv().await;
                match ready {
                    Some(rows) => put(&target, rows, &scratch).await?,
                    None => return Ok(()),
                }
            }
        });
    }
    while let Some(ended) = putting.join_next().await {
        settled(ended)?;
    }
    Ok(())
}

/// Puts the rows of one kind into the store; the next batch is made while one is put.
async fn put(target: &Target, rows: Ready, scratch: &Scratch) -> Result<(), Error> {
    let (made, mut batches) = mpsc::channel(1);
    task::spawn_blocking(move || {
        for batch in rows {
            if made.blocking_send(batch).is_err() {
                break;
            }
        }
    });
    while let Some(batch) = batches.recv().await {
        target
            .put(batch.map_err(|error| scratch.failed(error))?)
            .await?;
    }
    Ok(())
}

/// Runs on a thread that may wait for disks.
async fn blocking<T: Send + 'static>(
    run: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    settled(task::spawn_blocking(run).await)
}

/// What a task has come to; a panic goes on.
fn settled<T>(ended: Result<Result<T, Error>, task::JoinError>) -> Result<T, Error> {
    match ended {
        Ok(ended) => ended,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// Tells what reading has come to. [`Error::TooManyRejects`] when that is too bad.
fn tell(
    options: &Load,
    report: &Report,
    rejects: &RejectLog,
    started: Instant,
) -> Result<(), Error> {
    if let Some(path) = &options.report {
        write_report(path, report).map_err(|source| Error::Write {
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
    match options.max_rejects {
        Some(allowed) if rejected > allowed => Err(Error::TooManyRejects {
            rejected,
            allowed,
            reasons: report.top_reasons(),
            log: rejects.written().map(Path::to_owned),
        }),
        _ => Ok(()),
    }
}

/// A reader who has gone away is no reason to stop a load.
fn say(text: &str) {
    let _ = io::stdout().write_all(text.as_bytes());
}

fn write_report(path: &Path, report: &Report) -> io::Result<()> {
    let mut text = serde_json::to_string_pretty(&report.to_json())?;
    text.push('\n');
    fs::write(path, text)
}
