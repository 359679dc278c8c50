//! Errors of a load: their causes, messages, exit codes and hints.

use std::fmt::{self, Write as _};
use std::io;
use std::path::{Path, PathBuf};

use atelier_core::DatabaseUrl;
use thiserror::Error as ThisError;

use crate::format::thousands;
use crate::schema::{TABLES, TableSchema};

/// Name of the option in fingerprints and messages.
pub(crate) const CREATED_AT: &str = "--created-at";

const REPORT_DEFECT: &str = "This is a defect of the loader: please report it.";
const SPILL_HINT: &str = "Free space there, or set TMPDIR to another directory. `atelier-etl check` estimates the space \
                          that a load needs.";

/// Reason why a file cannot be read to its end. Single bad records are a
/// [`RejectReason`](crate::RejectReason) instead.
#[derive(Debug, ThisError)]
#[expect(missing_docs, reason = "the message names the fields")]
pub enum ReadError {
    /// The source failed at this byte.
    #[error("Reading failed at byte {offset}: {source}.")]
    Io { source: io::Error, offset: u64 },
    /// A line, or the lines needed to parse a record, exceed the buffer limit.
    #[error("The line that begins at byte {offset} is longer than {} MiB.", .limit >> 20)]
    TooLong { offset: u64, limit: usize },
    /// A pipe or device: it may block forever, and cannot be read twice.
    #[error("It is a pipe or a device, not a file.")]
    NotAFile,
    /// The header has other columns than the schema.
    #[error("The header does not match.{}", header_difference(.missing, .unknown, .duplicate))]
    Header {
        missing: Vec<&'static str>,
        unknown: Vec<String>,
        duplicate: Vec<&'static str>,
    },
    /// Lines and records differ: a defect of the reader.
    #[error("Row counts do not match: {counts}.")]
    RowCountMismatch { counts: String },
    /// Writing or reading spilled data failed.
    #[error("Cannot spill to disk in {}: {source}.", .dir.display())]
    Spill { source: io::Error, dir: PathBuf },
}

/// Reason why a load failed. The store serves its previous content in each case.
#[derive(Debug, ThisError)]
#[expect(missing_docs, reason = "the message names the fields")]
pub enum Error {
    /// The database URL is invalid.
    #[error("{0}")]
    Url(#[source] atelier_core::Error),
    /// An output file would overwrite an input, the store or the other output.
    #[error(
        "{} cannot be used for the reject log or the report: it is an input file, the store, or named for both.\n\
         Name another file with --rejects or --report.",
        .path.display()
    )]
    OutputConflict { path: PathBuf },
    /// The directory cannot be read.
    #[error(
        "Cannot read the directory {}: {source}.\nName the directory that holds the CSV files: atelier-etl load DIR",
        .path.display()
    )]
    Directory { path: PathBuf, source: io::Error },
    /// The directory holds none of the fourteen files. `misnamed` lists files with similar names.
    #[error("{}", no_files(.path, .misnamed))]
    NoFiles {
        path: PathBuf,
        misnamed: Vec<String>,
    },
    /// A file cannot be read to its end.
    #[error("Cannot read {}. {source}\n{}", .path.display(), read_hint(.table, .source))]
    Read {
        path: PathBuf,
        table: &'static TableSchema,
        source: ReadError,
    },
    /// The reject log or the report cannot be written.
    #[error(
        "Cannot write {}: {source}.\nName another file with --rejects or --report.",
        .path.display()
    )]
    Write { path: PathBuf, source: io::Error },
    /// The output of a check cannot be written.
    #[error(
        "Cannot write to standard output: {source}.\nCheck the free space where it is redirected to."
    )]
    Output { source: io::Error },
    /// Writing or reading spilled data failed.
    #[error("Cannot spill to disk in {}: {source}.\n{SPILL_HINT}", .dir.display())]
    Spill { dir: PathBuf, source: io::Error },
    /// Every record was rejected, or the files are empty.
    #[error(
        "No record of these files can be loaded.\nAll rows belong to products: check that product.csv is present and \
         belongs to these files. `atelier-etl check` shows why records were rejected."
    )]
    NothingLoaded,
    /// The store took another number of rows than were read: a defect of the loader.
    #[error(
        "Row counts do not match: {} rows were read and {} were stored.\n{REPORT_DEFECT}",
        thousands(*.read),
        thousands(*.stored)
    )]
    RowsLost { read: u64, stored: u64 },
    /// More records were rejected than `--max-rejects` allows.
    #[error(
        "{} records were rejected ({reasons}), and --max-rejects allows {}.\n{} Fix the files, or raise --max-rejects.",
        thousands(*.rejected),
        thousands(*.allowed),
        rejects_listed(.log.as_deref())
    )]
    TooManyRejects {
        rejected: u64,
        allowed: u64,
        reasons: String,
        log: Option<PathBuf>,
    },
    /// The store holds products other than the demo.
    #[error(
        "Cannot load into {url}: it already holds products, and a load does not add to them.\nName an empty database \
         with --database-url."
    )]
    NotEmpty { url: DatabaseUrl },
    /// The inputs differ from those of the interrupted load.
    #[error("Cannot resume the load into {url}: {}", inputs_changed(.inputs))]
    InputsChanged {
        url: DatabaseUrl,
        inputs: Vec<&'static str>,
    },
    /// The store cannot be opened, or refused rows.
    #[error("Cannot load into {url}: {}{}", with_causes(.source), store_hint(.url, .source))]
    Store {
        url: DatabaseUrl,
        source: atelier_core::Error,
    },
    /// A signal ended the load.
    #[error("Interrupted.")]
    Interrupted,
}

/// Error of a command, with a hint about the state of the store and how to continue.
#[derive(Debug, ThisError)]
pub struct LoadError {
    /// The cause.
    #[source]
    pub error: Error,
    /// Whole sentences for the user. May be empty.
    pub hint: String,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.error)?;
        match self.hint.as_str() {
            "" => Ok(()),
            hint => write!(f, "\n{hint}"),
        }
    }
}

impl Error {
    /// Returns the exit code: 1 failed, 2 usage, 3 database unreachable, 4 schema version, 5 too many rejects,
    /// 130 interrupted.
    pub fn exit_code(&self) -> u8 {
        use atelier_core::Error as Store;
        match self {
            Self::Url(_) | Self::OutputConflict { .. } => 2,
            Self::Store { source, .. }
                if source.connect_error().is_some() || matches!(source, Store::Unavailable(_)) =>
            {
                3
            }
            Self::Store {
                source: Store::Schema(_),
                ..
            } => 4,
            Self::TooManyRejects { .. } => 5,
            Self::Interrupted => 130,
            _ => 1,
        }
    }

    /// Whether a load of the same files can be resumed once the cause is gone.
    pub(crate) fn is_resumable(&self) -> bool {
        match self {
            Self::Read { source, .. } => {
                matches!(source, ReadError::Io { .. } | ReadError::Spill { .. })
            }
            Self::Store { source, .. } => !matches!(source, atelier_core::Error::Config(_)),
            Self::Write { .. }
            | Self::Spill { .. }
            | Self::TooManyRejects { .. }
            | Self::Interrupted => true,
            _ => false,
        }
    }
}

/// Formats the warning about files that are ignored because of their names.
pub(crate) fn misnamed_warning(names: &[String]) -> String {
    format!(
        "Warning: files ignored because of their names: {}. Rename or unpack those that should be loaded.",
        names.join(", ")
    )
}

fn header_difference(missing: &[&str], unknown: &[String], duplicate: &[&str]) -> String {
    let mut text = String::new();
    for (label, names) in [("Missing", missing), ("Duplicate", duplicate)] {
        if !names.is_empty() {
            let _ = write!(text, " {label}: {}.", names.join(", "));
        }
    }
    if !unknown.is_empty() {
        let _ = write!(text, " Unknown: {unknown:?}.");
    }
    text
}

fn no_files(path: &Path, misnamed: &[String]) -> String {
    let names: Vec<_> = TABLES.iter().map(|table| table.name).collect();
    let warning = match misnamed {
        [] => String::new(),
        names => format!("\n{}", misnamed_warning(names)),
    };
    format!(
        "Nothing to load: {} holds none of the CSV files.\nName the directory that holds them: {}{warning}",
        path.display(),
        names.join(", "),
    )
}

fn rejects_listed(log: Option<&Path>) -> String {
    match log {
        Some(log) => format!("They are listed in {}.", log.display()),
        None => "Name a file with --rejects to list them.".to_owned(),
    }
}

fn inputs_changed(inputs: &[&str]) -> String {
    if inputs == [CREATED_AT] {
        format!(
            "it was started with another {CREATED_AT}.\nGive the same value, or start over without --resume."
        )
    } else {
        format!(
            "since it was started, these files were changed, added or removed: {}.\nRestore them, or start over \
             without --resume.",
            inputs.join(", ")
        )
    }
}

fn read_hint(table: &TableSchema, error: &ReadError) -> String {
    let replace = format!("Put the file {} in its place, or remove it.", table.name);
    match error {
        ReadError::Io { source, .. } => match source.kind() {
            io::ErrorKind::PermissionDenied => "Give this user permission to read it.".to_owned(),
            io::ErrorKind::IsADirectory => replace,
            _ => "Check the disk, or copy the file again.".to_owned(),
        },
        ReadError::TooLong { .. } => format!(
            "Check that it is a CSV file with one row per line, as {} should be.",
            table.name
        ),
        ReadError::Header { .. } => {
            let names: Vec<_> = table.columns.iter().map(|column| column.name).collect();
            format!(
                "Its columns are {}, in any order. A file without a header begins with a whole number. Correct the \
                 first line, or remove the file from the directory.",
                names.join(",")
            )
        }
        ReadError::NotAFile => format!("A load reads each file more than once. {replace}"),
        ReadError::Spill { .. } => SPILL_HINT.to_owned(),
        ReadError::RowCountMismatch { .. } => REPORT_DEFECT.to_owned(),
    }
}

/// Formats an error with its sources, one a line.
fn with_causes(error: &atelier_core::Error) -> String {
    let mut text = format!("{error}\n");
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let _ = writeln!(text, "  because: {error}");
        cause = error.source();
    }
    text
}

fn store_hint(url: &DatabaseUrl, error: &atelier_core::Error) -> String {
    use atelier_core::Error as Store;
    if let (Some(kind), DatabaseUrl::Postgres(url)) = (error.connect_error(), url) {
        return kind.hint(url);
    }
    match (error, url) {
        // These messages already say what to do.
        (Store::Config(_) | Store::Schema(_), _) => {
            "Or name another database with --database-url."
        }
        (_, DatabaseUrl::Sqlite(_) | DatabaseUrl::SqliteReadOnly(_)) => {
            "Check the free space and the permissions of its directory. If it happens again, please report it."
        }
        (Store::Unavailable(_), DatabaseUrl::Postgres(_)) => {
            "Check that the server is running and has free disk space, and that --database-url is right."
        }
        (_, DatabaseUrl::Postgres(_)) => "If it happens again, please report it.",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::LegacyFile;

    #[test]
    fn unreadable_file_gets_a_hint_by_the_kind_of_failure() {
        for (kind, hint) in [
            (io::ErrorKind::PermissionDenied, "Give this user permission"),
            (io::ErrorKind::IsADirectory, "Put the file skus.csv in its"),
            (io::ErrorKind::UnexpectedEof, "Check the disk, or copy"),
        ] {
            let error = Error::Read {
                path: "csv/skus.csv".into(),
                table: LegacyFile::Skus.schema(),
                source: ReadError::Io {
                    source: kind.into(),
                    offset: 4_096,
                },
            };
            let message = error.to_string();
            let start = "Cannot read csv/skus.csv. Reading failed at byte 4096: ";
            assert!(message.starts_with(start), "{message}");
            assert!(message.contains(&format!("\n{hint}")), "{message}");
            assert_eq!(error.exit_code(), 1);
        }
    }

    #[test]
    fn failing_store_gets_exit_code_and_hint_by_the_kind_of_failure() {
        use atelier_core::{Error as Store, Failure};
        let (postgres, sqlite) = ("postgres://a:b@c/d", "sqlite:shop.db");
        let failure = || Failure::new("no answer");
        for (url, source, code, hint) in [
            (postgres, Store::Unavailable(failure()), 3, "Check that the"),
            (postgres, Store::Schema(failure()), 4, "Or name another"),
            (postgres, Store::Internal(failure()), 1, "If it happens"),
            (sqlite, Store::Internal(failure()), 1, "Check the free"),
            (sqlite, Store::Config(failure()), 1, "Or name another"),
        ] {
            let url = DatabaseUrl::parse(url).expect(url);
            let error = Error::Store { url, source };
            let message = error.to_string();
            assert_eq!(error.exit_code(), code, "{message}");
            assert!(message.starts_with("Cannot load into "), "{message}");
            assert!(
                message.contains(&format!(": no answer\n{hint}")),
                "{message}"
            );
            assert!(!message.contains(":b@"), "{message}");
        }
    }
}
