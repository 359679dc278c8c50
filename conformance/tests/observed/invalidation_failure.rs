//! Failures of cache invalidation between servers are logged once, and so is their end.

use atelier_conformance::two_servers::{connect, execute, noted, two};
use atelier_core::ProductId;
use atelier_core::store::Topic;
use atelier_test_support::until;

use crate::recorder::{count, record};

/// Counts the log messages that contain `words`.
fn logged(words: &str) -> usize {
    let shown = |line: &str| {
        ["INFO", "WARN", "ERROR"]
            .iter()
            .any(|level| line.starts_with(level))
    };
    count(|line| shown(line) && line.contains(words))
}

#[test]
fn invalidation_failure_is_logged_once_and_recovers() {
    const PUBLISH: &str = "publishing changes to other servers";
    const POLL: &str = "polling the changes of other servers";
    let _recording = record();
    two(async |one, other| {
        let of_501 = Topic::Reviews(ProductId(501));
        let before = other.store.topic_version(of_501);
        let mut connection = connect(&one.url).await;
        execute(&mut connection, "alter table changes rename to gone").await;
        assert_eq!(one.put("/reviews/31/helpful").await.status, 204);
        until("both fail", || async {
            logged(PUBLISH) >= 1 && logged(POLL) >= 2
        })
        .await;
        execute(&mut connection, "alter table gone rename to changes").await;
        noted(other, of_501, before).await;
        let over = |what: &str| logged(&format!("{what} succeeded again"));
        until("both are over", || async {
            over(PUBLISH) == 1 && over(POLL) == 2
        })
        .await;
        // Each said it once when it began and once when it was over.
        assert_eq!((logged(PUBLISH), logged(POLL)), (2, 4));
    });
}
