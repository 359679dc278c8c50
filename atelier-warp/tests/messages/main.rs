//! What the program says when it can't go on, word for word: what happened, why, what to do, and the exit code.

#[path = "../program/mod.rs"]
#[allow(dead_code, reason = "other tests need more of it")]
mod program;

mod base_paths;
mod commands;
mod exits;
mod files;
mod ports;
mod servers;
mod settings;
mod unsafe_settings;
mod waiting;
mod welcome;

use std::process::Command;

use program::{atelier, ended, home};
use tempfile::TempDir;

/// What a command says on standard error, and ends with.
fn refused(command: &mut Command) -> (String, i32) {
    let (code, said, words) = ended(command);
    assert_eq!(said, "", "it has nothing to tell but why it ends");
    (words, code)
}

/// That a command is refused in these words.
#[track_caller]
fn assert_refused(command: &mut Command, words: &str, code: i32) {
    assert_eq!(refused(command), (words.to_owned(), code));
}

/// The program in a home of its own, with these arguments, at a port that is free.
fn program_in(home: &TempDir, arguments: &[&str]) -> Command {
    let mut command = atelier(home);
    command.args(arguments);
    if !arguments.contains(&"--listen") && !["migrate", "demo"].contains(&arguments[0]) {
        command.args(["--listen", "127.0.0.1:0"]);
    }
    command
}
