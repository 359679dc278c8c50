//! What the server tells of the requests that it answers.

use std::any::Any;
use std::fmt;
use std::io::{self, IsTerminal};
use std::sync::Arc;

use atelier_warp::observe::Telemetry;
use atelier_warp::observe::log::{Format, Log, RequestLog, parse_levels};
use atelier_warp::observe::metrics::Metrics;
use atelier_warp::observe::otel::Otel;

use crate::cli::{Failure, LogFormat, Options, exit};

/// Begins the log, on standard error.
pub(crate) fn log(options: &Options) -> Result<Log, Failure> {
    let terminal = io::stderr().is_terminal();
    let colours = terminal && std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty());
    let format = match options.log_format {
        LogFormat::Auto if terminal => Format::Pretty,
        LogFormat::Pretty => Format::Pretty,
        LogFormat::Auto | LogFormat::Json => Format::Json,
    };
    let failure = |error: &dyn fmt::Display| {
        let why = format!("The system says: {error}.");
        Failure::new(
            "The log can't be started.",
            why,
            "Are there limits on the threads of this user?",
        )
    };
    let log = Log::new(io::stderr(), format).map_err(|error| failure(&error))?;
    let levels = parse_levels(&options.log).map_err(|error| failure(&error))?;
    let events = log.install_subscriber(levels, colours);
    events.map_err(|error| failure(&error))?;
    tell_of_panics(log.clone());
    Ok(log)
}

/// Has a panic told in the log: where it was, and its message where that is a constant of the program.
fn tell_of_panics(log: Log) {
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic.location().map(ToString::to_string);
        let reason = reason(panic.payload());
        tracing::error!(place = place.unwrap_or_default(), reason, "panicked");
        if std::thread::current().name() == Some("main") {
            // It ends the process.
            log.close();
        }
    }));
}

/// The message of a panic where it is a string literal, on one line. Any other was put together, perhaps with what a client
/// sent.
fn reason(payload: &dyn Any) -> String {
    match payload.downcast_ref::<&'static str>() {
        Some(literal) => literal.replace(char::is_control, " "),
        None => "(not a constant, and may hold values)".to_owned(),
    }
}

/// Begins to count, to log requests, and to send to a collector if the environment names one.
pub(super) fn begin(options: &Options, log: &Log) -> Result<(Telemetry, Option<Otel>), Failure> {
    let otel = Otel::from_environment()
        .map_err(|error| Failure::new(error.message, "", error.hint).code(exit::SETTING))?;
    let recorder = otel.as_ref().and_then(Otel::recorder);
    let metrics = Metrics::install(recorder).map_err(|words| Failure::new(words, "", ""))?;
    let observer = Telemetry {
        metrics: Some(Arc::new(metrics)),
        log: requests(options, log).map(Arc::new),
        tracer: otel.as_ref().and_then(Otel::tracer),
        ..Telemetry::default()
    };
    Ok((observer, otel))
}

/// The lines of requests. They are of level `info`, or of a higher one where the server failed.
fn requests(options: &Options, log: &Log) -> Option<RequestLog> {
    (options.log_sample > 0).then(|| log.requests(options.log_level, options.log_sample))
}

/// Sends what is left.
pub(super) async fn end(otel: Option<Otel>) {
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
    fn only_a_constant_message_of_a_panic_is_told() {
        let told = |panics: fn()| reason(&*catch_unwind(panics).expect_err("panics"));
        assert_eq!(told(|| panic!("a\nliteral")), "a literal");
        assert_eq!(
            told(|| panic!("no product {}", std::process::id())),
            "(not a constant, and may hold values)"
        );
        assert_eq!(
            told(|| panic!("{}", "canary@example.org".to_owned())),
            "(not a constant, and may hold values)"
        );
    }
}
