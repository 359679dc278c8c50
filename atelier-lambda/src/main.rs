//! `bootstrap`: the API as a Lambda function, with the database in `DATABASE_URL`.

use std::env;
use std::process::ExitCode;
use std::time::Duration;

use atelier_core::http::HttpSettings;
use atelier_core::{Atelier, Clock, DatabaseUrl, Error, Limits};
use atelier_lambda::Function;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::{Targets, filter_fn};
use tracing_subscriber::prelude::*;

/// An error that ends the process.
struct ExitError {
    message: String,
    code: u8,
}

/// Exit codes, as those of `atelier`.
const FAILED: u8 = 1;
const INVALID_SETTING: u8 = 2;
const WRONG_SCHEMA: u8 = 4;

impl ExitError {
    fn new(code: u8, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { message, code }
    }
}

impl From<Error> for ExitError {
    fn from(error: Error) -> Self {
        let code = match error {
            Error::Schema(_) => WRONG_SCHEMA,
            _ => FAILED,
        };
        Self::new(code, error.to_string())
    }
}

fn main() -> ExitCode {
    let levels = variable("ATELIER_LOG").and_then(|levels| levels.parse::<Targets>().ok());
    let levels = levels.unwrap_or_else(|| Targets::new().with_default(Level::WARN));
    // Lambda adds the time to each line.
    let lines = tracing_subscriber::fmt::layer()
        .without_time()
        .with_ansi(false)
        .with_writer(std::io::stderr);
    tracing_subscriber::registry()
        .with(levels)
        .with(filter_fn(contains_no_event))
        .with(lines)
        .init();
    // Lambda sends one request at a time, so a second thread would be idle.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(serve()),
        Err(error) => Err(ExitError::new(
            FAILED,
            format!("The tokio runtime can't be started: {error}."),
        )),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(ExitError { message, code }) => {
            eprintln!("{message}");
            ExitCode::from(code)
        }
    }
}

/// Whether a log event is free of request data: at level `trace`, the Lambda runtime logs whole events.
fn contains_no_event(metadata: &Metadata<'_>) -> bool {
    !metadata.target().starts_with("lambda_runtime") || *metadata.level() < Level::TRACE
}

async fn serve() -> Result<(), ExitError> {
    check_lambda_environment()?;
    let url = variable("DATABASE_URL").ok_or_else(|| {
        ExitError::new(
            INVALID_SETTING,
            "DATABASE_URL is not set. Add it to the function's environment variables: \
             postgres://USER:PASSWORD@HOST:PORT/DATABASE, or sqlite:FILE?mode=ro for a file in the zip.",
        )
    })?;
    let url = DatabaseUrl::parse(&url)
        .map_err(|error| ExitError::new(INVALID_SETTING, error.to_string()))?;
    let store = atelier_core::open(&url, &atelier_core::StoreOptions::lambda()).await?;
    let limits = Limits {
        keep_interactions: days("ATELIER_KEEP_INTERACTIONS")?,
        keep_carts: days("ATELIER_KEEP_CARTS")?,
        ..Limits::default()
    };
    let settings = HttpSettings {
        tokens: tokens()?,
        // A frozen process is not notified of writes by others.
        cache_bytes: 0,
        ..HttpSettings::default()
    };
    let function = Function::new(Atelier::with(store, limits, Clock::System), settings);
    atelier_lambda::run(function).await.map_err(|error| {
        let message = format!("The runtime API of Lambda failed: {error}.");
        ExitError::new(FAILED, message)
    })
}

/// Reads an environment variable. An empty one counts as unset.
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// Reads a number of days. Returns `None` for 0 or an unset variable.
fn days(name: &str) -> Result<Option<Duration>, ExitError> {
    let days = variable(name).map_or(Ok(0), |text| text.parse::<u16>());
    let days = days.map_err(|_| {
        let message =
            format!("{name} is not a number of days. Set it to a whole number; 0 keeps all.");
        ExitError::new(INVALID_SETTING, message)
    })?;
    Ok((days > 0).then(|| Duration::from_hours(24 * u64::from(days))))
}

/// The accepted tokens. Without any, no request needs one.
fn tokens() -> Result<Vec<String>, ExitError> {
    let given = env::var_os("ATELIER_TOKEN").unwrap_or_default();
    let parts = given.to_str().unwrap_or_default().split(',').map(str::trim);
    let parts = parts.filter(|part| !part.is_empty());
    let tokens: Vec<_> = parts.map(str::to_owned).collect();
    if tokens.is_empty() && !given.is_empty() {
        return Err(ExitError::new(
            INVALID_SETTING,
            "ATELIER_TOKEN contains no token, so every client would be accepted. Set it to one token or several, separated by \
             commas, or unset it to accept every client.",
        ));
    }
    Ok(tokens)
}

/// Checks the environment variables without which the Lambda runtime panics.
fn check_lambda_environment() -> Result<(), ExitError> {
    let memory = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE";
    let set = |name: &&str| {
        variable(name).is_some_and(|value| *name != memory || value.parse::<i32>().is_ok())
    };
    let needed = [
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        memory,
    ];
    match needed.iter().find(|name| !set(name)) {
        None => Ok(()),
        Some(missing) => Err(ExitError::new(
            INVALID_SETTING,
            format!(
                "{missing} is not set, as AWS Lambda would do, which starts this program. \
                 To serve the API on this machine: cargo run --release"
            ),
        )),
    }
}
