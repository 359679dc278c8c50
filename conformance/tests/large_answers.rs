//! A client's `count` does not decide how much memory an answer takes.

use atelier_conformance::Shop;
use atelier_conformance::matrix::{StoreKind, Transport, run};
use atelier_conformance::seed;
use atelier_core::Photo;
use atelier_core::bulk::{Batch, Review};

/// In the order of the list, 100 reviews of some bytes and 60 of 325 kB: 20 MB in all.
fn rows() -> Batch {
    let mut rows = seed::rows();
    let first = rows.reviews[0].clone();
    let photo = Photo {
        id: 1,
        url: format!("data:{}", "x".repeat(65_000)),
    };
    rows.reviews = (1..=160)
        .map(|id| Review {
            id,
            product_id: 501,
            photos: if id <= 60 {
                vec![photo.clone(); 5]
            } else {
                vec![]
            },
            ..first.clone()
        })
        .collect();
    rows
}

#[test]
fn an_answer_ends_at_a_row_before_it_grows_too_large() {
    for store in [StoreKind::Sqlite, StoreKind::Postgres] {
        let open = async || Shop::with_rows(store, Transport::Core, rows()).await;
        run(store, Transport::Core, |_| async move {
            let shop = open().await;
            let reply = shop.get("/reviews?product_id=501&count=10000").await;
            let listed = reply.json()["results"].as_array().expect("a list").len();
            assert!((140..155).contains(&listed), "{store:?}: {listed} reviews");
            assert!(
                reply.body.len() < 17 << 20,
                "{store:?}: {} bytes",
                reply.body.len()
            );
            // The connections are as good as before, and small pages whole.
            for page in [1, 3] {
                let reply = shop
                    .get(&format!("/reviews?product_id=501&count=100&page={page}"))
                    .await;
                let listed = reply.json()["results"].as_array().expect("a list").len();
                assert_eq!(listed, if page == 1 { 100 } else { 0 }, "{store:?}");
            }
        });
    }
}
