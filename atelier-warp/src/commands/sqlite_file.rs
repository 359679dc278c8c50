//! Files of SQLite databases.

use std::fs;
use std::path::{Path, PathBuf};

use atelier_core::{DatabaseUrl, Error, FileFault};

use crate::cli::{CliError, DatabaseOptions, sentence};

const OTHER_FILE: &str = "Name another file: --database-url sqlite:PATH";

/// Fails if the directory of the named file does not exist. A missing file is created, a directory is not: after a typing error
/// the server would serve an empty database in a new directory.
pub(super) fn require_directory(options: &DatabaseOptions) -> Result<(), CliError> {
    let Some(url @ DatabaseUrl::Sqlite(path)) = &options.database_url else {
        return Ok(());
    };
    let directory = path.parent().unwrap_or(path);
    if directory.as_os_str().is_empty() || directory.is_dir() {
        return Ok(());
    }
    let shown = directory.display();
    let cause = format!("--database-url is {url}; a missing file is created, a directory is not.");
    Err(if directory.exists() {
        CliError::new(format!("{shown} is not a directory."), cause, OTHER_FILE)
    } else {
        let hint = format!("If the path is right: mkdir -p '{shown}'");
        CliError::new(
            format!("The directory {shown} does not exist."),
            cause,
            hint,
        )
    })
}

/// Whether opening the database creates its file.
pub(super) fn is_new(url: &DatabaseUrl) -> bool {
    match url {
        DatabaseUrl::Sqlite(path) => fs::metadata(path).map_or(true, |file| file.len() == 0),
        _ => false,
    }
}

/// Returns the absolute path of an existing file, with symbolic links resolved.
pub(super) fn absolute(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// Converts an error of the database in the file at `path`.
pub(super) fn describe(path: &Path, error: &Error) -> CliError {
    let shown = path.display();
    if path.is_dir() {
        let file = path.join("shop.db");
        return CliError::new(
            format!("{shown} is a directory."),
            "An SQLite database is a file.",
            format!("Name one: --database-url sqlite:{}", file.display()),
        );
    }
    let details = sentence(error);
    let (message, cause, hint) = match error.file_fault() {
        Some(FileFault::InUse) => (
            format!("{shown} is in use by another process."),
            "Only one process at a time may write an SQLite file; several servers share a PostgreSQL database.".to_owned(),
            "Stop the other process, or name another file: --database-url sqlite:PATH",
        ),
        Some(FileFault::Foreign) => (
            format!("{shown} contains tables of another program."),
            "Atelier shares no database.".to_owned(),
            OTHER_FILE,
        ),
        Some(FileFault::NotADatabase) => (
            format!("{shown} is not an SQLite database."),
            "It lacks the header of one.".to_owned(),
            OTHER_FILE,
        ),
        Some(FileFault::Damaged) => (
            format!("{shown} is damaged."),
            details,
            "Restore it from a backup, or remove it to start with a new one.",
        ),
        Some(FileFault::Full) => (
            format!("No space is left on the disk of {shown}."),
            details,
            "Free some, or name another file: --database-url sqlite:PATH",
        ),
        fault => {
            let hint = match fault {
                Some(FileFault::Denied) => "This user must be able to write the file and its directory.",
                Some(FileFault::NotReadOnly) => "To create, migrate and write the file, omit ?mode=ro.",
                // Its message has the hint.
                Some(FileFault::OnlyRead) => "",
                _ => "Check that this user may write there, and the space on the disk.",
            };
            (details, String::new(), hint)
        }
    };
    CliError::new(message, cause, hint)
}
