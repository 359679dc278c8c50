//! `atelier-cold`: cold start, warm latency and memory of the Lambda function, over an emulated Runtime API.
//!
//! Prints one table of medians with their limits. Processes start one after another, alternating between the two
//! stores; warm requests alternate between the function, a bare function that returns every event, and
//! this process. Files are in the page cache: the time in which Lambda fetches a package is not included.
//!
//! Exit codes: 0 everything was measured, 1 a measurement failed, 2 usage.

#![allow(
    clippy::cast_precision_loss,
    reason = "figures for people, far below the 2^53 that a float holds"
)]

mod bare;
mod data;
mod memory;
mod size;
mod start;
mod table;
mod warm;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use crate::data::Places;
use crate::table::Row;

/// A result whose error is a message.
type Result<T> = std::result::Result<T, String>;

/// Maximum time of the whole run, which takes a fraction of it.
const RUN_TIMEOUT: Duration = Duration::from_mins(1);

/// Measures cold start, warm latency and memory of the function over an emulated Runtime API.
///
/// Needs PostgreSQL's programs, unless a database is given.
#[derive(Parser)]
#[command(name = "atelier-cold", version)]
struct Cli {
    /// The function's program; `bootstrap` beside this program without it
    #[arg(long, value_name = "PATH")]
    bootstrap: Option<PathBuf>,
    /// A PostgreSQL database with the demo catalogue, which is written into; a throwaway one is made without it
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// A SQLite file with the demo catalogue, which is read; one is made without it
    #[arg(long, value_name = "PATH")]
    sqlite: Option<PathBuf>,
    /// Starts on each store
    #[arg(long, value_name = "N", default_value_t = 21, value_parser = clap::value_parser!(u32).range(1..=100))]
    starts: u32,
}

fn main() -> ExitCode {
    // Started as a function, it is the bare one.
    if let Ok(api) = std::env::var("AWS_LAMBDA_RUNTIME_API") {
        return match bare::run(&api) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        };
    }
    match measure(Cli::parse()) {
        Ok(rows) => {
            print!("{}", table::text(&rows));
            ExitCode::SUCCESS
        }
        Err(words) => {
            eprintln!("{words}");
            ExitCode::FAILURE
        }
    }
}

fn measure(cli: Cli) -> Result<Vec<Row>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let measured = tokio::time::timeout(RUN_TIMEOUT, rows(cli)).await;
        measured.map_err(|_| format!("It took more than {} s.", RUN_TIMEOUT.as_secs()))?
    })
}

async fn rows(cli: Cli) -> Result<Vec<Row>> {
    let bootstrap = match cli.bootstrap {
        Some(path) => path,
        None => std::env::current_exe()
            .map_err(|error| error.to_string())?
            .with_file_name("bootstrap"),
    };
    let bootstrap = bootstrap.canonicalize().map_err(|_| {
        let path = bootstrap.display();
        format!("There is no {path}. Build it: cargo build --profile dist -p atelier-lambda")
    })?;
    eprintln!("making databases");
    let places = Places::open(cli.database_url, cli.sqlite).await?;
    let mut rows = start::rows(&bootstrap, &places, cli.starts).await?;
    rows.extend(warm::rows(&bootstrap, &places).await?);
    rows.extend(memory::rows(&bootstrap, &places).await?);
    rows.extend(size::rows(&bootstrap)?);
    Ok(rows)
}
