//! Ids, `page` and `count`.

use atelier_conformance::{TestResponse, cases};
use atelier_core::Limits;

use crate::{BAD_PRODUCT_ID, IDS, NO_CONTENT, NO_PRODUCT, ids, reviews_of};

const MOST: i64 = i64::MAX;

/// Invalid ids, percent-encoded, separated by blanks. The empty string is one as well, where a target can contain it.
const INVALID_IDS: &str = "\
    0 00 0000000000 -1 -0 -501 %2B7 %2B501 5.0 5.55 501. .5 501.0 1e3 5E2 0x7 0x1F5 0b1 hello \
    null undefined NaN Infinity true [] %7B%7D %20 %20501 501%20 %09501 501%0A 501%0D%0A \
    %C2%A0501 501abc abc501 5_01 5,01 501,502 501;502 501' 501%22 501-- %D9%A5 \
    %EF%BC%95%EF%BC%90%EF%BC%91 %C2%B2 %E2%85%A4 %00 501%00 %ff 501%ff";

/// Valid ids without a row, most of them above 2^63-1; some equal 31 or 501 when truncated to 64 or 32 bits.
const IDS_OF_NOTHING: &str = "\
    504 6148914691236517205 9223372036854775807 9223372036854775808 9999999999999999999 18446744073709551615 \
    18446744073709551647 18446744073709552117 4294967797 \
    340282366920938463463374607431768211957 000099999999999999999999999999999999999999";

/// Numbers and strings that parsers may handle badly.
const ABSURD: &str = "\
    %00 1%00 %ff 1%ff %C0%80 %ED%A0%80 %F4%90%80%80 % -1 -9223372036854775808 \
    -9223372036854775809 -99999999999999999999999999 9223372036854775807 9223372036854775808 \
    18446744073709551615 99999999999999999999999999 1e400 NaN %27%20or%20%271%27=%271 \
    %E2%80%AE %F0%9F%A7%A5";

/// Returns `page` and `count` as a list of reviews echoes them.
fn echoed(reply: &TestResponse) -> (i64, i64) {
    let json = reply.json();
    (
        json["page"].as_i64().expect("page is a number"),
        json["count"].as_i64().expect("count is a number"),
    )
}

cases! {
    async fn invalid_id_is_refused_on_every_route(shop: TestApp) {
        let before = shop.get("/reviews?product_id=501&count=100").await;
        for (method, head, tail, refusal) in IDS {
            for id in INVALID_IDS.split(' ') {
                let target = format!("{head}{id}{tail}");
                assert_eq!(shop.request(method.clone(), &target, &[], b"").await.parts(), refusal, "{method} {target}");
            }
            let target = format!("{head}{}{tail}", "0".repeat(1_000));
            assert_eq!(shop.request(method.clone(), &target, &[], b"").await.parts(), refusal, "{method} {target}");
        }
        assert_eq!(shop.get("/reviews?product_id=501&count=100").await, before);
    }

    async fn missing_product_id_is_refused(shop: TestApp) {
        for path in ["/reviews", "/reviews/meta"] {
            for query in [
                "", "?", "?product_id", "?product_id=", "?page=1", "?product=501", "?id=501", "?productid=501",
                "?=501", "?501",
            ] {
                let target = format!("{path}{query}");
                assert_eq!(shop.get(&target).await.parts(), BAD_PRODUCT_ID, "{target}");
            }
        }
    }

    async fn id_beyond_64_bits_matches_nothing(shop: TestApp) {
        let before = shop.get("/reviews?product_id=501&count=100").await;
        let long = "9".repeat(2_000);
        for id in IDS_OF_NOTHING.split(' ').chain([long.as_str()]) {
            for tail in ["", "/styles", "/related"] {
                let target = format!("/products/{id}{tail}");
                assert_eq!(shop.get(&target).await.parts(), NO_PRODUCT, "{target}");
            }
            let list = shop.get(&format!("/reviews?product_id={id}")).await;
            let nothing = format!(r#"{{"product":"{id}","page":0,"count":5,"results":[]}}"#);
            assert_eq!(list.parts(), (200, &*nothing), "{id}");
            let meta = shop.get(&format!("/reviews/meta?product_id={id}")).await;
            let nothing = format!(r#"{{"product_id":"{id}","ratings":{{}},"recommended":{{}},"characteristics":{{}}}}"#);
            assert_eq!(meta.parts(), (200, &*nothing), "{id}");
            for tail in ["helpful", "report"] {
                assert_eq!(shop.put(&format!("/reviews/{id}/{tail}")).await.parts(), NO_CONTENT, "{id}");
            }
        }
        assert_eq!(shop.get("/reviews?product_id=501&count=100").await, before);
    }

    async fn id_is_echoed_as_sent_after_decoding(shop: TestApp) {
        let zeros = "0".repeat(1_000) + "501";
        for (given, shown) in [
            ("501", "501"), ("0501", "0501"), ("00000501", "00000501"), ("%30501", "0501"), ("5%301", "501"),
            (&zeros, &zeros),
        ] {
            for (target, key, rest) in [
                (format!("/products/{given}/styles"), "product_id", r#""results":[{"style_id":9001,"#),
                (format!("/reviews?product_id={given}"), "product", r#""page":0,"count":5,"results":[{"review_id":32,"#),
                (format!("/reviews/meta?product_id={given}"), "product_id", r#""ratings":{"1":"1","#),
            ] {
                let (reply, start) = (shop.get(&target).await, format!(r#"{{"{key}":"{shown}",{rest}"#));
                assert!(reply.status == 200 && reply.text().starts_with(&start), "{target}: {}", reply.text());
            }
            // These return the id of the row.
            for tail in ["", "/related"] {
                let target = format!("/products/{given}{tail}");
                assert_eq!(shop.get(&target).await, shop.get(&format!("/products/501{tail}")).await, "{target}");
            }
        }
        assert_eq!(shop.put("/reviews/00034/helpful").await.parts(), NO_CONTENT);
        assert_eq!(shop.put("/reviews/%3034/helpful").await.parts(), NO_CONTENT);
        let reviews = reviews_of(&shop, 501).await;
        assert!(reviews.iter().any(|review| review["review_id"] == 34 && review["helpfulness"] == 2), "{reviews:?}");
    }

    async fn page_and_count_are_parsed_by_table(shop: TestApp) {
        let long = "9".repeat(1_000);
        let zeros = "0".repeat(1_000) + "2";
        for (given, page, count) in [
            ("", 1, 5), ("abc", 1, 5), ("2.5", 1, 5), ("2.0", 1, 5), ("1e3", 1, 5), ("+2", 1, 5), ("%2B2", 1, 5),
            ("%202", 1, 5), ("2+", 1, 5), ("2%0A", 1, 5), ("0x2", 1, 5), ("2,0", 1, 5), ("1_0", 1, 5), ("-", 1, 5),
            ("--2", 1, 5), ("-2.5", 1, 5), ("null", 1, 5), ("%D9%A2", 1, 5), ("%EF%BC%92", 1, 5), ("%00", 1, 5),
            ("2%00", 1, 5), ("%ff", 1, 5), ("%", 1, 5), ("-1", 1, 5), ("-2", 1, 5), ("-007", 1, 5),
            ("-9223372036854775808", 1, 5), ("-9223372036854775809", 1, 5), ("-99999999999999999999999", 1, 5),
            ("0", 1, 0), ("000", 1, 0), ("1", 1, 1), ("2", 2, 2), ("002", 2, 2), ("%32", 2, 2), (&zeros, 2, 2),
            ("6", 6, 6), ("10000", 10_000, 10_000), ("10001", 10_001, 10_001),
            ("4294967298", 4_294_967_298, 4_294_967_298), ("9223372036854775806", MOST - 1, MOST - 1),
            ("9223372036854775807", MOST, MOST), ("9223372036854775808", MOST, MOST),
            ("18446744073709551617", MOST, MOST), ("18446744073709551618", MOST, MOST), (&long, MOST, MOST),
        ] {
            let reply = shop.get(&format!("/reviews?product_id=501&count={given}")).await;
            assert_eq!((reply.status.as_u16(), echoed(&reply)), (200, (0, count)), "count={given}");
            let (reviews, products) = ([32, 33, 31, 36, 37, 34], [501, 502, 503, 505, 506, 507]);
            let shown = usize::try_from(count.min(6)).expect("few");
            assert_eq!(ids(&reply), reviews[..shown], "count={given}");
            let list = shop.get(&format!("/products?count={given}")).await;
            assert_eq!(ids(&list), products[..shown], "products, count={given}");

            let reply = shop.get(&format!("/reviews?product_id=501&count=1&page={given}")).await;
            assert_eq!((reply.status.as_u16(), echoed(&reply)), (200, (page - 1, 1)), "page={given}");
            let skip = usize::try_from(page - 1).expect("64 bits").min(6);
            assert_eq!(ids(&reply), reviews[skip..6.min(skip + 1)], "page={given}");
            let list = shop.get(&format!("/products?count=1&page={given}")).await;
            assert_eq!(ids(&list), products[skip..6.min(skip + 1)], "products, page={given}");
        }
    }

    async fn signed_zero_is_first_page(shop: TestApp) {
        assert_eq!(ids(&shop.get("/reviews?product_id=507&page=-0&count=2").await), [42, 41]);
    }

    async fn offset_saturates_at_64_bits(shop: TestApp) {
        for (page, count, offset) in [
            ("4611686018427387904", "2", MOST - 1),
            ("4611686018427387905", "2", MOST),
            ("4611686018427387906", "2", MOST),
            ("9223372036854775807", "5", MOST),
            ("2", "9223372036854775807", MOST),
            ("3", "9223372036854775807", MOST),
            ("9223372036854775807", "9223372036854775807", MOST),
            ("4294967297", "4294967296", MOST),
            ("3037000500", "3037000500", 3_037_000_499 * 3_037_000_500),
            ("99999999999999999999", "99999999999999999999", MOST),
            ("9223372036854775807", "0", 0),
            ("2", "0", 0),
            ("1", "9223372036854775807", 0),
        ] {
            let reply = shop.get(&format!("/reviews?product_id=501&page={page}&count={count}")).await;
            assert_eq!(echoed(&reply).0, offset, "page={page}&count={count}");
            let rows = if page == "1" { 6 } else { 0 };
            assert_eq!((reply.status.as_u16(), ids(&reply).len()), (200, rows), "page={page}&count={count}");
            let reply = shop.get(&format!("/products?page={page}&count={count}")).await;
            assert_eq!((reply.status.as_u16(), ids(&reply).len()), (200, rows), "products, page={page}&count={count}");
        }
    }

    async fn page_past_end_is_empty_list(shop: TestApp) {
        assert_eq!(shop.get("/products?page=3").await.parts(), (200, "[]"));
        assert_eq!(shop.get("/products?page=7&count=1").await.parts(), (200, "[]"));
        let reply = shop.get("/reviews?product_id=501&page=3").await;
        assert_eq!(reply.parts(), (200, r#"{"product":"501","page":10,"count":5,"results":[]}"#));
    }

    async fn concatenated_pages_equal_the_list(shop: TestApp) {
        for list in [
            "/products?", "/reviews?product_id=501&", "/reviews?product_id=501&sort=newest&",
            "/reviews?product_id=507&",
        ] {
            let whole = ids(&shop.get(&format!("{list}count=100")).await);
            for count in 1..=whole.len() {
                let mut together = vec![];
                for page in 1..=whole.len().div_ceil(count) {
                    together.extend(ids(&shop.get(&format!("{list}page={page}&count={count}")).await));
                }
                assert_eq!(together, whole, "{list}count={count}");
            }
        }
    }

    async fn count_is_capped_by_configuration(shop: TestApp) {
        assert_eq!(Limits::default().max_rows, 10_000);
        let shop = shop.configured(Limits { max_rows: 2, ..Limits::default() });
        for (query, products, reviews, offset) in [
            ("", vec![501, 502], vec![32, 33], 0),
            ("count=100", vec![501, 502], vec![32, 33], 0),
            ("count=1", vec![501], vec![32], 0),
            // The next page starts where it would without truncation.
            ("page=2", vec![507], vec![34], 5),
            ("page=2&count=3", vec![505, 506], vec![36, 37], 3),
            ("count=9223372036854775807", vec![501, 502], vec![32, 33], 0),
        ] {
            assert_eq!(ids(&shop.get(&format!("/products?{query}")).await), products, "{query}");
            let reply = shop.get(&format!("/reviews?product_id=501&{query}")).await;
            assert_eq!((ids(&reply), echoed(&reply).0), (reviews, offset), "{query}");
        }
        let reply = shop.get("/reviews?product_id=501&count=100").await;
        assert_eq!(echoed(&reply).1, 100);
    }

    async fn absurd_numbers_cause_no_500(shop: TestApp) {
        for absurd in ABSURD.split(' ').chain([""]) {
            for (method, head, tail, _) in IDS {
                let target = format!("{head}{absurd}{tail}");
                let status = shop.request(method.clone(), &target, &[], b"").await.status;
                assert!(status.as_u16() < 500, "{status} for {method} {target}");
            }
            for list in ["/products?", "/reviews?product_id=501&", "/reviews?product_id=0501&sort=newest&"] {
                for query in [
                    format!("page={absurd}"), format!("count={absurd}"), format!("sort={absurd}"),
                    format!("{absurd}={absurd}"), format!("page={absurd}&count={absurd}"), format!("page[]={absurd}"),
                ] {
                    let target = format!("{list}{query}");
                    assert_eq!(shop.get(&target).await.status, 200, "{target}");
                }
            }
        }
    }
}
