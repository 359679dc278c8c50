//! Answers to questions.

use atelier_conformance::{TestApp, TestResponse, cases};
use atelier_core::Limits;
use http::Method;
use serde_json::{Value, json};

use crate::questions::{BAD_QUESTION_ID, object, questions_of};
use crate::{CREATED, NO_CONTENT, Outcome, UNREADABLE, each, quoted};

const BAD_ANSWER_ID: Outcome = (404, "Error: invalid answer id provided");
const BAD_BODY: &str = "answer text is required";
const BAD_NAME: &str = "username text is required";
const BAD_EMAIL: &str = "email must be valid";
const BAD_PHOTOS: &str = "photos must contain text urls";

/// Returns a valid answer in which these fields replace its own.
pub(crate) fn answer(fields: &[(&str, &str)]) -> String {
    let own = [
        ("body", r#""No.""#),
        ("name", r#""heron""#),
        ("email", r#""h@example.org""#),
    ];
    object(&own, fields)
}

/// Posts such an answer to question 72, which has none in the seed.
async fn reply(shop: &TestApp, fields: &[(&str, &str)]) -> TestResponse {
    shop.post_text("/qa/questions/72/answers", answer(fields))
        .await
}

/// Returns the answers of a question at their own route.
pub(crate) async fn answers_of(shop: &TestApp, question: i64) -> Vec<Value> {
    let target = format!("/qa/questions/{question}/answers?count=5000");
    let json = shop.get(&target).await.json();
    json["results"].as_array().expect("answers").clone()
}

/// Returns the error with these reasons.
fn refused(reasons: &[&str]) -> String {
    format!(
        "Error: Answer body contains invalid entries{}",
        reasons.join(",")
    )
}

fn shown(id: i64, helpfulness: i64) -> String {
    format!(
        r#"{{"answer_id":{id},"body":"Yes, two zips.","date":"2024-02-29T00:00:00.000Z","answerer_name":"Seller","helpfulness":{helpfulness},"photos":[{{"id":3,"url":"https://img.example/a3.jpg"}}]}}"#
    )
}

cases! {
    async fn answer_list_keys_are_in_order(shop: TestApp) {
        let both = format!(r#"{{"question":"71","page":1,"count":5,"results":[{},{}]}}"#, shown(82, 5), shown(81, 2));
        assert_eq!(shop.get("/qa/questions/71/answers").await.parts(), (200, &*both));
        let second = format!(r#"{{"question":"0071","page":2,"count":1,"results":[{}]}}"#, shown(81, 2));
        assert_eq!(shop.get("/qa/questions/0071/answers?page=2&count=1").await.parts(), (200, &*second));
    }

    async fn answer_list_echoes_page_and_count(shop: TestApp) {
        for (query, page, count, results) in [
            ("", 1, 5, 2), ("page=1", 1, 5, 2), ("page=2", 2, 5, 0), ("page=9&count=1", 9, 1, 0), ("count=0", 1, 0, 0),
            ("page=0&count=1", 1, 1, 1), ("page=-3&count=-3", 1, 5, 2), ("page=x&count=2.5", 1, 5, 2),
            ("page=%2B2&count=", 1, 5, 2), ("count=9223372036854775808", 1, i64::MAX, 2),
            ("page=99999999999999999999&count=1", i64::MAX, 1, 0),
        ] {
            let json = shop.get(&format!("/qa/questions/71/answers?{query}")).await.json();
            assert_eq!((&json["page"], &json["count"]), (&page.into(), &count.into()), "{query}");
            assert_eq!(json["results"].as_array().map(Vec::len), Some(results), "{query}");
        }
    }

    async fn answers_are_ordered_by_helpfulness_then_age(shop: TestApp) {
        for _ in 0..3 {
            assert_eq!(reply(&shop, &[]).await.parts(), CREATED);
        }
        let ids = each(&answers_of(&shop, 72).await, "answer_id");
        assert!(ids[0].as_i64() < ids[1].as_i64() && ids[1].as_i64() < ids[2].as_i64(), "{ids:?}");
        assert_eq!(shop.put(&format!("/qa/answers/{}/helpful", ids[2])).await.parts(), NO_CONTENT);
        let expected = [ids[2].clone(), ids[0].clone(), ids[1].clone()];
        assert_eq!(each(&answers_of(&shop, 72).await, "answer_id"), expected);
        for (page, id) in expected.iter().enumerate() {
            let target = format!("/qa/questions/72/answers?count=1&page={}", page + 1);
            assert_eq!(shop.get(&target).await.json()["results"][0]["answer_id"], *id);
        }
    }

    async fn seller_answer_is_not_moved_to_front(shop: TestApp) {
        for name in ["\"heron\"", "\"Seller\"", "\"seller\""] {
            assert_eq!(reply(&shop, &[("name", name)]).await.parts(), CREATED);
        }
        assert_eq!(each(&answers_of(&shop, 72).await, "answerer_name"), ["heron", "Seller", "seller"]);
    }

    async fn question_without_answers_or_unknown_has_empty_list(shop: TestApp) {
        for id in ["72", "999", "99999999999999999999"] {
            let nothing = format!(r#"{{"question":"{id}","page":1,"count":5,"results":[]}}"#);
            assert_eq!(shop.get(&format!("/qa/questions/{id}/answers")).await.parts(), (200, &*nothing));
        }
    }

    async fn answers_of_reported_question_stay_readable(shop: TestApp) {
        assert_eq!(each(&answers_of(&shop, 73).await, "answer_id"), [84]);
        let before = shop.get("/qa/questions/71/answers").await;
        assert_eq!(shop.put("/qa/questions/71/report").await.parts(), NO_CONTENT);
        assert_eq!(shop.get("/qa/questions/71/answers").await, before);
    }

    async fn new_answer_appears_at_once_in_answer_and_question_lists(shop: TestApp) {
        let said = reply(&shop, &[("photos", r#"["second.jpg","a b","first.jpg","a b"]"#)]).await;
        assert_eq!(said.parts(), CREATED);
        let list = shop.get("/qa/questions/72/answers").await;
        let json = &list.json()["results"][0];
        let id = json["answer_id"].as_i64().expect("an id");
        assert!(id > 84, "{id} after the answer 84");
        let photos: Vec<i64> = each(json["photos"].as_array().expect("photos"), "id")
            .iter().filter_map(Value::as_i64).collect();
        assert!(photos[0] > 3 && photos.is_sorted_by(|one, other| one < other), "{photos:?}");
        let expected = format!(
            r#"{{"question":"72","page":1,"count":5,"results":[{{"answer_id":{id},"body":"No.","date":"2024-03-05T00:00:00.000Z","answerer_name":"heron","helpfulness":0,"photos":[{{"id":{},"url":"second.jpg"}},{{"id":{},"url":"a b"}},{{"id":{},"url":"first.jpg"}},{{"id":{},"url":"a b"}}]}}]}}"#,
            photos[0], photos[1], photos[2], photos[3]
        );
        assert_eq!(list.text(), expected);
        let nested = &questions_of(&shop, 501).await[0]["answers"];
        assert_eq!(nested[id.to_string()], json!({
            "id": id, "body": "No.", "date": "2024-03-05T00:00:00.000Z", "answerer_name": "heron", "helpfulness": 0,
            "photos": ["second.jpg", "a b", "first.jpg", "a b"],
        }));
    }

    async fn valid_answer_fields_are_stored(shop: TestApp) {
        let odd = quoted(" <b>&amp;</b> '); drop table answers; -- \\ % \"\n\t\u{1}\u{202e}abc🧥 ");
        let (body, name) = (quoted(&"🧥".repeat(1_000)), quoted(&"é".repeat(60)));
        let photos = [
            "null".to_owned(), "[]".to_owned(), r#"["not a url"," "]"#.to_owned(), format!("[{odd}]"),
            format!("[\"{}\"]", "p".repeat(2_048)), format!("[\"data:{}\"]", "p".repeat(65_531)),
            r#"["1","2","3","4","5"]"#.to_owned(),
        ];
        let mut rows = vec![("body", &odd), ("body", &body), ("name", &odd), ("name", &name)];
        rows.extend(photos.iter().map(|photos| ("photos", photos)));
        for (n, (field, value)) in rows.into_iter().enumerate() {
            assert_eq!(reply(&shop, &[(field, value)]).await.parts(), CREATED, "{field}: {value}");
            let stored = answers_of(&shop, 72).await;
            assert_eq!(stored.len(), n + 1);
            let given: Value = serde_json::from_str(value).expect("JSON");
            match field {
                "body" => assert_eq!(stored[n]["body"], given),
                "name" => assert_eq!(stored[n]["answerer_name"], given),
                _ => {
                    let urls = each(stored[n]["photos"].as_array().expect("photos"), "url");
                    assert_eq!(urls, *given.as_array().unwrap_or(&vec![]), "{value}");
                }
            }
        }
    }

    async fn every_invalid_answer_field_is_named(shop: TestApp) {
        let (long_body, long_name) = (quoted(&"b".repeat(1_001)), quoted(&"n".repeat(61)));
        let long_email = format!("\"{}@example.org\"", "e".repeat(49));
        let long_photo = format!("[\"{}\"]", "p".repeat(2_049));
        let long_data = format!("[\"data:{}\"]", "p".repeat(65_532));
        let blank = ["", "null", "\"\"", "\" \\t\\n\"", "\"\\u3000\"", "5", "false", "[\"x\"]", "{}", "\"x\\u0000\""];
        let mut rows = vec![
            ("body", &*long_body, BAD_BODY), ("name", &*long_name, BAD_NAME), ("email", &*long_email, BAD_EMAIL),
            ("photos", &*long_photo, BAD_PHOTOS), ("photos", &*long_data, BAD_PHOTOS),
        ];
        rows.extend(blank.map(|value| ("body", value, BAD_BODY)));
        rows.extend(blank.map(|value| ("name", value, BAD_NAME)));
        rows.extend(["", "null", "5", "\"\"", "\"h\"", "\"@a.b\"", "\"h@a\"", "\"h@a..b\"", "\"h@a.b \"", "\"h@a@b.c\"",
            "\"h@a.b\\u0000\""].map(|value| ("email", value, BAD_EMAIL)));
        rows.extend(["\"x\"", "{}", "5", "false", "\"\"", "[\"\"]", "[null]", "[5]", "[[\"x\"]]", "[{\"url\":\"x\"}]",
            "[\"x\",\"\"]", "[\"x\\u0000\"]", "[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\"]"]
            .map(|value| ("photos", value, BAD_PHOTOS)));
        for (field, value, reason) in rows {
            let said = reply(&shop, &[(field, value)]).await;
            assert_eq!(said.parts(), (422, &*refused(&[reason])), "{field}: {value}");
        }
        assert_eq!(answers_of(&shop, 72).await.len(), 0);
    }

    async fn all_reasons_are_listed_in_order(shop: TestApp) {
        let (body, name, email) = (("body", "\" \""), ("name", ""), ("email", "5"));
        let photos = ("photos", "[5]");
        for (fields, reasons) in [
            (vec![photos, email, name, body], vec![BAD_BODY, BAD_NAME, BAD_EMAIL, BAD_PHOTOS]),
            (vec![name, email], vec![BAD_NAME, BAD_EMAIL]),
            (vec![body, photos], vec![BAD_BODY, BAD_PHOTOS]),
            (vec![body, email], vec![BAD_BODY, BAD_EMAIL]),
        ] {
            assert_eq!(reply(&shop, &fields).await.parts(), (422, &*refused(&reasons)), "{fields:?}");
        }
        for body in ["", "{}", "null", "[]", "5", "\"x\""] {
            let said = shop.post_text("/qa/questions/72/answers", body).await;
            assert_eq!(said.parts(), (422, &*refused(&[BAD_BODY, BAD_NAME, BAD_EMAIL])), "{body}");
        }
        let accept = [("accept", "application/problem+json")];
        let said = shop.request(Method::POST, "/qa/questions/72/answers", &accept, b"{}").await.json();
        assert_eq!(said["detail"], refused(&[BAD_BODY, BAD_NAME, BAD_EMAIL]));
    }

    async fn answer_form_has_no_photos(shop: TestApp) {
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let form = b"body=No%2C+it+isn%27t&name=heron&email=h%40example.org&photos=x";
        let said = shop.request(Method::POST, "/qa/questions/72/answers", &headers, form).await;
        assert_eq!(said.parts(), CREATED);
        let stored = answers_of(&shop, 72).await;
        assert_eq!((&stored[0]["body"], &stored[0]["photos"]), (&json!("No, it isn't"), &json!([])));
        let said = shop.request(Method::POST, "/qa/questions/72/answers", &headers, b"name=heron").await;
        assert_eq!(said.parts(), (422, &*refused(&[BAD_BODY, BAD_EMAIL])));
    }

    async fn invalid_or_unknown_question_is_refused_before_body(shop: TestApp) {
        for id in ["0", "-1", "abc", "72.0", "%20", "%2B72", "null", "1", "74", "99999999999999999999"] {
            for body in [&*answer(&[]), "{", "{}", ""] {
                let said = shop.post_text(&format!("/qa/questions/{id}/answers"), body).await;
                assert_eq!(said.parts(), BAD_QUESTION_ID, "{id}: {body}");
            }
        }
        for id in ["0", "-1", "abc", "72.0", "%20", "%2B72", "null"] {
            assert_eq!(shop.get(&format!("/qa/questions/{id}/answers")).await.parts(), BAD_QUESTION_ID, "{id}");
        }
        assert_eq!(shop.post_text("/qa/questions/72/answers", "{").await.parts(), UNREADABLE);
        assert_eq!(shop.post_text("/qa/questions/072/answers", answer(&[])).await.parts(), CREATED);
        assert_eq!(answers_of(&shop, 72).await.len(), 1);
    }

    async fn answer_votes_count_in_both_lists(shop: TestApp) {
        for n in 1..=4 {
            assert_eq!(shop.put("/qa/answers/81/helpful").await.parts(), NO_CONTENT);
            let own = answers_of(&shop, 71).await;
            let own = own.iter().find(|answer| answer["answer_id"] == 81).expect("the answer");
            assert_eq!(own["helpfulness"], 2 + n);
            assert_eq!(questions_of(&shop, 501).await[1]["answers"]["81"]["helpfulness"], 2 + n);
        }
        assert_eq!(each(&answers_of(&shop, 71).await, "answer_id"), [81, 82]);
    }

    async fn reported_answer_is_removed_from_both_lists(shop: TestApp) {
        for _ in 0..2 {
            assert_eq!(shop.put("/qa/answers/81/report").await.parts(), NO_CONTENT);
            assert_eq!(each(&answers_of(&shop, 71).await, "answer_id"), [82]);
            let nested = questions_of(&shop, 501).await[1]["answers"].clone();
            assert_eq!(nested.as_object().expect("answers").keys().collect::<Vec<_>>(), ["82"]);
            assert_eq!(shop.put("/qa/answers/81/helpful").await.parts(), NO_CONTENT);
        }
    }

    async fn vote_for_unknown_answer_is_204_and_for_invalid_id_404(shop: TestApp) {
        let before = shop.get("/qa/questions/71/answers").await;
        for what in ["helpful", "report"] {
            for id in ["1", "83", "85", "0083", "9223372036854775807", "99999999999999999999"] {
                assert_eq!(shop.put(&format!("/qa/answers/{id}/{what}")).await.parts(), NO_CONTENT, "{id} {what}");
            }
            for id in ["0", "-1", "abc", "81.0", "null", "%20", "%2B81", "81%2F"] {
                assert_eq!(shop.put(&format!("/qa/answers/{id}/{what}")).await.parts(), BAD_ANSWER_ID, "{id} {what}");
            }
        }
        assert_eq!(shop.get("/qa/questions/71/answers").await, before);
    }

    async fn answer_list_is_capped_by_configuration(shop: TestApp) {
        let shop = shop.configured(Limits { max_rows: 1, ..Limits::default() });
        let first = format!(r#"{{"question":"71","page":1,"count":100,"results":[{}]}}"#, shown(82, 5));
        assert_eq!(shop.get("/qa/questions/71/answers?count=100").await.parts(), (200, &*first));
    }
}
