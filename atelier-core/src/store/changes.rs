//! What was changed, so that an answer that was kept is known to be out of date.

use std::sync::atomic::{AtomicU64, Ordering};

use atelier_sql::Write;

use super::Topic;
use super::dialect::Dialect;
use super::value::Value;
use crate::{ProductId, QuestionId, Result};

/// How many counts there are: half a megabyte. Topics that share one only make each other's answers be asked anew.
const COUNTS: usize = 1 << 16;

/// Counts the changes of each topic.
#[derive(Debug)]
pub(super) struct Changes {
    of_some: Box<[AtomicU64]>,
    of_all: AtomicU64,
}

impl Default for Changes {
    fn default() -> Self {
        Self {
            of_some: (0..COUNTS).map(|_| AtomicU64::new(0)).collect(),
            of_all: AtomicU64::new(0),
        }
    }
}

impl Changes {
    /// How often `topic`, or one that shares its count, was changed.
    pub(super) fn count(&self, topic: Topic) -> u64 {
        // No request changes the catalogue alone.
        let some = self
            .of(topic)
            .map_or(0, |count| count.load(Ordering::SeqCst));
        some + self.of_all.load(Ordering::SeqCst)
    }

    /// To be called when a change is in the store, before anybody is told so.
    pub(super) fn note(&self, topics: impl IntoIterator<Item = Topic>) {
        for count in topics.into_iter().filter_map(|topic| self.of(topic)) {
            count.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// The same of whatever there is, the catalogue included.
    pub(super) fn note_all(&self) {
        self.of_all.fetch_add(1, Ordering::SeqCst);
    }

    /// Makes a change and notes what it touched, here and with other servers: what its row tells, or else what it was
    /// `about`. Without a row it may be stored all the same, the connection lost on the way back.
    pub(super) async fn write<D: Dialect>(
        &self,
        dialect: &D,
        change: Write,
        binds: Vec<Value>,
        about: Option<Topic>,
        touched: Touched,
    ) -> Result<Option<Vec<i64>>> {
        let row = dialect.write(change, binds).await;
        let topics = match &row {
            Ok(Some(row)) => touched(row),
            _ => about.into_iter().collect(),
        };
        self.note(topics.iter().copied());
        dialect.tell(&topics).await;
        row
    }

    fn of(&self, topic: Topic) -> Option<&AtomicU64> {
        let (kind, id) = match topic {
            Topic::Catalogue => return None,
            Topic::Reviews(product) => (0, product.0),
            Topic::Questions(product) => (1, product.0),
            Topic::Answers(question) => (2, question.0),
        };
        // The high bits of a product with an odd number are spread evenly whatever the ids are.
        let spread =
            (id.cast_unsigned().wrapping_mul(3) + kind).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.of_some.get((spread >> 48) as usize)
    }
}

/// What a change touched, by the row that came back from it.
pub(super) type Touched = fn(&[i64]) -> Vec<Topic>;

/// The row of a change to a review ends with its product.
pub(super) fn reviews(row: &[i64]) -> Vec<Topic> {
    let product = row.last().map(|id| Topic::Reviews(ProductId(*id)));
    product.into_iter().collect()
}

/// The row of a change to a question ends with its product.
pub(super) fn questions(row: &[i64]) -> Vec<Topic> {
    let product = row.last().map(|id| Topic::Questions(ProductId(*id)));
    product.into_iter().collect()
}

/// The row of a change to an answer ends with its question and that one's product.
pub(super) fn answers(row: &[i64]) -> Vec<Topic> {
    match row {
        [.., question, product] => vec![
            Topic::Answers(QuestionId(*question)),
            Topic::Questions(ProductId(*product)),
        ],
        _ => vec![],
    }
}

/// What no kept answer shows.
pub(super) fn nothing(_: &[i64]) -> Vec<Topic> {
    vec![]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_counts_for_its_topic_and_for_next_to_no_other() {
        let changes = Changes::default();
        let topics: Vec<_> = (1..=1_000)
            .flat_map(|id| {
                let product = ProductId(id);
                [
                    Topic::Reviews(product),
                    Topic::Questions(product),
                    Topic::Answers(QuestionId(id)),
                ]
            })
            .collect();
        changes.note([Topic::Reviews(ProductId(7)), Topic::Catalogue]);
        assert_eq!(changes.count(Topic::Reviews(ProductId(7))), 1);
        assert_eq!(changes.count(Topic::Catalogue), 0);
        let touched = topics.iter().filter(|topic| changes.count(**topic) > 0);
        assert!(touched.count() < 3, "topics share counts too often");
        changes.note([Topic::Reviews(ProductId(i64::MAX))]);
        assert_eq!(changes.count(Topic::Reviews(ProductId(i64::MAX))), 1);
        changes.note_all();
        assert_eq!(changes.count(Topic::Reviews(ProductId(7))), 2);
        assert_eq!(changes.count(Topic::Catalogue), 1);
    }
}
