//! `/products/{product_id}/styles`.

use atelier_conformance::cases;

cases! {
    async fn style_keys_are_in_order(shop: TestApp) {
        assert_eq!(shop.get("/products/501/styles").await.parts(), (200, concat!(
            r#"{"product_id":"501","results":["#,
            r#"{"style_id":9001,"name":"Slate","original_price":"72.00","sale_price":"60.00","default?":true,"#,
            r#""photos":["#,
            r#"{"thumbnail_url":"https://img.example/9001-t.jpg","url":"https://img.example/9001.jpg"},"#,
            r#"{"thumbnail_url":null,"url":"https://img.example/x.jpg"}],"#,
            r#""skus":{"9500":{"quantity":2,"size":"S"},"77001":{"quantity":4,"size":"M"},"#,
            r#""77002":{"quantity":0,"size":"7.5"},"77010":{"quantity":1,"size":"M"}}},"#,
            r#"{"style_id":9002,"name":"Bare","original_price":"72.00","sale_price":null,"default?":false,"#,
            r#""photos":[{"thumbnail_url":null,"url":null}],"skus":{"null":{"quantity":null,"size":null}}}]}"#,
        )));
    }

    async fn several_default_styles_are_served(shop: TestApp) {
        assert_eq!(shop.get("/products/505/styles").await.parts(), (200, concat!(
            r#"{"product_id":"505","results":["#,
            r#"{"style_id":9003,"name":"","original_price":"72.00","sale_price":null,"default?":true,"#,
            r#""photos":[{"thumbnail_url":null,"url":null}],"skus":{"null":{"quantity":null,"size":null}}},"#,
            r#"{"style_id":9004,"name":"Two","original_price":"120.00","sale_price":"99.99","default?":true,"#,
            r#""photos":[{"thumbnail_url":null,"url":null}],"skus":{"null":{"quantity":null,"size":null}}}]}"#,
        )));
    }

    async fn product_without_styles_has_empty_list(shop: TestApp) {
        for id in [502, 503, 506, 507] {
            let expected = format!(r#"{{"product_id":"{id}","results":[]}}"#);
            assert_eq!(shop.get(&format!("/products/{id}/styles")).await.parts(), (200, &*expected), "{id}");
        }
    }

    async fn styles_are_not_paged(shop: TestApp) {
        let plain = shop.get("/products/501/styles").await;
        for query in ["page=2", "count=1", "count=0", "page=2&count=1"] {
            assert_eq!(shop.get(&format!("/products/501/styles?{query}")).await, plain, "{query}");
        }
    }
}
