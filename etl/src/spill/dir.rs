//! Where a load puts aside what does not fit in its memory.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Error, ReadError};

/// A directory for files without a name: they are gone with the process, however it ends.
#[derive(Debug, Clone)]
pub struct Scratch {
    dir: PathBuf,
}

impl Scratch {
    /// Files go to `dir`, which must exist.
    pub fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// A file for this process alone.
    pub(crate) fn file(&self) -> io::Result<File> {
        tempfile::tempfile_in(&self.dir)
    }

    /// The same, while a file is read.
    pub(crate) fn unusable(&self, source: io::Error) -> ReadError {
        ReadError::Scratch {
            dir: self.dir.clone(),
            source,
        }
    }

    /// What a failure to put something aside, or to get it back, means for a load.
    pub(crate) fn failed(&self, source: io::Error) -> Error {
        Error::Scratch {
            dir: self.dir.clone(),
            source,
        }
    }
}

impl Default for Scratch {
    /// `TMPDIR`, else `/var/tmp`: unlike `/tmp`, which may lie in memory, it is meant for large files.
    fn default() -> Self {
        let dir = std::env::var_os("TMPDIR").filter(|dir| !dir.is_empty());
        Self::new(dir.map_or_else(|| "/var/tmp".into(), PathBuf::from))
    }
}
