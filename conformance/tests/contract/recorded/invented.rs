//! Responses for an invented shop, written by hand, with a special case of the API in nearly every row.

use atelier_conformance::TestApp;
use atelier_conformance::matrix::{StoreKind, Transport};
use serde_json::json;

use super::{CELLS, OTHER_CELLS, assert_answers, compact, invented_rows};

/// The responses in the files of `conformance/recorded`.
macro_rules! recorded {
    ($($target:literal $file:literal)*) => {
        vec![$(($target, compact(include_str!(concat!("../../../recorded/", $file, ".json"))))),*]
    };
}

#[tokio::test(flavor = "multi_thread")]
async fn invented_shop_answers_equal_recorded_bytes() {
    compare(CELLS).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by make test-all"]
async fn invented_shop_answers_equal_recorded_bytes_in_other_cells() {
    compare(OTHER_CELLS).await;
}

async fn compare(cells: [(StoreKind, Transport); 3]) {
    let recorded = recorded! {
        "/products" "products"
        "/products?page=2&count=3" "products-page-2"
        "/products?page=9" "products-past-the-end"
        "/products/7" "product-7"
        "/products/9" "product-9"
        "/products/007/styles" "styles-7"
        "/products/9/styles" "styles-9"
        "/products/11/styles" "styles-11"
        "/products/7/related" "related-7"
        "/products/9/related" "related-9"
        "/reviews?product_id=7" "reviews-7"
        "/reviews?product_id=007&page=2&count=3" "reviews-7-page-2"
        "/reviews?product_id=7&sort=newest&count=4" "reviews-7-newest"
        "/reviews?product_id=9" "reviews-9"
        "/reviews/meta?product_id=7" "meta-7"
        "/reviews/meta?product_id=9" "meta-9"
        "/reviews/meta?product_id=11" "meta-11"
        "/reviews/meta?product_id=10" "meta-of-no-product"
        "/qa/questions?product_id=7" "questions-7"
        "/qa/questions?product_id=7&page=2&count=1" "questions-7-page-2"
        "/qa/questions?product_id=9" "questions-9"
        "/qa/questions/301/answers" "answers-301"
        "/qa/questions/0301/answers?page=2&count=2" "answers-301-page-2"
        "/qa/questions/303/answers" "answers-of-a-reported-question"
        "/qa/questions/300/answers" "answers-of-no-question"
        "/cart" "cart-empty"
    };
    let filled = recorded! { "/cart" "cart" };
    for (store, transport) in cells {
        let shop = TestApp::with_rows(store, transport, invented_rows::rows()).await;
        assert_answers(&shop, &recorded).await;
        for sku_id in [json!(1_000), json!(99), json!("1000")] {
            let added = shop.post("/cart", &json!({"sku_id": sku_id})).await;
            assert_eq!(added.parts(), (201, "Created"), "{sku_id}");
        }
        assert_answers(&shop, &filled).await;
    }
}
