//! `atelier-etl`: the legacy CSV files, into a store.
//!
//! Exit codes: 0 fine, 1 it could not run to its end, 2 usage, 3 database unreachable or lost, 4 schema, 5 too many
//! rejects, 130 interrupted.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::process::ExitCode;

use atelier_etl::{Check, Failed, Generate, Load};
use clap::{Parser, Subcommand};
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

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
    /// Read all files of a directory and tell what they hold and what a load would do
    Check(Check),
    /// Write invented files of any size, in the shape and with the dirt of the real ones
    Generate(Generate),
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Load(load) => {
            run(async move |stop| atelier_etl::load(&load, stop).await.map(drop))
        }
        Command::Check(check) => {
            run(async move |stop| atelier_etl::check(&check, stop).await.map(drop))
        }
        Command::Generate(options) => generate(&options),
    }
}

fn run(command: impl AsyncFnOnce(Stop) -> Result<(), Failed>) -> ExitCode {
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("Cannot start the threads of the loader: {error}.");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(async {
        let stop = match stopped() {
            Ok(stop) => stop,
            Err(error) => {
                eprintln!("Ctrl-C and SIGTERM cannot be listened to: {error}.");
                return ExitCode::FAILURE;
            }
        };
        match command(stop).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(failed) => {
                eprintln!("{failed}");
                ExitCode::from(failed.error.exit_code())
            }
        }
    });
    // A file that is still being read when the store has failed need not be read to its end.
    runtime.shutdown_background();
    code
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

type Stop = Pin<Box<dyn Future<Output = ()>>>;

/// Comes with the first Ctrl-C or SIGTERM. The second one ends the process, should anything keep it from ending in order.
fn stopped() -> io::Result<Stop> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let (first, stop) = oneshot::channel();
    let mut next = async move || {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    tokio::spawn(async move {
        next().await;
        let _ = first.send(());
        next().await;
        std::process::exit(130);
    });
    Ok(Box::pin(async {
        let _ = stop.await;
    }))
}
