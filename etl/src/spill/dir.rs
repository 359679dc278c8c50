//! Directory for data that is spilled to disk.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Error, ReadError};

/// Directory for unnamed temporary files, which the system deletes when the process ends.
#[derive(Debug, Clone)]
pub struct SpillDir {
    path: PathBuf,
}

impl SpillDir {
    /// Uses `path`, which must exist.
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Creates an unnamed file.
    pub(crate) fn create_file(&self) -> io::Result<File> {
        tempfile::tempfile_in(&self.path)
    }

    /// Converts a failure to spill while a file is read.
    pub(crate) fn read_error(&self, source: io::Error) -> ReadError {
        let dir = self.path.clone();
        ReadError::Spill { source, dir }
    }

    /// Converts a failure to spill at any other time.
    pub(crate) fn error(&self, source: io::Error) -> Error {
        let dir = self.path.clone();
        Error::Spill { dir, source }
    }
}

impl Default for SpillDir {
    /// Uses `TMPDIR`, else `/var/tmp`, which is meant for large files; `/tmp` may be in memory.
    fn default() -> Self {
        let path = std::env::var_os("TMPDIR").filter(|path| !path.is_empty());
        Self::new(path.map_or_else(|| "/var/tmp".into(), PathBuf::from))
    }
}
