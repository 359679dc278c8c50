//! What `atelier` does.

mod database;
mod demo;
mod health;
mod migrate;
mod observe;
mod port;
mod production;
mod refused;
mod serve;
mod sqlite_file;
mod stop;
mod welcome;

pub(crate) use demo::reset as demo_reset;
pub(crate) use health::health;
pub(crate) use migrate::migrate;
pub(crate) use observe::log;
pub(crate) use serve::serve;

use crate::cli::Failure;

/// Prints what completes the command line in a shell.
pub(crate) fn completions(shell: clap_complete::Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut crate::cli::command(), "atelier", &mut script);
    crate::cli::print(&script)
}
