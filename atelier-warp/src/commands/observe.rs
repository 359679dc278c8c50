//! The log, metrics and traces of a server.

use std::any::Any;
use std::fmt::Display;
use std::io::{self, IsTerminal};
use std::sync::Arc;

use atelier_warp::observe::Telemetry;
use atelier_warp::observe::log::{Format, Log};
use atelier_warp::observe::metrics::Metrics;
use atelier_warp::observe::otel::Otel;

use crate::cli::{CliError, LogFormat, LogOptions, ServeOptions, exit};

/// Starts the log on standard error.
pub(crate) fn start_log(options: &LogOptions) -> Result<Log, CliError> {
    let terminal = io::stderr().is_terminal();
    let colours = terminal && std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty());
    let format = match options.log_format {
        LogFormat::Auto if terminal => Format::Pretty,
        LogFormat::Pretty => Format::Pretty,
        LogFormat::Auto | LogFormat::Json => Format::Json,
    };
    let hint = "Check the limit on threads of this user.";
    let failed = |error: &dyn Display| CliError::system("Cannot start the log.", error, hint);
    let log = Log::new(io::stderr(), format).map_err(|error| failed(&error))?;
    let events = log.install_subscriber(options.log.targets.clone(), colours);
    events.map_err(|error| failed(&error))?;
    log_panics(log.clone());
    Ok(log)
}

/// Logs the place and, if it holds no values, the message of every panic.
fn log_panics(log: Log) {
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic.location().map(ToString::to_string);
        let reason = reason(panic.payload());
        tracing::error!(place = place.unwrap_or_default(), reason, "panicked");
        if std::thread::current().name() == Some("main") {
            // The process ends, and the log with it.
            log.close();
        }
    }));
}

/// Returns the message of a panic on one line if it is a string literal. A formatted message may hold what a client sent.
fn reason(payload: &dyn Any) -> String {
    match payload.downcast_ref::<&'static str>() {
        Some(literal) => literal.replace(char::is_control, " "),
        None => "(formatted message withheld, it may hold values)".to_owned(),
    }
}

/// Returns the observer of a server's requests, and the exporter if the environment names a collector.
pub(super) fn observer(
    options: &ServeOptions,
    log: &Log,
) -> Result<(Telemetry, Option<Otel>), CliError> {
    let otel = Otel::from_environment()
        .map_err(|error| CliError::new(error.message, "", error.hint).with_code(exit::SETTING))?;
    let recorder = otel.as_ref().and_then(Otel::recorder);
    let metrics = Metrics::install(recorder).map_err(|words| CliError::new(words, "", ""))?;
    let requests =
        (options.log_sample > 0).then(|| log.requests(options.log.log.level, options.log_sample));
    let observer = Telemetry {
        metrics: Some(Arc::new(metrics)),
        log: requests.map(Arc::new),
        tracer: otel.as_ref().and_then(Otel::tracer),
        ..Telemetry::default()
    };
    Ok((observer, otel))
}

/// Exports the remaining data, and stops the exporter.
pub(super) async fn flush(otel: Option<Otel>) {
    let end = move || {
        if let Some(otel) = otel {
            otel.shutdown();
        }
    };
    let _ = tokio::task::spawn_blocking(end).await;
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;

    #[test]
    fn formatted_message_of_panic_is_not_logged() {
        let logged = |panics: fn()| reason(&*catch_unwind(panics).expect_err("panics"));
        assert_eq!(logged(|| panic!("a\nliteral")), "a literal");
        let withheld = "(formatted message withheld, it may hold values)";
        assert_eq!(
            logged(|| panic!("no product {}", std::process::id())),
            withheld
        );
        assert_eq!(
            logged(|| panic!("{}", "canary@example.org".to_owned())),
            withheld
        );
    }
}
