//! From files to rows that are ready for the store, with the figures that account for every line.

use std::sync::Arc;

use atelier_core::Clock;
use tokio::sync::mpsc::UnboundedSender;

use crate::error::Error;
use crate::files::LAYOUTS;
use crate::group::{Grouping, Ready};
use crate::input::{self, Content, Input};
use crate::judge::Judge;
use crate::outcome::Outcome;
use crate::progress::Progress;
use crate::rejects::RejectLog;
use crate::report::Report;
use crate::scratch::Scratch;

/// Reads the files of a load.
pub(crate) struct Reader {
    pub(crate) inputs: Arc<[Input]>,
    pub(crate) progress: Arc<Progress>,
    pub(crate) rejects: RejectLog,
    pub(crate) scratch: Scratch,
}

impl Reader {
    /// Reads all files, one after the other. Each kind of rows goes to `ready` when the last file it is made of has been
    /// read; without `ready` no rows are kept.
    pub(crate) fn read(
        &mut self,
        ready: Option<&UnboundedSender<Ready>>,
    ) -> Result<(Report, Content), Error> {
        let mut judge = Judge::new(Clock::default().now(), &self.scratch);
        let mut grouping = ready.map(|_| Grouping::new(&self.scratch, input::made(&self.inputs)));
        let mut report = Report::default();
        let mut content = Content::default();
        let inputs = Arc::clone(&self.inputs);
        for layout in &LAYOUTS {
            if let Some(input) = inputs.iter().find(|input| input.layout.file == layout.file) {
                let counts = self.progress.file(layout.file);
                let mut reading = input.open(&self.progress)?;
                let file = judge.file(layout, &mut reading, |record, outcome, row| {
                    counts.records.add(1);
                    match (outcome, &mut grouping, row) {
                        (Outcome::Rejected(defect), ..) => {
                            counts.rejected.add(1);
                            self.rejects.add(layout, record, defect);
                            Ok(())
                        }
                        (_, Some(grouping), Some(row)) => grouping.add(layout.file, &row),
                        _ => Ok(()),
                    }
                });
                report.push(layout, file.map_err(|source| input.unreadable(source))?);
                content.add(input, reading.hash());
            }
            if let (Some(grouping), Some(ready)) = (&mut grouping, ready) {
                let kinds = grouping
                    .end(layout.file)
                    .map_err(|source| self.scratch.failed(source))?;
                for rows in kinds {
                    // Nobody takes them when the store has failed, and then that is what is told.
                    let _ = ready.send(rows);
                }
            }
        }
        self.rejects.finish()?;
        Ok((report, content))
    }
}
