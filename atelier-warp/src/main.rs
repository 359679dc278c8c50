//! `atelier`: the API over HTTP, with an embedded store and a demo catalogue when no database is named.

use std::future::Future;
use std::io::IsTerminal;
use std::process::ExitCode;

use tracing_subscriber::EnvFilter;

use cli::{Failure, LogFormat, Options, Task};

mod cli;
mod commands;

fn main() -> ExitCode {
    let (task, options) = cli::parse();
    if let Task::Health = task {
        return commands::health(options);
    }
    let outcome = options.and_then(|options| match task {
        Task::Serve => run(&options.clone(), commands::serve(options)),
        Task::Migrate => run(&options, commands::migrate(&options)),
        Task::DemoReset => run(&options, commands::demo_reset(&options)),
        Task::PrintConfig(given) => {
            cli::print_config(&given);
            Ok(())
        }
        Task::Completions(shell) => {
            commands::completions(shell);
            Ok(())
        }
        Task::Settings => {
            cli::print_settings();
            Ok(())
        }
        Task::Health => Ok(()),
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            cli::complain(&failure);
            ExitCode::from(failure.code)
        }
    }
}

/// Runs a command with a log and with threads.
fn run(
    options: &Options,
    command: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    log(options);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| {
        let cure = "Are there limits on the threads of this user, or on memory?";
        Failure::new(
            "The threads can't be started.",
            format!("The system says: {error}."),
            cure,
        )
    })?;
    runtime.block_on(command)
}

/// Begins the log, on standard error.
fn log(options: &Options) {
    let terminal = std::io::stderr().is_terminal();
    let colours = terminal && std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty());
    let log = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(&options.log))
        .with_writer(std::io::stderr)
        .with_ansi(colours)
        // Who has stopped reading the log need not be told; to try ends the thread that does.
        .log_internal_errors(false);
    match options.log_format {
        LogFormat::Auto if terminal => log.init(),
        LogFormat::Pretty => log.init(),
        LogFormat::Auto | LogFormat::Json => log.json().flatten_event(true).init(),
    }
}
