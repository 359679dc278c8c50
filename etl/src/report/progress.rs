//! Progress counters, updated by the threads of a load and read by the progress reporter.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use crate::schema::TableSchema;

/// Progress of a load.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    pub(crate) files: Vec<Arc<FileProgress>>,
    /// When the store was ready to take rows. From then on the load can be resumed.
    pub(crate) store_started: OnceLock<Instant>,
    /// Rows in the store, including those that a resumed load found there. In units of CSV rows, so that the final
    /// value equals the number of loaded rows.
    pub(crate) stored: Counter,
    /// When all rows were stored, and building the indexes began.
    pub(crate) finish_started: OnceLock<Instant>,
}

/// Progress of reading one file.
#[derive(Debug)]
pub(crate) struct FileProgress {
    pub(crate) table: &'static TableSchema,
    /// Size in bytes.
    pub(crate) size: u64,
    pub(crate) started: OnceLock<Instant>,
    pub(crate) ended: OnceLock<Instant>,
    pub(crate) bytes_read: Counter,
    pub(crate) records: Counter,
    pub(crate) rejected: Counter,
    pub(crate) skipped: Counter,
}

/// Number that one thread increments and another reads.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Progress {
    /// Returns the number of rows read so far that go into the store.
    pub(crate) fn rows_to_store(&self) -> u64 {
        self.files.iter().map(|file| file.loaded()).sum()
    }
}

impl FileProgress {
    pub(crate) fn new(table: &'static TableSchema, size: u64) -> Arc<Self> {
        Arc::new(Self {
            table,
            size,
            started: OnceLock::new(),
            ended: OnceLock::new(),
            bytes_read: Counter::default(),
            records: Counter::default(),
            rejected: Counter::default(),
            skipped: Counter::default(),
        })
    }

    fn loaded(&self) -> u64 {
        // Read first, so that a record counted meanwhile is missing rather than loaded.
        let records = self.records.get();
        records.saturating_sub(self.rejected.get() + self.skipped.get())
    }
}

/// Sets `moment` to the current time, unless it is set already.
pub(crate) fn set_now(moment: &OnceLock<Instant>) {
    moment.get_or_init(Instant::now);
}
