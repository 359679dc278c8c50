//! The log of rejected records, a CSV file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::csv::record::Record;
use crate::error::Error;
use crate::rules::outcome::Defect;
use crate::schema::Layout;

/// Where a load lists rejected records unless `--rejects` names another file.
pub(crate) const REJECT_LOG: &str = "atelier-rejects.csv";

const HEADER: &[u8] = b"file,line,byte_offset,id,column,reason,raw\n";

/// Writes `file,line,byte_offset,id,column,reason,raw`, a record for each rejected one. `raw` is its text as it was
/// decoded, of all its lines. The file is made, or made anew, with the first record.
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
    /// Nothing more is written; whether anything was.
    Finished(bool),
}

impl RejectLog {
    /// A log at `path`, or one that keeps nothing.
    pub(crate) fn new(path: Option<PathBuf>) -> Self {
        Self {
            path,
            state: Mutex::new(State::Empty),
        }
    }

    /// Where the records went, if there were any.
    pub(crate) fn written(&self) -> Option<&Path> {
        match *self.state() {
            State::Open(_) | State::Finished(true) => self.path.as_deref(),
            _ => None,
        }
    }

    /// Fails when the log does, so that reading ends there; [`RejectLog::finish`] tells why.
    pub(crate) fn add(
        &self,
        layout: &Layout,
        record: &Record<'_>,
        defect: Defect,
    ) -> io::Result<()> {
        let Some(path) = &self.path else {
            return Ok(());
        };
        let mut state = self.state();
        state.write(path, layout, record, defect).map_err(|error| {
            *state = State::Failed(error);
            io::Error::other("the log of rejected records cannot be written")
        })
    }

    /// Puts everything on disk; nothing is written behind it. What the log has failed with, if it has.
    pub(crate) fn finish(&self) -> Result<(), Error> {
        let mut state = self.state();
        let finished = match &mut *state {
            State::Empty => Ok(false),
            State::Open(file) => file.flush().map(|()| true),
            State::Failed(error) => Err(io::Error::new(error.kind(), error.to_string())),
            State::Finished(_) => return Ok(()),
        };
        let finished = finished.map_err(|source| Error::Write {
            path: self.path.clone().unwrap_or_default(),
            source,
        });
        *state = State::Finished(*finished.as_ref().unwrap_or(&false));
        finished.map(drop)
    }

    /// The same when all files are read. When nothing was rejected, the list of an earlier load is removed, as it would be
    /// taken for the list of this one; a file that is no such list stays.
    pub(crate) fn complete(&self) -> Result<(), Error> {
        self.finish()?;
        let nothing = matches!(*self.state(), State::Finished(false));
        match self.path.as_deref().filter(|path| nothing && is_list(path)) {
            Some(path) => remove(path).map_err(|source| Error::Write {
                path: path.to_owned(),
                source,
            }),
            None => Ok(()),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn write(
        &mut self,
        path: &Path,
        layout: &Layout,
        record: &Record<'_>,
        defect: Defect,
    ) -> io::Result<()> {
        if let Self::Empty = self {
            let mut file = BufWriter::new(File::create(path)?);
            file.write_all(HEADER)?;
            *self = Self::Open(file);
        }
        let Self::Open(file) = self else {
            return Ok(());
        };
        let (line, offset, reason) = (record.line, record.offset, defect.reason.as_str());
        let column = defect
            .column
            .map_or("", |column| layout.columns[column].name);
        write!(file, "{},{line},{offset},", layout.name)?;
        quoted(file, record.id())?;
        write!(file, ",{column},{reason},")?;
        quoted(file, record.text)?;
        file.write_all(b"\n")
    }
}

fn quoted(file: &mut impl Write, text: &str) -> io::Result<()> {
    write!(file, "\"{}\"", text.replace('"', "\"\""))
}

/// Whether the file is a list of rejected records.
fn is_list(path: &Path) -> bool {
    let mut start = [0; HEADER.len()];
    let mut read = || File::open(path)?.read_exact(&mut start);
    fs::metadata(path).is_ok_and(|about| about.is_file()) && read().is_ok() && start == HEADER
}

/// Removes the file that `path` leads to, or empties it where its folder cannot be written.
fn remove(path: &Path) -> io::Result<()> {
    let removed = fs::canonicalize(path).and_then(fs::remove_file);
    removed.or_else(|_| File::create(path).map(drop))
}

/// Finds out that a file can be written before much work is done rather than behind it. What is there is left as it is.
pub(crate) fn writable(path: &Path) -> Result<(), Error> {
    let tried = match fs::metadata(path) {
        // A pipe without a name, such as /dev/stdout may be, has its reader already; its path leads nowhere. One with a
        // name would make the load wait for a reader.
        Ok(about) if about.file_type().is_fifo() && fs::canonicalize(path).is_ok() => {
            Err(io::Error::other("it is a named pipe, not a file"))
        }
        // A pipe would be opened to its reader, and closed again.
        Ok(about) if !about.is_file() && !about.is_dir() => Ok(()),
        _ => {
            let there = fs::symlink_metadata(path).is_ok();
            let opened = OpenOptions::new().append(true).create(true).open(path);
            opened.and_then(|_| if there { Ok(()) } else { fs::remove_file(path) })
        }
    };
    tried.map_err(|source| Error::Write {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::csv::record::Records;
    use crate::rules::outcome::Reason;
    use crate::schema::LegacyFile;

    #[test]
    fn a_log_that_fails_ends_the_reading_and_tells_why() {
        let layout = LegacyFile::Related.layout();
        let defect = Defect {
            reason: Reason::Columns,
            column: None,
        };
        let log = RejectLog::new(Some("/dev/full".into()));
        let mut records = Records::new(layout, &b"1,2\n"[..]).expect("data");
        let record = records.next().expect("readable").expect("a record");
        // What is written goes through a buffer, which is full at some time.
        assert!((0..10_000).any(|_| log.add(layout, &record, defect).is_err()));
        assert!(log.written().is_none());
        let failed = log.finish().expect_err("a full disk").to_string();
        assert!(failed.contains("/dev/full: No space left"), "{failed}");
        assert!(log.finish().is_ok(), "told once");
    }
}
