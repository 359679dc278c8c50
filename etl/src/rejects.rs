//! The log of rejected records, a CSV file.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::files::Layout;
use crate::outcome::Defect;
use crate::record::Record;

/// Writes `file,line,byte_offset,id,column,reason,raw`, a record for each rejected one. `raw` is its text as it was
/// decoded, of all its lines. The file is made, or made anew, with the first record.
#[derive(Debug)]
pub(crate) struct RejectLog {
    path: Option<PathBuf>,
    file: Option<BufWriter<File>>,
    /// What went wrong first; nothing is written after it.
    failed: Option<io::Error>,
}

impl RejectLog {
    /// A log at `path`, or one that keeps nothing.
    pub(crate) fn new(path: Option<PathBuf>) -> Self {
        Self {
            path,
            file: None,
            failed: None,
        }
    }

    /// Where the records went, if there were any.
    pub(crate) fn written(&self) -> Option<&Path> {
        self.file.as_ref().and(self.path.as_deref())
    }

    pub(crate) fn add(&mut self, layout: &Layout, record: &Record<'_>, defect: Defect) {
        if self.failed.is_none() {
            self.failed = self.write(layout, record, defect).err();
        }
    }

    fn write(&mut self, layout: &Layout, record: &Record<'_>, defect: Defect) -> io::Result<()> {
        let Some(path) = &self.path else {
            return Ok(());
        };
        let file = if let Some(file) = &mut self.file {
            file
        } else {
            let mut file = BufWriter::new(File::create(path)?);
            file.write_all(b"file,line,byte_offset,id,column,reason,raw\n")?;
            self.file.insert(file)
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

    /// Puts everything on disk; the first error, if there was one.
    pub(crate) fn finish(&mut self) -> Result<(), Error> {
        let written = match self.failed.take() {
            Some(error) => Err(error),
            None => self.file.as_mut().map_or(Ok(()), Write::flush),
        };
        written.map_err(|source| Error::Write {
            path: self.path.clone().unwrap_or_default(),
            source,
        })
    }
}

fn quoted(file: &mut impl Write, text: &str) -> io::Result<()> {
    write!(file, "\"{}\"", text.replace('"', "\"\""))
}
