//! Size limits of lists: a large `count` is truncated at a row, and `Link` leads to the next one.

use atelier_conformance::matrix::{StoreKind, Transport, run};
use atelier_conformance::{TestApp, TestResponse, seed};
use atelier_core::Photo;
use atelier_core::bulk::{Answer, Batch, Question, Review};
use atelier_core::http::HttpSettings;
use serde_json::Value;

/// Returns, in the order of the list, 100 small reviews and 60 of 325 kB: 20 MB in all. As many answers to question 71.
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
fn with_large_rows(transport: Transport, case: impl AsyncFn(TestApp)) {
    with_rows(&BOTH, &rows(), transport, case);
}

const BOTH: [StoreKind; 2] = [StoreKind::Sqlite, StoreKind::Postgres];

fn with_rows(
    stores: &[StoreKind],
    rows: &Batch,
    transport: Transport,
    case: impl AsyncFn(TestApp),
) {
    let case = &case;
    for store in stores.iter().copied() {
        run(store, Transport::Core, |_| async move {
            case(TestApp::with_rows(store, transport, rows.clone()).await).await;
        });
    }
}

fn results(reply: &TestResponse) -> Vec<Value> {
    let json = reply.json();
    json["results"].as_array().expect("a list").clone()
}

/// Returns the target of a `Link`.
fn link(reply: &TestResponse, relation: &str) -> Option<String> {
    let relation = format!("; rel=\"{relation}\"");
    let mut links = reply.header("link")?.split(", ");
    let target = links.find_map(|link| link.strip_suffix(&relation))?;
    Some(target.trim_matches(['<', '>']).to_owned())
}

/// Returns the whole list by following links, and asserts that no page is larger than `max_bytes`.
async fn follow(shop: &TestApp, path: &str, query: &str, max_bytes: usize) -> (Vec<Value>, usize) {
    let (mut query, mut all, mut pages) = (Some(query.to_owned()), vec![], 0);
    while let Some(asked) = query {
        let reply = shop.get(&format!("{path}{asked}")).await;
        assert_eq!(reply.status, 200, "{asked}");
        assert!(
            reply.body.len() <= max_bytes,
            "{asked}: {}",
            reply.body.len()
        );
        let rows = results(&reply);
        assert!(!rows.is_empty(), "{asked}");
        all.extend(rows);
        pages += 1;
        query = link(&reply, "next");
    }
    (all, pages)
}

#[test]
fn large_list_is_truncated_at_a_row_with_next_link() {
    with_large_rows(Transport::Core, async |shop| {
        let max_bytes = HttpSettings::default().max_response_bytes;
        let first = shop.get("/reviews?product_id=501&count=10000").await;
        assert_eq!(results(&first).len(), 128);
        assert_eq!(first.json()["count"], 10_000, "what was asked");
        let next = "?product_id=501&sort=relevant&page=2&count=128";
        assert!(
            link(&first, "next").is_some_and(|link| link.contains("page=2&count=128")),
            "{next}"
        );
        let (all, pages) =
            follow(&shop, "/reviews", "?product_id=501&count=10000", max_bytes).await;
        let ids: Vec<_> = all.iter().map(|row| row["review_id"].as_i64()).collect();
        assert_eq!(ids, (1..=160).rev().map(Some).collect::<Vec<_>>());
        assert_eq!(pages, 2);
        // The connections still work, and small pages are complete.
        for (page, count) in [(1, 100), (3, 0)] {
            let target = format!("/reviews?product_id=501&count=100&page={page}");
            assert_eq!(results(&shop.get(&target).await).len(), count);
        }
    });
}

/// Answers of some 10 MB that nobody has read yet; there may be 256 MiB of them.
#[test]
fn large_answer_is_refused_while_too_many_wait_for_slow_clients() {
    with_rows(&BOTH[..1], &rows(), Transport::Core, async |shop| {
        let shop = shop.configured(HttpSettings {
            cache_bytes: 0,
            ..HttpSettings::default()
        });
        let large = "/reviews?product_id=501&count=10000";
        let mut unread = vec![];
        let refused = loop {
            let reply = shop.get(large).await;
            if reply.status != 200 {
                break reply;
            }
            unread.push(reply);
            assert!(unread.len() < 40, "no bound");
        };
        assert_eq!(refused.status, 503);
        let bytes = unread.iter().map(|reply| reply.body.len()).sum::<usize>();
        assert!((224 << 20..=256 << 20).contains(&bytes), "{bytes}");
        assert!(refused.header("retry-after").is_some());
        assert_eq!(
            shop.get("/reviews?product_id=501&count=1").await.status,
            200
        );
        unread.pop();
        assert_eq!(shop.get(large).await.status, 200);
    });
}

#[test]
fn transport_can_lower_the_size_limit() {
    const MOST: usize = 1 << 20;
    with_large_rows(Transport::Core, async |shop| {
        let shop = shop.configured(HttpSettings {
            max_response_bytes: MOST,
            ..HttpSettings::default()
        });
        let (all, pages) = follow(&shop, "/reviews", "?product_id=501&count=10000", MOST).await;
        let ids: Vec<_> = all.iter().map(|row| row["review_id"].as_i64()).collect();
        assert_eq!(ids, (1..=160).rev().map(Some).collect::<Vec<_>>());
        assert!((20..40).contains(&pages), "{pages} pages");

        let path = "/qa/questions/71/answers";
        let (all, _) = follow(&shop, path, "?count=10000", MOST).await;
        let ids: Vec<_> = all.iter().map(|row| row["answer_id"].as_i64()).collect();
        assert_eq!(ids, (1..=160).map(Some).collect::<Vec<_>>());

        // Answers of a question are rows as well: the lowest ids stay.
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

/// Events limit a response to 6 MB of JSON, those of a load balancer to 1 MB. Each page is requested in another shape.
#[test]
fn list_through_lambda_is_truncated_earlier() {
    with_large_rows(Transport::Lambda, async |shop| {
        let query = "?product_id=501&count=10000";
        let (all, pages) = follow(&shop, "/reviews", query, 4 << 20).await;
        let ids: Vec<_> = all.iter().map(|row| row["review_id"].as_i64()).collect();
        assert_eq!(ids, (1..=160).rev().map(Some).collect::<Vec<_>>());
        assert!(pages > 5, "{pages} pages");
    });
}

/// Rows of each list of [`one_row_above_every_bound`].
const ROWS: i64 = 6;

/// Returns lists of [`ROWS`] rows, in which the row at `place` has 21 MB: a review and an answer with large photos, and a
/// question with large answers.
fn one_row_above_every_bound(place: i64) -> Batch {
    let mut rows = seed::rows();
    let (review, question, answer) = (
        rows.reviews[0].clone(),
        rows.questions[0].clone(),
        rows.answers[0].clone(),
    );
    let photo = Photo {
        id: 1,
        url: format!("data:{}", "x".repeat(65_000)),
    };
    let photos = |id: i64, count| vec![photo.clone(); if id == place { count } else { 0 }];
    let lists = 1..=ROWS;
    rows.reviews = lists
        .clone()
        .map(|id| Review {
            id,
            product_id: 501,
            helpfulness: -id,
            reported: false,
            photos: photos(id, 330),
            ..review.clone()
        })
        .collect();
    rows.questions = lists
        .clone()
        .map(|id| Question {
            id,
            product_id: 501,
            helpfulness: -id,
            reported: false,
            ..question.clone()
        })
        .collect();
    // The large question has 66 answers of 325 kB, each other one two small ones; ids ascend with their questions.
    let of_questions = lists.clone().flat_map(|question_id| {
        let (count, photos) = if question_id == place {
            (66, photos(place, 5))
        } else {
            (2, vec![])
        };
        let answer = &answer;
        (0..count).map(move |number| Answer {
            id: question_id * 1_000 + number,
            question_id,
            reported: false,
            photos: photos.clone(),
            ..answer.clone()
        })
    });
    let mut answers: Vec<_> = of_questions.collect();
    answers.extend(lists.map(|id| Answer {
        id: 100_000 + id,
        question_id: 72,
        helpfulness: -id,
        reported: false,
        photos: photos(id, 330),
        ..answer.clone()
    }));
    rows.answers = answers;
    rows.questions.push(Question {
        id: 72,
        product_id: 502,
        reported: false,
        ..question
    });
    rows
}

#[test]
#[ignore = "run by make test-all"]
fn links_reach_every_row_when_one_exceeds_the_limit() {
    // The limits of the store and of a response. Both stores share the code, so one size is enough for the second.
    let (store_bound, answer_bound) = (HttpSettings::default().max_response_bytes, 1 << 20);
    for (store, place, bounds) in [
        (StoreKind::Sqlite, 1, &[store_bound][..]),
        (StoreKind::Sqlite, 3, &[store_bound, answer_bound]),
        (StoreKind::Sqlite, ROWS, &[store_bound]),
        (StoreKind::Postgres, 1, &[store_bound, answer_bound]),
    ] {
        with_rows(
            &[store],
            &one_row_above_every_bound(place),
            Transport::Core,
            async |shop| {
                let mut shop = shop;
                for max_bytes in bounds.iter().copied() {
                    shop = shop.configured(HttpSettings {
                        max_response_bytes: max_bytes,
                        cache_bytes: 0,
                        ..HttpSettings::default()
                    });
                    for (path, query, id, first) in [
                        ("/reviews", "?product_id=501&count=6", "review_id", 1),
                        ("/qa/questions/72/answers", "?count=6", "answer_id", 100_001),
                        ("/qa/questions", "?product_id=501&count=6", "question_id", 1),
                    ] {
                        let begun = shop
                            .get(&format!("{path}{}", query.replace("=6", "=0")))
                            .await;
                        assert_eq!(begun.header("x-total-count"), Some("6"), "{path}");
                        // A row above the limit is alone on its page.
                        let (all, pages) = follow(&shop, path, query, usize::MAX).await;
                        let ids: Vec<_> = all.iter().filter_map(|row| row[id].as_i64()).collect();
                        assert_eq!(
                            ids,
                            (first..first + ROWS).collect::<Vec<_>>(),
                            "{path} with {place}"
                        );
                        assert!(pages > 1, "{path} with {place}");
                        if id == "question_id" {
                            for row in &all {
                                let answers = row["answers"].as_object().expect("by id");
                                let question = row[id].as_i64().expect("an id");
                                let is_large = question == place;
                                assert_eq!(answers.len() == 2, !is_large, "{question}");
                                let lowest =
                                    (0..).map(|number| (question * 1_000 + number).to_string());
                                assert!(lowest.zip(answers).all(|(lowest, (id, _))| lowest == *id));
                                let text = row.to_string().len();
                                assert!(
                                    !is_large || (max_bytes - 400_000..max_bytes).contains(&text),
                                    "{text}"
                                );
                            }
                        }
                    }
                }
            },
        );
    }
}

/// 10,000 answers to a question of 2 kB count with their own text, not with 10,000 copies of the question.
#[test]
fn question_text_counts_once_towards_the_limit() {
    let mut rows = seed::rows();
    let answer = rows.answers[0].clone();
    let question = rows.questions[0].clone();
    rows.questions = vec![Question {
        id: 71,
        body: "q".repeat(2_000),
        reported: false,
        ..question
    }];
    rows.answers = (1..=9_000)
        .map(|id| Answer {
            id,
            question_id: 71,
            reported: false,
            photos: vec![],
            ..answer.clone()
        })
        .collect();
    let product = rows.questions[0].product_id;
    with_rows(&BOTH, &rows, Transport::Core, async |shop| {
        let reply = shop
            .get(&format!("/qa/questions?product_id={product}"))
            .await;
        let questions = results(&reply);
        let answers = questions[0]["answers"].as_object().expect("by id");
        assert_eq!(answers.len(), 9_000);
        assert_eq!(
            questions[0]["question_body"].as_str().map(str::len),
            Some(2_000)
        );
    });
}
