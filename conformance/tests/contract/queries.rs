//! Query strings.

use std::fmt::Write as _;

use atelier_conformance::cases;

use crate::{BAD_PRODUCT_ID, NO_CONTENT, NO_PRODUCT, READS, ids};

/// Returns a target with one more parameter.
fn with(target: &str, parameter: &str) -> String {
    let sign = if target.contains('?') { '&' } else { '?' };
    format!("{target}{sign}{parameter}")
}

cases! {
    async fn unknown_parameters_are_ignored(shop: TestApp) {
        let mut many = "n=0".to_owned();
        for n in 1..1_000 {
            write!(many, "&n{n}={n}").expect("a String takes everything");
        }
        let noise = [
            "x", "x=", "=", "=x", "&", "&&&&", "x=1&x=2", "%00=%00", "%ff=%ff", "%=%", "%zz=%zz", "x=%F0%9F",
            "a=b=c=d", "Product_ID=7", "Page=2", "COUNT=1", "product%5fId=7", "page%00=2", "page%20=2", "+page=2",
            "count%ff=1", "__proto__=1", "constructor[prototype]=1", "campus=other", "limit=1", "fields=id",
            "callback=alert", "_=1709640000", "x=%27%3B%20drop%20table%20products%3B--", "page.=2", "pages=2",
            "x?page=2", "token=secret", &many,
        ];
        for target in READS {
            let plain = shop.get(target).await;
            assert_eq!(plain.status, 200, "{target}");
            for parameter in noise {
                assert_eq!(shop.get(&with(target, parameter)).await, plain, "{target} with {parameter}");
            }
        }
        for parameter in noise {
            let target = with("/reviews/31/helpful", parameter);
            assert_eq!(shop.put(&target).await.parts(), NO_CONTENT, "{target}");
            assert_eq!(shop.get(&with("/products/0", parameter)).await.parts(), NO_PRODUCT, "{parameter}");
        }
    }

    async fn parameters_of_other_routes_are_ignored(shop: TestApp) {
        for target in [
            "/products/501", "/products/501/styles", "/products/501/related", "/reviews/meta?product_id=501",
        ] {
            let plain = shop.get(target).await;
            assert_eq!(shop.get(&with(target, "page=2&count=0&sort=newest")).await, plain, "{target}");
        }
        let plain = shop.get("/products").await;
        assert_eq!(shop.get("/products?product_id=501&sort=newest").await, plain);
        assert_eq!(shop.get("/products/501?product_id=502").await, shop.get("/products/501").await);
    }

    async fn targets_of_8_kib_are_accepted(shop: TestApp) {
        for target in READS {
            let plain = shop.get(target).await;
            let start = with(target, "x=");
            let long = format!("{start}{}", "y".repeat(8_192 - start.len()));
            assert_eq!(shop.get(&long).await, plain, "{target}");
            let many = format!("{start}{}", "&z".repeat((8_192 - start.len()) / 2));
            assert_eq!(shop.get(&many).await, plain, "{target} with many names");
            // Longer targets may be refused.
            let longer = format!("{start}{}", "y".repeat(60_000));
            let status = shop.get(&longer).await.status;
            assert!(status == 200 || status == 414, "{status} for 60,000 bytes of {target}");
        }
        // A long path matches no route.
        assert_eq!(shop.get(&format!("/products/{}", "9".repeat(8_000))).await.parts(), NO_PRODUCT);
    }

    async fn stray_question_mark_is_ignored(shop: TestApp) {
        for (stray, plain) in [
            ("/products?", "/products"),
            ("/products/?", "/products"),
            ("/products??", "/products"),
            ("/products/501?", "/products/501"),
            ("/products/501/styles/?", "/products/501/styles"),
            ("/products?&", "/products"),
            ("/products?&page=2&count=2", "/products?page=2&count=2"),
            ("/products??page=2&count=2", "/products?page=2&count=2"),
            ("/reviews??product_id=501", "/reviews?product_id=501"),
            ("/reviews/?product_id=501", "/reviews?product_id=501"),
            ("/reviews?product_id=501&?", "/reviews?product_id=501"),
        ] {
            let reply = shop.get(stray).await;
            assert_eq!(reply.status, 200, "{stray}");
            assert_eq!(reply, shop.get(plain).await, "{stray}");
        }
        assert_eq!(shop.put("/reviews/31/helpful?").await.parts(), NO_CONTENT);
        assert_eq!(shop.get("/reviews?").await.parts(), BAD_PRODUCT_ID);
    }

    async fn parameter_names_and_values_are_decoded(shop: TestApp) {
        for (encoded, plain) in [
            ("/reviews?product%5Fid=%35%30%31", "/reviews?product_id=501"),
            ("/reviews/meta?%70roduct_id=50%31", "/reviews/meta?product_id=501"),
            ("/reviews?product_id=501&so%72t=new%65st", "/reviews?product_id=501&sort=newest"),
            ("/products?p%61ge=%32&coun%74=%32", "/products?page=2&count=2"),
        ] {
            let reply = shop.get(encoded).await;
            assert_eq!(reply.status, 200, "{encoded}");
            assert_eq!(reply, shop.get(plain).await, "{encoded}");
        }
        // An encoded `&` or `=` is part of the value, and a plus is a blank.
        for value in [
            "501%26count=1", "%26", "501%3D", "+501", "501+", "5+1", "%2B501", "501%20", "%2535%2530%2531", "501%23",
        ] {
            let target = format!("/reviews?product_id={value}");
            assert_eq!(shop.get(&target).await.parts(), BAD_PRODUCT_ID, "{target}");
        }
        assert_eq!(shop.get("/reviews?product%26id=501").await.parts(), BAD_PRODUCT_ID);
        assert_eq!(shop.get("/reviews?product_id%3D501").await.parts(), BAD_PRODUCT_ID);
    }

    async fn first_of_repeated_parameters_wins(shop: TestApp) {
        for (target, shown) in [
            ("/reviews?product_id=507&product_id=501", vec![42, 41, 40]),
            ("/reviews?product_id=507&product_id=abc", vec![42, 41, 40]),
            ("/reviews?product%5Fid=507&product_id=501", vec![42, 41, 40]),
            ("/reviews?product_id=507&sort=newest&sort=helpful", vec![41, 40, 42]),
            ("/reviews?product_id=507&sort=&sort=newest", vec![42, 41, 40]),
            ("/reviews?product_id=507&count=1&count=3", vec![42]),
            ("/reviews?product_id=507&count=abc&count=1", vec![42, 41, 40]),
            ("/products?page=2&count=2&page=1&count=5", vec![503, 505]),
            ("/products?page&count=2&page=2", vec![501, 502]),
        ] {
            assert_eq!(ids(&shop.get(target).await), shown, "{target}");
        }
        for target in [
            "/reviews?product_id=&product_id=501", "/reviews?product_id&product_id=501",
            "/reviews/meta?product_id=0&product_id=501",
        ] {
            assert_eq!(shop.get(target).await.parts(), BAD_PRODUCT_ID, "{target}");
        }
    }

    async fn brackets_are_part_of_parameter_name(shop: TestApp) {
        for target in [
            "/reviews?product_id[]=501", "/reviews?product_id%5B%5D=501", "/reviews/meta?product_id[0]=501",
            "/reviews?[product_id]=501",
        ] {
            assert_eq!(shop.get(target).await.parts(), BAD_PRODUCT_ID, "{target}");
        }
        let plain = shop.get("/reviews?product_id=507").await;
        for other in ["page[]=2", "count[]=1", "sort[]=newest", "page%5B%5D=2", "count[0]=1", "product_id[]=501"] {
            assert_eq!(shop.get(&format!("/reviews?{other}&product_id=507")).await, plain, "{other}");
        }
    }
}
