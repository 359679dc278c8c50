//! The database, opened: waited for where it is not there yet, and filled with a demo where that is wanted.

use std::panic::resume_unwind;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use atelier_core::http::HttpApi;
use atelier_core::store::{self, BulkLoad, Content, Mark};
use atelier_core::{Atelier, Clock, DatabaseUrl, Error, Page, Store};
use atelier_warp::demo;
use atelier_warp::health::Health;
use atelier_warp::observe::metrics::Metrics;
use atelier_warp::probes::{self, Fallback};
use tokio::net::TcpListener;
use tokio::time::timeout;

use super::{refused, sqlite_file};
use crate::cli::{Failure, Options};

/// Products of the demo that an embedded store begins with.
pub(super) const DEMO_PRODUCTS: u32 = 1_000;

/// Where the demo's chance comes from: every demo of one size is the same.
pub(super) const DEMO_SEED: u64 = 42;

/// How long a start may take until probes are answered: another process may be migrating the database.
const PROBES_AFTER: Duration = Duration::from_secs(1);

/// How often a reason that stays the same is told again.
const TOLD_AGAIN: Duration = Duration::from_secs(10);

/// A database, and what became of it at the start.
pub(super) struct Opened {
    pub(super) store: Arc<dyn Store>,
    pub(super) api: HttpApi,
    pub(super) url: DatabaseUrl,
    /// That its file was made.
    pub(super) created: bool,
    pub(super) filled: Option<Filled>,
    pub(super) content: Content,
    /// How many products there are.
    pub(super) products: i64,
}

/// A demo that was made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Filled {
    pub(super) products: usize,
    pub(super) reviews: usize,
    pub(super) questions: usize,
    pub(super) took: Duration,
}

/// Opens the database. One that is not there yet is waited for as long as the settings say; meanwhile probes are answered on
/// `listener`.
pub(super) async fn open(
    options: &Options,
    listener: &TcpListener,
    health: &Health,
    metrics: Option<Arc<Metrics>>,
) -> Result<Opened, Failure> {
    sqlite_file::has_folder(options)?;
    let url = options.url();
    let mut opening = pin!(open_in_time(options, &url));
    // Not at once: connections that wait in the socket while a server starts are served, not refused.
    if let Ok(opened) = timeout(PROBES_AFTER, &mut opening).await {
        return opened;
    }
    let probed = options.serving.probes.then_some(health);
    let metrics = metrics.filter(|_| options.serving.probes);
    tokio::select! {
        opened = opening => opened,
        never = probes::serve(listener, probed, metrics, Fallback::Unavailable) => match never {},
    }
}

async fn open_in_time(options: &Options, url: &DatabaseUrl) -> Result<Opened, Failure> {
    match attempt(options, url).await {
        Ok(opened) => Ok(opened),
        Err(error)
            if refused::is_retryable(url, &error) && options.wait != Some(Duration::ZERO) =>
        {
            wait(options, url, error).await
        }
        Err(error) => Err(refused::failure(url, error)),
    }
}

/// Tries again and again, and tells why.
async fn wait(options: &Options, url: &DatabaseUrl, mut error: Error) -> Result<Opened, Failure> {
    let begun = Instant::now();
    let mut told: Option<(String, Instant)> = None;
    loop {
        let words = error.to_string();
        let again = told
            .as_ref()
            .is_none_or(|(before, at)| *before != words || at.elapsed() >= TOLD_AGAIN);
        if again {
            let hint = match url {
                DatabaseUrl::Postgres(url) => refused::hint(url, &error),
                _ => String::new(),
            };
            tracing::warn!("{}. Waiting for it. {hint}", words.trim_end_matches('.'));
            told = Some((words, Instant::now()));
        }
        let left = options
            .wait
            .map(|wait| wait.saturating_sub(begun.elapsed()));
        if left == Some(Duration::ZERO) {
            return Err(refused::failure(url, error));
        }
        tokio::time::sleep(pause().min(left.unwrap_or(Duration::MAX))).await;
        error = match attempt(options, url).await {
            Ok(opened) => return Ok(opened),
            Err(error) if refused::is_retryable(url, &error) => error,
            Err(error) => return Err(refused::failure(url, error)),
        };
    }
}

/// From half a second to one, so that servers that wait do not ask in step.
fn pause() -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let chance = now.unwrap_or_default().subsec_nanos() % 500;
    Duration::from_millis(500 + u64::from(chance))
}

/// Opens the database, as far as everything that is asked of it before the server serves: what fails here is tried again.
async fn attempt(options: &Options, url: &DatabaseUrl) -> atelier_core::Result<Opened> {
    let created = sqlite_file::is_new(url);
    // Of several servers another may be the primary.
    if !options.limits.read_only && options.store.readers.is_empty() {
        store::check_writable(url).await?;
    }
    let mut store = atelier_core::open_with(url, &options.store).await?;
    let mut content = store.content().await?;
    let mut filled = None;
    let products = options.demo.unwrap_or(match options.database {
        None => DEMO_PRODUCTS,
        Some(_) => 0,
    });
    if !content.products && products > 0 {
        store.close().await;
        let load = store::bulk_load_when_free(url).await?;
        // Another server that starts with it may have made the demo meanwhile.
        if !load.content().await?.products {
            filled = Some(fill(&*load, products).await?);
        }
        drop(load);
        store = atelier_core::open_with(url, &options.store).await?;
        content = store.content().await?;
    }
    let atelier = Atelier::with(Arc::clone(&store), options.limits.clone(), Clock::System);
    let one = Page { page: 1, count: 0 };
    let products = atelier.products(one).await?.total;
    atelier.ready().await?;
    Ok(Opened {
        store,
        api: HttpApi::new(atelier, options.settings.clone()),
        url: url.clone(),
        created,
        filled,
        content,
        products,
    })
}

/// Makes the demo, in an empty database or in the place of another demo.
pub(super) async fn fill(load: &dyn BulkLoad, products: u32) -> atelier_core::Result<Filled> {
    let begun = Instant::now();
    // By a thread of its own: whoever ends the process meanwhile is heard.
    let made = tokio::task::spawn_blocking(move || demo::catalogue(products, DEMO_SEED));
    let catalogue = made
        .await
        .unwrap_or_else(|error| resume_unwind(error.into_panic()));
    let (products, reviews) = (catalogue.products.len(), catalogue.reviews.len());
    let questions = catalogue.questions.len();
    store::fill_with(load, catalogue, Mark::Demo).await?;
    Ok(Filled {
        products,
        reviews,
        questions,
        took: begun.elapsed(),
    })
}
