//! How far a load has come, counted where the work is done and read where it is shown.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::schema::{LAYOUTS, LegacyFile};

/// The figures of a load.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    files: [FileProgress; LAYOUTS.len()],
    /// When the store began to take rows: what is put from then on can be gone on with.
    pub(crate) begun: OnceLock<Instant>,
    /// Rows of the files that the store has taken, those it held already included. Children count, figures do not, so
    /// that in the end these are the rows that were loaded.
    pub(crate) stored: Count,
    /// When all rows were put, and the indexes were begun.
    pub(crate) finishing: OnceLock<Instant>,
}

/// The figures of one file.
#[derive(Debug, Default)]
pub(crate) struct FileProgress {
    pub(crate) began: OnceLock<Instant>,
    pub(crate) ended: OnceLock<Instant>,
    /// Bytes that were read.
    pub(crate) read: Count,
    pub(crate) records: Count,
    pub(crate) rejected: Count,
    pub(crate) skipped: Count,
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

    /// The rows that the store is to take, as far as the files were read.
    pub(crate) fn to_store(&self) -> u64 {
        self.files.iter().map(FileProgress::loaded).sum()
    }
}

impl FileProgress {
    fn loaded(&self) -> u64 {
        // Read first: what comes in meanwhile is not loaded rather than loaded twice.
        let records = self.records.get();
        records.saturating_sub(self.rejected.get() + self.skipped.get())
    }
}

/// Notes that this is the moment; only the first one counts.
pub(crate) fn now(moment: &OnceLock<Instant>) {
    moment.get_or_init(Instant::now);
}
