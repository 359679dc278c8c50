//! The progress of a load.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use atelier_sql::load::{TABLES, Table};

use crate::model::bulk::Batch;
use crate::model::error::{Error, Failure, Result};

/// The number of submitted rows of each table, and the last ids of the load that was resumed.
#[derive(Debug, Default)]
pub(crate) struct Progress(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    loaded_up_to: HashMap<String, i64>,
    submitted: HashMap<&'static str, i64>,
    last_review: i64,
    last_answer: i64,
}

impl Progress {
    /// Resets the counts; `loaded_up_to` has the last id of each table when a load is resumed.
    pub(crate) fn restart(&self, loaded_up_to: HashMap<String, i64>) {
        *self.counts() = Counts {
            loaded_up_to,
            ..Counts::default()
        };
    }

    /// Returns the last id that was loaded before the load was resumed.
    pub(crate) fn loaded_up_to(&self, table: Table) -> i64 {
        let counts = self.counts();
        counts
            .loaded_up_to
            .get(table.name)
            .copied()
            .unwrap_or(i64::MIN)
    }

    /// Returns the number of submitted rows of a table.
    pub(crate) fn submitted(&self, table: Table) -> i64 {
        self.counts()
            .submitted
            .get(table.name)
            .copied()
            .unwrap_or_default()
    }

    /// Counts submitted rows.
    pub(crate) fn submit(&self, table: Table, rows: usize) {
        *self.counts().submitted.entry(table.name).or_default() +=
            i64::try_from(rows).unwrap_or(i64::MAX);
    }

    /// Tracks the largest photo ids. The id of a new photo is the id of its parent followed by a digit, so the ids of new parents
    /// start above a tenth of the largest loaded photo id.
    pub(crate) fn track_photo_ids(&self, batch: &Batch) {
        let last = |ids: &mut dyn Iterator<Item = i64>| ids.map(|id| id / 10).max().unwrap_or(0);
        let review_photos = batch.reviews.iter().flat_map(|review| &review.photos);
        let answer_photos = batch.answers.iter().flat_map(|answer| &answer.photos);
        let review = last(&mut review_photos.map(|photo| photo.id));
        let answer = last(&mut answer_photos.map(|photo| photo.id));
        let mut counts = self.counts();
        counts.last_review = counts.last_review.max(review);
        counts.last_answer = counts.last_answer.max(answer);
    }

    /// Returns the ids of reviews and answers that new ones must exceed.
    pub(crate) fn last_parents_of_photos(&self) -> (i64, i64) {
        let counts = self.counts();
        (counts.last_review, counts.last_answer)
    }

    /// Checks that the tables hold the submitted rows; `rows` has their counts in the order of [`TABLES`].
    pub(crate) fn compare(&self, rows: &[i64]) -> Result<()> {
        for (table, held) in TABLES.iter().zip(rows) {
            let submitted = self.submitted(*table);
            if submitted != *held {
                return Err(Error::Internal(Failure::new(format!(
                    "{} rows were put into the table {} and it holds {held}",
                    submitted, table.name
                ))));
            }
        }
        Ok(())
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
