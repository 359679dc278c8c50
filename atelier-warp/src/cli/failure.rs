//! What `atelier` says.

use std::fmt::{self, Display};
use std::io::{ErrorKind, Write};

use atelier_warp::output::write_all;

use super::exit;

/// What `atelier` ends with when it can't go on: what happened, why, what to do, and the [exit code](super::exit).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) what: String,
    pub(crate) why: String,
    pub(crate) cure: String,
    pub(crate) code: u8,
}

impl Failure {
    /// One that ends with [`exit::RUNNING`].
    pub(crate) fn new(
        what: impl Into<String>,
        why: impl Into<String>,
        cure: impl Into<String>,
    ) -> Self {
        Self {
            what: what.into(),
            why: why.into(),
            cure: cure.into(),
            code: exit::RUNNING,
        }
    }

    #[must_use]
    pub(crate) fn code(self, code: u8) -> Self {
        Self { code, ..self }
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [&self.what, &self.why, &self.cure];
        let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        for (place, part) in parts.iter().enumerate() {
            let end = if place + 1 < parts.len() { "\n" } else { "" };
            write!(f, "{part}{end}")?;
        }
        Ok(())
    }
}

/// Prints a line. Who has stopped listening (`atelier | head`) misses it, and that is all.
pub(crate) fn say(line: impl Display) {
    let line = format!("{line}\n");
    let _ = write_all(&mut std::io::stdout().lock(), &mut line.as_bytes());
}

/// Prints the output that a command was called for. A reader who has stopped (`atelier settings | head`) misses the rest;
/// anything else that keeps it from being written fails the command.
pub(crate) fn print(output: &[u8]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(output).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::new(
            "Standard output can't be written.",
            format!("The system says: {error}."),
            "Is there room where it leads?",
        )),
        _ => Ok(()),
    }
}

/// Prints a line to standard error.
pub(crate) fn complain(line: impl Display) {
    let line = format!("{line}\n");
    let _ = write_all(&mut std::io::stderr().lock(), &mut line.as_bytes());
}
