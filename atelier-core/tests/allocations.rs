//! Allocations of a cache hit, which do not depend on the size of the response.

use std::collections::BTreeMap;

use allocation_counter::measure;
use atelier_core::bulk::{Batch, Product, Review};
use atelier_core::http::{HttpApi, HttpSettings};
use atelier_core::store::{self, Provenance};
use atelier_core::{Atelier, Cents, DatabaseUrl, Millis};
use bytes::Bytes;
use futures_util::FutureExt;
use http::Request;

fn rows() -> Batch {
    let review = |id| Review {
        id,
        product_id: 1,
        rating: 4,
        date: Millis(0),
        summary: "Warm".to_owned(),
        body: "Kept me dry on the quay all week.".repeat(20),
        recommend: true,
        reported: false,
        reviewer_name: "pierwalker".to_owned(),
        reviewer_email: None,
        response: None,
        helpfulness: 0,
        photos: vec![],
        characteristics: vec![],
    };
    Batch {
        products: vec![Product {
            id: 1,
            name: "Parka".to_owned(),
            slogan: String::new(),
            description: String::new(),
            category: "Coats".to_owned(),
            default_price: Cents(7_200),
            created_at: Millis(0),
            updated_at: Millis(0),
            features: vec![],
            related: vec![],
            styles: vec![],
        }],
        reviews: (1..=100).map(review).collect(),
        ..Batch::default()
    }
}

#[tokio::test(flavor = "current_thread")]
async fn cache_hit_takes_at_most_six_allocations() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = DatabaseUrl::sqlite(folder.path().join("shop.db"));
    let filled = store::fill(&url, rows(), Provenance::Loaded("the test")).await;
    filled.expect("the rows load");
    let store = atelier_core::open(&url, &atelier_core::StoreOptions::default())
        .await
        .expect("the store opens");
    let api = HttpApi::new(Atelier::new(store), HttpSettings::default());

    let mut counts = BTreeMap::new();
    for target in [
        "/products/1",
        "/api/fec2/hr-rfp/products/1/styles",
        "/reviews?product_id=1&count=1",
        "/reviews?product_id=1&count=100&sort=newest",
    ] {
        let request = || Request::get(target).body(Bytes::new()).expect("a request");
        assert_eq!(api.handle(request()).await.status(), 200, "{target}");
        let request = request();
        let info = measure(|| {
            let response = api.handle(request).now_or_never();
            assert!(response.is_some_and(|response| response.status() == 200));
        });
        counts.insert(target, info.count_total);
    }
    assert!(counts.values().all(|count| *count <= 6), "{counts:?}");
}
