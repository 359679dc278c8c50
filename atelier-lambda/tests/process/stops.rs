//! A process that receives SIGTERM.

use atelier_test_support::runtime_api::Outcome;
use tokio::task::yield_now;

use crate::{TIMEOUT, added, answered, function, json_event, review, seeded};

#[tokio::test]
async fn acknowledged_posts_are_stored_after_sigterm() {
    let database = seeded().await;
    let mut acknowledged = vec![];
    let mut sent = vec![];
    for round in 0_u32..20 {
        let lambda = function(&database.url()).await;
        for number in 0.. {
            let body = format!("Round {round}, number {number}.");
            let event = json_event("/reviews", &[], &review(&body));
            sent.push(body.clone());
            let terminate = async {
                // During the post, at a different point in each round.
                for _ in 0..round * 20 {
                    yield_now().await;
                }
                if number == 2 {
                    lambda.terminate();
                }
            };
            let (outcome, ()) = tokio::join!(lambda.invoke(event, TIMEOUT), terminate);
            if let Outcome::Exited(ended) = outcome {
                assert!(!ended.log.contains("panicked"), "{}", ended.log);
                break;
            }
            let reply = answered(outcome);
            assert_eq!(reply.status, 201, "{}", reply.text());
            acknowledged.push(body);
        }
        let ended = tokio::time::timeout(TIMEOUT, lambda.ended()).await;
        ended.expect("it ends");
    }
    let stored = added(&database).await;
    for body in &acknowledged {
        assert_eq!(
            stored.iter().filter(|stored| *stored == body).count(),
            1,
            "{body}"
        );
    }
    // The post in flight may be stored or not, but not twice.
    let mut once = stored.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), stored.len());
    assert!(stored.iter().all(|body| sent.contains(body)));
}

#[tokio::test]
async fn idle_process_ends_on_sigterm() {
    let (url, _folder) = crate::packed().await;
    let lambda = function(&url).await;
    lambda.idle().await.expect("it starts");
    lambda.terminate();
    let ended = tokio::time::timeout(TIMEOUT, lambda.ended()).await;
    let ended = ended.expect("it ends");
    assert_eq!(ended.log, "");
}
