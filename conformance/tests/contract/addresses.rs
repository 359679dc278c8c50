//! Base paths, slashes and percent-encoding.

use atelier_conformance::cases;
use atelier_core::http::HttpSettings;

use crate::{BAD_REVIEW_ID, CREATED, NO_CONTENT, NO_PRODUCT, NO_ROUTE, READS, review, reviews_of};

/// Returns a target with a slash after its path.
fn with_slash(target: &str) -> String {
    match target.split_once('?') {
        Some((path, query)) => format!("{path}/?{query}"),
        None => format!("{target}/"),
    }
}

cases! {
    async fn every_base_path_gives_same_answer(shop: TestApp) {
        let refused = ["/products/0", "/products/504/related", "/reviews", "/nothing"];
        let bases = [
            "/api/fec2/hr-rfp", "/api/fec2/x", "/api/fec2/%20", "/api/fec2/%2F", "/api/fec2/%zz", "/api/fec2/%ff",
            "/api/fec2/products", "/%61pi/%66ec2/7", "/api/fec2/..",
        ];
        for target in READS.into_iter().chain(["/products/0501/styles"]).chain(refused) {
            let plain = shop.get(target).await;
            assert_eq!(plain.status == 200, !refused.contains(&target), "{target}");
            for base in bases {
                assert_eq!(shop.get(&format!("{base}{target}")).await, plain, "{base}{target}");
            }
        }
    }

    async fn writes_work_under_every_base_path(shop: TestApp) {
        assert_eq!(shop.post_text("/api/fec2/hr-rfp/reviews", review(&[])).await.parts(), CREATED);
        assert_eq!(reviews_of(&shop, 503).await.len(), 1);
        assert_eq!(shop.put("/api/fec2/other/reviews/34/helpful").await.parts(), NO_CONTENT);
        assert_eq!(shop.put("/api/fec2/other/reviews/33/report").await.parts(), NO_CONTENT);
        let left = reviews_of(&shop, 501).await;
        assert!(left.iter().any(|review| review["review_id"] == 34 && review["helpfulness"] == 1), "{left:?}");
        assert!(left.iter().all(|review| review["review_id"] != 33), "{left:?}");
    }

    async fn campus_is_one_nonempty_segment(shop: TestApp) {
        for target in [
            "/api/fec2", "/api/fec2/", "/api/fec2/hr-rfp", "/api/fec2/products", "/api/fec2/products/501",
            "/api/fec2//products", "/api/fec2/a/b/products", "/api/hr-rfp/products", "/api//fec2/hr-rfp/products",
            "/fec2/hr-rfp/products", "/api/fec3/hr-rfp/products", "/api/fec2/hr-rfp//products",
            "/API/fec2/hr-rfp/products", "/x/api/fec2/hr-rfp/products", "/api/fec2/a/api/fec2/b/products",
            "/api%2Ffec2/hr-rfp/products",
        ] {
            assert_eq!(shop.get(target).await.parts(), NO_ROUTE, "{target}");
        }
    }

    async fn base_paths_are_configurable(shop: TestApp) {
        let base_paths = vec!["/shop/v2".to_owned(), "/of/{campus}".to_owned()];
        let shop = shop.configured(HttpSettings { base_paths, ..HttpSettings::default() });
        for target in ["/shop/v2/products/501", "/of/hr-rfp/products/501", "/of/x/products/501/"] {
            assert_eq!(shop.get(target).await.status, 200, "{target}");
        }
        for target in ["/products/501", "/api/fec2/x/products/501", "/shop/products/501", "/of/products/501"] {
            assert_eq!(shop.get(target).await.parts(), NO_ROUTE, "{target}");
        }
    }

    async fn one_trailing_slash_is_ignored(shop: TestApp) {
        for target in READS {
            let plain = shop.get(target).await;
            assert_eq!(shop.get(&with_slash(target)).await, plain, "{target}");
            assert_eq!(shop.get(&format!("/api/fec2/hr-rfp{}", with_slash(target))).await, plain, "{target}");
        }
        assert_eq!(shop.post_text("/reviews/", review(&[])).await.parts(), CREATED);
        assert_eq!(shop.put("/reviews/31/helpful/").await.parts(), NO_CONTENT);
        assert_eq!(shop.put("/reviews/31/report/").await.parts(), NO_CONTENT);
        assert_eq!(shop.get("/nothing/").await.parts(), NO_ROUTE);
    }

    async fn empty_segments_are_not_ignored(shop: TestApp) {
        for target in [
            "//", "//products", "///products", "//products/501", "//reviews?product_id=501",
            "/reviews//?product_id=501", "/reviews//meta?product_id=501", "/reviews/meta//?product_id=501",
            "/products/501//", "/products//501", "/products/501//styles", "/products/501/styles//",
            "//api/fec2/hr-rfp/products",
        ] {
            assert_eq!(shop.get(target).await.parts(), NO_ROUTE, "{target}");
        }
        // An empty id and an unknown route are both 404.
        for target in ["/products//", "/products//styles", "/products//related"] {
            assert_eq!(shop.get(target).await.status, 404, "{target}");
        }
    }

    async fn segments_are_decoded_before_matching(shop: TestApp) {
        for (encoded, plain) in [
            ("/%70roducts/%35%30%31", "/products/501"),
            ("/products/5%301", "/products/501"),
            ("/%70%72%6f%64%75%63%74%73", "/products"),
            ("/products/501/style%73/", "/products/501/styles"),
            ("/products/501/%72elated", "/products/501/related"),
            ("/reviews/m%65ta?product_id=501", "/reviews/meta?product_id=501"),
            ("/%72eviews?product_id=501", "/reviews?product_id=501"),
            ("/%61%70%69/fec2/x/products", "/products"),
        ] {
            let reply = shop.get(encoded).await;
            assert_eq!(reply.status, 200, "{encoded}");
            assert_eq!(reply, shop.get(plain).await, "{encoded}");
        }
        assert_eq!(shop.post_text("/rev%69ews", review(&[])).await.parts(), CREATED);
        assert_eq!(shop.put("/reviews/3%31/help%66ul").await.parts(), NO_CONTENT);
        // Decoded once, not twice.
        assert_eq!(shop.get("/products/%2535%2530%2531").await.parts(), NO_PRODUCT);
        assert_eq!(shop.get("/%2570roducts").await.parts(), NO_ROUTE);
    }

    async fn paths_are_case_sensitive(shop: TestApp) {
        for target in [
            "/Products", "/PRODUCTS/501", "/products/501/Styles", "/products/501/RELATED", "/Reviews?product_id=501",
            "/reviews/Meta?product_id=501", "/%50roducts",
        ] {
            assert_eq!(shop.get(target).await.parts(), NO_ROUTE, "{target}");
        }
        assert_eq!(shop.put("/reviews/31/Helpful").await.parts(), NO_ROUTE);
    }

    async fn encoded_slash_does_not_separate_segments(shop: TestApp) {
        for target in [
            "/products%2F501", "/products%2f501", "/products%2F", "/%2Fproducts", "/products/501/%2F",
            "/products/501/styles%2F", "/products/501/%2Fstyles", "/reviews%2Fmeta?product_id=501",
        ] {
            assert_eq!(shop.get(target).await.parts(), NO_ROUTE, "{target}");
        }
        for target in [
            "/products/501%2F", "/products/%2F501", "/products/501%2Fstyles", "/products/%2F",
            "/products/5%2F/styles",
        ] {
            assert_eq!(shop.get(target).await.parts(), NO_PRODUCT, "{target}");
        }
        assert_eq!(shop.put("/reviews/31%2Fhelpful").await.parts(), NO_ROUTE);
        assert_eq!(shop.put("/reviews/%2F31/helpful").await.parts(), BAD_REVIEW_ID);
    }

    async fn malformed_percent_sequence_is_literal(shop: TestApp) {
        for id in [
            "%", "%%", "5%", "501%", "%zz", "%4", "%3", "%3g", "501%3", "%u0035", "%ff", "%C0%AF", "%ED%A0%80", "%00",
            "501%00",
        ] {
            for rest in ["", "/", "/styles", "/related"] {
                let target = format!("/products/{id}{rest}");
                assert_eq!(shop.get(&target).await.parts(), NO_PRODUCT, "{target}");
            }
            let target = format!("/reviews/{id}/helpful");
            assert_eq!(shop.put(&target).await.parts(), BAD_REVIEW_ID, "{target}");
            for target in [
                format!("/{id}"), format!("/products/501/{id}"), format!("/reviews/{id}"), format!("/products{id}"),
            ] {
                assert_eq!(shop.get(&target).await.parts(), NO_ROUTE, "{target}");
            }
        }
    }

    async fn dot_segments_are_literal(shop: TestApp) {
        for target in [
            "/./products", "/x/../products", "/products/501/.", "/products/501/..", "/reviews/./meta",
            "/%2e%2e/products",
        ] {
            assert_eq!(shop.get(target).await.parts(), NO_ROUTE, "{target}");
        }
        for target in ["/products/.", "/products/..", "/products/%2e%2e/styles"] {
            assert_eq!(shop.get(target).await.parts(), NO_PRODUCT, "{target}");
        }
    }
}
