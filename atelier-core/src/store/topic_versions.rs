//! What was changed, so that an answer that was kept is known to be out of date.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::model::ids::{ProductId, QuestionId};
use crate::store::Topic;

/// How many counts there are: half a megabyte. Topics that share one only make each other's answers be asked anew.
const COUNTS: usize = 1 << 16;

/// Counts the changes of each topic.
#[derive(Debug)]
pub(crate) struct Changes {
    of_some: Box<[AtomicU64]>,
    of_all: AtomicU64,
    times: Option<Times>,
}

/// When each was changed last, beside its count: where there are copies of the rows that may lack a change. An instant is
/// in nanoseconds since some start, and 0 is never.
#[derive(Debug)]
struct Times {
    start: Instant,
    of_some: Box<[AtomicU64]>,
    of_all: AtomicU64,
}

impl Times {
    fn now(&self) -> u64 {
        // Enough for 584 years.
        u64::try_from(self.start.elapsed().as_nanos()).map_or(u64::MAX, |since| since + 1)
    }
}

fn zeros() -> Box<[AtomicU64]> {
    (0..COUNTS).map(|_| AtomicU64::new(0)).collect()
}

impl Default for Changes {
    fn default() -> Self {
        Self {
            of_some: zeros(),
            of_all: AtomicU64::new(0),
            times: None,
        }
    }
}

impl Changes {
    /// Counts, and knows when.
    pub(crate) fn timed() -> Self {
        Self {
            times: Some(Times {
                start: Instant::now(),
                of_some: zeros(),
                of_all: AtomicU64::new(0),
            }),
            ..Self::default()
        }
    }

    /// The instant, by the clock of [`Changes::changed`].
    pub(crate) fn now(&self) -> u64 {
        self.times.as_ref().map_or(0, Times::now)
    }

    /// When a change of `topic`, or of one that shares its count, was noted last: before its count grew, so that who has
    /// seen the count sees the instant. A change is stored before that.
    pub(crate) fn changed(&self, topic: Topic) -> u64 {
        let Some(times) = &self.times else {
            return u64::MAX;
        };
        let some = slot(topic).map_or(0, |slot| times.of_some[slot].load(Ordering::SeqCst));
        some.max(times.of_all.load(Ordering::SeqCst))
    }

    /// How often `topic`, or one that shares its count, was changed.
    pub(crate) fn count(&self, topic: Topic) -> u64 {
        // No request changes the catalogue alone.
        let some = slot(topic).map_or(0, |slot| self.of_some[slot].load(Ordering::SeqCst));
        some + self.of_all.load(Ordering::SeqCst)
    }

    /// To be called when a change is in the store, before anybody is told so.
    pub(crate) fn note(&self, topics: impl IntoIterator<Item = Topic>) {
        for slot in topics.into_iter().filter_map(slot) {
            if let Some(times) = &self.times {
                times.of_some[slot].fetch_max(times.now(), Ordering::SeqCst);
            }
            self.of_some[slot].fetch_add(1, Ordering::SeqCst);
        }
    }

    /// The same of whatever there is, the catalogue included.
    pub(crate) fn note_all(&self) {
        if let Some(times) = &self.times {
            times.of_all.fetch_max(times.now(), Ordering::SeqCst);
        }
        self.of_all.fetch_add(1, Ordering::SeqCst);
    }
}

/// Which of the counts is that of `topic`.
fn slot(topic: Topic) -> Option<usize> {
    let (kind, id) = match topic {
        Topic::Catalogue => return None,
        Topic::Reviews(product) => (0, product.0),
        Topic::Questions(product) => (1, product.0),
        Topic::Answers(question) => (2, question.0),
    };
    // The high bits of a product with an odd number are spread evenly whatever the ids are.
    // Every id of 64 bits may be asked for, so all of this wraps.
    let spread = id.cast_unsigned().wrapping_mul(3).wrapping_add(kind);
    let spread = spread.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    // 16 bits, of as many counts.
    Some((spread >> 48) as usize)
}

/// What a change touched, by the row that came back from it.
pub(crate) type Touched = fn(&[i64]) -> Vec<Topic>;

/// The row of a change to a review ends with its product.
pub(crate) fn reviews(row: &[i64]) -> Vec<Topic> {
    let product = row.last().map(|id| Topic::Reviews(ProductId(*id)));
    product.into_iter().collect()
}

/// The row of a change to a question ends with its product.
pub(crate) fn questions(row: &[i64]) -> Vec<Topic> {
    let product = row.last().map(|id| Topic::Questions(ProductId(*id)));
    product.into_iter().collect()
}

/// The row of a change to an answer ends with its question and that one's product.
pub(crate) fn answers(row: &[i64]) -> Vec<Topic> {
    match row {
        [.., question, product] => vec![
            Topic::Answers(QuestionId(*question)),
            Topic::Questions(ProductId(*product)),
        ],
        _ => vec![],
    }
}

/// What no kept answer shows.
pub(crate) fn nothing(_: &[i64]) -> Vec<Topic> {
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

    #[test]
    fn every_id_has_a_slot() {
        // Three times the first of them is 2^64 - 1, so that adding the kind wraps.
        for id in [6_148_914_691_236_517_205, i64::MAX, i64::MIN, -1, 0] {
            let topics = [
                Topic::Reviews(ProductId(id)),
                Topic::Questions(ProductId(id)),
                Topic::Answers(QuestionId(id)),
            ];
            assert!(topics.into_iter().all(|topic| slot(topic) < Some(COUNTS)));
        }
    }

    #[test]
    fn when_a_topic_was_changed_is_known_where_it_matters() {
        let of_7 = Topic::Reviews(ProductId(7));
        assert_eq!(Changes::default().changed(of_7), u64::MAX, "who knows?");
        let changes = Changes::timed();
        assert_eq!(changes.changed(of_7), 0, "never");
        let before = changes.now();
        changes.note([of_7]);
        assert!((before..=changes.now()).contains(&changes.changed(of_7)));
        assert_eq!(changes.changed(Topic::Catalogue), 0);
        let before = changes.now();
        changes.note_all();
        assert!(changes.changed(of_7) >= before);
        assert!((before..=changes.now()).contains(&changes.changed(Topic::Catalogue)));
    }
}
