//! Responses of the original service, from a directory beside the repository that may be missing.

use std::path::Path;

use atelier_conformance::TestApp;
use atelier_conformance::matrix::{StoreKind, Transport};
use serde_json::value::RawValue;

use super::{CELLS, OTHER_CELLS, assert_answers, compact, original_rows};

const FOLDER: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../shared/contract/recorded"
);

/// Targets and the files of their responses.
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
    compare(CELLS).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by make test-all"]
async fn original_service_answers_equal_recorded_bytes_in_other_cells() {
    compare(OTHER_CELLS).await;
}

async fn compare(cells: [(StoreKind, Transport); 3]) {
    if !Path::new(FOLDER).exists() {
        println!("{FOLDER} does not exist: nothing was compared");
        return;
    }
    let read = |name: &str| {
        let path = format!("{FOLDER}/{name}.json");
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
    };
    let recorded = RECORDED.map(|(target, name)| {
        let answer = compact(&read(name));
        // The file is in an order that the API does not have.
        let known = name != "reviews-list-40344";
        (target, if known { answer } else { by_relevance(&answer) })
    });
    let rows = original_rows::rows(read);
    for (store, transport) in cells {
        let shop = TestApp::with_rows(store, transport, rows.clone()).await;
        assert_answers(&shop, &recorded).await;
    }
}

/// Sorts a list of reviews as the API does: by helpfulness, then id, both descending.
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
