//! `atelier-etl`: the legacy CSV files, into a store.
//!
//! Exit codes: 0 fine, 1 it could not run to its end, 2 usage, 3 database unreachable, 4 schema, 5 too many rejects,
//! 130 interrupted.

use std::process::ExitCode;

use atelier_etl::{Generate, Load};
use clap::{Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};

/// The legacy CSV files, into a store.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Read all files of a directory and fill an empty store with what is good in them
    Load(Load),
    /// Write invented files of any size, in the shape and with the dirt of the real ones
    Generate(Generate),
}

fn main() -> ExitCode {
    let load = match Arguments::parse().command {
        Command::Load(load) => load,
        Command::Generate(options) => return generate(&options),
    };
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("Cannot start the threads of the loader: {error}.");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(run(&load));
    // A file that is still being read when the store has failed need not be read to its end.
    runtime.shutdown_background();
    code
}

async fn run(load: &Load) -> ExitCode {
    match signal(SignalKind::interrupt()) {
        Ok(mut interrupt) => {
            // Safe at any point, as the store takes a load whole or not at all.
            tokio::spawn(async move {
                interrupt.recv().await;
                eprintln!(
                    "Interrupted, and nothing was loaded. Start again with the same command."
                );
                std::process::exit(130);
            });
        }
        Err(error) => eprintln!("Ctrl-C will not be answered with a message: {error}."),
    }
    match atelier_etl::load(load).await {
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(error.exit_code())
        }
    }
}

/// Ctrl-C just ends it: a set is whole only when its manifest is there.
fn generate(options: &Generate) -> ExitCode {
    match atelier_etl::generate(options) {
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
