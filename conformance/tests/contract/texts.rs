//! Text in new reviews, and stored text that violates the rules for new rows.

use atelier_conformance::cases;
use serde_json::Value;

use crate::{BAD_REVIEW, CREATED, add, quoted, review, reviews_of};

/// Returns the name in lists of a posted field.
const FIELDS: [(&str, &str); 3] = [
    ("summary", "summary"),
    ("body", "body"),
    ("name", "reviewer_name"),
];

cases! {
    async fn text_length_is_counted_in_scalar_values(shop: TestApp) {
        for (field, shown, most) in [
            ("summary", "summary", 60), ("body", "body", 1_000), ("name", "reviewer_name", 60),
        ] {
            for unit in ["x", "\u{e9}", "\u{20ac}", "\u{1f9e5}", "\u{301}", "\u{10ffff}", "\u{200b}", "\""] {
                let text = unit.repeat(most);
                let reply = add(&shop, &[(field, &quoted(&text))]).await;
                assert_eq!(reply.parts(), CREATED, "{field} of {most} {unit:?}");
                assert_eq!(reviews_of(&shop, 503).await[0][shown], text, "{field} of {most} {unit:?}");
                let longer = quoted(&unit.repeat(most + 1));
                let reply = add(&shop, &[(field, &longer)]).await;
                assert_eq!(reply.parts(), BAD_REVIEW, "{field} of {} {unit:?}", most + 1);
            }
            // One visible character may be several scalar values.
            for (unit, scalars) in [("e\u{301}", 2), ("\r\n", 2), ("\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}", 5)] {
                let fits = unit.repeat(most / scalars);
                let reply = add(&shop, &[(field, &quoted(&format!("x{}", &fits[unit.len()..])))]).await;
                assert_eq!(reply.parts(), CREATED, "{field} of {unit:?}");
                let reply = add(&shop, &[(field, &quoted(&format!("{fits}x")))]).await;
                assert_eq!(reply.parts(), BAD_REVIEW, "{field} of {unit:?} and one more");
            }
        }
    }

    async fn escape_sequence_counts_as_one_character(shop: TestApp) {
        for (unit, stands_for) in [
            (r"\u0041", "A"), (r"\ud83e\udde5", "\u{1f9e5}"), (r"\uD83E\uDDE5", "\u{1f9e5}"), (r"\n", "\n"),
            (r"\/", "/"), (r"\\", "\\"),
        ] {
            let field = format!("\"x{}\"", unit.repeat(59));
            assert_eq!(add(&shop, &[("name", &field)]).await.parts(), CREATED, "{unit}");
            let stored = reviews_of(&shop, 503).await;
            assert_eq!(stored[0]["reviewer_name"], format!("x{}", stands_for.repeat(59)), "{unit}");
            let field = format!("\"x{}\"", unit.repeat(60));
            assert_eq!(add(&shop, &[("name", &field)]).await.parts(), BAD_REVIEW, "{unit}");
        }
    }

    async fn unicode_white_space_alone_is_blank(shop: TestApp) {
        let few = "\t\n\u{b}\u{c}\r \u{85}\u{a0}\u{1680}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}";
        let blanks: String = few.chars().chain('\u{2000}'..='\u{200a}').collect();
        for field in ["body", "name"] {
            let alone = blanks.chars().map(String::from).chain([String::new(), "   ".to_owned(), blanks.clone()]);
            for text in alone {
                let reply = add(&shop, &[(field, &quoted(&text))]).await;
                assert_eq!(reply.parts(), BAD_REVIEW, "{field} {text:?}");
            }
            for text in [
                "\u{200b}", "\u{feff}", "\u{180e}", "\u{2060}", "\u{1}", "\u{301}", "\u{ad}", ".",
                &format!("{blanks}x"),
            ] {
                let reply = add(&shop, &[(field, &quoted(text))]).await;
                assert_eq!(reply.parts(), CREATED, "{field} {text:?}");
            }
        }
        for text in ["", " ", "\u{3000}"] {
            let reply = add(&shop, &[("summary", &quoted(text))]).await;
            assert_eq!(reply.parts(), CREATED, "summary {text:?}");
            assert_eq!(reviews_of(&shop, 503).await[0]["summary"], text);
        }
    }

    async fn text_is_returned_as_sent(shop: TestApp) {
        let controls: String = ('\u{1}'..'\u{20}').chain(['\u{7f}', '\u{80}', '\u{9f}']).collect();
        for text in [
            "  before and after  ", "\n\tbreaks\r\n\r", "caf\u{e9} cafe\u{301} \u{212b} \u{fb01}",
            "<b>&amp;</b> <script>alert(1)</script>", "' or '1'='1'; drop table reviews; --",
            "\"quoted\" \\\"twice\\\" \\\\ \\n \\u0041 \\", "100 % %s %27 %d $1 ?1 :a @b {0}", "{\"json\":[1,null]}",
            "null", "0", "4.0", "a\u{202e}cba\u{202c} \u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{645}\u{631}",
            "\u{1f9e5}\u{1f468}\u{200d}\u{1f467} \u{1d11e}", "\u{ffff}\u{fffe}\u{fffd}\u{feff}\u{10ffff}\u{e000}",
            "x\u{2028}\u{2029}\u{85}\u{b}", "\u{feff}x", &controls, "caf\u{c3}\u{a9}", "I\u{307}\u{131}\u{df}", "e_%",
            "/* x */ -- x", "$$x$$", "E'\\x00'", "x'00'",
        ] {
            let json = quoted(text);
            let fields = [
                ("summary", &*json), ("body", &json), ("name", &json), ("photos", &format!("[{json},{json}]")),
            ];
            assert_eq!(add(&shop, &fields).await.parts(), CREATED, "{text:?}");
            let stored = reviews_of(&shop, 503).await.swap_remove(0);
            for (_, shown) in FIELDS {
                assert_eq!(stored[shown], text, "{shown}");
            }
            for photo in 0..2 {
                assert_eq!(stored["photos"][photo]["url"], text, "photo {photo}");
            }
        }
    }

    async fn escaped_nul_in_read_field_is_invalid(shop: TestApp) {
        for (field, value) in [
            ("summary", r#""\u0000""#), ("summary", r#""Warm\u0000""#), ("body", r#""a\u0000b""#),
            ("body", r#""\u0000""#), ("name", r#""\u0000gull""#), ("email", r#""p\u0000@example.org""#),
            ("email", r#""p@example.org\u0000""#), ("product_id", r#""503\u0000""#), ("product_id", r#""\u0000""#),
            ("photos", r#"["\u0000"]"#), ("photos", r#"["https://img.example/1.jpg","x\u0000y"]"#),
            ("photos", r#"["data:\u0000"]"#),
        ] {
            let body = review(&[(field, value)]);
            assert_eq!(shop.post_text("/reviews", &body).await.parts(), BAD_REVIEW, "{body}");
        }
        assert_eq!(reviews_of(&shop, 503).await, [] as [Value; 0]);
    }

    async fn lone_surrogate_is_refused(shop: TestApp) {
        for lone in [
            r"\ud800", r"\uDFFF", r"\udbff\ud800", r"\udc00\ud800", r"\ud83e", r"a\ud83eb", r"\ud83e\u0041",
            r"\ud83e\n", r"\ud83e\ud83e\udde5",
        ] {
            for (field, value) in [
                ("summary", format!("\"{lone}\"")), ("body", format!("\"x {lone}\"")),
                ("name", format!("\"{lone}y\"")), ("email", format!("\"{lone}@example.org\"")),
                ("email", format!("\"p@{lone}.org\"")), ("product_id", format!("\"{lone}\"")),
                ("photos", format!("[\"{lone}\"]")),
            ] {
                let body = review(&[(field, &value)]);
                let status = shop.post_text("/reviews", &body).await.status;
                assert!(status == 400 || status == 422, "{status} for {body}");
            }
        }
        assert_eq!(reviews_of(&shop, 503).await, [] as [Value; 0]);
    }

    async fn odd_text_in_ignored_field_causes_no_500(shop: TestApp) {
        for odd in [r"\u0000", r"\ud800", r"\udc00x"] {
            for body in [
                review(&[("x", &format!("\"{odd}\""))]),
                review(&[("x", &format!("{{\"{odd}\":1}}"))]),
                review(&[("characteristics", &format!("{{\"{odd}\":4}}"))]),
                review(&[("characteristics", &format!("{{\"1\":\"{odd}\"}}"))]),
                format!("{{\"{odd}\":1,{}", &review(&[])[1..]),
            ] {
                let status = shop.post_text("/reviews", &body).await.status;
                assert!(matches!(status.as_u16(), 201 | 400 | 422), "{status} for {body}");
            }
        }
    }

    async fn stored_rows_that_violate_input_rules_are_served(shop: TestApp) {
        let product = shop.get("/products/505").await.json();
        assert_eq!(product["name"], "Long".repeat(100));
        assert_eq!((&product["slogan"], &product["category"]), (&Value::from(""), &Value::from("")));
        let odd = "Line one\nline two; '); drop table products; -- <b>&amp;</b> \\ % \u{202e}abc\u{1}\u{1f9e5}";
        assert_eq!(product["description"], odd);
        let styles = shop.get("/products/505/styles").await.json();
        assert_eq!(styles["results"][0]["name"], "");
        let reviews = reviews_of(&shop, 501).await;
        let of = |id: i64| reviews.iter().find(|review| review["review_id"] == id).expect("a seeded review");
        assert_eq!(of(36)["summary"], "Long ".repeat(40));
        assert_eq!((&of(34)["summary"], &of(34)["reviewer_name"]), (&Value::from(""), &Value::from("")));
        assert_eq!((&of(33)["response"], &of(34)["response"]), (&Value::from(""), &Value::Null));
    }
}
