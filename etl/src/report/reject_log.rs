//! Reject log: a CSV file of the rejected records.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::csv::record::Record;
use crate::error::Error;
use crate::rules::outcome::Rejection;
use crate::schema::TableSchema;

/// Path of the log of a load without `--rejects`.
pub(crate) const DEFAULT_REJECT_LOG: &str = "atelier-rejects.csv";

const HEADER: &[u8] = b"file,line,byte_offset,id,column,reason,raw\n";

/// Writes a line for each rejected record: `file,line,byte_offset,id,column,reason,raw`. `raw` is its decoded text,
/// with all its lines. The file is created, or truncated, with the first record.
#[derive(Debug)]
pub(crate) struct RejectLog {
    path: Option<PathBuf>,
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    Empty,
    Open(BufWriter<File>),
    Failed(io::Error),
    /// Closed; `written` tells whether it holds any record.
    Closed {
        written: bool,
    },
}

impl RejectLog {
    /// Creates a log at `path`, or one that discards all records.
    pub(crate) fn new(path: Option<PathBuf>) -> Self {
        let state = Mutex::new(State::Empty);
        Self { path, state }
    }

    /// Returns the path of the log if it holds any record.
    pub(crate) fn written(&self) -> Option<&Path> {
        match *self.state() {
            State::Open(_) | State::Closed { written: true } => self.path.as_deref(),
            _ => None,
        }
    }

    /// Writes a record. If that fails, reading should end; [`RejectLog::close`] returns the cause.
    pub(crate) fn add(
        &self,
        table: &TableSchema,
        record: &Record<'_>,
        rejection: Rejection,
    ) -> io::Result<()> {
        let Some(path) = &self.path else {
            return Ok(());
        };
        let mut state = self.state();
        let result = state.write(path, table, record, rejection);
        result.map_err(|error| {
            *state = State::Failed(error);
            io::Error::other("the reject log cannot be written")
        })
    }

    /// Flushes and closes the log. Returns the error with which writing failed, once.
    pub(crate) fn close(&self) -> Result<(), Error> {
        let mut state = self.state();
        let result = match &mut *state {
            State::Empty => Ok(false),
            State::Open(file) => file.flush().map(|()| true),
            State::Failed(error) => Err(io::Error::new(error.kind(), error.to_string())),
            State::Closed { .. } => return Ok(()),
        };
        *state = State::Closed {
            written: *result.as_ref().unwrap_or(&false),
        };
        result.map(drop).map_err(|source| self.error(source))
    }

    /// Closes the log after all files are read. If nothing was rejected, removes the log of an earlier load, which
    /// would be mistaken for that of this load. Any other file is not removed.
    pub(crate) fn complete(&self) -> Result<(), Error> {
        self.close()?;
        let is_empty = matches!(*self.state(), State::Closed { written: false });
        match self.path.as_deref() {
            Some(path) if is_empty && is_reject_log(path) => {
                remove(path).map_err(|source| self.error(source))
            }
            _ => Ok(()),
        }
    }

    fn error(&self, source: io::Error) -> Error {
        let path = self.path.clone().unwrap_or_default();
        Error::Write { path, source }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn write(
        &mut self,
        path: &Path,
        table: &TableSchema,
        record: &Record<'_>,
        rejection: Rejection,
    ) -> io::Result<()> {
        if let Self::Empty = self {
            let mut file = BufWriter::new(File::create(path)?);
            file.write_all(HEADER)?;
            *self = Self::Open(file);
        }
        let Self::Open(file) = self else {
            return Ok(());
        };
        let escaped = |text: &str| text.replace('"', "\"\"");
        let column = rejection.column.map(|index| table.columns[index].name);
        writeln!(
            file,
            "{},{},{},\"{}\",{},{},\"{}\"",
            table.name,
            record.line,
            record.offset,
            escaped(record.id()),
            column.unwrap_or_default(),
            rejection.reason.as_str(),
            escaped(record.text)
        )
    }
}

fn is_reject_log(path: &Path) -> bool {
    let mut start = [0; HEADER.len()];
    let mut read = || File::open(path)?.read_exact(&mut start);
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file()) && read().is_ok() && start == HEADER
}

/// Removes the file that `path` refers to, or truncates it if its directory is not writable.
fn remove(path: &Path) -> io::Result<()> {
    let removed = fs::canonicalize(path).and_then(fs::remove_file);
    removed.or_else(|_| File::create(path).map(drop))
}

/// Checks before any work that a file can be written. Existing content is not changed.
pub(crate) fn ensure_writable(path: &Path) -> Result<(), Error> {
    let result = match fs::metadata(path) {
        // An unnamed pipe, such as /dev/stdout, has a reader, and its path cannot be resolved. A named pipe would block
        // until a reader opens it.
        Ok(metadata) if metadata.file_type().is_fifo() && fs::canonicalize(path).is_ok() => {
            Err(io::Error::other("it is a named pipe, not a file"))
        }
        // Opening an unnamed pipe and closing it would end its reader.
        Ok(metadata) if !metadata.is_file() && !metadata.is_dir() => Ok(()),
        _ => {
            let exists = fs::symlink_metadata(path).is_ok();
            let opened = OpenOptions::new().append(true).create(true).open(path);
            opened.and_then(|_| {
                if exists {
                    Ok(())
                } else {
                    fs::remove_file(path)
                }
            })
        }
    };
    result.map_err(|source| Error::Write {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::csv::record::Records;
    use crate::rules::outcome::RejectReason;
    use crate::schema::LegacyFile;

    #[test]
    fn full_disk_ends_reading_and_is_reported_once() {
        let table = LegacyFile::Related.schema();
        let rejection = Rejection {
            reason: RejectReason::Columns,
            column: None,
        };
        let log = RejectLog::new(Some("/dev/full".into()));
        let mut records = Records::new(table, &b"1,2\n"[..]).expect("data");
        let record = records.next().expect("readable").expect("a record");
        // Writing fails once the buffer is full.
        assert!((0..10_000).any(|_| log.add(table, &record, rejection).is_err()));
        assert!(log.written().is_none());
        let error = log.close().expect_err("a full disk").to_string();
        assert!(error.contains("/dev/full: No space left"), "{error}");
        assert!(log.close().is_ok());
    }
}
