//! `atelier-load`: load tests of Atelier next to baselines, in one run.
//!
//! Each row of the table alternates between both sides, round by round; its ratio is the median of the rounds' ratios,
//! so noise of the machine affects both sides.
//!
//! Exit codes: 0 success, 1 a measurement failed or a response was wrong, 2 usage, 130 interrupted.

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
mod peer;
mod pgbench;
mod plot;
mod reads;
mod run;
mod scale;
mod scenarios;
mod server;
mod sweep;
mod table;
mod targets;
mod writes;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};

use crate::run::Options;

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
    /// Goodput and latency at ten times the capacity
    Overload(overload::Options),
    /// Goodput, failures and latency of 8 to 4,096 clients, next to the peer
    Sweep(sweep::Options),
    /// Draws the figures of a sweep as SVG
    Plot(plot::Options),
    /// Load scripts of public projects of this kind: ramps to 1,000 clients, posts at 1,000/s, 2,000 clients at once
    Scenarios(scenarios::Options),
    /// The bare server
    #[command(hide = true)]
    Bare(bare::Bare),
    /// The peer
    #[command(hide = true)]
    Peer,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command {
        Some(Command::Bare(bare)) => bare::run(&bare).map(|()| ExitCode::SUCCESS),
        Some(Command::Peer) => peer::run().map(|()| ExitCode::SUCCESS),
        Some(Command::Plot(options)) => plot::run(&options),
        Some(Command::Scenarios(options)) => scenarios::run(options),
        Some(Command::Sweep(options)) => sweep::run(options),
        Some(Command::Overload(options)) => overload::run(options),
        None => measure(cli.options, &cli.json),
    };
    outcome.unwrap_or_else(|words| {
        eprintln!("{words}");
        ExitCode::FAILURE
    })
}

/// Runs a measurement until it ends, or returns `None` on SIGINT or SIGTERM. Dropping it ends its processes
/// and deletes its files.
fn until_interrupted<T>(measurement: impl Future<Output = Result<T>>) -> Result<Option<T>> {
    let words = |error: std::io::Error| error.to_string();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.map_err(words)?.block_on(async {
        let mut terminate = signal(SignalKind::terminate()).map_err(words)?;
        tokio::select! {
            all = measurement => all.map(Some),
            _ = tokio::signal::ctrl_c() => Ok(None),
            _ = terminate.recv() => Ok(None),
        }
    })
}

/// Writes the figures of a run.
fn write_json(path: &Path, figures: &serde_json::Value) -> Result<()> {
    let written = std::fs::write(path, format!("{figures:#}\n"));
    written.map_err(|error| format!("{} can't be written: {error}", path.display()))
}

/// 0 without failures, 1 with any.
fn exit_code(failures: u64) -> ExitCode {
    if failures == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// The exit code of a run that was interrupted.
fn interrupted() -> ExitCode {
    ExitCode::from(130)
}

fn measure(options: Options, json: &Path) -> Result<ExitCode> {
    let settings = options.json();
    let Some((ids, rows)) = until_interrupted(run::run(options))? else {
        return Ok(interrupted());
    };
    print!("{}", table::text(&rows));
    let figures = serde_json::json!({ "settings": settings, "data": ids.to_string(), "rows": table::json(&rows) });
    write_json(json, &figures)?;
    Ok(exit_code(rows.iter().map(|row| row.errors.count).sum()))
}
