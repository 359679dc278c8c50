//! `/products`, `/products/{product_id}` and its related products.

use atelier_conformance::cases;
use atelier_core::http::HttpSettings;

use crate::{NO_PRODUCT, ids};

cases! {
    async fn product_list_keys_are_in_order(shop: TestApp) {
        let reply = shop.get("/products?count=2").await;
        assert_eq!(reply.parts(), (200, concat!(
            r#"[{"id":501,"campus":"hr-rfp","name":"Harbour Parka","slogan":"Salt spray, dry sleeves","#,
            r#""description":"A waxed parka for long piers.","category":"Coats","default_price":"72.00","#,
            r#""created_at":"2024-01-05T10:20:30.405Z","updated_at":"2024-01-05T10:20:30.405Z"},"#,
            r#"{"id":502,"campus":"hr-rfp","name":"Quay Trousers","slogan":"Salt spray, dry sleeves","#,
            r#""description":"A waxed parka for long piers.","category":"Coats","default_price":"100.50","#,
            r#""created_at":"2024-01-05T10:20:30.405Z","updated_at":"2024-02-29T23:59:59.999Z"}]"#,
        )));
    }

    async fn products_are_paged_by_ascending_id(shop: TestApp) {
        for (query, shown) in [
            ("", vec![501, 502, 503, 505, 506]),
            ("?page=2", vec![507]),
            ("?page=1&count=100", vec![501, 502, 503, 505, 506, 507]),
            ("?page=2&count=2", vec![503, 505]),
            ("?page=3&count=2", vec![506, 507]),
            ("?page=2&count=4", vec![506, 507]),
            ("?count=0", vec![]),
        ] {
            assert_eq!(ids(&shop.get(&format!("/products{query}")).await), shown, "{query}");
        }
    }

    async fn product_keys_are_in_order(shop: TestApp) {
        let reply = shop.get("/products/501").await;
        assert_eq!(reply.parts(), (200, concat!(
            r#"{"id":501,"campus":"hr-rfp","name":"Harbour Parka","slogan":"Salt spray, dry sleeves","#,
            r#""description":"A waxed parka for long piers.","category":"Coats","default_price":"72.00","#,
            r#""created_at":"2024-01-05T10:20:30.405Z","updated_at":"2024-01-05T10:20:30.405Z","features":["#,
            r#"{"feature":"Shell","value":"Waxed cotton"},{"feature":"Lining","value":"\"Silk\""},"#,
            r#"{"feature":"Recycled","value":null},{"feature":"Shell","value":""}]}"#,
        )));
        assert_eq!(reply.header("content-type"), Some("application/json; charset=utf-8"));
    }

    async fn product_without_features_has_empty_list(shop: TestApp) {
        assert_eq!(shop.get("/products/503").await.parts(), (200, concat!(
            r#"{"id":503,"campus":"hr-rfp","name":"Nothing At All","slogan":"Salt spray, dry sleeves","#,
            r#""description":"A waxed parka for long piers.","category":"Coats","default_price":"0.05","#,
            r#""created_at":"2024-01-05T10:20:30.405Z","updated_at":"2024-01-05T10:20:30.405Z","features":[]}"#,
        )));
    }

    async fn campus_is_configured_for_the_server(shop: TestApp) {
        let campus = "hr \"sfo\" \u{e9}".to_owned();
        let shop = shop.configured(HttpSettings { campus: campus.clone(), ..HttpSettings::default() });
        for base in ["", "/api/fec2/hr-rfp", "/api/fec2/other"] {
            assert_eq!(shop.get(&format!("{base}/products/501")).await.json()["campus"], campus, "{base}");
            let list = shop.get(&format!("{base}/products")).await.json();
            assert!(list.as_array().is_some_and(|all| all.iter().all(|product| product["campus"] == campus)), "{list}");
        }
    }

    async fn related_ids_are_served_as_stored(shop: TestApp) {
        assert_eq!(shop.get("/products/501/related").await.parts(), (200, "[502,505,505,501]"));
        for without in [502, 503, 505, 506, 507] {
            assert_eq!(shop.get(&format!("/products/{without}/related")).await.parts(), (200, "[]"), "{without}");
        }
    }

    async fn unknown_product_is_404(shop: TestApp) {
        for id in ["504", "1", "500", "508", "5010", "-501", "0", "abc", "501x", "9223372036854775807"] {
            for rest in ["", "/styles", "/related"] {
                for base in ["", "/api/fec2/hr-rfp"] {
                    let target = format!("{base}/products/{id}{rest}");
                    assert_eq!(shop.get(&target).await.parts(), NO_PRODUCT, "{target}");
                }
            }
        }
    }
}
