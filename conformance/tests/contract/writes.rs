//! Writes, and reads after them.

use std::collections::BTreeSet;
use std::sync::Arc;

use atelier_conformance::{TestApp, cases};
use tokio::task::JoinSet;

use crate::{
    BAD_REVIEW, BAD_REVIEW_ID, CREATED, NO_CONTENT, Outcome, add, ids, review, reviews_of,
};

/// Sends requests concurrently, `PUT` without a body and `POST` with one, and waits for all responses.
async fn at_once(
    shop: &Arc<TestApp>,
    requests: Vec<(String, Option<String>)>,
) -> Vec<(u16, String)> {
    let mut all = JoinSet::new();
    for (target, body) in requests {
        let shop = Arc::clone(shop);
        all.spawn(async move {
            let reply = match body {
                Some(body) => shop.post_text(&target, body).await,
                None => shop.put(&target).await,
            };
            (reply.status.as_u16(), reply.text().to_owned())
        });
    }
    all.join_all().await
}

fn all_said(replies: &[(u16, String)], (status, text): Outcome) {
    assert!(
        replies
            .iter()
            .all(|reply| *reply == (status, text.to_owned())),
        "{replies:?}"
    );
}

async fn votes(shop: &TestApp, product: i64, id: i64) -> Option<i64> {
    reviews_of(shop, product)
        .await
        .iter()
        .find(|review| review["review_id"] == id)?["helpfulness"]
        .as_i64()
}

/// Returns the sum of the counts of an object.
fn sum(counts: &serde_json::Value) -> usize {
    let counts = counts.as_object().expect("counts").values();
    counts
        .map(|count| {
            count
                .as_str()
                .expect("a text")
                .parse::<usize>()
                .expect("a number")
        })
        .sum()
}

cases! {
    async fn next_read_sees_write(shop: TestApp) {
        for n in 1..=10 {
            assert_eq!(add(&shop, &[("rating", "2")]).await.parts(), CREATED);
            assert_eq!(ids(&shop.get("/api/fec2/x/reviews?product_id=503&count=100").await).len(), n);
            assert_eq!(shop.get("/reviews/meta?product_id=503").await.json()["ratings"]["2"], n.to_string());
            assert_eq!(shop.put("/reviews/34/helpful").await.parts(), NO_CONTENT);
            assert_eq!(votes(&shop, 501, 34).await, i64::try_from(n).ok());
        }
    }

    async fn reads_on_other_connections_see_write(shop: TestApp) {
        let ask = b"GET /reviews/meta?product_id=503 HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n";
        for n in 1..=5 {
            assert_eq!(add(&shop, &[]).await.parts(), CREATED);
            let Some(reply) = shop.send_raw(ask).await else { return };
            assert!(reply.contains(&format!(r#""ratings":{{"4":"{n}"}}"#)), "{reply}");
        }
    }

    async fn concurrent_votes_add_up(shop: TestApp) {
        let shop = Arc::new(shop);
        let before = shop.get("/reviews/meta?product_id=501").await;
        let replies = at_once(&shop, vec![("/reviews/31/helpful".to_owned(), None); 50]).await;
        all_said(&replies, NO_CONTENT);
        assert_eq!((replies.len(), votes(&shop, 501, 31).await), (50, Some(53)));
        assert_eq!(shop.get("/reviews/meta?product_id=501").await, before);
    }

    async fn concurrent_reviews_are_all_stored_and_counted(shop: TestApp) {
        let shop = Arc::new(shop);
        let body = |n: usize| review(&[
            ("product_id", "502"), ("rating", &(n % 5 + 1).to_string()),
            ("recommend", if n.is_multiple_of(2) { "true" } else { "false" }),
            ("characteristics", &format!(r#"{{"64":{}}}"#, n % 5 + 1)), ("photos", r#"["a","b"]"#),
        ]);
        all_said(&at_once(&shop, (0..50).map(|n| ("/reviews".to_owned(), Some(body(n)))).collect()).await, CREATED);
        let stored = reviews_of(&shop, 502).await;
        let ids: BTreeSet<_> = stored.iter().map(|review| review["review_id"].as_i64()).collect();
        let photos = stored.iter().flat_map(|review| review["photos"].as_array().expect("photos"));
        let photos: BTreeSet<_> = photos.map(|photo| photo["id"].as_i64()).collect();
        assert_eq!((ids.len(), photos.len()), (50, 100));
        assert_eq!(shop.get("/reviews/meta?product_id=502").await.parts(), (200, concat!(
            r#"{"product_id":"502","ratings":{"1":"10","2":"10","3":"10","4":"10","5":"10"},"#,
            r#""recommended":{"false":"25","true":"25"},"characteristics":{"Fit":{"id":64,"value":"3.0000000000000000"}}}"#,
        )));
    }

    async fn concurrent_writes_keep_totals_exact(shop: TestApp) {
        let shop = Arc::new(shop);
        let mut requests = vec![];
        let new = review(&[("product_id", "501"), ("characteristics", r#"{"61":5}"#)]);
        for n in 0..20 {
            requests.push(("/reviews".to_owned(), Some(new.clone())));
            requests.push(("/reviews/36/helpful".to_owned(), None));
            // Each report twice, also of reported and unknown reviews.
            requests.push((format!("/reviews/{}/report", 31 + n % 6), None));
            requests.push((format!("/reviews/{}/report", 900 + n), None));
        }
        let replies = at_once(&shop, requests).await;
        assert!(replies.iter().all(|(status, _)| [201, 204].contains(status)), "{replies:?}");
        let stored = reviews_of(&shop, 501).await;
        assert_eq!(stored.len(), 21, "20 new ones and 37");
        assert_eq!(shop.get("/reviews/meta?product_id=501").await.parts(), (200, concat!(
            r#"{"product_id":"501","ratings":{"3":"1","4":"20"},"recommended":{"true":"21"},"characteristics":{"#,
            r#""Fit":{"id":61,"value":"5.0000000000000000"},"Length":{"id":62,"value":null},"Quality":{"id":63,"value":null}}}"#,
        )));
    }

    async fn concurrent_reports_subtract_review_once(shop: TestApp) {
        let shop = Arc::new(shop);
        all_said(&at_once(&shop, vec![("/reviews/32/report".to_owned(), None); 30]).await, NO_CONTENT);
        let meta = shop.get("/reviews/meta?product_id=501").await.json();
        assert_eq!((sum(&meta["ratings"]), sum(&meta["recommended"])), (5, 5), "{meta}");
        assert_eq!(meta["characteristics"]["Fit"]["value"], "3.5000000000000000");
    }

    async fn new_ids_ascend(shop: TestApp) {
        // 42 is the greatest seeded review, 7000 the greatest seeded photo of one.
        let (mut last, mut last_photo) = (42, 7_000);
        for product in ["503", "501", "502", "506", "503", "503"] {
            let refused = add(&shop, &[("product_id", product), ("rating", "9")]).await;
            assert_eq!(refused.parts(), BAD_REVIEW);
            let accepted = add(&shop, &[("product_id", product), ("photos", r#"["a","b","c"]"#)]).await;
            assert_eq!(accepted.parts(), CREATED);
            let newest = reviews_of(&shop, product.parse().expect("an id")).await.swap_remove(0);
            let id = newest["review_id"].as_i64().expect("an id");
            assert!(id > last, "{id} after {last}");
            last = id;
            for photo in newest["photos"].as_array().expect("photos") {
                let id = photo["id"].as_i64().expect("an id");
                assert!(id > last_photo, "photo {id} after {last_photo}");
                last_photo = id;
            }
            // Also when the highest id is reported.
            assert_eq!(shop.put(&format!("/reviews/{id}/report")).await.parts(), NO_CONTENT);
        }
    }

    async fn every_helpful_vote_adds_one(shop: TestApp) {
        for n in 1..=7 {
            assert_eq!(shop.put("/reviews/31/helpful").await.parts(), NO_CONTENT);
            assert_eq!(votes(&shop, 501, 31).await, Some(3 + n));
        }
        assert_eq!(votes(&shop, 501, 33).await, Some(3));
    }

    async fn vote_for_unknown_or_reported_review_is_204(shop: TestApp) {
        let before = [
            shop.get("/reviews?product_id=501&count=100").await, shop.get("/reviews/meta?product_id=501").await,
        ];
        for id in ["1", "35", "39", "38", "43", "999999", "9223372036854775807", "99999999999999999999", "0035"] {
            for what in ["helpful", "report", "helpful", "report"] {
                assert_eq!(shop.put(&format!("/reviews/{id}/{what}")).await.parts(), NO_CONTENT, "{id} {what}");
            }
        }
        let after = [
            shop.get("/reviews?product_id=501&count=100").await, shop.get("/reviews/meta?product_id=501").await,
        ];
        assert_eq!(after, before);
        // A report of an id that does not exist yet has no effect.
        assert_eq!(add(&shop, &[]).await.parts(), CREATED);
        assert_eq!(reviews_of(&shop, 503).await.len(), 1);
    }

    async fn reported_review_stays_hidden(shop: TestApp) {
        for _ in 0..3 {
            assert_eq!(shop.put("/reviews/31/report").await.parts(), NO_CONTENT);
            assert_eq!(votes(&shop, 501, 31).await, None);
        }
        assert_eq!(shop.put("/reviews/31/helpful").await.parts(), NO_CONTENT);
        assert_eq!((votes(&shop, 501, 31).await, reviews_of(&shop, 501).await.len()), (None, 5));
    }

    async fn invalid_review_id_is_refused(shop: TestApp) {
        for id in ["0", "-1", "abc", "31.0", "31x", "meta", "%20", "%2B31"] {
            for what in ["helpful", "report"] {
                assert_eq!(shop.put(&format!("/reviews/{id}/{what}")).await.parts(), BAD_REVIEW_ID, "{id} {what}");
            }
        }
    }
}
