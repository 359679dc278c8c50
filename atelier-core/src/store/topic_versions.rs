//! Versions of topics, by which the response cache knows that an entry is out of date.
//!
//! Each write bumps the versions of its topics. A cached response carries the version that it was read at, so a write
//! evicts nothing.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::model::ids::{ProductId, QuestionId};
use crate::store::Topic;

/// Number of versions, 512 KiB in all. Topics share them by hash; a collision costs only an unnecessary read.
const SLOTS: usize = 1 << 16;

/// A version for each topic.
#[derive(Debug)]
pub(crate) struct TopicVersions {
    slots: Box<[AtomicU64]>,
    all: AtomicU64,
    times: Option<Times>,
}

/// The time of the last change of each topic, to compare with what a standby has replayed. Times are nanoseconds since
/// `start`; 0 is never.
#[derive(Debug)]
struct Times {
    start: Instant,
    slots: Box<[AtomicU64]>,
    all: AtomicU64,
}

impl Times {
    fn now(&self) -> u64 {
        // 64 bits suffice for 584 years.
        u64::try_from(self.start.elapsed().as_nanos()).map_or(u64::MAX, |since| since + 1)
    }
}

fn zeros() -> Box<[AtomicU64]> {
    (0..SLOTS).map(|_| AtomicU64::new(0)).collect()
}

impl Default for TopicVersions {
    fn default() -> Self {
        Self {
            slots: zeros(),
            all: AtomicU64::new(0),
            times: None,
        }
    }
}

impl TopicVersions {
    /// Versions that also record when a topic was changed.
    pub(crate) fn with_times() -> Self {
        Self {
            times: Some(Times {
                start: Instant::now(),
                slots: zeros(),
                all: AtomicU64::new(0),
            }),
            ..Self::default()
        }
    }

    /// The current time, on the clock of [`TopicVersions::last_modified`].
    pub(crate) fn now(&self) -> u64 {
        self.times.as_ref().map_or(0, Times::now)
    }

    /// Returns when `topic`, or one that shares its version, was last changed; `u64::MAX` when times are not recorded. The time
    /// is set after the change was committed and before the version grows, so a reader of the version sees it.
    pub(crate) fn last_modified(&self, topic: Topic) -> u64 {
        let Some(times) = &self.times else {
            return u64::MAX;
        };
        let some = slot(topic).map_or(0, |slot| times.slots[slot].load(Ordering::SeqCst));
        some.max(times.all.load(Ordering::SeqCst))
    }

    /// Returns the version of `topic`.
    pub(crate) fn version(&self, topic: Topic) -> u64 {
        // The catalogue has no version of its own: only loads change it, and they bump all.
        let some = slot(topic).map_or(0, |slot| self.slots[slot].load(Ordering::SeqCst));
        some + self.all.load(Ordering::SeqCst)
    }

    /// Bumps the versions of `topics`: after the change was committed, before it is acknowledged.
    pub(crate) fn bump(&self, topics: impl IntoIterator<Item = Topic>) {
        for slot in topics.into_iter().filter_map(slot) {
            if let Some(times) = &self.times {
                times.slots[slot].fetch_max(times.now(), Ordering::SeqCst);
            }
            self.slots[slot].fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Bumps the versions of all topics, the catalogue included.
    pub(crate) fn bump_all(&self) {
        if let Some(times) = &self.times {
            times.all.fetch_max(times.now(), Ordering::SeqCst);
        }
        self.all.fetch_add(1, Ordering::SeqCst);
    }
}

/// Returns the index of the version of `topic`.
fn slot(topic: Topic) -> Option<usize> {
    let (kind, id) = match topic {
        Topic::Catalogue => return None,
        Topic::Reviews(product) => (0, product.0),
        Topic::Questions(product) => (1, product.0),
        Topic::Answers(question) => (2, question.0),
    };
    // Fibonacci hashing: the high bits are spread evenly. Ids may be any 64-bit number, so the arithmetic wraps.
    let spread = id.cast_unsigned().wrapping_mul(3).wrapping_add(kind);
    let spread = spread.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    // 16 bits, for 2^16 versions.
    Some((spread >> 48) as usize)
}

/// Returns the topics that a write changes, by the row that its statement returned.
pub(crate) type Invalidates = fn(&[i64]) -> Vec<Topic>;

/// The last number is the product of the review.
pub(crate) fn reviews(row: &[i64]) -> Vec<Topic> {
    let product = row.last().map(|id| Topic::Reviews(ProductId(*id)));
    product.into_iter().collect()
}

/// The last number is the product of the question.
pub(crate) fn questions(row: &[i64]) -> Vec<Topic> {
    let product = row.last().map(|id| Topic::Questions(ProductId(*id)));
    product.into_iter().collect()
}

/// The last numbers are the question of the answer and the product of the question.
pub(crate) fn answers(row: &[i64]) -> Vec<Topic> {
    match row {
        [.., question, product] => vec![
            Topic::Answers(QuestionId(*question)),
            Topic::Questions(ProductId(*product)),
        ],
        _ => vec![],
    }
}

/// No cached response depends on the write.
pub(crate) fn nothing(_: &[i64]) -> Vec<Topic> {
    vec![]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bump_changes_the_version_of_its_topic_and_of_few_others() {
        let versions = TopicVersions::default();
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
        versions.bump([Topic::Reviews(ProductId(7)), Topic::Catalogue]);
        assert_eq!(versions.version(Topic::Reviews(ProductId(7))), 1);
        assert_eq!(versions.version(Topic::Catalogue), 0);
        let bumped = topics.iter().filter(|topic| versions.version(**topic) > 0);
        assert!(bumped.count() < 3, "topics share versions too often");
        versions.bump([Topic::Reviews(ProductId(i64::MAX))]);
        assert_eq!(versions.version(Topic::Reviews(ProductId(i64::MAX))), 1);
        versions.bump_all();
        assert_eq!(versions.version(Topic::Reviews(ProductId(7))), 2);
        assert_eq!(versions.version(Topic::Catalogue), 1);
    }

    #[test]
    fn every_id_has_a_slot() {
        // Three times the first id is 2^64 - 1, so adding the kind wraps.
        for id in [6_148_914_691_236_517_205, i64::MAX, i64::MIN, -1, 0] {
            let topics = [
                Topic::Reviews(ProductId(id)),
                Topic::Questions(ProductId(id)),
                Topic::Answers(QuestionId(id)),
            ];
            assert!(topics.into_iter().all(|topic| slot(topic) < Some(SLOTS)));
        }
    }

    #[test]
    fn last_modified_is_the_time_of_the_last_bump() {
        let reviews = Topic::Reviews(ProductId(7));
        assert_eq!(
            TopicVersions::default().last_modified(reviews),
            u64::MAX,
            "times are not recorded"
        );
        let versions = TopicVersions::with_times();
        assert_eq!(versions.last_modified(reviews), 0, "never");
        let before = versions.now();
        versions.bump([reviews]);
        assert!((before..=versions.now()).contains(&versions.last_modified(reviews)));
        assert_eq!(versions.last_modified(Topic::Catalogue), 0);
        let before = versions.now();
        versions.bump_all();
        assert!(versions.last_modified(reviews) >= before);
        assert!((before..=versions.now()).contains(&versions.last_modified(Topic::Catalogue)));
    }
}
