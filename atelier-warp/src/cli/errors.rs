//! Errors that end `atelier`, and its output.

use std::fmt::{self, Display};
use std::io::{self, Write};

use atelier_warp::output::write_all;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::{environment, exit};

/// Options whose values hold secrets.
pub(super) const SECRET: [&str; 3] = ["database-url", "database-read-url", "token"];

/// An error that ends the program: what failed, why, what to do, and the [exit code](super::exit).
#[derive(Debug)]
pub(crate) struct CliError {
    pub(crate) message: String,
    pub(crate) cause: String,
    pub(crate) hint: String,
    pub(crate) code: u8,
}

impl CliError {
    /// Creates an error with the exit code [`exit::RUNNING`].
    pub(crate) fn new(
        message: impl Into<String>,
        cause: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self {
            message: message.into(),
            cause: cause.into(),
            hint: hint.into(),
            code: exit::RUNNING,
        }
    }

    /// Creates an error whose cause is that of the operating system.
    pub(crate) fn system(message: &str, error: impl Display, hint: &str) -> Self {
        Self::new(message, format!("The system reports: {error}."), hint)
    }

    /// Sets the exit code.
    #[must_use]
    pub(crate) fn with_code(self, code: u8) -> Self {
        Self { code, ..self }
    }
}

impl Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        for part in [&self.cause, &self.hint] {
            if !part.is_empty() {
                write!(f, "\n{part}")?;
            }
        }
        Ok(())
    }
}

/// Flags of other programs, and the text that names ours.
const HINTS: [(&str, &str); 5] = [
    (
        "--host --hostname --bind --addr --address -H -b -l",
        "the address is set by --listen, as in --listen 0.0.0.0:4000",
    ),
    (
        "--database --db --db-url --url --sqlite --postgres -d",
        "the database is set by --database-url, as in --database-url sqlite:shop.db",
    ),
    (
        "--log-level --loglevel --verbose --debug --quiet -v -q",
        "the log level is set by --log, as in --log debug; -V prints the version",
    ),
    (
        "--config --env-file -c",
        "there is no configuration file: settings are flags or variables, and --print-config prints them",
    ),
    ("--readonly --ro", "writes are refused with --read-only"),
];

/// Completes an error of clap: names the option that an unknown flag may mean, or the variable that holds an invalid value,
/// and masks secrets.
pub(super) fn explain(mut error: clap::Error, command: &clap::Command) -> clap::Error {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => &**text,
        _ => "",
    };
    let value = text(ContextKind::InvalidValue);
    let argument = text(ContextKind::InvalidArg);
    let flag = argument.split(['=', ' ', '[']).next().unwrap_or_default();
    let name = flag.trim_start_matches("--");
    let is_url = |kind: &ContextKind| text(*kind).contains("://");
    let misplaced = [ContextKind::InvalidArg, ContextKind::InvalidSubcommand];
    let misplaced = misplaced.into_iter().find(is_url);
    let secret = SECRET.contains(&name).then_some(ContextKind::InvalidValue);
    let tip = if error.kind() == ErrorKind::UnknownArgument {
        let same = |(flags, _): &&(&str, &str)| flags.split(' ').any(|known| known == flag);
        HINTS.iter().find(same).map(|(_, hint)| (*hint).to_owned())
    } else {
        environment::source(command, name, value)
            .map(|variable| format!("the value comes from the environment variable {variable}"))
    };
    if let Some(kind) = misplaced
        .or(secret)
        .filter(|kind| error.get(*kind).is_some())
    {
        error.insert(kind, ContextValue::String("***".to_owned()));
    }
    if let Some(tip) = tip {
        // clap suggests a flag of similar spelling.
        error.remove(ContextKind::SuggestedArg);
        let tips = ContextValue::StyledStrs(vec![tip.into()]);
        error.insert(ContextKind::Suggested, tips);
    }
    error
}

/// Prints a line. A closed standard output (`atelier | head`) is no error.
pub(crate) fn say(line: impl Display) {
    let line = format!("{line}\n");
    let _ = write_all(&mut std::io::stdout().lock(), &mut line.as_bytes());
}

/// Prints the output of a command. A closed standard output (`atelier settings | head`) is no error; any other failure is.
pub(crate) fn print(output: &[u8]) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    match out.write_all(output).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(CliError::system(
            "Cannot write to standard output.",
            error,
            "Check the space on its disk.",
        )),
        _ => Ok(()),
    }
}

/// Prints a line to standard error.
pub(crate) fn complain(line: impl Display) {
    let line = format!("{line}\n");
    let _ = write_all(&mut std::io::stderr().lock(), &mut line.as_bytes());
}

/// Returns the message of an error with a full stop.
pub(crate) fn sentence(error: &atelier_core::Error) -> String {
    format!("{}.", error.to_string().trim_end_matches('.'))
}
