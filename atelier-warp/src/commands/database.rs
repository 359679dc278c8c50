//! Opening the database: waiting until it is there, migrating it, filling it with a demo.

use std::panic::resume_unwind;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use atelier_core::http::HttpApi;
use atelier_core::store::{self, BulkLoad, Content, Provenance};
use atelier_core::{Atelier, Clock, DatabaseUrl, Page, Store};
use atelier_warp::demo;
use atelier_warp::health::Health;
use atelier_warp::observe::metrics::Metrics;
use atelier_warp::probes::{self, Fallback};
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};

use super::{database_errors, sqlite_file};
use crate::cli::{CliError, ServeOptions};

/// Seed of the demo: all demos of one size are the same.
pub(super) const DEMO_SEED: u64 = 42;

/// When probes begin to be answered during startup, which another process may delay by a migration. Connections that wait in
/// the socket for less are served, not refused.
const PROBES_AFTER: Duration = Duration::from_secs(1);

/// How often an unchanged reason for waiting is logged.
const LOG_INTERVAL: Duration = Duration::from_secs(10);

/// An open database.
pub(super) struct Opened {
    pub(super) store: Arc<dyn Store>,
    pub(super) api: HttpApi,
    pub(super) url: DatabaseUrl,
    /// Whether its file was created.
    pub(super) created: bool,
    pub(super) demo: Option<DemoCounts>,
    pub(super) content: Content,
    pub(super) products: i64,
}

/// What a new demo contains.
#[derive(Debug, Clone, Copy)]
pub(super) struct DemoCounts {
    pub(super) products: usize,
    pub(super) reviews: usize,
    pub(super) questions: usize,
    pub(super) elapsed: Duration,
}

/// Opens the database, and waits for it as long as the options say. While that takes long, probes are answered on `listener`.
pub(super) async fn open(
    options: &ServeOptions,
    listener: &TcpListener,
    health: &Health,
    metrics: Option<Arc<Metrics>>,
) -> Result<Opened, CliError> {
    sqlite_file::require_directory(&options.database)?;
    let url = options.database.url();
    let mut opening = pin!(open_with_retries(options, &url));
    if let Ok(opened) = timeout(PROBES_AFTER, &mut opening).await {
        return opened;
    }
    let probes = options.probes_on_api_port();
    let health = probes.then_some(health);
    let metrics = metrics.filter(|_| probes);
    tokio::select! {
        opened = opening => opened,
        never = probes::serve(listener, health, metrics, Fallback::Unavailable) => match never {},
    }
}

async fn open_with_retries(options: &ServeOptions, url: &DatabaseUrl) -> Result<Opened, CliError> {
    let begun = Instant::now();
    let mut logged: Option<(String, Instant)> = None;
    loop {
        let error = match attempt(options, url).await {
            Ok(opened) => return Ok(opened),
            Err(error) => error,
        };
        let left = options
            .pool
            .wait_for_database
            .saturating_sub(begun.elapsed());
        if left.is_zero() || !database_errors::is_retryable(url, &error) {
            return Err(database_errors::describe(url, &error));
        }
        let reason = crate::cli::sentence(&error);
        let due =
            |(before, at): &(String, Instant)| *before != reason || at.elapsed() >= LOG_INTERVAL;
        if logged.as_ref().is_none_or(due) {
            let hint = match url {
                DatabaseUrl::Postgres(url) => database_errors::hint(url, &error),
                _ => String::new(),
            };
            tracing::warn!(reason, hint, "waiting for the database");
            logged = Some((reason, Instant::now()));
        }
        sleep(retry_delay().min(left)).await;
    }
}

/// Returns 500 ms to 1 s, at random, so that several servers do not retry at the same moment.
fn retry_delay() -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let jitter = now.unwrap_or_default().subsec_nanos() % 500;
    Duration::from_millis(500 + u64::from(jitter))
}

/// Opens the database and runs every query that precedes serving, so that a failure of any of them is retried.
async fn attempt(options: &ServeOptions, url: &DatabaseUrl) -> atelier_core::Result<Opened> {
    let created = sqlite_file::is_new(url);
    let store_options = options.store_options();
    // With several servers, another one may be the primary.
    if !options.api.read_only && store_options.readers.is_empty() {
        store::check_writable(url).await?;
    }
    let mut store = atelier_core::open(url, &store_options).await?;
    let mut content = store.content().await?;
    let mut demo = None;
    let products = options.demo_products();
    if !content.products && products > 0 {
        store.close().await;
        let load = store::bulk_load_when_free(url).await?;
        // Another server may have added the demo meanwhile.
        if !load.content().await?.products {
            demo = Some(fill(&*load, products).await?);
        }
        drop(load);
        store = atelier_core::open(url, &store_options).await?;
        content = store.content().await?;
    }
    let atelier = Atelier::with(Arc::clone(&store), options.limits(), Clock::System);
    let products = atelier.products(Page { page: 1, count: 0 }).await?.total;
    atelier.ready().await?;
    Ok(Opened {
        store,
        api: HttpApi::new(atelier, options.http_settings()),
        url: url.clone(),
        created,
        demo,
        content,
        products,
    })
}

/// Generates a demo and stores it, in an empty database or in place of another demo.
pub(super) async fn fill(load: &dyn BulkLoad, products: u32) -> atelier_core::Result<DemoCounts> {
    let begun = Instant::now();
    // On a thread of its own, so that signals are handled meanwhile.
    let generated = tokio::task::spawn_blocking(move || demo::catalogue(products, DEMO_SEED));
    let catalogue = generated
        .await
        .unwrap_or_else(|error| resume_unwind(error.into_panic()));
    let (products, reviews) = (catalogue.products.len(), catalogue.reviews.len());
    let questions = catalogue.questions.len();
    store::fill_with(load, catalogue, Provenance::Demo).await?;
    Ok(DemoCounts {
        products,
        reviews,
        questions,
        elapsed: begun.elapsed(),
    })
}
