//! JSON bodies of POST.

use atelier_conformance::{TestApp, TestResponse, cases};
use http::Method;

use crate::{BAD_REVIEW, CREATED, UNREADABLE, each, review, reviews_of};

const TYPES: [Option<&str>; 10] = [
    None,
    Some("application/json"),
    Some("application/json; charset=utf-8"),
    Some("text/plain"),
    Some("application/x-www-form-urlencoded"),
    Some("multipart/form-data; boundary=x"),
    Some("application/octet-stream"),
    Some("image/png"),
    Some(""),
    Some("; nonsense / /"),
];

async fn post(shop: &TestApp, body: impl AsRef<[u8]>, kind: Option<&str>) -> TestResponse {
    let kind: Vec<_> = kind
        .map(|kind| ("content-type", kind))
        .into_iter()
        .collect();
    shop.request(Method::POST, "/reviews", &kind, body.as_ref())
        .await
}

cases! {
    async fn empty_body_is_empty_object(shop: TestApp) {
        for kind in TYPES {
            assert_eq!(post(&shop, "", kind).await.parts(), BAD_REVIEW, "{kind:?}");
            assert_eq!(post(&shop, "{}", kind).await.parts(), BAD_REVIEW, "{kind:?}");
        }
    }

    async fn json_is_parsed_whatever_its_content_type(shop: TestApp) {
        for (posted, kind) in TYPES.into_iter().enumerate() {
            assert_eq!(post(&shop, review(&[]), kind).await.parts(), CREATED, "{kind:?}");
            assert_eq!(reviews_of(&shop, 503).await.len(), posted + 1, "{kind:?}");
        }
    }

    async fn white_space_around_json_is_accepted(shop: TestApp) {
        let body = review(&[]).replace(',', " ,\r\n\t").replace(':', " : ");
        assert_eq!(post(&shop, format!(" \n\t\r{body}\n\n"), None).await.parts(), CREATED);
    }

    async fn malformed_json_is_refused(shop: TestApp) {
        let good = review(&[]);
        let broken = [
            "{", "}", "{\"rating\":}", "{\"rating\"}", "{rating:4}", "{'rating':4}", "{\"rating\":4,}", "[1,2",
            "[1,]", "\"x", "nul", "None", "True", "NaN", "Infinity", "undefined", "{\"rating\":NaN}",
            "{\"rating\":01}", "{\"rating\":+1}", "{\"rating\":.5}", "{\"rating\":5.}", "{\"rating\":0x5}",
            "{\"body\":\"\\x41\"}", "{\"body\":\"\\u12\"}", "{\"body\":\"a\nb\"}", "{\"body\":\"a\tb\"}", "// no\n{}",
            "{}/* no */", "{} {}", "{},", " ", "\n", "rating=5", "<review/>", "---\nrating: 5",
            "--x\r\nContent-Disposition: form-data; name=\"rating\"\r\n\r\n5\r\n--x--\r\n", &good[1..],
            &good[..good.len() - 1],
            &format!("{good}{good}"), &format!("{good}x"), &format!("x{good}"),
        ];
        for body in broken {
            for kind in TYPES.into_iter().filter(|kind| *kind != Some("application/x-www-form-urlencoded")) {
                assert_eq!(post(&shop, body, kind).await.parts(), UNREADABLE, "{body} as {kind:?}");
            }
        }
        assert_eq!(reviews_of(&shop, 503).await.len(), 0);
    }

    async fn body_that_is_not_utf8_is_refused(shop: TestApp) {
        let around = |bytes: &[u8]| {
            let body = review(&[("body", "\"?\""), ("x", "\"X\"")]);
            let (head, tail) = body.split_once('?').expect("a mark");
            [head.as_bytes(), bytes, tail.as_bytes()].concat()
        };
        let mut unknown = around(b"?");
        unknown.iter_mut().filter(|byte| **byte == b'X').for_each(|byte| *byte = 0xff);
        let utf16: Vec<u8> = review(&[]).encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (row, body) in [
            ("a byte that begins nothing", around(b"\xff")), ("a continuation alone", around(b"\x80")),
            ("half a character", around(b"\xc3")), ("an overlong NUL", around(b"\xc0\x80")),
            ("a surrogate", around(b"\xed\xa0\x80")), ("beyond the last character", around(b"\xf4\x90\x80\x80")),
            ("an unknown field", unknown),
            ("nothing else", b"\xff\xfe".to_vec()), ("UTF-16", utf16),
        ] {
            for kind in [None, Some("application/json"), Some("application/x-www-form-urlencoded")] {
                assert_eq!(post(&shop, &body, kind).await.parts(), UNREADABLE, "{row} as {kind:?}");
            }
        }
        assert_eq!(reviews_of(&shop, 503).await.len(), 0);
        assert_eq!(post(&shop, around("\u{fffd}".as_bytes()), None).await.parts(), CREATED, "a character like others");
    }

    async fn raw_nul_is_refused(shop: TestApp) {
        let good = review(&[]);
        for body in [
            "\0".to_owned(), format!("{good}\0"), format!("\0{good}"), good.replace("dry", "d\0y"),
            good.replace("rating", "rat\0ing"),
            review(&[("x", "\"\0\"")]), good.replace(',', ",\0"), "rating=5\0".to_owned(), "a\0=5".to_owned(),
        ] {
            for kind in [None, Some("application/json"), Some("application/x-www-form-urlencoded")] {
                assert_eq!(post(&shop, &body, kind).await.parts(), UNREADABLE, "{body:?} as {kind:?}");
            }
        }
        assert_eq!(reviews_of(&shop, 503).await.len(), 0);
    }

    async fn compressed_body_is_refused(shop: TestApp) {
        // `{}`, which would be 422.
        let gzip = b"\x1f\x8b\x08\0\0\0\0\0\x02\x03\xab\xae\x05\0\x43\xbf\xa6\xa3\x02\0\0\0";
        for kind in [("content-type", "application/json"), ("content-type", "application/x-www-form-urlencoded")] {
            let reply = shop.request(Method::POST, "/reviews", &[("content-encoding", "gzip"), kind], gzip).await;
            assert_eq!(reply.parts(), UNREADABLE, "{kind:?}");
        }
        assert_eq!(post(&shop, gzip, None).await.parts(), UNREADABLE);
    }

    async fn json_that_is_no_object_lacks_every_field(shop: TestApp) {
        let list = format!("[{}]", review(&[]));
        for body in [
            "null", " null\n", "true", "false", "5", "-1.5e3", "0", "1e999", "\"x\"", "\"\"", "[]", "[{}]", "[[[]]]",
            &list, "\"{\\\"rating\\\":5}\"",
        ] {
            for kind in [None, Some("application/json"), Some("application/x-www-form-urlencoded")] {
                assert_eq!(post(&shop, body, kind).await.parts(), BAD_REVIEW, "{body} as {kind:?}");
            }
        }
        assert_eq!(reviews_of(&shop, 503).await.len(), 0);
    }

    async fn nesting_depth_is_accepted_to_64_and_refused_beyond_1000(shop: TestApp) {
        // The enclosing object counts as a level.
        let arrays = |levels: usize| review(&[("x", &("[".repeat(levels - 1) + &"]".repeat(levels - 1)))]);
        let nested = |levels: usize| r#"{"a":"#.repeat(levels) + "{}" + &"}".repeat(levels);
        let objects = |levels: usize| review(&[("x", &nested(levels - 2))]);
        for (levels, expected) in [
            (2, CREATED), (63, CREATED), (64, CREATED), (1_001, UNREADABLE), (5_000, UNREADABLE),
            (100_000, UNREADABLE),
        ] {
            assert_eq!(post(&shop, arrays(levels), None).await.parts(), expected, "{levels} levels of arrays");
            assert_eq!(post(&shop, objects(levels), None).await.parts(), expected, "{levels} levels of objects");
        }
        let form = Some("application/x-www-form-urlencoded");
        assert_eq!(post(&shop, arrays(64), form).await.parts(), CREATED, "JSON is no form, whatever it claims");
        assert_eq!(post(&shop, arrays(1_001), form).await.parts(), UNREADABLE, "nor is JSON that is too deep");
        for levels in [65, 127, 128, 129, 500, 999, 1_000] {
            let said = post(&shop, arrays(levels), None).await.parts().0;
            assert!(said == 201 || said == 400, "{said} for {levels} levels");
        }
        for depth in [1_001, 100_000, 500_000] {
            assert_eq!(post(&shop, "[".repeat(depth), None).await.parts(), UNREADABLE, "{depth} that never close");
            let closed = "[".repeat(depth) + &"]".repeat(depth);
            assert_eq!(post(&shop, closed, None).await.parts(), UNREADABLE, "{depth} of nothing else");
        }
        assert_eq!(post(&shop, "[".repeat(64) + &"]".repeat(64), None).await.parts(), BAD_REVIEW);
        for field in ["photos", "characteristics", "body"] {
            let body = review(&[(field, &("[".repeat(63) + &"]".repeat(63)))]);
            assert_eq!(post(&shop, body, None).await.parts(), BAD_REVIEW, "{field}");
        }
    }

    async fn brackets_in_strings_do_not_nest(shop: TestApp) {
        for text in [
            "[".repeat(2_000), "{".repeat(2_000), format!("\\\"{}", "[{".repeat(1_000)),
            format!("\\\\\\\"{}", "[".repeat(2_000)),
        ] {
            let body = review(&[("x", &format!("\"{text}\""))]);
            assert_eq!(post(&shop, body, None).await.parts(), CREATED, "{}", &text[..8]);
        }
    }

    async fn last_of_repeated_keys_wins(shop: TestApp) {
        for (first, last, expected) in [
            ("\"rating\":9", "\"rating\":5", CREATED),
            ("\"rating\":5", "\"rating\":9", BAD_REVIEW),
            ("\"rating\":5", "\"rating\":null", BAD_REVIEW),
            ("\"rating\":\"x\",\"rating\":1", "\"r\\u0061ting\":5", CREATED),
            ("\"name\":5", "\"name\":\"gull\"", CREATED),
            ("\"photos\":{}", "\"photos\":null", CREATED),
        ] {
            let body = review(&[]).replacen('{', &format!("{{{first},"), 1);
            let body = format!("{},{last}}}", &body[..body.len() - 1]);
            assert_eq!(post(&shop, &body, None).await.parts(), expected, "{body}");
        }
        let ratings = each(&reviews_of(&shop, 503).await, "rating");
        assert_eq!(ratings, [4, 4, 5, 5], "the last two left the rating alone");
    }

    async fn unknown_fields_are_ignored(shop: TestApp) {
        for (name, value) in [
            ("x", "null"), ("x", "1e999"), ("x", "-1e-999"), ("x", "99999999999999999999999999999"),
            ("x", "\"\\u0000\""), ("x", "[[],{}]"), ("", "1"), ("Rating", "9"), ("rating ", "9"),
            ("ratinG\\u0000", "9"), ("\\u0000", "1"), ("__proto__", "{}"), ("id", "1"), ("review_id", "31"),
            ("date", "\"1999-01-01T00:00:00.000Z\""), ("helpfulness", "99"), ("helpful", "99"), ("reported", "true"),
            ("response", "\"x\""), ("reviewer_name", "5"), ("reviewer_email", "[]"), ("created_at", "0"),
        ] {
            let body = format!("{{\"{name}\":{value},{}", &review(&[])[1..]);
            assert_eq!(post(&shop, &body, None).await.parts(), CREATED, "{body}");
            let mut stored = reviews_of(&shop, 503).await.swap_remove(0);
            assert!(stored["review_id"].as_i64().is_some_and(|id| id > 42), "{body}: {stored}");
            stored["review_id"] = 0.into();
            let expected = serde_json::json!({
                "review_id": 0, "rating": 4, "summary": "Warm", "recommend": true, "response": null,
                "body": "Kept me dry.", "date": "2024-03-05T00:00:00.000Z", "reviewer_name": "pierwalker",
                "helpfulness": 0, "photos": [],
            });
            assert_eq!(stored, expected, "{body}");
        }
    }
}
