//! From files to rows that are ready for the store, with the figures that account for every line.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use atelier_core::{Clock, Millis};
use tokio::sync::mpsc::UnboundedSender;

use crate::error::Error;
use crate::load::grouping::{Grouping, Ready};
use crate::load::inputs::{Content, Input};
use crate::report::counts::Report;
use crate::report::format_stats::Forms;
use crate::report::progress::{Progress, now};
use crate::report::reject_log::RejectLog;
use crate::rules::outcome::Outcome;
use crate::rules::validator::Judge;
use crate::schema::LAYOUTS;
use crate::spill::dir::Scratch;

/// Reads the files of a load. All clones share one progress and one log.
#[derive(Debug, Clone)]
pub(crate) struct Reader {
    pub(crate) inputs: Arc<[Input]>,
    pub(crate) progress: Arc<Progress>,
    pub(crate) rejects: Arc<RejectLog>,
    pub(crate) scratch: Scratch,
}

/// What the files are read for.
pub(crate) enum Purpose<'a> {
    /// To load them, with this `created_at`: each kind of rows goes there when the last file it is made of has been read.
    Store(&'a UnboundedSender<Ready>, Millis),
    /// To tell what they hold and in which form; no rows are kept.
    Check(&'a mut Forms),
}

impl Reader {
    /// [`Error::Scratch`] when nothing can be put aside, which is better known before all that reading.
    pub(crate) fn new(inputs: Vec<Input>, rejects: Option<PathBuf>) -> Result<Self, Error> {
        let scratch = Scratch::default();
        scratch.file().map_err(|source| scratch.failed(source))?;
        Ok(Self {
            inputs: inputs.into(),
            progress: Arc::default(),
            rejects: Arc::new(RejectLog::new(rejects)),
            scratch,
        })
    }

    /// Reads all files, one after the other.
    pub(crate) fn read(&self, mut purpose: Purpose<'_>) -> Result<(Report, Content), Error> {
        let began = Instant::now();
        let mut judge = Judge::new(Clock::default().now(), &self.scratch);
        let (mut grouping, mut content) = match purpose {
            Purpose::Store(_, created_at) => (
                Some(Grouping::new(&self.scratch, created_at)),
                Content::new(created_at),
            ),
            Purpose::Check(_) => (None, Content::default()),
        };
        let mut report = Report::default();
        for layout in &LAYOUTS {
            if let Some(input) = self.inputs.iter().find(|it| it.layout.file == layout.file) {
                let counts = self.progress.file(layout.file);
                let mut reading = input.open(&self.progress)?;
                let file = judge.file(layout, &mut reading, |record, outcome, row| {
                    counts.records.add(1);
                    if let Purpose::Check(forms) = &mut purpose {
                        forms.see(layout, record);
                    }
                    match (outcome, &mut grouping, row) {
                        (Outcome::Rejected(defect), ..) => {
                            counts.rejected.add(1);
                            self.rejects.add(layout, record, defect)
                        }
                        (Outcome::Skipped(_), ..) => {
                            counts.skipped.add(1);
                            Ok(())
                        }
                        (_, Some(grouping), Some(row)) => grouping.add(layout.file, &row),
                        _ => Ok(()),
                    }
                });
                if file.is_err() {
                    // What the log has failed with comes before what that has led to.
                    self.rejects.finish()?;
                }
                report.push(layout, file.map_err(|source| input.unreadable(source))?);
                content.add(input, reading.hash());
                now(&counts.ended);
            }
            if let (Some(grouping), Purpose::Store(ready, _)) = (&mut grouping, &purpose) {
                let kinds = grouping
                    .end(layout.file)
                    .map_err(|source| self.scratch.failed(source))?;
                for rows in kinds {
                    // Nobody takes them when the store has failed, and then that is what is told.
                    let _ = ready.send(rows);
                }
            }
        }
        self.rejects.complete()?;
        report.took = began.elapsed();
        Ok((report, content))
    }
}
