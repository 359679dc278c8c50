//! What the program prints, word for word, and its exit codes.

#[path = "../program/mod.rs"]
#[allow(dead_code, reason = "other tests need more of it")]
mod program;

mod banner;
mod base_paths;
mod commands;
mod exits;
mod files;
mod ports;
mod production;
mod servers;
mod settings;
mod waiting;

use std::process::Command;

use program::{atelier, ended, home};
use tempfile::TempDir;

/// Runs a command that fails, and returns its standard error and exit code.
fn failure(command: &mut Command) -> (String, i32) {
    let (code, said, words) = ended(command);
    assert_eq!(said, "", "a failure prints nothing to standard output");
    (words, code)
}

#[track_caller]
fn assert_fails(command: &mut Command, words: &str, code: i32) {
    assert_eq!(failure(command), (words.to_owned(), code));
}

/// The program with these arguments, on a free port unless they name one.
fn program_in(home: &TempDir, arguments: &[&str]) -> Command {
    let mut command = atelier(home);
    command.args(arguments);
    if !arguments.contains(&"--listen") && !["migrate", "demo"].contains(&arguments[0]) {
        command.args(["--listen", "127.0.0.1:0"]);
    }
    command
}
