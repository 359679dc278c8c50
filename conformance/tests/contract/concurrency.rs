//! No write is lost, and reported rows appear nowhere, under concurrent requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use atelier_conformance::{TestApp, TestResponse, cases};
use atelier_core::AnswerId;
use futures_util::future::join_all;
use http::Method;
use serde_json::Value;
use tokio::task::{JoinSet, yield_now};

use crate::question_answers::answers_of;
use crate::questions::questions_of;
use crate::{NO_CONTENT, each, retry_while_busy};

/// Sends these `PUT` concurrently, each again while the service is busy. Returns the responses that are not 204.
async fn put_at_once(
    shop: &Arc<TestApp>,
    targets: impl IntoIterator<Item = String>,
) -> Vec<TestResponse> {
    let mut all = JoinSet::new();
    for target in targets {
        let shop = Arc::clone(shop);
        all.spawn(async move { asked(&shop, Method::PUT, &target).await });
    }
    let mut refused = all.join_all().await;
    refused.retain(|reply| reply.parts() != NO_CONTENT);
    refused
}

/// Sends 1,000 concurrent votes, which must all be acknowledged and shown by `row` of `list`.
async fn a_thousand_votes(
    shop: TestApp,
    row: &str,
    list: &str,
    (key, id): (&str, i64),
    votes: &str,
) {
    let shop = Arc::new(shop);
    let before = votes_of(&shop.get(list).await, key, id, votes);
    let refused = put_at_once(&shop, vec![format!("{row}/helpful"); 1_000]).await;
    let after = votes_of(&shop.get(list).await, key, id, votes);
    let acknowledged = 1_000 - i64::try_from(refused.len()).expect("few");
    assert_eq!(after - before, acknowledged, "votes added and acknowledged");
    assert_eq!(acknowledged, 1_000, "refused: {:?}", refused.first());
}

/// Returns a row of a list.
fn of(reply: &TestResponse, key: &str, id: i64) -> Value {
    assert_eq!(reply.status, 200, "{:?}", reply.parts());
    let json = reply.json();
    let mut rows = json["results"].as_array().expect("a list").iter();
    rows.find(|row| row[key] == id).expect("the row").clone()
}

/// Returns the votes of a row of a list.
fn votes_of(reply: &TestResponse, key: &str, id: i64, votes: &str) -> i64 {
    of(reply, key, id)[votes].as_i64().expect("a number")
}

/// Sends a request without a body until the service is not busy.
async fn asked(shop: &TestApp, method: Method, target: &str) -> TestResponse {
    retry_while_busy(shop, method, target, &[], "").await
}

/// Targets that show a review, a question or an answer, under both base paths.
async fn shows(shop: &TestApp, id: i64) -> Vec<String> {
    let mut places = vec![];
    for base in ["", "/api/fec2/x"] {
        for list in [
            "/reviews?product_id=501&count=99",
            "/reviews?product_id=501&count=99&sort=newest",
            "/reviews?product_id=501&count=99&sort=helpful",
            "/qa/questions?product_id=501&count=99",
            "/qa/questions/71/answers?count=99",
        ] {
            let target = format!("{base}{list}");
            let text = shop.get(&target).await.text().to_owned();
            if text.contains(&format!("_id\":{id},"))
                || text.contains(&format!("\"{id}\":{{\"id\":{id},"))
            {
                places.push(target);
            }
        }
    }
    places
}

cases! {
    async fn every_later_read_sees_acknowledged_write(shop: TestApp) {
        let shop = &Arc::new(shop);
        let (list, key, votes) = ("/reviews?product_id=501&count=99", "review_id", "helpfulness");
        let shown = async || votes_of(&asked(shop, Method::GET, list).await, key, 31, votes);
        let before = shown().await;
        let voted = AtomicI64::new(0);
        let vote = async || {
            for _ in 0..40 {
                // A vote that was answered 503 may have been stored, so more votes may be seen, never fewer.
                assert_eq!(asked(shop, Method::PUT, "/reviews/31/helpful").await.parts(), NO_CONTENT);
                let acknowledged = voted.fetch_add(1, Ordering::SeqCst) + 1;
                let seen = shown().await - before;
                assert!(seen >= acknowledged, "{acknowledged} were acknowledged, {seen} are seen");
            }
        };
        let read = async || {
            let mut last = 0;
            while voted.load(Ordering::SeqCst) < 160 {
                let acknowledged = voted.load(Ordering::SeqCst);
                let seen = shown().await - before;
                assert!(seen >= acknowledged.max(last), "{acknowledged} were acknowledged, {seen} are seen");
                last = seen;
                // A cached answer needs no await, and the voters need their turn.
                yield_now().await;
            }
        };
        let voting = join_all((0..4).map(|_| vote()));
        let reading = join_all((0..4).map(|_| read()));
        tokio::join!(voting, reading);
    }

    async fn requests_see_writes_of_typed_api(shop: TestApp) {
        let list = "/qa/questions/71/answers?count=99";
        let before = votes_of(&shop.get(list).await, "answer_id", 81, "helpfulness");
        shop.api.atelier().mark_answer_helpful(AnswerId(81), None).await.expect("a vote");
        assert_eq!(votes_of(&shop.get(list).await, "answer_id", 81, "helpfulness"), before + 1);
    }

    async fn concurrent_review_votes_are_not_lost(shop: TestApp) {
        let list = "/reviews?product_id=501&count=99";
        a_thousand_votes(shop, "/reviews/31", list, ("review_id", 31), "helpfulness").await;
    }

    async fn concurrent_question_votes_are_not_lost(shop: TestApp) {
        let list = "/qa/questions?product_id=501";
        a_thousand_votes(shop, "/qa/questions/71", list, ("question_id", 71), "question_helpfulness").await;
    }

    async fn concurrent_answer_votes_are_not_lost(shop: TestApp) {
        let list = "/qa/questions/71/answers";
        a_thousand_votes(shop, "/qa/answers/81", list, ("answer_id", 81), "helpfulness").await;
    }

    async fn concurrent_votes_reach_their_rows(shop: TestApp) {
        let shop = Arc::new(shop);
        // 20 for each, mixed.
        let targets = (0..20).flat_map(|_| [31, 32, 33, 34, 36, 37].map(|id| format!("/reviews/{id}/helpful"))
            .into_iter().chain([71, 72].map(|id| format!("/qa/questions/{id}/helpful")))
            .chain([81, 82].map(|id| format!("/qa/answers/{id}/helpful"))));
        assert_eq!(put_at_once(&shop, targets).await, []);
        for (id, votes) in [(31, 23), (32, 29), (33, 23), (34, 20), (36, 22), (37, 21)] {
            let review = of(&shop.get("/reviews?product_id=501&count=99").await, "review_id", id);
            assert_eq!(review["helpfulness"], votes, "{id}");
        }
        assert_eq!(each(&questions_of(&shop, 501).await, "question_helpfulness"), [26, 26]);
        assert_eq!(each(&answers_of(&shop, 71).await, "helpfulness"), [25, 22]);
    }

    async fn reported_review_disappears_everywhere(shop: TestApp) {
        assert_eq!(shows(&shop, 32).await.len(), 6);
        assert_eq!(shop.put("/reviews/32/report").await.parts(), NO_CONTENT);
        assert_eq!(shows(&shop, 32).await, Vec::<String>::new());
        assert_eq!(shop.get("/reviews?product_id=501").await.header("x-total-count"), Some("5"));
        assert_eq!(shop.get("/reviews/meta?product_id=501").await.parts(), (200, concat!(
            r#"{"product_id":"501","ratings":{"1":"1","3":"1","4":"1","5":"2"},"recommended":{"false":"1","true":"4"},"#,
            r#""characteristics":{"Fit":{"id":61,"value":"3.5000000000000000"},"Length":{"id":62,"value":null},"#,
            r#""Quality":{"id":63,"value":"5.0000000000000000"}}}"#,
        )));
    }

    async fn reported_question_disappears_everywhere(shop: TestApp) {
        assert_eq!(shows(&shop, 71).await.len(), 2);
        assert_eq!(shop.put("/qa/questions/71/report").await.parts(), NO_CONTENT);
        assert_eq!(shows(&shop, 71).await, Vec::<String>::new());
        assert_eq!(shop.get("/qa/questions?product_id=501").await.header("x-total-count"), Some("1"));
        // Its answers remain at their own route.
        assert_eq!(each(&answers_of(&shop, 71).await, "answer_id"), [82, 81]);
        assert_eq!(shows(&shop, 81).await, ["/qa/questions/71/answers?count=99", "/api/fec2/x/qa/questions/71/answers?count=99"]);
    }

    async fn reported_answer_disappears_everywhere(shop: TestApp) {
        assert_eq!(shows(&shop, 82).await.len(), 4);
        assert_eq!(shop.put("/qa/answers/82/report").await.parts(), NO_CONTENT);
        assert_eq!(shows(&shop, 82).await, Vec::<String>::new());
        assert_eq!(shop.get("/qa/questions/71/answers").await.header("x-total-count"), Some("1"));
    }

    async fn concurrent_reports_and_votes_hide_every_reported_row(shop: TestApp) {
        let shop = Arc::new(shop);
        let targets = (0..25).flat_map(|_| ["/reviews/31", "/qa/questions/71", "/qa/answers/81"].into_iter()
            .flat_map(|row| ["helpful", "report"].map(|what| format!("{row}/{what}"))));
        let all: JoinSet<_> = targets.map(|target| {
            let shop = Arc::clone(&shop);
            async move { asked(&shop, Method::PUT, &target).await }
        }).collect();
        for reply in all.join_all().await {
            assert_eq!(reply.parts(), NO_CONTENT);
        }
        for id in [31, 71, 81] {
            assert_eq!(shows(&shop, id).await, Vec::<String>::new(), "{id}");
        }
        let meta = shop.get("/reviews/meta?product_id=501").await.json();
        assert_eq!(meta["recommended"].to_string(), r#"{"false":"2","true":"3"}"#);
        assert_eq!(meta["characteristics"]["Fit"]["value"], "3.5000000000000000");
    }
}
