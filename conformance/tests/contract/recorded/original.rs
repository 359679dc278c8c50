//! The answers of the original service, which lie beside the project and may be missing there.

use std::path::Path;

use atelier_conformance::TestApp;
use serde_json::value::RawValue;

use super::{CELLS, assert_answers, compact, original_rows};

const FOLDER: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../shared/contract/recorded"
);

/// Which file answers what.
const RECORDED: [(&str, &str); 9] = [
    ("/products", "products-list-40344"),
    ("/products/40344", "product-info-40344"),
    ("/products/40344/styles", "styles-40344"),
    ("/products/40344/related", "related-40344"),
    ("/reviews?product_id=40344", "reviews-list-40344"),
    ("/reviews/meta?product_id=40344", "reviews-meta-40344"),
    ("/qa/questions?product_id=40344", "questions-40344"),
    ("/qa/questions/40344/answers", "answers-question-40344"),
    ("/cart", "cart-empty"),
];

#[tokio::test(flavor = "multi_thread")]
async fn original_service_answers_equal_recorded_bytes() {
    if !Path::new(FOLDER).exists() {
        println!("There are no recorded answers in {FOLDER}: nothing was compared.");
        return;
    }
    let read = |name: &str| {
        let path = format!("{FOLDER}/{name}.json");
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
    };
    let recorded = RECORDED.map(|(target, name)| {
        let answer = compact(&read(name));
        // There the file stands in no order that the contract knows.
        let known = name != "reviews-list-40344";
        (target, if known { answer } else { by_relevance(&answer) })
    });
    let rows = original_rows::rows(read);
    for (store, transport) in CELLS {
        let shop = TestApp::with_rows(store, transport, rows.clone()).await;
        assert_answers(&shop, &recorded).await;
    }
}

/// The same list of reviews, as the contract sorts it: helpfulness, then id, both descending.
fn by_relevance(list: &str) -> String {
    let (head, results) = list.split_once("\"results\":").expect("a list");
    let results = results.strip_suffix('}').expect("an object");
    let mut reviews: Vec<&RawValue> = serde_json::from_str(results).expect("reviews");
    reviews.sort_by_key(|review| {
        let review: serde_json::Value = serde_json::from_str(review.get()).expect("a review");
        let number = |key: &str| -review[key].as_i64().expect(key);
        (number("helpfulness"), number("review_id"))
    });
    let sorted = serde_json::to_string(&reviews).expect("reviews");
    format!("{head}\"results\":{sorted}}}")
}
