//! How far a load has come, counted where the work is done and read where it is shown.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::files::{LAYOUTS, LegacyFile};

/// The figures of all files.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    files: [FileProgress; LAYOUTS.len()],
}

/// The figures of one file.
#[derive(Debug, Default)]
pub(crate) struct FileProgress {
    /// Bytes that were read.
    pub(crate) read: Count,
    pub(crate) records: Count,
    pub(crate) rejected: Count,
}

/// A number that one thread raises and another reads.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Progress {
    pub(crate) fn file(&self, file: LegacyFile) -> &FileProgress {
        &self.files[file as usize]
    }
}
