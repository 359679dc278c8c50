//! A client's `count` does not decide how much memory an answer takes, nor how large it is: a list ends at an earlier row,
//! and tells where it goes on.

use atelier_conformance::matrix::{StoreKind, Transport, run};
use atelier_conformance::{Reply, Shop, seed};
use atelier_core::bulk::{Answer, Batch, Review};
use atelier_core::{Photo, Settings};
use serde_json::Value;

/// In the order of the list, 100 reviews of some bytes and 60 of 325 kB: 20 MB in all. As many answers to question 71.
fn rows() -> Batch {
    let mut rows = seed::rows();
    let (review, answer) = (rows.reviews[0].clone(), rows.answers[0].clone());
    let photo = Photo {
        id: 1,
        url: format!("data:{}", "x".repeat(65_000)),
    };
    let photos = |fat: bool| vec![photo.clone(); if fat { 5 } else { 0 }];
    rows.reviews = (1..=160)
        .map(|id| Review {
            id,
            product_id: 501,
            photos: photos(id <= 60),
            ..review.clone()
        })
        .collect();
    rows.answers = (1..=160)
        .map(|id| Answer {
            id,
            question_id: 71,
            helpfulness: -id,
            reported: false,
            photos: photos(id > 100),
            ..answer.clone()
        })
        .collect();
    rows
}

/// Runs `case` over both stores.
fn with_large_rows(transport: Transport, case: impl AsyncFn(Shop)) {
    let case = &case;
    for store in [StoreKind::Sqlite, StoreKind::Postgres] {
        run(store, Transport::Core, |_| async move {
            case(Shop::with_rows(store, transport, rows()).await).await;
        });
    }
}

fn results(reply: &Reply) -> Vec<Value> {
    let json = reply.json();
    json["results"].as_array().expect("a list").clone()
}

/// Where a `Link` leads.
fn link(reply: &Reply, relation: &str) -> Option<String> {
    let relation = format!("; rel=\"{relation}\"");
    let mut links = reply.header("link")?.split(", ");
    let target = links.find_map(|link| link.strip_suffix(&relation))?;
    Some(target.trim_matches(['<', '>']).to_owned())
}

/// The whole list, by the links from page to page, none of which is larger than `most`.
async fn follow(shop: &Shop, path: &str, query: &str, most: usize) -> (Vec<Value>, usize) {
    let (mut query, mut all, mut pages) = (Some(query.to_owned()), vec![], 0);
    while let Some(asked) = query {
        let reply = shop.get(&format!("{path}{asked}")).await;
        assert_eq!(reply.status, 200, "{asked}");
        assert!(reply.body.len() <= most, "{asked}: {}", reply.body.len());
        let rows = results(&reply);
        assert!(!rows.is_empty(), "{asked}");
        all.extend(rows);
        pages += 1;
        query = link(&reply, "next");
    }
    (all, pages)
}

#[test]
fn a_list_ends_at_a_row_before_it_grows_too_large_and_tells_where_it_goes_on() {
    with_large_rows(Transport::Core, async |shop| {
        let most = Settings::default().max_answer_bytes;
        let first = shop.get("/reviews?product_id=501&count=10000").await;
        assert_eq!(results(&first).len(), 128);
        assert_eq!(first.json()["count"], 10_000, "what was asked");
        let next = "?product_id=501&sort=relevant&page=2&count=128";
        assert!(
            link(&first, "next").is_some_and(|link| link.contains("page=2&count=128")),
            "{next}"
        );
        let (all, pages) = follow(&shop, "/reviews", "?product_id=501&count=10000", most).await;
        let ids: Vec<_> = all.iter().map(|row| row["review_id"].as_i64()).collect();
        assert_eq!(ids, (1..=160).rev().map(Some).collect::<Vec<_>>());
        assert_eq!(pages, 2);
        // The connections are as good as before, and small pages whole.
        for (page, count) in [(1, 100), (3, 0)] {
            let target = format!("/reviews?product_id=501&count=100&page={page}");
            assert_eq!(results(&shop.get(&target).await).len(), count);
        }
    });
}

#[test]
fn a_transport_may_take_less() {
    const MOST: usize = 1 << 20;
    with_large_rows(Transport::Core, async |shop| {
        let shop = shop.configured(Settings {
            max_answer_bytes: MOST,
            ..Settings::default()
        });
        let (all, pages) = follow(&shop, "/reviews", "?product_id=501&count=10000", MOST).await;
        let ids: Vec<_> = all.iter().map(|row| row["review_id"].as_i64()).collect();
        assert_eq!(ids, (1..=160).rev().map(Some).collect::<Vec<_>>());
        assert!((20..40).contains(&pages), "{pages} pages");

        let path = "/qa/questions/71/answers";
        let (all, _) = follow(&shop, path, "?count=10000", MOST).await;
        let ids: Vec<_> = all.iter().map(|row| row["answer_id"].as_i64()).collect();
        assert_eq!(ids, (1..=160).map(Some).collect::<Vec<_>>());

        // The answers of one question are rows as well: the lowest ids stay.
        let plain = shop.get("/qa/questions?product_id=501&count=1").await;
        let total = plain.header("x-total-count").expect("a total").to_owned();
        let (all, _) = follow(&shop, "/qa/questions", "?product_id=501&count=99", MOST).await;
        assert_eq!(all.len().to_string(), total);
        let large = all.iter().find(|row| row["question_id"] == 71);
        let answers = large.expect("is listed")["answers"].as_object();
        let answers = answers.expect("by id");
        assert_eq!(answers.len(), 103);
        assert!((1..=103).all(|id| answers.contains_key(&id.to_string())));
    });
}

/// Whoever calls takes 6 MB of JSON, a load balancer 1 MB; each page is asked in another of their forms.
#[test]
fn through_a_function_a_list_ends_earlier() {
    with_large_rows(Transport::Lambda, async |shop| {
        let query = "?product_id=501&count=10000";
        let (all, pages) = follow(&shop, "/reviews", query, 4 << 20).await;
        let ids: Vec<_> = all.iter().map(|row| row["review_id"].as_i64()).collect();
        assert_eq!(ids, (1..=160).rev().map(Some).collect::<Vec<_>>());
        assert!(pages > 5, "{pages} pages");
    });
}
