//! `atelier serve`, the default command.

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

use super::{banner, database, listener, observe, production, shutdown_signal::shutdown_signal};
use crate::cli::{CliError, ServeOptions, exit, say};

/// How long to wait for a reader of the last message on standard output.
const SUMMARY_TIMEOUT: Duration = Duration::from_secs(1);

/// How often expired data is deleted.
const SWEEP_INTERVAL: Duration = Duration::from_mins(10);

/// Serves the API until a signal stops the process.
pub(crate) async fn serve(options: ServeOptions, log: Log) -> Result<(), CliError> {
    options.check()?;
    production::check(&options)?;
    check_standbys(&options)?;
    // Before the database is opened: a demo takes time, which a port in use would waste.
    let api = listener::api(options.addresses.listen)?;
    production::check_socket(&options, &api)?;
    let admin = admin_listener(&options, &api)?;
    let health = Health::default();
    let (observer, otel) = observe::observer(&options, &log)?;
    if let Some(admin) = &admin {
        let (admin, health) = (Arc::clone(admin), health.clone());
        let metrics = observer.metrics.clone();
        tokio::spawn(async move {
            probes::serve(&admin, Some(&health), metrics, Fallback::NotFound).await
        });
    }
    let served = Arc::clone(&observer.counts);
    let outcome = serve_until_signal(&options, api, admin, health, observer, &log).await;
    // Also after an error: dropping the exporter without a flush takes longer.
    observe::flush(otel).await;
    outcome?;
    print_summary(&served, &log).await;
    Ok(())
}

async fn serve_until_signal(
    options: &ServeOptions,
    listener: TcpListener,
    admin: Option<Arc<TcpListener>>,
    health: Health,
    observer: Telemetry,
    log: &Log,
) -> Result<(), CliError> {
    // Installed before the address is printed: from then on a signal must drain.
    let mut stop = Box::pin(shutdown_signal()?);
    let opened = tokio::select! {
        opened = database::open(options, &listener, &health, observer.metrics.clone()) => opened?,
        _ = &mut stop => return Ok(()),
    };
    production::check_content(options, &opened.url, opened.content.demo)?;
    let api = opened.api.clone();
    let atelier = api.atelier().clone();
    health.spawn_probe(atelier.clone());
    let sweep = (!options.api.read_only).then(|| tokio::spawn(sweep(atelier)));
    banner::print(options, &opened, &listener, admin.as_deref());
    if log.is_json() {
        let version = env!("CARGO_PKG_VERSION");
        let address = listener.local_addr().map(|address| address.to_string());
        tracing::info!(version, address = address.unwrap_or_default(), "serving");
    }
    if let Some(metrics) = &observer.metrics {
        metrics.spawn_upkeep(api.clone(), log.clone());
    }
    serve::serve(
        api,
        listener,
        health,
        options.server_config(),
        observer,
        stop,
    )
    .await;
    if let Some(sweep) = sweep {
        sweep.abort();
    }
    opened.store.close().await;
    Ok(())
}

/// Logs and prints how many requests were served.
async fn print_summary(served: &RequestCounts, log: &Log) {
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let (requests, failed) = (count(&served.requests), count(&served.failed));
    if log.is_json() {
        tracing::info!(requests, failed, "stopped");
    }
    let summary = format!("stopped: {requests} requests, {failed} failed");
    let printed = tokio::task::spawn_blocking(move || say(summary));
    let _ = tokio::time::timeout(SUMMARY_TIMEOUT, printed).await;
}

/// Fails if there are standbys and one of the servers is no PostgreSQL server.
fn check_standbys(options: &ServeOptions) -> Result<(), CliError> {
    let (primary, standbys) = (options.database.url(), &options.pool.database_read_url);
    let mut servers = std::iter::once(&primary).chain(standbys);
    match servers.find(|url| !matches!(url, DatabaseUrl::Postgres(_))) {
        Some(other) if !standbys.is_empty() => Err(CliError::new(
            "--database-read-url needs PostgreSQL.",
            format!("{other} is no PostgreSQL database."),
            "Omit --database-read-url, or use --database-url postgres://USER:PASSWORD@HOST/DATABASE",
        )
        .with_code(exit::SETTING)),
        _ => Ok(()),
    }
}

/// Listens on the admin address, if there is one.
fn admin_listener(
    options: &ServeOptions,
    api: &TcpListener,
) -> Result<Option<Arc<TcpListener>>, CliError> {
    let Some(admin) = options.addresses.admin() else {
        return Ok(None);
    };
    // The socket of a supervisor may have another port than --listen.
    let api = api.local_addr().unwrap_or(options.addresses.listen);
    let Some(address) = admin.resolve(api) else {
        return Err(CliError::new(
            "The port of --admin-addr exceeds 65535.",
            format!("It is an offset to the API's port, {}.", api.port()),
            "Use a smaller one, as in --admin-addr +10000.",
        )
        .with_code(exit::SETTING));
    };
    let unspecified = address.ip().is_unspecified() || api.ip().is_unspecified();
    if address.port() == api.port() && (unspecified || address.ip() == api.ip()) {
        return Err(CliError::new(
            format!("--listen and --admin-addr are the same address, {api}."),
            "Probes have a port of their own, or share that of the API.",
            "Omit --admin-addr, or name another port: --admin-addr +10000",
        )
        .with_code(exit::SETTING));
    }
    listener::bind(address, "--admin-addr").map(|admin| Some(Arc::new(admin)))
}

/// Deletes expired idempotency keys, interactions and cart lines from time to time.
async fn sweep(atelier: Atelier) {
    let mut interval = tokio::time::interval(SWEEP_INTERVAL);
    loop {
        interval.tick().await;
        if let Err(error) = atelier.sweep().await {
            tracing::warn!(%error, "cannot delete expired data, retrying");
        }
    }
}
