//! `atelier`: the API over HTTP, with an embedded store and a demo catalogue when no database is named.

use std::future::Future;
use std::process::ExitCode;

use atelier_warp::observe::log::Log;
use cli::{Failure, Options, Task};

mod cli;
mod commands;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let (task, options) = cli::parse();
    if let Task::Health = task {
        return commands::health(options);
    }
    let outcome = options.and_then(|options| match task {
        Task::Serve => run(&options.clone(), |log| commands::serve(options, log)),
        Task::Migrate => run(&options, |_| commands::migrate(&options)),
        Task::DemoReset => run(&options, |_| commands::demo_reset(&options)),
        Task::PrintConfig(given) => cli::print_config(&given),
        Task::Completions(shell) => commands::completions(shell),
        Task::Settings => cli::print_settings(),
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
fn run<C: Future<Output = Result<(), Failure>>>(
    options: &Options,
    command: impl FnOnce(Log) -> C,
) -> Result<(), Failure> {
    let log = commands::log(options)?;
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
    cli::warn_of_strangers();
    let outcome = runtime.block_on(command(log.clone()));
    log.close();
    // Nothing is left that somebody waits for; a name that is being looked up, or a demo being made, is not waited for either.
    runtime.shutdown_background();
    outcome
}
