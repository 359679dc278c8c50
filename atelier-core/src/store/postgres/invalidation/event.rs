//! Invalidation events, and the server that stores them.

use std::sync::{Arc, Weak};

use crate::model::ids::{ProductId, QuestionId};
use crate::store::Topic;
use crate::store::postgres::cluster::Cluster;
use crate::store::postgres::pool::Pool;

/// Maximum number of events per statement. More are replaced by [`ALL_TOPICS`].
pub(crate) const MAX_EVENTS: usize = 10_000;

/// Retention of events, in milliseconds.
pub(crate) const RETENTION_MS: i64 = 10 * 60 * 1_000;

/// The kind of a topic and its id: the columns `kind` and `subject` of a row.
pub(crate) type Event = (i64, i64);

pub(crate) const ALL_TOPICS: Event = (0, 0);

pub(crate) fn event(topic: Topic) -> Event {
    match topic {
        Topic::Catalogue => ALL_TOPICS,
        Topic::Reviews(product) => (1, product.0),
        Topic::Questions(product) => (2, product.0),
        Topic::Answers(question) => (3, question.0),
    }
}

/// Returns the topic of an event; `None` for all topics. Kinds of a newer program also count as all topics.
pub(crate) fn topic((kind, id): Event) -> Option<Topic> {
    match kind {
        1 => Some(Topic::Reviews(ProductId(id))),
        2 => Some(Topic::Questions(ProductId(id))),
        3 => Some(Topic::Answers(QuestionId(id))),
        _ => None,
    }
}

/// The server that holds the table of events: the primary.
#[derive(Debug, Clone)]
pub(crate) enum PrimaryHandle {
    Server(Weak<Pool>),
    Cluster(Weak<Cluster>),
}

impl PrimaryHandle {
    /// Returns the pool of the primary and its epoch; `None` once the store was dropped.
    pub(crate) fn pool(&self) -> Option<(Arc<Pool>, u64)> {
        match self {
            Self::Server(pool) => Some((pool.upgrade()?, 0)),
            Self::Cluster(cluster) => Some(cluster.upgrade()?.primary()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_is_decoded_to_its_topic() {
        for decoded in [
            Topic::Reviews(ProductId(7)),
            Topic::Questions(ProductId(i64::MAX)),
            Topic::Answers(QuestionId(7)),
        ] {
            assert_eq!(topic(event(decoded)), Some(decoded));
        }
        assert_eq!(topic(event(Topic::Catalogue)), None);
        assert_eq!(topic((4, 7)), None, "a kind of a newer program");
    }
}
