//! The program `atelier-etl`.
//!
//! Exit codes: 0 success, 1 failed, 2 usage, 3 database unreachable, 4 schema version, 5 too many rejects, 130
//! interrupted.

mod cli;

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::process::ExitCode;

use atelier_etl::{Generate, LoadError};
use clap::Parser;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

use crate::cli::{Arguments, Command};

type Stop = Pin<Box<dyn Future<Output = ()>>>;

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

fn run(command: impl AsyncFnOnce(Stop) -> Result<(), LoadError>) -> ExitCode {
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("Cannot start threads: {error}.");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(async {
        let stop = match shutdown_signal() {
            Ok(stop) => stop,
            Err(error) => {
                eprintln!("Cannot handle signals: {error}.");
                return ExitCode::FAILURE;
            }
        };
        match command(stop).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{error}");
                ExitCode::from(error.error.exit_code())
            }
        }
    });
    // A thread may still be reading a file.
    runtime.shutdown_background();
    code
}

/// Generates files. A signal may simply end the process, because an incomplete data set has no manifest.
fn generate(options: &Generate) -> ExitCode {
    match atelier_etl::generate(options) {
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Returns a future that completes with the first SIGINT or SIGTERM. The second one exits the process.
fn shutdown_signal() -> io::Result<Stop> {
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
