//! What can stop a load. Every message says what happened, why, and what to do.

use std::path::PathBuf;
use std::{error, fmt, io};

use atelier_core::DatabaseUrl;

use crate::files::{LAYOUTS, Layout};
use crate::report::{Sum, thousands};

/// Why a file cannot be read on. What is wrong with single records is a [`Reason`](crate::outcome::Reason), not this.
#[derive(Debug)]
#[expect(missing_docs, reason = "the message names the fields")]
pub enum ReadError {
    /// The source failed, at this byte.
    Io { source: io::Error, offset: u64 },
    /// A line, or the lines needed to decide what it is, are longer than any text of a shop.
    TooLong { offset: u64, limit: usize },
    /// The first line names other columns than the file should have.
    Header {
        missing: Vec<&'static str>,
        unknown: Vec<String>,
        twice: Vec<&'static str>,
    },
    /// Lines and records differ: a defect of the reader.
    DoesNotAddUp { sum: Sum },
    /// What does not fit in memory cannot be put aside in this directory, or not be read again.
    Scratch { source: io::Error, dir: PathBuf },
}

/// Why a load did not happen. Whatever it is, the store holds what it held before.
#[derive(Debug)]
#[expect(missing_docs, reason = "the message names the fields")]
pub enum Error {
    /// The database URL names no database.
    Url(atelier_core::Error),
    /// The directory cannot be read.
    Directory { path: PathBuf, source: io::Error },
    /// None of the fourteen files is there.
    NoFiles { path: PathBuf },
    /// A file cannot be read to its end.
    Read {
        path: PathBuf,
        layout: &'static Layout,
        source: ReadError,
    },
    /// The reject log or the report cannot be written.
    Write { path: PathBuf, source: io::Error },
    /// What does not fit in memory cannot be put aside in this directory, or not be read again.
    Scratch { dir: PathBuf, source: io::Error },
    /// More records were rejected than `--max-rejects` allows.
    TooManyRejects {
        rejected: u64,
        allowed: u64,
        reasons: String,
        log: Option<PathBuf>,
    },
    /// The store holds rows that are no demo.
    NotEmpty { url: DatabaseUrl },
    /// The store cannot be opened, or does not take the rows.
    Store {
        url: DatabaseUrl,
        source: atelier_core::Error,
    },
}

impl Error {
    /// The exit code of the program: 1 running, 2 usage, 3 database unreachable, 4 schema, 5 too many rejects.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Url(_) => 2,
            Self::Store {
                source: atelier_core::Error::Unavailable(_),
                ..
            } => 3,
            Self::Store {
                source: atelier_core::Error::Schema(_),
                ..
            } => 4,
            Self::TooManyRejects { .. } => 5,
            _ => 1,
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { source, offset } => write!(f, "Reading failed at byte {offset}: {source}."),
            Self::TooLong { offset, limit } => {
                write!(
                    f,
                    "A line that begins at byte {offset} does not end within {} MiB.",
                    limit >> 20
                )
            }
            Self::Header {
                missing,
                unknown,
                twice,
            } => {
                write!(f, "Its first line names other columns.")?;
                for (what, names) in [("Missing", missing), ("twice", twice)] {
                    if !names.is_empty() {
                        write!(f, " {what}: {}.", names.join(", "))?;
                    }
                }
                if !unknown.is_empty() {
                    write!(f, " Unknown: {unknown:?}.")?;
                }
                Ok(())
            }
            Self::DoesNotAddUp { sum } => write!(f, "The sum does not close: {sum}."),
            Self::Scratch { source, dir } => write!(
                f,
                "What does not fit in memory cannot be put aside in {}: {source}.",
                dir.display()
            ),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(error) => write!(f, "{error}"),
            Self::Directory { path, source } => write!(
                f,
                "Cannot read the directory {}: {source}.\nName the directory that holds the CSV files: \
                 atelier-etl load DIR",
                path.display()
            ),
            Self::NoFiles { path } => {
                let names: Vec<_> = LAYOUTS.iter().map(|layout| layout.name).collect();
                write!(
                    f,
                    "There is nothing to load in {}: none of the files is there.\nName the directory that holds them: \
                     {}",
                    path.display(),
                    names.join(", ")
                )
            }
            Self::Read {
                path,
                layout,
                source,
            } => {
                write!(
                    f,
                    "Cannot read {}. {source}\n{}",
                    path.display(),
                    advice(layout, source)
                )
            }
            Self::Write { path, source } => write!(
                f,
                "Cannot write {}: {source}.\nNothing was loaded. Name another place with --rejects or --report.",
                path.display()
            ),
            Self::Scratch { dir, source } => write!(
                f,
                "What does not fit in memory cannot be put aside in {}: {source}.\nNothing was loaded. {SCRATCH}",
                dir.display()
            ),
            Self::TooManyRejects {
                rejected,
                allowed,
                reasons,
                log,
            } => {
                writeln!(
                    f,
                    "{} records were rejected ({reasons}), and --max-rejects allows {}.",
                    thousands(*rejected),
                    thousands(*allowed)
                )?;
                match log {
                    Some(log) => write!(
                        f,
                        "Nothing was loaded. They are listed in {}.",
                        log.display()
                    )?,
                    None => write!(
                        f,
                        "Nothing was loaded. Name a file with --rejects to see them."
                    )?,
                }
                write!(f, " Mend them, or allow more.")
            }
            Self::NotEmpty { url } => write!(
                f,
                "Cannot load into {url}: it holds products already, and a load does not mix with them.\nNothing was \
                 loaded. Name an empty database with --database-url."
            ),
            Self::Store { url, source } => {
                write!(f, "Cannot load into {url}: {source}")?;
                let mut cause = error::Error::source(source);
                while let Some(error) = cause {
                    write!(f, "\n  because: {error}")?;
                    cause = error.source();
                }
                write!(
                    f,
                    "\nNothing was loaded: the store holds what it held before. {}",
                    store_advice(source)
                )
            }
        }
    }
}

const SCRATCH: &str = "Free space there, or set TMPDIR to another directory with room for as much again as the files \
                       take, and start again.";

fn advice(layout: &Layout, source: &ReadError) -> String {
    match source {
        ReadError::Io { source, .. } => match source.kind() {
            io::ErrorKind::PermissionDenied => {
                "Nothing was loaded. Give this user the right to read it.".to_owned()
            }
            _ => "Nothing was loaded. Check the disk, or copy the file anew, and start again."
                .to_owned(),
        },
        ReadError::TooLong { .. } => {
            format!(
                "Nothing was loaded. Is it a CSV file with a line for each row, as {} should be?",
                layout.name
            )
        }
        ReadError::Header { .. } => {
            let names: Vec<_> = layout.columns.iter().map(|column| column.name).collect();
            format!(
                "Nothing was loaded. Its columns are {}, in any order; without a header the first line begins with a \
                 whole number. Put the first line right, or take the file out of the directory.",
                names.join(",")
            )
        }
        ReadError::Scratch { .. } => format!("Nothing was loaded. {SCRATCH}"),
        ReadError::DoesNotAddUp { .. } => {
            "Nothing was loaded. This is a defect of the loader: please report it.".to_owned()
        }
    }
}

fn store_advice(error: &atelier_core::Error) -> &'static str {
    match error {
        atelier_core::Error::Unavailable(_) => {
            "Is the database running, and is --database-url right? Then start again."
        }
        atelier_core::Error::Unusable(_) => {
            "Name another database with --database-url, or put this one right."
        }
        _ => "Start again; if it happens twice, please report it.",
    }
}

impl error::Error for ReadError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Io { source, .. } | Self::Scratch { source, .. } => Some(source),
            _ => None,
        }
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Directory { source, .. }
            | Self::Write { source, .. }
            | Self::Scratch { source, .. } => Some(source),
            Self::Read { source, .. } => Some(source),
            Self::Url(source) | Self::Store { source, .. } => Some(source),
            Self::NoFiles { .. } | Self::NotEmpty { .. } | Self::TooManyRejects { .. } => None,
        }
    }
}
