//! `atelier-etl load`: reads files and stores their rows concurrently.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;

use atelier_core::DatabaseUrl;
use tokio::sync::{Mutex, mpsc};
use tokio::task::{self, JoinSet};

use crate::error::{Error, LoadError};
use crate::format::clock;
use crate::load::check::check;
use crate::load::grouping::BatchIterator;
use crate::load::inputs;
use crate::load::options::Load;
use crate::load::reader::{Destination, Reader};
use crate::load::resume;
use crate::load::sink::StoreSink;
use crate::load::task::{flatten, run_blocking};
use crate::report::load_report::Report;
use crate::report::progress_reporter::ProgressReporter;
use crate::report::summary;

/// Number of kinds of rows that are stored concurrently, while further files are read.
const MAX_CONCURRENT_KINDS: usize = 3;

/// Loads all files into the store, completely or not at all. Prints a summary to standard output, and progress to
/// standard error. Returns `None` if the store already holds these files. Fails with [`Error::Interrupted`] if `stop`
/// completes first.
pub async fn load(
    options: &Load,
    stop: impl Future<Output = ()>,
) -> Result<Option<Report>, LoadError> {
    if options.dry_run {
        return check(&options.files, stop).await.map(Some);
    }
    let not_started = |error| LoadError {
        hint: resume::hint(options, &error, None),
        error,
    };
    let log = options.reject_log().to_owned();
    let mut stop = pin!(stop);
    let url = DatabaseUrl::or_embedded(options.database_url.as_deref());
    let url = url.map_err(Error::Url).map_err(not_started)?;
    let reader = options.files.open(Some(log), Some(&url), stop.as_mut());
    let reader = reader.await.map_err(not_started)?;
    let loaded = run(options, url, &reader, stop).await;
    loaded.map_err(|error| {
        let mut hint = resume::hint(options, &error, Some(&reader.progress));
        if let Err(log_error) = reader.rejects.close() {
            hint = format!("The reject log is incomplete. {log_error}\n{hint}");
        }
        LoadError { error, hint }
    })
}

async fn run(
    options: &Load,
    url: DatabaseUrl,
    reader: &Reader,
    mut stop: Pin<&mut impl Future<Output = ()>>,
) -> Result<Option<Report>, Error> {
    let mut reporter = ProgressReporter::new(Arc::clone(&reader.progress));
    let read_and_store = async {
        let Some(sink) = begin(options, url, reader).await? else {
            return Ok(None);
        };
        let (batches, kinds) = mpsc::unbounded_channel();
        let reading = run_blocking({
            let (reader, created_at) = (reader.clone(), options.created_at);
            move || {
                reader.read(Destination::Store {
                    batches: &batches,
                    created_at,
                })
            }
        });
        let storing = store_all(&sink, kinds, reader);
        let ((report, content), ()) = tokio::try_join!(reading, storing)?;
        let (read, stored) = (report.totals().loaded, reader.progress.stored.get());
        if read != stored {
            return Err(Error::RowsLost { read, stored });
        }
        Ok(Some((sink, report, content)))
    };
    let loaded = reporter.during(stop.as_mut(), read_and_store).await?;
    let Some((sink, report, content)) = loaded else {
        let _ = summary::print("  nothing to do: the store already holds these files\n");
        return Ok(None);
    };
    let lines = summary::file_lines(&report);
    options.files.report(&report, &reader.rejects, &lines)?;
    if report.totals().loaded == 0 {
        return Err(Error::NothingLoaded);
    }
    let finishing = sink.finish(content.as_str(), &reader.progress);
    reporter.during(stop, finishing).await?;
    let elapsed = clock(reporter.seconds());
    let memory = peak_memory();
    let _ = summary::print(&format!(
        "  loaded into {} in {elapsed}{memory}\n",
        sink.url
    ));
    Ok(Some(report))
}

/// Opens the store and starts or resumes the load. Returns `None` if the store already holds the inputs.
async fn begin(
    options: &Load,
    url: DatabaseUrl,
    reader: &Reader,
) -> Result<Option<Arc<StoreSink>>, Error> {
    let sink = StoreSink::open(url).await?;
    if sink.holds(reader, options.created_at).await? {
        return Ok(None);
    }
    let fingerprint = inputs::fingerprint(&reader.inputs, options.created_at);
    let begun = sink.begin(&fingerprint, options.resume, &reader.progress);
    begun.await?;
    Ok(Some(Arc::new(sink)))
}

/// Stores each kind of rows as it becomes ready.
async fn store_all(
    sink: &Arc<StoreSink>,
    kinds: mpsc::UnboundedReceiver<BatchIterator>,
    reader: &Reader,
) -> Result<(), Error> {
    let kinds = Arc::new(Mutex::new(kinds));
    let mut workers = JoinSet::new();
    for _ in 0..MAX_CONCURRENT_KINDS {
        let (sink, kinds, reader) = (Arc::clone(sink), Arc::clone(&kinds), reader.clone());
        workers.spawn(async move {
            loop {
                let ready = kinds.lock().await.recv().await;
                match ready {
                    Some(batches) => store(&sink, batches, &reader).await?,
                    None => return Ok(()),
                }
            }
        });
    }
    while let Some(ended) = workers.join_next().await {
        flatten(ended)?;
    }
    Ok(())
}

/// Stores the rows of one kind. The next batch is built while one is stored.
async fn store(sink: &StoreSink, batches: BatchIterator, reader: &Reader) -> Result<(), Error> {
    let (built, mut ready) = mpsc::channel(1);
    task::spawn_blocking(move || {
        for batch in batches {
            if built.blocking_send(batch).is_err() {
                break;
            }
        }
    });
    while let Some(batch) = ready.recv().await {
        let batch = batch.map_err(|error| reader.spill_dir.error(error))?;
        sink.put(batch, &reader.progress).await?;
    }
    Ok(())
}

/// Formats the peak memory of this process, on systems with /proc.
fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    let peak = peak.and_then(|kib| kib.parse::<u64>().ok());
    peak.map_or_else(String::new, |kib| {
        format!(", with at most {} MiB of memory", kib / 1024)
    })
}
