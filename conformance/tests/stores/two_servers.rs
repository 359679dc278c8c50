//! Cache invalidation between servers that share a database. Their clocks do not advance, so that no cached answer expires.

use atelier_conformance::matrix::{StoreKind, Transport, run};
use atelier_conformance::rows::ask;
use atelier_conformance::two_servers::{connect, execute, noted, two};
use atelier_conformance::{TestApp, TestResponse};
use atelier_core::store::Topic;
use atelier_core::{ProductId, QuestionId, open};
use atelier_test_support::until;
use http::Method;
use serde_json::json;

#[test]
fn other_server_sees_every_write() {
    const REVIEWS: &str = "/reviews?product_id=501&count=99";
    const META: &str = "/reviews/meta?product_id=501";
    const QUESTIONS: &str = "/qa/questions?product_id=501&count=99";
    const ANSWERS: &str = "/qa/questions/71/answers?count=99";
    two(async |one, other| {
        let review = json!({"product_id": 501, "rating": 4, "body": "b", "recommend": true, "name": "n",
            "email": "e@example.org"});
        let question =
            json!({"product_id": 501, "body": "b", "name": "n", "email": "e@example.org"});
        let none = json!(null);
        for (place, (method, target, body, shown)) in [
            (Method::POST, "/reviews", &review, [REVIEWS, META]),
            (Method::PUT, "/reviews/31/helpful", &none, [REVIEWS; 2]),
            (Method::PUT, "/reviews/31/report", &none, [REVIEWS, META]),
            (Method::POST, "/qa/questions", &question, [QUESTIONS; 2]),
            (
                Method::PUT,
                "/qa/questions/71/helpful",
                &none,
                [QUESTIONS; 2],
            ),
            (
                Method::POST,
                "/qa/questions/71/answers",
                &question,
                [QUESTIONS, ANSWERS],
            ),
            (
                Method::PUT,
                "/qa/answers/81/helpful",
                &none,
                [QUESTIONS, ANSWERS],
            ),
            (
                Method::PUT,
                "/qa/answers/81/report",
                &none,
                [QUESTIONS, ANSWERS],
            ),
            (
                Method::PUT,
                "/qa/questions/71/report",
                &none,
                [QUESTIONS; 2],
            ),
        ]
        .into_iter()
        .enumerate()
        {
            let (writer, reader) = if place % 2 == 0 {
                (one, other)
            } else {
                (other, one)
            };
            let mut before: Vec<TestResponse> = vec![];
            for shown in shown {
                before.push(writer.get(shown).await);
                // It may not have applied the last invalidation yet.
                until(target, || async {
                    &reader.get(shown).await == before.last().expect("a reply")
                })
                .await;
            }
            let body = body.to_string();
            let headers = [("content-type", "application/json")];
            let written = writer
                .request(method, target, &headers, body.as_bytes())
                .await;
            assert!(written.status.is_success(), "{target}: {}", written.text());
            for (shown, before) in shown.into_iter().zip(before) {
                let after = writer.get(shown).await;
                assert_ne!(
                    after.text(),
                    before.text(),
                    "{target}, {shown}: at once, of one's own"
                );
                until(target, || async { reader.get(shown).await == after }).await;
            }
        }
    });
}

/// The log of changes is locked, so that only the replay itself can invalidate the cache.
#[test]
fn replayed_post_invalidates_cache_of_answering_server() {
    let of_product = [
        Topic::Reviews(ProductId(501)),
        Topic::Questions(ProductId(501)),
    ];
    let of_question = [
        Topic::Questions(ProductId(501)),
        Topic::Answers(QuestionId(71)),
    ];
    two(async |one, other| {
        let mut locking = connect(&one.url).await;
        let lock = "begin; lock table changes in access exclusive mode";
        execute(&mut locking, lock).await;
        let body = json!({"product_id": 501, "rating": 4, "body": "b", "recommend": true, "name": "n",
            "email": "e@example.org"});
        let body = body.to_string();
        for (target, topics) in [
            ("/reviews", &of_product[..1]),
            ("/qa/questions", &of_product[1..]),
            ("/qa/questions/71/answers", &of_question),
        ] {
            let headers = [
                ("content-type", "application/json"),
                ("idempotency-key", "once"),
            ];
            let post = async |shop: &TestApp| {
                shop.request(Method::POST, target, &headers, body.as_bytes())
                    .await
            };
            assert_eq!(post(one).await.status, 201, "{target}");
            let versions = || topics.iter().map(|topic| other.store.topic_version(*topic));
            let before: Vec<_> = versions().collect();
            let replayed = post(other).await;
            assert_eq!(replayed.status, 201, "{target}");
            assert_eq!(
                replayed.header("idempotency-replayed"),
                Some("true"),
                "{target}"
            );
            for (before, after) in before.iter().zip(versions()) {
                assert!(after > *before, "{target}: {topics:?}");
            }
        }
        execute(&mut locking, "rollback").await;
    });
}

#[test]
fn each_server_applies_a_change_once() {
    two(async |one, other| {
        let (of_501, of_502) = (
            Topic::Reviews(ProductId(501)),
            Topic::Questions(ProductId(502)),
        );
        let count = |shop: &TestApp| [of_501, of_502].map(|topic| shop.store.topic_version(topic));
        let before = (count(one), count(other));
        assert_eq!(one.put("/reviews/31/helpful").await.status, 204);
        assert_eq!(count(one)[0], before.0[0] + 1, "at once, of one's own");
        noted(other, of_501, before.1[0]).await;
        let question =
            json!({"product_id": 502, "body": "b", "name": "n", "email": "e@example.org"});
        assert_eq!(other.post("/qa/questions", &question).await.status, 201);
        noted(one, of_502, before.0[1]).await;
        // A server that has applied the second change has read past the first again.
        assert_eq!(count(one), before.0.map(|count| count + 1));
        assert_eq!(count(other), before.1.map(|count| count + 1));
    });
}

#[test]
fn late_commit_is_applied_once() {
    two(async |one, other| {
        let [late, first, second] = [501, 502, 507].map(|id| Topic::Questions(ProductId(id)));
        let count = |topic| one.store.topic_version(topic);
        let before = [late, first, second].map(count);
        let mut connection = connect(&one.url).await;
        let begun = "begin; insert into changes (origin, kind, subject) values (1, 2, 501)";
        execute(&mut connection, begun).await;
        for (product, topic, before) in [(502, first, before[1]), (507, second, before[2])] {
            let question =
                json!({"product_id": product, "body": "b", "name": "n", "email": "e@example.org"});
            assert_eq!(other.post("/qa/questions", &question).await.status, 201);
            noted(one, topic, before).await;
        }
        assert_eq!(count(late), before[0], "nothing of it is visible");
        execute(&mut connection, "commit").await;
        noted(one, late, before[0]).await;
        assert_eq!(
            [late, first, second].map(count),
            before.map(|count| count + 1)
        );
    });
}

#[test]
fn sweep_deletes_old_changes_only() {
    two(async |one, _| {
        let mut connection = connect(&one.url).await;
        // More than one statement deletes, 11 minutes old, and some 9 minutes old.
        let rows = "delete from changes;
            insert into changes (origin, kind, subject, at)
            select 1, 1, n,
              (extract(epoch from now()) * 1000)::bigint - case when n <= 20001 then 660000 else 540000 end
            from generate_series(1, 20004) n";
        execute(&mut connection, rows).await;
        one.api.atelier().sweep().await.expect("sweeps");
        let left = "select concat_ws(' ', count(*), min(subject), max(subject)) from changes";
        assert_eq!(ask(&one.url, left, "").await, ["3 20002 20004"]);
    });
}

#[test]
fn close_publishes_pending_changes_and_disconnects() {
    run(StoreKind::Postgres, Transport::Core, |shop| async move {
        let shop = &shop;
        let told = "select concat_ws(' ', kind, subject) from changes where origin <> 0";
        assert_eq!(shop.put("/reviews/31/helpful").await.status, 204);
        shop.store.close().await;
        assert_eq!(ask(&shop.url, told, "").await, ["1 501"]);
        // A store that is dropped without close ends its subscription as well.
        let store = open(&shop.url, &atelier_core::StoreOptions::default())
            .await
            .expect("opens");
        let before = store.topic_version(Topic::Catalogue);
        let anything = "insert into changes (origin, kind, subject) values (1, 0, 0)";
        execute(&mut connect(&shop.url).await, anything).await;
        until("it follows", || async {
            store.topic_version(Topic::Catalogue) > before
        })
        .await;
        drop(store);
        let connected = "select pid::text from pg_stat_activity
            where datname = current_database() and application_name = 'atelier'";
        until("the connections end", || async {
            ask(&shop.url, connected, "").await.is_empty()
        })
        .await;
    });
}

#[test]
fn repeated_report_invalidates_cache_of_answering_server() {
    two(async |one, other| {
        for (report, list) in [
            ("/qa/answers/81/report", "/qa/questions/71/answers?count=99"),
            (
                "/qa/questions/71/report",
                "/qa/questions?product_id=501&count=99",
            ),
            ("/reviews/31/report", "/reviews?product_id=501&count=99"),
        ] {
            let kept = other.get(list).await;
            assert_eq!(one.put(report).await.status, 204);
            assert_eq!(other.put(report).await.status, 204);
            let seen = other.get(list).await;
            assert_ne!(seen, kept, "{report}");
            assert_eq!(seen, one.get(list).await, "{report}");
        }
    });
}
