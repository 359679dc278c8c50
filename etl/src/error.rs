//! What can stop a load.

use std::path::PathBuf;
use std::{error, io};

use atelier_core::DatabaseUrl;

use crate::report::counts::Sum;
use crate::schema::Layout;

/// Why a file cannot be read on. What is wrong with single records is a [`Reason`](crate::rules::outcome::Reason), not this.
#[derive(Debug)]
#[expect(missing_docs, reason = "the message names the fields")]
pub enum ReadError {
    /// The source failed, at this byte.
    Io { source: io::Error, offset: u64 },
    /// A line, or the lines needed to decide what it is, are longer than any text of a shop.
    TooLong { offset: u64, limit: usize },
    /// It is a pipe or a device: reading it may wait for ever, and cannot be done twice.
    NotAFile,
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

/// Why a load did not happen. Whatever it is, the store serves what it served before.
#[derive(Debug)]
#[expect(missing_docs, reason = "the message names the fields")]
pub enum Error {
    /// The database URL names no database.
    Url(atelier_core::Error),
    /// What is to be written would take the place of something else that is needed.
    Overwritten { path: PathBuf },
    /// The directory cannot be read.
    Directory { path: PathBuf, source: io::Error },
    /// None of the fourteen files is there.
    NoFiles {
        path: PathBuf,
        /// Files that may have been meant.
        misnamed: Vec<String>,
    },
    /// A file cannot be read to its end.
    Read {
        path: PathBuf,
        layout: &'static Layout,
        source: ReadError,
    },
    /// The reject log or the report cannot be written.
    Write { path: PathBuf, source: io::Error },
    /// Standard output, which a check is for, cannot be written.
    Output { source: io::Error },
    /// What does not fit in memory cannot be put aside in this directory, or not be read again.
    Scratch { dir: PathBuf, source: io::Error },
    /// Not one record can be loaded.
    NothingLoaded,
    /// The store has taken another number of rows than were loaded from the files: a defect of the loader.
    Lost { loaded: u64, stored: u64 },
    /// More records were rejected than `--max-rejects` allows.
    TooManyRejects {
        rejected: u64,
        allowed: u64,
        reasons: String,
        log: Option<PathBuf>,
    },
    /// The store holds rows that are no demo.
    NotEmpty { url: DatabaseUrl },
    /// These of the files are not those that the interrupted load began with.
    Changed {
        url: DatabaseUrl,
        files: Vec<&'static str>,
    },
    /// The store cannot be opened, or does not take the rows.
    Store {
        url: DatabaseUrl,
        source: atelier_core::Error,
    },
    /// The user, or the system, wants it to end.
    Interrupted,
}

/// Why a command has failed, and what that has left behind.
#[derive(Debug)]
pub struct Failed {
    /// Why.
    pub error: Error,
    /// What the store serves now, and how to go on: whole sentences, empty where there is nothing to tell.
    pub after: String,
}

impl error::Error for Failed {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        Some(&self.error)
    }
}

impl Error {
    /// The exit code of the program: 1 running, 2 usage, 3 database unreachable, 4 schema, 5 too many rejects,
    /// 130 interrupted.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Url(_) | Self::Overwritten { .. } => 2,
            Self::Store {
                source: atelier_core::Error::Unavailable(_),
                ..
            } => 3,
            Self::Store { source, .. } if source.connect_error().is_some() => 3,
            Self::Store {
                source: atelier_core::Error::Schema(_),
                ..
            } => 4,
            Self::TooManyRejects { .. } => 5,
            Self::Interrupted => 130,
            _ => 1,
        }
    }

    /// Whether a load of the same files can go on once the cause is gone.
    pub(crate) fn can_pass(&self) -> bool {
        match self {
            Self::Read { source, .. } => {
                matches!(source, ReadError::Io { .. } | ReadError::Scratch { .. })
            }
            Self::Store { source, .. } => !matches!(source, atelier_core::Error::Config(_)),
            Self::Write { .. }
            | Self::Scratch { .. }
            | Self::TooManyRejects { .. }
            | Self::Interrupted => true,
            Self::Url(_)
            | Self::Overwritten { .. }
            | Self::Output { .. }
            | Self::NothingLoaded
            | Self::Lost { .. }
            | Self::Directory { .. }
            | Self::NoFiles { .. }
            | Self::NotEmpty { .. }
            | Self::Changed { .. } => false,
        }
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
            | Self::Output { source }
            | Self::Write { source, .. }
            | Self::Scratch { source, .. } => Some(source),
            Self::Read { source, .. } => Some(source),
            Self::Url(source) | Self::Store { source, .. } => Some(source),
            Self::NoFiles { .. }
            | Self::Overwritten { .. }
            | Self::NothingLoaded
            | Self::Lost { .. }
            | Self::NotEmpty { .. }
            | Self::Changed { .. }
            | Self::TooManyRejects { .. }
            | Self::Interrupted => None,
        }
    }
}
