//! How far a load has come.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use atelier_sql::load::{TABLES, Table};

use crate::model::bulk::Batch;
use crate::model::error::{Error, Failure, Result};

/// What was handed over, table by table, and what the tables held when the load was resumed.
#[derive(Debug, Default)]
pub(crate) struct Progress(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    held: HashMap<String, i64>,
    passed: HashMap<&'static str, i64>,
    last_review: i64,
    last_answer: i64,
}

impl Progress {
    /// Starts again, with the last ids that the tables hold.
    pub(crate) fn restart(&self, held: HashMap<String, i64>) {
        *self.counts() = Counts {
            held,
            ..Counts::default()
        };
    }

    /// The last id that a table held when the load was resumed.
    pub(crate) fn held(&self, table: Table) -> i64 {
        let counts = self.counts();
        counts.held.get(table.name).copied().unwrap_or(i64::MIN)
    }

    /// How many rows were handed over for a table.
    pub(crate) fn passed(&self, table: Table) -> i64 {
        self.counts()
            .passed
            .get(table.name)
            .copied()
            .unwrap_or_default()
    }

    /// Counts rows that were handed over.
    pub(crate) fn pass(&self, table: Table, rows: usize) {
        *self.counts().passed.entry(table.name).or_default() +=
            i64::try_from(rows).unwrap_or(i64::MAX);
    }

    /// Looks at the photos of a batch: a new one gets its parent's id with a digit behind it, so new parents have to
    /// start after a tenth of the largest loaded one.
    pub(crate) fn see_photos(&self, batch: &Batch) {
        let last = |ids: &mut dyn Iterator<Item = i64>| ids.map(|id| id / 10).max().unwrap_or(0);
        let review_photos = batch.reviews.iter().flat_map(|review| &review.photos);
        let answer_photos = batch.answers.iter().flat_map(|answer| &answer.photos);
        let review = last(&mut review_photos.map(|photo| photo.id));
        let answer = last(&mut answer_photos.map(|photo| photo.id));
        let mut counts = self.counts();
        counts.last_review = counts.last_review.max(review);
        counts.last_answer = counts.last_answer.max(answer);
    }

    /// New reviews and answers start after these ids at least.
    pub(crate) fn last_parents_of_photos(&self) -> (i64, i64) {
        let counts = self.counts();
        (counts.last_review, counts.last_answer)
    }

    /// That the tables hold what was handed over, in the order of [`TABLES`].
    pub(crate) fn compare(&self, rows: &[i64]) -> Result<()> {
        for (table, held) in TABLES.iter().zip(rows) {
            let passed = self.passed(*table);
            if passed != *held {
                return Err(Error::Internal(Failure::new(format!(
                    "{} rows were put into the table {} and it holds {held}",
                    passed, table.name
                ))));
            }
        }
        Ok(())
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
