//! `POST /reviews`.

use atelier_conformance::{TestApp, cases};
use serde_json::{Value, json};

use crate::{BAD_REVIEW, CREATED, add, each, quoted, reviews_of};

/// Posts reviews that are valid except for the values of one field, and asserts which are accepted.
async fn try_values(shop: &TestApp, field: &str, values: &[&str], accepted: bool) {
    for value in values {
        let before = reviews_of(shop, 503).await.len();
        let reply = add(shop, &[(field, value)]).await;
        assert_eq!(
            reply.parts(),
            if accepted { CREATED } else { BAD_REVIEW },
            "{field}: {value:.80}"
        );
        assert_eq!(
            reviews_of(shop, 503).await.len(),
            before + usize::from(accepted),
            "{field}: {value:.80}"
        );
    }
}

fn photos_of(review: &Value) -> &Vec<Value> {
    review["photos"].as_array().expect("a list of photos")
}

fn list(items: &[String]) -> String {
    format!("[{}]", items.join(","))
}

cases! {
    async fn documented_example_is_accepted(shop: TestApp) {
        let body = concat!(
            r#"{"product_id":501,"rating":4,"summary":"Warm","body":"Kept me dry on the quay all week.","#,
            r#""recommend":true,"name":"pierwalker","email":"p@example.org","photos":["https://img.example/r8.jpg"],"#,
            r#""characteristics":{"61":4,"63":5}}"#,
        );
        assert_eq!(shop.post_text("/reviews", body).await.parts(), CREATED);
        let stored = reviews_of(&shop, 501).await.swap_remove(0);
        let (id, photo) = (stored["review_id"].clone(), stored["photos"][0]["id"].clone());
        assert_eq!(stored, json!({
            "review_id": id, "rating": 4, "summary": "Warm", "recommend": true, "response": null,
            "body": "Kept me dry on the quay all week.", "date": "2024-03-05T00:00:00.000Z",
            "reviewer_name": "pierwalker", "helpfulness": 0,
            "photos": [{"id": photo, "url": "https://img.example/r8.jpg"}],
        }));
        let meta = shop.get("/reviews/meta?product_id=501").await.json();
        assert_eq!(meta["characteristics"], json!({
            "Fit": {"id": 61, "value": "3.7500000000000000"}, "Length": {"id": 62, "value": null},
            "Quality": {"id": 63, "value": "4.3333333333333333"},
        }));
    }

    async fn review_without_required_field_is_refused(shop: TestApp) {
        for field in ["product_id", "rating", "body", "recommend", "name", "email"] {
            try_values(&shop, field, &["", "null"], false).await;
        }
        for field in ["summary", "photos", "characteristics"] {
            try_values(&shop, field, &["", "null"], true).await;
        }
        assert!(reviews_of(&shop, 503).await.iter().all(|review| review["photos"] == json!([])));
        try_values(&shop, "summary", &["null"], true).await;
        assert_eq!(reviews_of(&shop, 503).await[0]["summary"], "");
    }

    async fn product_id_must_exist(shop: TestApp) {
        let good = ["503", r#""503""#, r#""0503""#, r#""000000000000000000000000503""#, r#""\u0035\u00303""#];
        try_values(&shop, "product_id", &good, true).await;
        try_values(&shop, "product_id", &[
            "504", r#""504""#, "0", "-503", "503.0", "5.03e2", "503e0", "503.5", r#""503.0""#, r#""+503""#,
            r#""-503""#, r#"" 503""#, r#""503 ""#, r#""""#, r#""abc""#, r#""٥٠٣""#, "true", "false", "[]", "[503]",
            "{}", r#"{"id":503}"#, "9223372036854775807", "9223372036854775808", "18446744073709552119",
            r#""9223372036854775808""#, r#""18446744073709552119""#, "4294967799",
            "99999999999999999999999999999999999999999999", "1e999", "-1e999",
        ], false).await;
    }

    async fn rating_must_be_integer_from_1_to_5(shop: TestApp) {
        try_values(&shop, "rating", &["1", "2", "3", "4", "5"], true).await;
        assert_eq!(each(&reviews_of(&shop, 503).await, "rating"), [5, 4, 3, 2, 1]);
        try_values(&shop, "rating", &[
            "0", "-0", "-1", "6", "10", "100", "4.0", "4.5", "0.9", "4e0", "4E0", "40e-1", "0.4e1", r#""4""#, r#""""#,
            "true", "[]", "[4]", "{}", "1e999", "4294967300", "18446744073709551620", "9223372036854775807",
            "9223372036854775808", "-9223372036854775809", "99999999999999999999999999999999999",
        ], false).await;
    }

    async fn review_text_lengths_are_limited(shop: TestApp) {
        let of = |length: usize| quoted(&"x".repeat(length));
        for (field, most) in [("summary", 60), ("body", 1_000), ("name", 60)] {
            try_values(&shop, field, &[&of(1), &of(most)], true).await;
            try_values(&shop, field, &[&of(most + 1), &of(100_000)], false).await;
            try_values(&shop, field, &["5", "0", "true", "false", "[]", r#"["x"]"#, "{}", r#"{"x":"y"}"#], false).await;
        }
        try_values(&shop, "summary", &[r#""""#, r#"" ""#], true).await;
        for field in ["body", "name"] {
            try_values(&shop, field, &[r#""""#, r#"" ""#, r#""\n\t\u00a0\u3000""#], false).await;
        }
    }

    async fn recommend_must_be_boolean(shop: TestApp) {
        try_values(&shop, "recommend", &["true", "false"], true).await;
        assert_eq!(each(&reviews_of(&shop, 503).await, "recommend"), [false, true]);
        let bad = ["0", "1", r#""true""#, r#""false""#, r#""""#, "[]", "[true]", "{}", "1e999"];
        try_values(&shop, "recommend", &bad, false).await;
    }

    async fn email_must_look_like_an_address(shop: TestApp) {
        let longest = format!("{}@b.example", "x".repeat(50));
        let wide = format!("{}@b.example", "\u{1f9e5}".repeat(50));
        for good in [
            "p@example.org", "a@b.c", "a.b+c@d-e.f", "..@a.b", "!#$%&'*/=?^`{|}~@a.b", "\"a\"@b.c",
            "\u{fc}@m\u{fc}nchen.de", "a@1.2.3.4", "a@b.c.d.e.f", "a@-.-", "<a@b.c>", "a\\@b.c", &longest, &wide,
        ] {
            try_values(&shop, "email", &[&quoted(good)], true).await;
        }
        let (long, wide) = (format!("x{longest}"), format!("\u{1f9e5}{wide}"));
        for bad in [
            "", " ", "plain", "@", "@a.b", "a@", "a@b", "a@b.", "a@.b", "a@.", "a@b..c", "a@b.c.", "a@.b.c", "a@@b.c",
            "a@b@c.d", "@a@b.c", "a@b.c@", "a b@c.d", "a@b .c", "a@b.c d", " a@b.c", "a@b.c ", "\ta@b.c", "a@b.c\n",
            "a\r\n@b.c", "a\u{a0}@b.c", "a@b.\u{3000}c", "a\u{2028}@b.c", "a.b.c", &long, &wide,
        ] {
            try_values(&shop, "email", &[&quoted(bad)], false).await;
        }
        try_values(&shop, "email", &["5", "true", "[]", r#"["a@b.c"]"#, "{}"], false).await;
    }

    async fn photos_must_be_at_most_five_strings(shop: TestApp) {
        let wide = quoted(&"\u{1f9e5}".repeat(2_048));
        let long = quoted(&"x".repeat(2_048));
        let data = quoted(&format!("data:{}", "x".repeat(65_531)));
        let wide_data = quoted(&format!("data:{}", "\u{20ac}".repeat(65_531)));
        for good in [
            vec![], vec!["\"x\"".to_owned()], vec!["\" \"".to_owned()], vec!["\"javascript:alert(1)\"".to_owned()],
            vec!["\"not a URL\"".to_owned(); 5], vec![wide; 5], vec![long; 5], vec!["\"data:\"".to_owned()],
            vec![data; 5], vec![wide_data],
        ] {
            try_values(&shop, "photos", &[&list(&good)], true).await;
            let stored = reviews_of(&shop, 503).await.swap_remove(0);
            let urls: Vec<_> = each(photos_of(&stored), "url").iter().map(Value::to_string).collect();
            assert!(urls == good, "photos of {} bytes", list(&good).len());
        }
        let texts = [
            quoted(&"x".repeat(2_049)), quoted(&"\u{1f9e5}".repeat(2_049)),
            quoted(&format!("data:{}", "x".repeat(65_532))), quoted(&"x".repeat(65_536)),
            quoted(&format!(" data:{}", "x".repeat(3_000))), quoted(&format!("xdata:{}", "x".repeat(3_000))),
            "\"\"".to_owned(), "null".to_owned(), "5".to_owned(), "true".to_owned(), "[]".to_owned(),
            "[\"x\"]".to_owned(), "{}".to_owned(), "{\"url\":\"x\"}".to_owned(),
        ];
        for bad in texts {
            let (alone, second) = (list(std::slice::from_ref(&bad)), list(&["\"x\"".to_owned(), bad]));
            try_values(&shop, "photos", &[&alone, &second], false).await;
        }
        for many in [6, 1_000] {
            try_values(&shop, "photos", &[&list(&vec!["\"x\"".to_owned(); many])], false).await;
        }
        try_values(&shop, "photos", &["{}", r#"{"0":"x"}"#, r#""x""#, r#""""#, "5", "0", "true", "false"], false).await;
    }

    async fn photo_ids_ascend_in_order_sent(shop: TestApp) {
        try_values(&shop, "photos", &[r#"["c","a","b","a"]"#, r#"["z","y"]"#], true).await;
        let stored = reviews_of(&shop, 503).await;
        let photos: Vec<_> = photos_of(&stored[1]).iter().chain(photos_of(&stored[0])).collect();
        assert_eq!(each(photos.clone(), "url"), ["c", "a", "b", "a", "z", "y"]);
        let ids: Vec<_> = photos.iter().map(|photo| photo["id"].as_i64()).collect();
        assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
    }
}
