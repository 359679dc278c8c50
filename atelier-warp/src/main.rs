//! `atelier`: the API over HTTP, with an embedded store and a demo catalogue unless a database is named.

use std::future::Future;
use std::process::ExitCode;

use atelier_warp::observe::log::Log;
use cli::{CliError, Command, DemoCommand, LogOptions};

mod cli;
mod commands;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let (command, matches) = cli::parse();
    let outcome = match command {
        Command::Serve(options) if options.print_config => {
            let checked = options.check();
            checked.and_then(|()| cli::print_config(&options, &matches))
        }
        Command::Serve(options) => run(&options.log.clone(), |log| commands::serve(*options, log)),
        Command::Migrate(options) => run(&options.log, |_| commands::migrate(&options)),
        Command::Health(options) => return commands::health(&options),
        Command::Demo(DemoCommand::Reset(options)) => {
            run(&options.log, |_| commands::demo_reset(&options))
        }
        Command::Completions { shell } => commands::completions(shell),
        Command::Settings => cli::print_settings(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            cli::complain(&error);
            ExitCode::from(error.code)
        }
    }
}

/// Runs a command with a log, on a multi-threaded runtime.
fn run<C: Future<Output = Result<(), CliError>>>(
    options: &LogOptions,
    command: impl FnOnce(Log) -> C,
) -> Result<(), CliError> {
    let log = commands::start_log(options)?;
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.enable_all().build().map_err(|error| {
        let hint = "Check the limits on threads and memory of this user.";
        CliError::system("Cannot start threads.", error, hint)
    })?;
    cli::environment::warn_unknown();
    let outcome = runtime.block_on(command(log.clone()));
    log.close();
    // Do not wait for blocking tasks, such as a name lookup or a demo that is being generated.
    runtime.shutdown_background();
    outcome
}
