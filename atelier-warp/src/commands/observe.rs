//! What the server tells of the requests that it answers.

use std::io::{self, IsTerminal};
use std::sync::Arc;

use atelier_warp::observe::Observer;
use atelier_warp::observe::log::{Format, RequestLog};
use atelier_warp::observe::metrics::Metrics;
use atelier_warp::observe::otel::Otel;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use crate::cli::{Failure, LogFormat, Options};

/// Begins to count, to log, and to send to a collector if the environment names one.
pub(super) fn begin(options: &Options) -> Result<(Observer, Option<Otel>), Failure> {
    let otel = Otel::from_environment().map_err(|words| {
        let (what, cure) = words.split_once('\n').unwrap_or((&words, ""));
        Failure::new(what, "", cure).code(2)
    })?;
    let recorder = otel.as_ref().and_then(Otel::recorder);
    let metrics = Metrics::install(recorder).map_err(|words| Failure::new(words, "", ""))?;
    let observer = Observer {
        metrics: Some(Arc::new(metrics)),
        log: log(options)?.map(Arc::new),
        tracer: otel.as_ref().and_then(Otel::tracer),
        ..Observer::default()
    };
    Ok((observer, otel))
}

/// The log of requests, beside the rest of the log. A line is of level `info`, so there is none where that is not wanted.
fn log(options: &Options) -> Result<Option<RequestLog>, Failure> {
    let level = EnvFilter::new(&options.log).max_level_hint();
    if level.is_some_and(|level| level < LevelFilter::INFO) || options.log_sample == 0 {
        return Ok(None);
    }
    let format = match options.log_format {
        LogFormat::Auto if io::stderr().is_terminal() => Format::Pretty,
        LogFormat::Pretty => Format::Pretty,
        LogFormat::Auto | LogFormat::Json => Format::Json,
    };
    let log = RequestLog::to(io::stderr(), format, options.log_sample);
    let failure = |error| {
        let why = format!("The system says: {error}.");
        Failure::new(
            "The log can't be started.",
            why,
            "Are there limits on the threads of this user?",
        )
    };
    log.map(Some).map_err(failure)
}

/// Writes and sends what is left.
pub(super) async fn end(log: Option<Arc<RequestLog>>, otel: Option<Otel>) {
    let end = move || {
        if let Some(log) = log {
            log.end();
        }
        if let Some(otel) = otel {
            otel.end();
        }
    };
    let _ = tokio::task::spawn_blocking(end).await;
}
