//! Form bodies, and the bodies of PUT.

use atelier_conformance::{TestApp, TestResponse, cases};
use http::Method;
use serde_json::json;

use crate::{BAD_REVIEW, CREATED, NO_CONTENT, UNREADABLE, reviews_of};

const FORM: &str = "application/x-www-form-urlencoded";
const REVIEW: &str = concat!(
    "product_id=503&rating=5&recommend=true&summary=Very+w%61rm%21&body=Kept+me+dry%2C+%26+warm",
    "&name=gull%C3%A9&email=p%40example.org",
);

async fn post(shop: &TestApp, body: &str, kind: &str) -> TestResponse {
    shop.request(
        Method::POST,
        "/reviews",
        &[("content-type", kind)],
        body.as_bytes(),
    )
    .await
}

cases! {
    async fn form_fields_are_parsed_like_json_fields(shop: TestApp) {
        for kind in [
            FORM, "application/x-www-form-urlencoded; charset=UTF-8",
            "application/x-www-form-urlencoded;charset=utf-8", "Application/X-WWW-Form-URLEncoded",
        ] {
            assert_eq!(post(&shop, REVIEW, kind).await.parts(), CREATED, "{kind}");
        }
        let mut stored = reviews_of(&shop, 503).await;
        assert_eq!(stored.len(), 4);
        stored[0]["review_id"] = 0.into();
        let expected = json!({
            "review_id": 0, "rating": 5, "summary": "Very warm!", "recommend": true, "response": null,
            "body": "Kept me dry, & warm", "date": "2024-03-05T00:00:00.000Z", "reviewer_name": "gull\u{e9}",
            "helpfulness": 0, "photos": [],
        });
        assert_eq!(stored[0], expected);
    }

    async fn form_fields_are_validated_like_json_fields(shop: TestApp) {
        for (field, value, expected) in [
            ("rating", "1", CREATED), ("rating", "0", BAD_REVIEW), ("rating", "6", BAD_REVIEW),
            ("rating", "-1", BAD_REVIEW), ("rating", "4.0", BAD_REVIEW), ("rating", "4e0", BAD_REVIEW),
            ("rating", "", BAD_REVIEW), ("rating", "five", BAD_REVIEW), ("rating", "%224%22", BAD_REVIEW),
            ("rating", "99999999999999999999", BAD_REVIEW), ("recommend", "false", CREATED),
            ("recommend", "yes", BAD_REVIEW), ("recommend", "", BAD_REVIEW), ("recommend", "null", BAD_REVIEW),
            ("product_id", "0503", CREATED), ("product_id", "504", BAD_REVIEW), ("product_id", "503.0", BAD_REVIEW),
            ("product_id", "", BAD_REVIEW), ("product_id", "99999999999999999999", BAD_REVIEW),
            ("summary", "", CREATED), ("summary", "5", CREATED), ("name", "true", CREATED), ("name", "", BAD_REVIEW),
            ("name", "+", BAD_REVIEW), ("body", "%E2%80%83", BAD_REVIEW), ("body", "null", CREATED),
            ("body", "%00", BAD_REVIEW), ("name", "a%00b", BAD_REVIEW), ("email", "p", BAD_REVIEW),
            ("email", "p+q%40example.org", BAD_REVIEW), ("email", "p%2Bq%40example.org", CREATED),
        ] {
            let (start, given) = (format!("{field}="), format!("{field}={value}"));
            let pairs = REVIEW.split('&').map(|pair| if pair.starts_with(&start) { &given } else { pair });
            let body = pairs.collect::<Vec<_>>().join("&");
            assert_eq!(post(&shop, &body, FORM).await.parts(), expected, "{given}");
        }
    }

    async fn form_without_required_field_is_refused(shop: TestApp) {
        for field in ["product_id", "rating", "recommend", "body", "name", "email"] {
            let body = REVIEW.split('&').filter(|pair| !pair.starts_with(field)).collect::<Vec<_>>().join("&");
            assert_eq!(post(&shop, &body, FORM).await.parts(), BAD_REVIEW, "without {field}");
        }
        for body in ["", "&", "=", "x", "rating", "a=b", "{\"rating\":", "[", "rating:5", "%", "%zz=%zz"] {
            assert_eq!(post(&shop, body, FORM).await.parts(), BAD_REVIEW, "{body}");
        }
        assert_eq!(reviews_of(&shop, 503).await.len(), 0);
    }

    async fn form_photos_and_characteristics_are_ignored(shop: TestApp) {
        let meta = shop.get("/reviews/meta?product_id=507").await.json()["characteristics"].clone();
        let form = REVIEW.replace("503", "507");
        for more in [
            "photos=https%3A%2F%2Fimg.example%2F1.jpg", "photos=", "photos[]=x&photos[]=y", "photos=%5B%22x%22%5D",
            "characteristics=x", "characteristics=%7B%2266%22%3A9%7D", "characteristics[66]=9",
            "characteristics=&photos=a&photos=b&photos=c&photos=d&photos=e&photos=f",
        ] {
            assert_eq!(post(&shop, &format!("{form}&{more}"), FORM).await.parts(), CREATED, "{more}");
            assert_eq!(reviews_of(&shop, 507).await[0]["photos"], json!([]), "{more}");
        }
        assert_eq!(shop.get("/reviews/meta?product_id=507").await.json()["characteristics"], meta);
    }

    async fn form_without_its_content_type_is_refused(shop: TestApp) {
        for kind in [
            "application/json", "text/plain", "multipart/form-data; boundary=x", "application/x-www-form",
            "text/x-www-form-urlencoded", "",
        ] {
            assert_eq!(post(&shop, REVIEW, kind).await.parts(), UNREADABLE, "{kind}");
        }
        assert_eq!(shop.post_text("/reviews", REVIEW).await.parts(), UNREADABLE);
        assert_eq!(reviews_of(&shop, 503).await.len(), 0);
    }

    async fn form_that_is_not_utf8_is_refused(shop: TestApp) {
        for name in ["%ff", "%C0%80", "gull%ED%A0%80"] {
            let status = post(&shop, &REVIEW.replace("gull", name), FORM).await.status;
            assert!(status == 400 || status == 422, "{status} for {name}");
        }
        assert_eq!(reviews_of(&shop, 503).await.len(), 0);
    }

    async fn put_body_is_ignored(shop: TestApp) {
        let deep = "[".repeat(100_000);
        let bodies = [
            "", "''", "null", "{}", "{", "[1,", "rating=5", "text", "\u{fffd}\0", "{\"helpful\":false}", &deep,
        ];
        let kinds = [None, Some("application/json"), Some(FORM), Some("text/plain"), Some("image/png"), Some(";")];
        let mut votes = 0;
        for body in bodies {
            for kind in kinds {
                let headers: Vec<_> = kind.map(|kind| ("content-type", kind)).into_iter().collect();
                let reply = shop.request(Method::PUT, "/reviews/34/helpful", &headers, body.as_bytes()).await;
                votes += 1;
                assert_eq!(reply.parts(), NO_CONTENT, "{body:.20} as {kind:?}");
            }
        }
        let gzip = [("content-encoding", "gzip")];
        let reply = shop.request(Method::PUT, "/reviews/34/helpful", &gzip, b"\xff\xfe\x00").await;
        assert_eq!(reply.parts(), NO_CONTENT, "bytes");
        votes += 1;
        assert_eq!(shop.request(Method::PUT, "/reviews/33/report", &[], b"{").await.parts(), NO_CONTENT);
        let all = reviews_of(&shop, 501).await;
        let counted = all.iter().find(|review| review["review_id"] == 34).map(|review| &review["helpfulness"]);
        assert_eq!(counted, Some(&votes.into()));
        assert!(all.iter().all(|review| review["review_id"] != 33), "{all:?}");
    }

    async fn large_put_body_is_accepted(shop: TestApp) {
        // Above the limit, both 413 and 204 are allowed.
        let status = shop.request(Method::PUT, "/reviews/34/helpful", &[], &vec![b' '; 2_000_000]).await.status;
        assert!(status == 204 || status == 413, "{status}");
        let reply = shop.request(Method::PUT, "/reviews/34/helpful", &[], &vec![b'['; 1_048_576]).await;
        assert_eq!(reply.parts(), NO_CONTENT);
    }
}
