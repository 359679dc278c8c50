//! Reads all input files: validates their records and groups the loaded rows for the store.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use atelier_core::{Clock, Millis};
use tokio::sync::mpsc::UnboundedSender;

use crate::error::Error;
use crate::load::grouping::{BatchIterator, Grouping};
use crate::load::inputs::{ContentId, Input};
use crate::report::format_stats::FormatStats;
use crate::report::load_report::Report;
use crate::report::progress::{Progress, set_now};
use crate::report::reject_log::RejectLog;
use crate::rules::outcome::Outcome;
use crate::rules::validator::RowValidator;
use crate::schema::TABLES;
use crate::spill::dir::SpillDir;

/// Reads the inputs of a load. Clones share progress and reject log.
#[derive(Debug, Clone)]
pub(crate) struct Reader {
    pub(crate) inputs: Arc<[Input]>,
    pub(crate) progress: Arc<Progress>,
    pub(crate) rejects: Arc<RejectLog>,
    pub(crate) spill_dir: SpillDir,
}

/// Destination of the rows.
pub(crate) enum Destination<'a> {
    /// The store: batches of each kind of row are sent as soon as the last file they are made of is read. `created_at`
    /// is that of all products.
    Store {
        batches: &'a UnboundedSender<BatchIterator>,
        created_at: Millis,
    },
    /// Statistics only.
    Check(&'a mut FormatStats),
}

impl Reader {
    /// Creates a reader. Fails with [`Error::Spill`] if the spill directory is not writable.
    pub(crate) fn new(inputs: Vec<Input>, rejects: Option<PathBuf>) -> Result<Self, Error> {
        let spill_dir = SpillDir::default();
        let tried = spill_dir.create_file();
        tried.map_err(|source| spill_dir.error(source))?;
        let files = inputs.iter().map(|input| Arc::clone(&input.progress));
        let progress = Progress {
            files: files.collect(),
            ..Progress::default()
        };
        Ok(Self {
            inputs: inputs.into(),
            progress: Arc::new(progress),
            rejects: Arc::new(RejectLog::new(rejects)),
            spill_dir,
        })
    }

    /// Reads all files in load order.
    pub(crate) fn read(&self, mut to: Destination<'_>) -> Result<(Report, ContentId), Error> {
        let started = Instant::now();
        let mut validator = RowValidator::new(Clock::default().now(), &self.spill_dir);
        let (mut grouping, mut content) = match to {
            Destination::Store { created_at, .. } => (
                Some(Grouping::new(&self.spill_dir, created_at)),
                ContentId::new(created_at),
            ),
            Destination::Check(_) => (None, ContentId::default()),
        };
        let mut report = Report::default();
        for table in &TABLES {
            if let Some(input) = self.inputs.iter().find(|it| it.table.file == table.file) {
                let progress = &input.progress;
                let mut reader = input.open()?;
                let file = validator.validate_file(table, &mut reader, |record, outcome, row| {
                    progress.records.add(1);
                    if let Destination::Check(stats) = &mut to {
                        stats.add(table, record);
                    }
                    match (outcome, &mut grouping, row) {
                        (Outcome::Rejected(rejection), ..) => {
                            progress.rejected.add(1);
                            self.rejects.add(table, record, rejection)
                        }
                        (Outcome::Skipped(_), ..) => {
                            progress.skipped.add(1);
                            Ok(())
                        }
                        (_, Some(grouping), Some(row)) => grouping.add(table.file, &row),
                        _ => Ok(()),
                    }
                });
                if file.is_err() {
                    // An error of the reject log is the cause of the error of reading.
                    self.rejects.close()?;
                }
                let file = file.map_err(|source| input.error(source))?;
                report.files.push((table, file));
                content.add(input, reader.hash());
                set_now(&progress.ended);
            }
            if let (Some(grouping), Destination::Store { batches, .. }) = (&mut grouping, &to) {
                let ready = grouping.end_file(table.file);
                for rows in ready.map_err(|source| self.spill_dir.error(source))? {
                    // The receiver is closed only if the store failed, which is reported instead.
                    let _ = batches.send(rows);
                }
            }
        }
        self.rejects.complete()?;
        report.read_time = started.elapsed();
        Ok((report, content))
    }
}
