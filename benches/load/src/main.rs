//! `atelier-load`: how much Atelier carries, next to what limits it, in one run.
//!
//! Each row of its table measures both sides by turns, round by round; its ratio is the median of the rounds' ratios,
//! so that a machine which is slower for a while is slower for both.
//!
//! Exit codes: 0 all was measured, 1 something could not be or answers were wrong, 2 usage, 130 interrupted.

#![allow(
    clippy::cast_precision_loss,
    reason = "figures for people, far below the 2^53 that a float holds"
)]

mod bare;
mod client;
mod closed_loop;
mod data;
mod load;
mod memory;
mod mix;
mod mixed;
mod open_loop;
mod overload;
mod pgbench;
mod reads;
mod run;
mod scale;
mod server;
mod table;
mod targets;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};

use crate::run::Options;
use crate::table::Row;

/// What went wrong, in words.
type Result<T> = std::result::Result<T, String>;

/// How much Atelier carries, next to what limits it: a bare hyper server that gives the same answers from memory, and
/// pgbench that does the same look-ups one by one.
///
/// Prints one table; ratios are medians over rounds in which both sides take turns. With a database of your own `mix`
/// writes into it, everything else only reads. Needs PostgreSQL's programs, pgbench among them.
#[derive(Parser)]
#[command(name = "atelier-load", version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    options: Options,
    /// Where the figures of every round go
    #[arg(long, value_name = "FILE", default_value = "load.json")]
    json: PathBuf,
}

#[derive(Subcommand)]
enum Command {
    /// What becomes of it at ten times what it can do
    Overload(overload::Options),
    /// The bare server
    #[command(hide = true)]
    Bare(bare::Bare),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command {
        Some(Command::Bare(bare)) => bare::run(&bare).map(|()| ExitCode::SUCCESS),
        Some(Command::Overload(options)) => overload::run(options),
        None => measure(cli.options, &cli.json),
    };
    outcome.unwrap_or_else(|words| {
        eprintln!("{words}");
        ExitCode::FAILURE
    })
}

fn measure(options: Options, json: &PathBuf) -> Result<ExitCode> {
    let words = |error: std::io::Error| error.to_string();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(words)?;
    let settings = options.json();
    let rows = runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate()).map_err(words)?;
        // Whichever way this ends, the processes and files that it made go with what is dropped here.
        tokio::select! {
            rows = run::run(options) => rows.map(Some),
            _ = tokio::signal::ctrl_c() => Ok(None),
            _ = terminate.recv() => Ok(None),
        }
    })?;
    let Some((ids, rows)) = rows else {
        return Ok(ExitCode::from(130));
    };
    print!("{}", table::text(&rows));
    let figures = serde_json::json!({ "settings": settings, "data": ids.to_string(), "rows": table::json(&rows) });
    let written = std::fs::write(json, format!("{figures:#}\n"));
    written.map_err(|error| format!("{} can't be written: {error}", json.display()))?;
    let failed = |row: &Row| row.errors.count > 0;
    Ok(if rows.iter().any(failed) {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}
