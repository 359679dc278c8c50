//! Questions.

use atelier_conformance::{TestApp, TestResponse, cases};
use atelier_core::Limits;
use serde_json::Value;

use crate::{BAD_PRODUCT_ID, CREATED, NO_CONTENT, Outcome, UNREADABLE, each, quoted};

pub(crate) const BAD_QUESTION_ID: Outcome = (404, "Error: invalid question id provided");
const BAD_QUESTION: Outcome = (422, "Error: Question body contains invalid entries");

/// Returns a JSON object of `own` fields. `fields`, in JSON, replace them or are appended; an empty value removes a field.
pub(crate) fn object(own: &[(&str, &str)], fields: &[(&str, &str)]) -> String {
    let mut all = own.to_vec();
    for (name, value) in fields {
        match all.iter_mut().find(|(known, _)| known == name) {
            Some(field) => field.1 = value,
            None => all.push((name, value)),
        }
    }
    let given = all.iter().filter(|(_, value)| !value.is_empty());
    let fields: Vec<String> = given
        .map(|(name, value)| format!("\"{name}\":{value}"))
        .collect();
    format!("{{{}}}", fields.join(","))
}

/// Returns a valid question about product 503 in which these fields replace its own.
pub(crate) fn question(fields: &[(&str, &str)]) -> String {
    let own = [
        ("product_id", "503"),
        ("body", r#""Is it warm?""#),
        ("name", r#""gull""#),
        ("email", r#""g@example.org""#),
    ];
    object(&own, fields)
}

/// Posts such a question.
async fn ask(shop: &TestApp, fields: &[(&str, &str)]) -> TestResponse {
    shop.post_text("/qa/questions", question(fields)).await
}

/// Returns the listed questions of a product.
pub(crate) async fn questions_of(shop: &TestApp, product: i64) -> Vec<Value> {
    let target = format!("/qa/questions?product_id={product}&count=5000");
    let json = shop.get(&target).await.json();
    json["results"].as_array().expect("questions").clone()
}

async fn ids(shop: &TestApp, query: &str) -> Vec<Value> {
    let json = shop.get(&format!("/qa/questions?{query}")).await.json();
    each(
        json["results"].as_array().expect("questions"),
        "question_id",
    )
}

/// Returns a question of the seed as the API does.
fn shown(id: i64, answers: &str) -> String {
    format!(
        r#"{{"question_id":{id},"question_body":"Does the hood come off?","question_date":"2024-02-29T00:00:00.000Z","asker_name":"gull","question_helpfulness":6,"reported":false,"answers":{{{answers}}}}}"#
    )
}

/// Returns an answer of the seed as the API does within its question.
fn nested(id: i64, helpfulness: i64) -> String {
    format!(
        r#""{id}":{{"id":{id},"body":"Yes, two zips.","date":"2024-02-29T00:00:00.000Z","answerer_name":"Seller","helpfulness":{helpfulness},"photos":["https://img.example/a3.jpg"]}}"#
    )
}

cases! {
    async fn question_list_keys_are_in_order(shop: TestApp) {
        let answers = format!("{},{}", nested(81, 2), nested(82, 5));
        let both = format!(r#"{{"product_id":"501","results":[{},{}]}}"#, shown(72, ""), shown(71, &answers));
        assert_eq!(shop.get("/qa/questions?product_id=501").await.parts(), (200, &*both));
        let second = format!(r#"{{"product_id":"0501","results":[{}]}}"#, shown(71, &answers));
        assert_eq!(shop.get("/qa/questions?product_id=0501&page=2&count=1").await.parts(), (200, &*second));
    }

    async fn question_pages_follow_page_and_count(shop: TestApp) {
        for n in 0..5 {
            assert_eq!(ask(&shop, &[("product_id", "501"), ("name", &quoted(&n.to_string()))]).await.parts(), CREATED);
        }
        let all = ids(&shop, "product_id=501&count=100").await;
        assert_eq!(all.len(), 7);
        for (query, from, to) in [
            ("", 0, 5), ("&page=2", 5, 7), ("&page=3", 7, 7), ("&count=3", 0, 3), ("&page=3&count=3", 6, 7),
            ("&count=0", 0, 0), ("&count=-1", 0, 5), ("&page=0", 0, 5), ("&page=x&count=2.5", 0, 5),
            ("&count=99999999999999999999", 0, 7), ("&page=99999999999999999999", 7, 7),
        ] {
            assert_eq!(ids(&shop, &format!("product_id=501{query}")).await, all[from..to], "{query}");
        }
    }

    async fn questions_are_ordered_by_helpfulness_then_newest(shop: TestApp) {
        assert_eq!(ask(&shop, &[("product_id", "501")]).await.parts(), CREATED);
        let new = ids(&shop, "product_id=501").await[2].clone();
        assert_eq!(ids(&shop, "product_id=501").await, [72.into(), 71.into(), new.clone()]);
        assert_eq!(shop.put("/qa/questions/71/helpful").await.parts(), NO_CONTENT);
        assert_eq!(ids(&shop, "product_id=501").await, [71.into(), 72.into(), new.clone()]);
        for _ in 0..7 {
            assert_eq!(shop.put(&format!("/qa/questions/{new}/helpful")).await.parts(), NO_CONTENT);
        }
        assert_eq!(ids(&shop, "product_id=501").await, [new, 71.into(), 72.into()]);
    }

    async fn product_without_questions_has_empty_list(shop: TestApp) {
        for id in ["502", "504", "000999", "99999999999999999999"] {
            let nothing = format!(r#"{{"product_id":"{id}","results":[]}}"#);
            assert_eq!(shop.get(&format!("/qa/questions?product_id={id}")).await.parts(), (200, &*nothing));
        }
    }

    async fn questions_require_product_id(shop: TestApp) {
        for query in ["", "?page=1", "?product_id=", "?product_id=0", "?product_id=abc", "?product_id=5.0",
            "?product_id=-501", "?product_id=x&product_id=501", "?product_id[]=501", "?product_id=%20501"] {
            assert_eq!(shop.get(&format!("/qa/questions{query}")).await.parts(), BAD_PRODUCT_ID, "{query}");
        }
    }

    async fn new_question_appears_at_once(shop: TestApp) {
        let reply = ask(&shop, &[]).await;
        assert_eq!(reply.parts(), CREATED);
        assert_eq!(reply.header("content-type"), Some("text/plain; charset=utf-8"));
        let json = questions_of(&shop, 503).await.swap_remove(0);
        let id = json["question_id"].as_i64().expect("an id");
        assert!(id > 73, "{id} after the reported question 73");
        let expected = format!(
            r#"{{"question_id":{id},"question_body":"Is it warm?","question_date":"2024-03-05T00:00:00.000Z","asker_name":"gull","question_helpfulness":0,"reported":false,"answers":{{}}}}"#
        );
        assert_eq!(shop.get("/qa/questions?product_id=503").await.parts().1,
            format!(r#"{{"product_id":"503","results":[{expected}]}}"#));
    }

    async fn product_id_in_query_of_post_is_ignored(shop: TestApp) {
        for query in ["product_id=501", "product_id=abc", "product_id="] {
            let reply = shop.post_text(&format!("/qa/questions?{query}"), question(&[])).await;
            assert_eq!(reply.parts(), CREATED, "{query}");
        }
        assert_eq!((questions_of(&shop, 503).await.len(), questions_of(&shop, 501).await.len()), (3, 2));
        let reply = shop.post_text("/qa/questions?product_id=503", question(&[("product_id", "")])).await;
        assert_eq!(reply.parts(), BAD_QUESTION);
    }

    async fn valid_question_fields_are_stored(shop: TestApp) {
        let (body, name) = ("🧥".repeat(1_000), "é".repeat(60));
        let email = format!("{}@example.org", "e".repeat(48));
        let odd = " <b>&amp;</b> '); drop table questions; -- \\ % \"\n\t\u{1}\u{202e}abc ";
        for (n, (field, value)) in [
            ("product_id", "\"503\"".to_owned()), ("product_id", "\"00503\"".to_owned()), ("body", quoted(&body)),
            ("body", quoted(odd)), ("name", quoted(&name)), ("name", quoted(odd)), ("email", quoted(&email)),
            ("email", quoted("ü@ö.example")), ("unknown", "[{}]".to_owned()), ("reported", "true".to_owned()),
        ].into_iter().enumerate() {
            assert_eq!(ask(&shop, &[(field, &value)]).await.parts(), CREATED, "{field}: {value}");
            let stored = questions_of(&shop, 503).await;
            assert_eq!(stored.len(), n + 1, "{field}: {value}");
            let key = match field { "body" => "question_body", "name" => "asker_name", _ => continue };
            assert_eq!(stored[0][key].to_string(), value);
        }
    }

    async fn invalid_question_is_refused_and_not_stored(shop: TestApp) {
        let (long_body, long_name) = (quoted(&"b".repeat(1_001)), quoted(&"n".repeat(61)));
        let long_email = format!("\"{}@example.org\"", "e".repeat(49));
        let mut rows = vec![];
        for value in ["", "null", "0", "-503", "503.0", "503e0", "5.03e2", "\"\"", "\"abc\"", "\"503.0\"", "\" 503\"",
            "true", "[503]", "{}", "504", "\"504\"", "9223372036854775807", "9223372036854775808", "\"503\\u0000\""] {
            rows.push(("product_id", value));
        }
        let blank = ["", "null", "\"\"", "\" \\t\\n\"", "\"\\u00a0\\u3000\"", "5", "true", "[\"x\"]", "{}",
            "\"x\\u0000y\""];
        rows.extend(blank.map(|value| ("body", value)));
        rows.extend(blank.map(|value| ("name", value)));
        rows.extend([("body", &*long_body), ("name", &*long_name), ("email", &*long_email)]);
        for value in ["", "null", "5", "\"\"", "\"g\"", "\"@example.org\"", "\"g@\"", "\"g@example\"", "\"g@.org\"",
            "\"g@example..org\"", "\"g@example.org.\"", "\"g@h@example.org\"", "\"g @example.org\"",
            "\"g@example.org \"", "\"g@exam\\u00a0ple.org\"", "\"g@example.o\\u0000rg\""] {
            rows.push(("email", value));
        }
        for (field, value) in rows {
            assert_eq!(ask(&shop, &[(field, value)]).await.parts(), BAD_QUESTION, "{field}: {value}");
        }
        for body in ["", "{}", "null", "[]", "5", "\"x\""] {
            assert_eq!(shop.post_text("/qa/questions", body).await.parts(), BAD_QUESTION, "{body}");
        }
        assert_eq!(shop.post_text("/qa/questions", "{").await.parts(), UNREADABLE);
        assert_eq!((questions_of(&shop, 503).await.len(), questions_of(&shop, 501).await.len()), (0, 2));
    }

    async fn question_form_is_accepted(shop: TestApp) {
        let form = "product_id=503&body=Is+it+%22warm%22%3F&name=gull&email=g%40example.org";
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let reply = shop.request(http::Method::POST, "/qa/questions", &headers, form.as_bytes()).await;
        assert_eq!(reply.parts(), CREATED);
        assert_eq!(questions_of(&shop, 503).await[0]["question_body"], "Is it \"warm\"?");
    }

    async fn question_votes_add_up_and_report_hides(shop: TestApp) {
        for n in 1..=3 {
            assert_eq!(shop.put("/qa/questions/072/helpful").await.parts(), NO_CONTENT);
            assert_eq!(questions_of(&shop, 501).await[0]["question_helpfulness"], 6 + n);
        }
        for _ in 0..2 {
            assert_eq!(shop.put("/qa/questions/72/report").await.parts(), NO_CONTENT);
            assert_eq!(ids(&shop, "product_id=501").await, [71]);
        }
        assert_eq!(shop.put("/qa/questions/72/helpful").await.parts(), NO_CONTENT);
        assert_eq!(ids(&shop, "product_id=501").await, [71]);
    }

    async fn vote_for_unknown_question_is_204(shop: TestApp) {
        let before = shop.get("/qa/questions?product_id=501").await;
        for id in ["1", "73", "74", "9223372036854775807", "99999999999999999999"] {
            for what in ["helpful", "report"] {
                assert_eq!(shop.put(&format!("/qa/questions/{id}/{what}")).await.parts(), NO_CONTENT, "{id} {what}");
            }
        }
        assert_eq!(shop.get("/qa/questions?product_id=501").await, before);
        // A report of an id that does not exist yet has no effect.
        assert_eq!(ask(&shop, &[]).await.parts(), CREATED);
        assert_eq!(questions_of(&shop, 503).await.len(), 1);
    }

    async fn invalid_question_id_is_refused(shop: TestApp) {
        for id in ["0", "00", "-1", "abc", "71.0", "7e1", "null", "%20", "%2B71", "%D9%A7", "71%2F"] {
            for what in ["helpful", "report"] {
                let reply = shop.put(&format!("/qa/questions/{id}/{what}")).await;
                assert_eq!(reply.parts(), BAD_QUESTION_ID, "{id} {what}");
            }
        }
    }

    async fn question_list_is_capped_by_configuration(shop: TestApp) {
        let shop = shop.configured(Limits { max_rows: 1, ..Limits::default() });
        let json = shop.get("/qa/questions?product_id=501&count=100").await.json();
        assert_eq!(each(json["results"].as_array().expect("questions"), "question_id"), [72]);
        // The second page of one row starts at the second row; of its answers, the one with the lowest id is left.
        let second = format!(r#"{{"product_id":"501","results":[{}]}}"#, shown(71, &nested(81, 2)));
        assert_eq!(shop.get("/qa/questions?product_id=501&count=1&page=2").await.parts(), (200, &*second));
    }
}
