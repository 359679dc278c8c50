//! Command line of `atelier-etl`.

use atelier_etl::{Check, Generate, Load};
use clap::{Parser, Subcommand};

/// Loads the legacy CSV files into an Atelier store
#[derive(Parser)]
#[command(name = "atelier-etl", version, about)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Load the files of a directory into an empty store
    Load(Load),
    /// Validate the files of a directory, and report what a load would do
    Check(Check),
    /// Write invented files of any size, in the format of the original ones and with their defects
    Generate(Generate),
}
