//! `atelier-etl load`: from a directory of files to a store.

use std::future::Future;
use std::path::Path;
use std::pin::{Pin, pin};
use std::sync::Arc;

use atelier_core::{DatabaseUrl, Millis};
use tokio::sync::{Mutex, mpsc};
use tokio::task::{self, JoinSet};

use crate::error::{Error, Failed};
use crate::load::check::{Check, check};
use crate::load::grouping::Ready;
use crate::load::inputs as input;
use crate::load::reader::{Purpose, Reader};
use crate::load::resume;
use crate::load::sink::Target;
use crate::report::counts::Report;
use crate::report::progress_line::clock;
use crate::report::progress_reporter::Show;
use crate::report::reject_log::REJECT_LOG;
use crate::report::summary::{self, say};
use crate::rules::dates as date;

/// Kinds of rows that are put into the store at once, while the files of the next are read.
const AT_ONCE: usize = 3;

/// What to load, and how.
#[derive(Debug, Clone, clap::Args)]
pub struct Load {
    /// The files.
    #[command(flatten)]
    pub files: Check,
    /// sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/DATABASE; the embedded store without it
    #[arg(long, value_name = "URL", env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// When every product was created, as the files do not say: 2021-01-31, 2021-01-31T10:20:30Z, or milliseconds
    #[arg(long, value_name = "TIME", default_value = "2021-01-01", value_parser = instant)]
    pub created_at: Millis,
    /// Read and check everything, and write nothing but what --rejects and --report name: the same as `check`
    #[arg(long)]
    pub dry_run: bool,
    /// Go on with a load of these files that was interrupted
    #[arg(long, conflicts_with = "dry_run")]
    pub resume: bool,
}

impl Load {
    /// Where rejected records are listed.
    pub(crate) fn reject_log(&self) -> &Path {
        let given = self.files.rejects.as_deref();
        given.unwrap_or(Path::new(REJECT_LOG))
    }
}

/// Parses a time as the files have them.
fn instant(text: &str) -> Result<Millis, String> {
    date::millis(text.trim(), &mut false)
        .map(Millis)
        .map_err(|_| {
            "give a day such as 2021-01-31, or an instant such as 2021-01-31T10:20:30Z".to_owned()
        })
}

/// Reads all files, checks that every line is accounted for, and fills the store, whole or not at all. Tells about it on
/// standard output, and how far it has come on standard error. `None` when the store holds these very files already;
/// [`Error::Interrupted`] when `stop` comes first.
pub async fn load(
    options: &Load,
    stop: impl Future<Output = ()>,
) -> Result<Option<Report>, Failed> {
    if options.dry_run {
        return check(&options.files, stop).await.map(Some);
    }
    let nothing_begun = |error| Failed {
        after: resume::after(options, &error, None),
        error,
    };
    let log = options.reject_log().to_owned();
    let mut stop = pin!(stop);
    let url = DatabaseUrl::or_embedded(options.database_url.as_deref());
    let url = url.map_err(Error::Url).map_err(nothing_begun)?;
    let reader = options.files.reader(Some(log), Some(&url), stop.as_mut());
    let reader = reader.await.map_err(nothing_begun)?;
    let loaded = run(options, url, &reader, stop).await;
    loaded.map_err(|error| {
        let mut after = resume::after(options, &error, Some(&reader.progress));
        // What was rejected until now is listed, whatever has happened.
        if let Err(log) = reader.rejects.finish() {
            after = format!("The list of rejected records is not complete. {log}\n{after}");
        }
        Failed { error, after }
    })
}

async fn run(
    options: &Load,
    url: DatabaseUrl,
    reader: &Reader,
    mut stop: Pin<&mut impl Future<Output = ()>>,
) -> Result<Option<Report>, Error> {
    let mut show = Show::new(reader);
    let read_and_put = async {
        let Some(target) = begin(options, url, reader).await? else {
            return Ok(None);
        };
        let (ready, kinds) = mpsc::unbounded_channel();
        let reading = blocking({
            let (reader, created_at) = (reader.clone(), options.created_at);
            move || reader.read(Purpose::Store(&ready, created_at))
        });
        let putting = put_all(&target, kinds, reader);
        let ((report, content), ()) = tokio::try_join!(reading, putting)?;
        let (loaded, stored) = (report.sum().loaded, reader.progress.stored.get());
        if loaded != stored {
            return Err(Error::Lost { loaded, stored });
        }
        Ok(Some((target, report, content)))
    };
    let Some((target, report, content)) = show.during(stop.as_mut(), read_and_put).await? else {
        let _ = say("  nothing to do: the store holds these files\n");
        return Ok(None);
    };
    let lines = summary::read(&report);
    summary::tell(&options.files, &report, &reader.rejects, &lines)?;
    if report.sum().loaded == 0 {
        return Err(Error::NothingLoaded);
    }
    let finishing = target.finish(content.as_str(), &reader.progress);
    show.during(stop, finishing).await?;
    let took = clock(show.seconds());
    let memory = peak_memory();
    let _ = say(&format!("  loaded into {} in {took}{memory}\n", target.url));
    Ok(Some(report))
}

/// The store, ready to take rows; `None` when there is nothing to do.
async fn begin(
    options: &Load,
    url: DatabaseUrl,
    reader: &Reader,
) -> Result<Option<Arc<Target>>, Error> {
    let target = Target::open(url).await?;
    if target.holds(reader, options.created_at).await? {
        return Ok(None);
    }
    let of = input::fingerprint(&reader.inputs, options.created_at);
    target.begin(&of, options.resume, &reader.progress).await?;
    Ok(Some(Arc::new(target)))
}

/// Puts each kind of rows into the store as it gets ready.
async fn put_all(
    target: &Arc<Target>,
    kinds: mpsc::UnboundedReceiver<Ready>,
    reader: &Reader,
) -> Result<(), Error> {
    let kinds = Arc::new(Mutex::new(kinds));
    let mut putting = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (target, kinds, reader) = (Arc::clone(target), Arc::clone(&kinds), reader.clone());
        putting.spawn(async move {
            loop {
                let ready = kinds.lock().await.recv().await;
                match ready {
                    Some(rows) => put(&target, rows, &reader).await?,
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
async fn put(target: &Target, rows: Ready, reader: &Reader) -> Result<(), Error> {
    let (made, mut batches) = mpsc::channel(1);
    task::spawn_blocking(move || {
        for batch in rows {
            if made.blocking_send(batch).is_err() {
                break;
            }
        }
    });
    while let Some(batch) = batches.recv().await {
        let batch = batch.map_err(|error| reader.scratch.failed(error))?;
        target.put(batch, &reader.progress).await?;
    }
    Ok(())
}

/// How much memory this process has held at most, where the system tells.
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

/// Runs on a thread that may wait for disks.
pub(crate) async fn blocking<T: Send + 'static>(
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
