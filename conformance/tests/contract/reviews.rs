//! `GET /reviews`.

use atelier_conformance::cases;

use crate::{CREATED, NO_CONTENT, add, ids};

/// Returns a review of 501 as the API does, with default values.
fn shown(id: i64, rating: i64, fields: &str, date: &str, helpfulness: i64, photos: &str) -> String {
    let last =
        format!(r#""reviewer_name":"pierwalker","helpfulness":{helpfulness},"photos":[{photos}]"#);
    format!(
        r#"{{"review_id":{id},"rating":{rating},{fields},"date":"{date}T00:00:00.000Z",{last}}}"#
    )
}

fn fields(summary: &str, recommend: bool, response: &str) -> String {
    let body = "Kept me dry on the quay all week.";
    format!(
        r#""summary":"{summary}","recommend":{recommend},"response":{response},"body":"{body}""#
    )
}

cases! {
    async fn review_list_keys_are_in_order(shop: TestApp) {
        let photos = r#"{"id":8,"url":"https://img.example/r8.jpg"},{"id":11,"url":"https://img.example/r11.jpg"}"#;
        let results = [
            shown(32, 4, &fields("Warm", false, "\"Thank you!\""), "2024-02-28", 9, ""),
            shown(33, 5, &fields("Warm", true, "\"\""), "2024-02-27", 3, ""),
            shown(31, 4, &fields("Warm", true, "null"), "2024-02-29", 3, photos),
            shown(36, 1, &fields(&"Long ".repeat(40), false, "null"), "2024-02-25", 2, ""),
            shown(37, 3, &fields("Warm", true, "null"), "2024-02-24", 1, ""),
        ];
        let expected = format!(r#"{{"product":"501","page":0,"count":5,"results":[{}]}}"#, results.join(","));
        assert_eq!(shop.get("/reviews?product_id=501").await.parts(), (200, &*expected));
        let last = shown(34, 5, &fields("", true, "null"), "2024-02-26", 0, "").replace("pierwalker", "");
        let expected = format!(r#"{{"product":"501","page":5,"count":5,"results":[{last}]}}"#);
        assert_eq!(shop.get("/reviews?product_id=501&page=2").await.parts(), (200, &*expected));
    }

    async fn review_list_echoes_offset_and_count(shop: TestApp) {
        for (query, page, count, results) in [
            ("", 0, 5, 5), ("&page=1", 0, 5, 5), ("&page=2", 5, 5, 1), ("&page=3", 10, 5, 0), ("&count=2", 0, 2, 2),
            ("&page=2&count=2", 2, 2, 2), ("&page=3&count=2", 4, 2, 2), ("&page=4&count=2", 6, 2, 0),
            ("&count=100", 0, 100, 6), ("&count=0", 0, 0, 0), ("&page=9&count=0", 0, 0, 0),
        ] {
            let json = shop.get(&format!("/reviews?product_id=501{query}")).await.json();
            assert_eq!((&json["page"], &json["count"]), (&page.into(), &count.into()), "{query}");
            assert_eq!(json["results"].as_array().map(Vec::len), Some(results), "{query}");
        }
    }

    async fn reviews_are_ordered_by_sort_parameter(shop: TestApp) {
        for (sort, of_501, of_507) in [
            // Helpfulness, then id; both descending.
            ("relevant", [32, 33, 31, 36, 37, 34], [42, 41, 40]),
            ("helpful", [32, 33, 31, 36, 37, 34], [42, 41, 40]),
            // Time, then id; both descending. 42 is a millisecond older than the others.
            ("newest", [31, 32, 33, 34, 36, 37], [41, 40, 42]),
        ] {
            assert_eq!(ids(&shop.get(&format!("/reviews?product_id=501&sort={sort}&count=9")).await), of_501, "{sort}");
            assert_eq!(ids(&shop.get(&format!("/reviews?product_id=507&sort={sort}&count=9")).await), of_507, "{sort}");
            for page in 1..=3 {
                let target = format!("/reviews?product_id=507&sort={sort}&count=1&page={page}");
                assert_eq!(ids(&shop.get(&target).await), [of_507[page - 1]], "{target}");
            }
        }
    }

    async fn unknown_sort_is_relevance(shop: TestApp) {
        let relevant = shop.get("/reviews?product_id=501&sort=relevant").await;
        assert_eq!(shop.get("/reviews?product_id=501").await, relevant);
        for sort in [
            "", "NEWEST", "Newest", "newesT", "%20newest", "newest+", "newest%00", "date", "helpful,newest", "rating",
            "-newest", "5", "null", "%ff", "%", "id%20desc;drop%20table%20reviews", "n%D0%B5west",
        ] {
            assert_eq!(shop.get(&format!("/reviews?product_id=501&sort={sort}")).await, relevant, "{sort}");
        }
    }

    async fn votes_and_new_reviews_change_order(shop: TestApp) {
        for _ in 0..4 {
            assert_eq!(shop.put("/reviews/34/helpful").await.parts(), NO_CONTENT);
        }
        assert_eq!(ids(&shop.get("/reviews?product_id=501&count=9").await), [32, 34, 33, 31, 36, 37]);
        assert_eq!(ids(&shop.get("/reviews?product_id=501&count=9&sort=newest").await), [31, 32, 33, 34, 36, 37]);
        shop.advance(1);
        assert_eq!(add(&shop, &[("product_id", "501")]).await.parts(), CREATED);
        let newest = ids(&shop.get("/reviews?product_id=501&count=9&sort=newest").await);
        assert_eq!(newest[1..], [31, 32, 33, 34, 36, 37]);
        let relevant = ids(&shop.get("/reviews?product_id=501&count=9").await);
        assert_eq!(relevant, [32, 34, 33, 31, 36, 37, newest[0]]);
        // Of two without votes the higher id comes first.
        assert_eq!(add(&shop, &[("product_id", "501")]).await.parts(), CREATED);
        assert!(ids(&shop.get("/reviews?product_id=501&count=9").await)[6] > newest[0]);
    }

    async fn reported_review_is_in_no_list(shop: TestApp) {
        for sort in ["relevant", "newest", "helpful"] {
            let list = ids(&shop.get(&format!("/reviews?product_id=501&count=100&sort={sort}")).await);
            assert!(list.len() == 6 && !list.contains(&35), "{sort}: {list:?}");
        }
        let nothing = r#"{"product":"506","page":0,"count":5,"results":[]}"#;
        assert_eq!(shop.get("/reviews?product_id=506").await.parts(), (200, nothing));
    }

    async fn product_without_reviews_has_empty_list(shop: TestApp) {
        for id in ["502", "503", "504", "999999999"] {
            let expected = format!(r#"{{"product":"{id}","page":0,"count":5,"results":[]}}"#);
            assert_eq!(shop.get(&format!("/reviews?product_id={id}")).await.parts(), (200, &*expected), "{id}");
        }
    }
}
