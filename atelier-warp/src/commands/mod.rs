//! The commands of `atelier`.

mod banner;
mod database;
mod database_errors;
mod demo;
mod health;
mod listener;
mod migrate;
mod observe;
mod production;
mod serve;
mod shutdown_signal;
mod sqlite_file;

pub(crate) use demo::reset as demo_reset;
pub(crate) use health::health;
pub(crate) use migrate::migrate;
pub(crate) use observe::start_log;
pub(crate) use serve::serve;

use crate::cli::{CliError, full_command, print};

/// Prints a completion script.
pub(crate) fn completions(shell: clap_complete::Shell) -> Result<(), CliError> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut full_command(), "atelier", &mut script);
    print(&script)
}
