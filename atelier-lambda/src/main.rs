//! `bootstrap`: the API as a Lambda function, over the database that `DATABASE_URL` names.

use std::env;
use std::process::ExitCode;
use std::time::Duration;

use atelier_core::{Clock, DatabaseUrl, Error, Settings};
use atelier_lambda::Function;
use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::prelude::*;

/// What `bootstrap` ends with when it can't go on: words for the operator, and the exit code.
struct Stop {
    words: String,
    code: u8,
}

impl Stop {
    fn new(code: u8, words: impl Into<String>) -> Self {
        let words = words.into();
        Self { words, code }
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        let code = if matches!(error, Error::Schema(_)) {
            4
        } else {
            1
        };
        Self::new(code, error.to_string())
    }
}

fn main() -> ExitCode {
    let filter = EnvFilter::try_from_env("ATELIER_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    // Lambda puts the time before each line.
    let lines = tracing_subscriber::fmt::layer()
        .without_time()
        .with_ansi(false)
        .with_writer(std::io::stderr);
    tracing_subscriber::registry()
        .with(filter)
        .with(filter_fn(tells_no_event))
        .with(lines)
        .init();
    // One request at a time: a second thread would find nothing to do.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(serve()),
        Err(error) => Err(Stop::new(1, format!("The runtime can't start: {error}."))),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Stop { words, code }) => {
            eprintln!("{words}");
            ExitCode::from(code)
        }
    }
}

/// The runtime tells whole events at its finest level, with whatever is in them.
fn tells_no_event(metadata: &Metadata<'_>) -> bool {
    !metadata.target().starts_with("lambda_runtime") || *metadata.level() < Level::TRACE
}

async fn serve() -> Result<(), Stop> {
    started_by_lambda()?;
    let url = variable("DATABASE_URL").ok_or_else(|| {
        Stop::new(
            2,
            "No database is named. Set DATABASE_URL among the function's environment variables: \
             postgres://USER:PASSWORD@HOST:PORT/DATABASE, or sqlite:FILE?mode=ro for a file that is packed with it.",
        )
    })?;
    let url = DatabaseUrl::parse(&url).map_err(|error| Stop::new(2, error.to_string()))?;
    let store = atelier_core::open_for_function(&url).await?;
    let settings = Settings {
        tokens: tokens()?,
        keep_interactions: days("ATELIER_KEEP_INTERACTIONS")?,
        keep_carts: days("ATELIER_KEEP_CARTS")?,
        // Others write to the database, and nobody tells a process that is frozen.
        cache: 0,
        ..Settings::default()
    };
    let function = Function::new(store, settings, Clock::System);
    atelier_lambda::run(function)
        .await
        .map_err(|error| Stop::new(1, format!("Lambda's runtime API can't be asked: {error}.")))
}

/// A variable of the environment that is set to something.
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// The number of days in a variable; `None` for 0, and where it is not set.
fn days(name: &str) -> Result<Option<Duration>, Stop> {
    let days = variable(name).map_or(Ok(0), |text| text.parse::<u16>());
    let days = days.map_err(|_| {
        let words =
            format!("{name} is not a number of days. Set it to a whole number; 0 keeps all.");
        Stop::new(2, words)
    })?;
    Ok((days > 0).then(|| Duration::from_hours(24 * u64::from(days))))
}

/// The tokens that are accepted; none where the variable is set to nothing.
fn tokens() -> Result<Vec<String>, Stop> {
    let given = env::var_os("ATELIER_TOKEN").unwrap_or_default();
    let parts = given.to_str().unwrap_or_default().split(',').map(str::trim);
    let parts = parts.filter(|part| !part.is_empty());
    let tokens: Vec<_> = parts.map(str::to_owned).collect();
    if tokens.is_empty() && !given.is_empty() {
        return Err(Stop::new(
            2,
            "ATELIER_TOKEN names no token. Everybody would be let in. Set it to one, or to several with commas between \
             them; for everybody to be let in, leave it out.",
        ));
    }
    Ok(tokens)
}

/// Whether everything is set that the runtime takes for granted.
fn started_by_lambda() -> Result<(), Stop> {
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
        Some(missing) => Err(Stop::new(
            2,
            format!(
                "This program is started by AWS Lambda, which sets {missing}. \
                 To serve the API here: cargo run --release"
            ),
        )),
    }
}
