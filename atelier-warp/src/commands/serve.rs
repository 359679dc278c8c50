//! `atelier serve`, which is what `atelier` does by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use atelier_core::{Atelier, DatabaseUrl};
use atelier_warp::health::Health;
use atelier_warp::observe::log::Log;
use atelier_warp::observe::{RequestCounts, Telemetry};
use atelier_warp::probes::{self, Fallback};
use atelier_warp::serve;
use tokio::net::TcpListener;

use super::{database, observe, port, production, stop, welcome};
use crate::cli::{Failure, Options, exit, say};

/// How long its last words may take.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Serves the API until the process is told to end.
pub(crate) async fn serve(options: Options, log: Log) -> Result<(), Failure> {
    production::check(&options)?;
    standbys_of_something(&options)?;
    // The ports first: who can't have them should not wait for a demo to be made.
    let listener = port::public(options.listen)?;
    production::check_socket(&options, &listener)?;
    let admin = admin(&options, &listener)?;
    let health = Health::default();
    let (observer, otel) = observe::begin(&options, &log)?;
    if let Some(admin) = &admin {
        let (admin, health) = (Arc::clone(admin), health.clone());
        let metrics = observer.metrics.clone();
        tokio::spawn(async move {
            probes::serve(&admin, Some(&health), metrics, Fallback::NotFound).await
        });
    }
    let served = Arc::clone(&observer.counts);
    let outcome = until_stopped(&options, listener, admin, health, observer, &log).await;
    // However it ended: what is dropped without this waits longer.
    observe::end(otel).await;
    outcome?;
    last_words(&served, &log).await;
    Ok(())
}

async fn until_stopped(
    options: &Options,
    listener: TcpListener,
    admin: Option<Arc<TcpListener>>,
    health: Health,
    observer: Telemetry,
    log: &Log,
) -> Result<(), Failure> {
    // Before anybody is told that it serves: who ends it then means a drain.
    let mut stop = Box::pin(stop::told()?);
    let opened = tokio::select! {
        opened = database::open(options, &listener, &health, observer.metrics.clone()) => opened?,
        _ = &mut stop => return Ok(()),
    };
    production::check_content(options, &opened.url, opened.content.demo)?;
    let store = Arc::clone(&opened.store);
    let api = opened.api.clone();
    let atelier = api.atelier().clone();
    health.spawn_probe(atelier.clone());
    let sweep = (!options.limits.read_only).then(|| tokio::spawn(sweep(atelier)));
    welcome::welcome(options, &opened, &listener, admin.as_deref());
    if log.is_json() {
        let version = env!("CARGO_PKG_VERSION");
        let address = listener.local_addr().map(|address| address.to_string());
        tracing::info!(version, address = address.unwrap_or_default(), "serving");
    }
    if let Some(metrics) = &observer.metrics {
        metrics.spawn_upkeep(api.clone(), log.clone());
    }
    let serving = options.serving.clone();
    serve::serve(api, listener, health, serving, observer, stop).await;
    if let Some(sweep) = sweep {
        sweep.abort();
    }
    store.close().await;
    Ok(())
}

/// What was done, when all is.
async fn last_words(served: &RequestCounts, log: &Log) {
    let count = |of: &AtomicU64| of.load(Ordering::Relaxed);
    let (requests, failed) = (count(&served.requests), count(&served.failed));
    if log.is_json() {
        tracing::info!(requests, failed, "stopped");
    }
    let words = format!("stopped: {requests} requests, {failed} failed");
    // Who reads neither the log nor this is not waited for.
    let said = tokio::task::spawn_blocking(move || say(words));
    let _ = tokio::time::timeout(LAST_WORDS, said).await;
}

/// That standbys are beside a server that has such.
fn standbys_of_something(options: &Options) -> Result<(), Failure> {
    let url = options.url();
    let other = std::iter::once(&url)
        .chain(&options.store.readers)
        .find(|url| !matches!(url, DatabaseUrl::Postgres(_)));
    match other {
        Some(other) if !options.store.readers.is_empty() => Err(Failure::new(
            "--database-read-url is for standbys of a PostgreSQL server.",
            format!("{other} is none, and has none."),
            "Leave --database-read-url out, or name such a server: --database-url postgres://USER:PASSWORD@HOST/DATABASE",
        )
        .code(exit::SETTING)),
        _ => Ok(()),
    }
}

/// The port on which probes are answered, where that is another.
fn admin(options: &Options, api: &TcpListener) -> Result<Option<Arc<TcpListener>>, Failure> {
    let Some(admin) = options.admin else {
        return Ok(None);
    };
    // A supervisor may have handed over another port than that of `--listen`.
    let api = api.local_addr().unwrap_or(options.listen);
    let Some(address) = admin.address(api) else {
        let why = format!("The API is on port {}, and ports end at 65535.", api.port());
        let failure = Failure::new(
            "--admin-addr leads beyond the last port.",
            why,
            "Give such as: --admin-addr +10000",
        );
        return Err(failure.code(exit::SETTING));
    };
    let everywhere = address.ip().is_unspecified() || api.ip().is_unspecified();
    if address.port() == api.port() && (everywhere || address.ip() == api.ip()) {
        let failure = Failure::new(
            format!("--listen and --admin-addr are the same address, {api}."),
            "Probes are answered on a port of their own, or with the API on its port.",
            "Leave --admin-addr out, or name another port: --admin-addr +10000",
        );
        return Err(failure.code(exit::SETTING));
    }
    let admin = port::listen(address, "--admin-addr", serve::bind)?;
    Ok(Some(Arc::new(admin)))
}

/// Forgets old idempotency keys, now and then.
async fn sweep(atelier: Atelier) {
    let mut every = tokio::time::interval(Duration::from_mins(10));
    loop {
        every.tick().await;
        if let Err(error) = atelier.sweep().await {
            tracing::warn!("what is old is still kept: {error}");
        }
    }
}
