//! Runs a command with `DATABASE_URL` naming an empty PostgreSQL database, which is dropped afterwards:
//! `postgres COMMAND ARGUMENT..`

use std::process::{Command, ExitCode};

use atelier_test_support::postgres;

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let Some(command) = arguments.next() else {
        eprintln!("usage: postgres COMMAND ARGUMENT..");
        return ExitCode::from(2);
    };
    let database = postgres::database().await;
    let ended = Command::new(&command)
        .args(arguments)
        .env("DATABASE_URL", database.url())
        .status();
    match ended {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("postgres: {} does not run: {error}", command.display());
            ExitCode::FAILURE
        }
    }
}
