//! Errors: sentences, problem documents, order of checks.

use atelier_conformance::{TestApp, TestResponse, cases};
use bytes::Bytes;
use http::{HeaderValue, Method, Request};

use crate::{
    BAD_PRODUCT_ID, BAD_REVIEW, BAD_REVIEW_ID, CREATED, NO_CONTENT, NO_PRODUCT, NO_ROUTE, Outcome,
    READS, TOO_LARGE, UNREADABLE, WRONG_METHOD, review,
};

const PROBLEM: &str = "application/problem+json";
const UNEXPECTED: &str =
    "An error occurred. If this error persists, contact your instruction team.";

const LARGE: &[u8] = &[b' '; 1_048_577];

/// One error of each kind: the request, and status and body of the response.
fn refusals() -> Vec<(Method, &'static str, &'static [u8], Outcome)> {
    vec![
        (Method::POST, "/reviews", b"{", UNREADABLE),
        (Method::GET, "/nothing", b"", NO_ROUTE),
        (Method::GET, "/products/504", b"", NO_PRODUCT),
        (Method::GET, "/products/abc/styles", b"", NO_PRODUCT),
        (Method::GET, "/products/0/related", b"", NO_PRODUCT),
        (Method::DELETE, "/products", b"", WRONG_METHOD),
        (Method::POST, "/reviews", LARGE, TOO_LARGE),
        (Method::GET, "/reviews", b"", BAD_PRODUCT_ID),
        (Method::GET, "/reviews/meta?page=2", b"", BAD_PRODUCT_ID),
        (Method::PUT, "/reviews/0/helpful", b"", BAD_REVIEW_ID),
        (Method::PUT, "/reviews/x/report", b"", BAD_REVIEW_ID),
        (Method::POST, "/reviews", b"{}", BAD_REVIEW),
    ]
}

/// Returns the reason phrase of a status.
fn title(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        413 => "Content Too Large",
        422 => "Unprocessable Content",
        other => panic!("{other} is no refusal of the table"),
    }
}

async fn ask(shop: &TestApp, accept: &[&str], target: &str) -> TestResponse {
    let accept: Vec<_> = accept.iter().map(|accept| ("accept", *accept)).collect();
    shop.request(Method::GET, target, &accept, b"").await
}

cases! {
    async fn error_body_is_a_plain_sentence_by_default(shop: TestApp) {
        for (method, target, body, said) in refusals() {
            for accept in [None, Some("*/*"), Some("application/json")] {
                let accept: Vec<_> = accept.map(|accept| ("accept", accept)).into_iter().collect();
                let reply = shop.request(method.clone(), target, &accept, body).await;
                assert_eq!(reply.parts(), said, "{method} {target} for {accept:?}");
                let kind = reply.header("content-type");
                assert_eq!(kind, Some("text/plain; charset=utf-8"), "{method} {target} for {accept:?}");
            }
        }
    }

    async fn problem_document_is_sent_when_accepted(shop: TestApp) {
        for (method, target, body, (status, sentence)) in refusals() {
            let title = title(status);
            let reply = shop.request(method.clone(), target, &[("accept", PROBLEM)], body).await;
            let fields = if sentence == BAD_REVIEW.1 {
                r#","fields":["product_id","rating","body","recommend","name","email"]"#
            } else {
                ""
            };
            let document = format!(
                r#"{{"type":"about:blank","title":"{title}","status":{status},"detail":"{sentence}"{fields}}}"#
            );
            assert_eq!(reply.parts(), (status, &*document), "{method} {target}");
            assert_eq!(reply.header("content-type"), Some(PROBLEM), "{method} {target}");
        }
    }

    async fn problem_document_lists_invalid_fields(shop: TestApp) {
        let question = |fields: &str| format!(r#"{{"product_id":501,"body":"b","name":"n","email":"e@example.org"{fields}}}"#);
        for (target, body, fields) in [
            ("/reviews", review(&[("rating", "9"), ("email", "\"canary\"")]), &["rating", "email"][..]),
            ("/reviews", review(&[("rating", "\"5\""), ("summary", "5"), ("name", "\" \"")]), &["rating", "summary", "name"]),
            ("/reviews", review(&[("recommend", "null"), ("photos", "{}"), ("characteristics", "[]")]),
                &["recommend", "photos", "characteristics"]),
            ("/reviews", review(&[("product_id", "\"0\""), ("body", "\"\\u0000\"")]), &["product_id", "body"]),
            ("/reviews", "[]".to_owned(), &["product_id", "rating", "body", "recommend", "name", "email"]),
            ("/reviews", review(&[("product_id", "504")]), &["product_id"]),
            ("/reviews", review(&[("product_id", "501"), ("characteristics", r#"{"61":6}"#)]), &["characteristics"]),
            ("/reviews", review(&[("product_id", "504"), ("characteristics", r#"{"61":6}"#)]), &["product_id"]),
            ("/qa/questions", question(r#","email":"@","product_id":"x""#), &["product_id", "email"]),
            ("/qa/questions", question(r#","product_id":504"#), &["product_id"]),
            ("/qa/questions/71/answers", question(r#","name":7,"photos":[5]"#), &["name", "photos"]),
            ("/interactions", r#"{"element":"a","widget":" "}"#.to_owned(), &["widget", "time"]),
            ("/cart", r#"{"sku_id":0}"#.to_owned(), &["sku_id"]),
        ] {
            let reply = shop.request(Method::POST, target, &[("accept", PROBLEM)], body.as_bytes()).await;
            assert_eq!(reply.status, 422, "{body}");
            assert_eq!(reply.json()["fields"], serde_json::json!(fields), "{target} {body}");
            assert!(!reply.text().contains("canary"), "{}", reply.text());
        }
    }

    async fn wildcard_accept_does_not_select_problem_document(shop: TestApp) {
        for (accept, asked) in [
            (vec![PROBLEM], true),
            (vec!["application/json, application/problem+json"], true),
            (vec!["text/html;q=0.9,application/problem+json;q=0.1,*/*;q=0.8"], true),
            (vec!["application/problem+json;q=1"], true),
            (vec!["application/problem+json; q=0.001"], true),
            (vec!["application/problem+json ; q=1.000"], true),
            (vec!["Application/Problem+JSON"], true),
            (vec!["application/problem+json; charset=utf-8"], true),
            (vec![",, ,application/problem+json,"], true),
            (vec!["text/html", "application/problem+json"], true),
            (vec!["text/html;x=\"a,b;q=0\", application/problem+json;x=\",\""], true),
            (vec!["text/html;x=\"\u{e4}\", application/problem+json"], true),
            (vec!["application/problem+json;x=\"a,b\";q=0"], false),
            (vec!["text/html;x=\"a,application/problem+json,b\""], false),
            (vec![], false),
            (vec![""], false),
            (vec!["*/*"], false),
            (vec!["application/*"], false),
            (vec!["application/json"], false),
            (vec!["application/problem+xml"], false),
            (vec!["application/problem"], false),
            (vec!["application/problem+jsonx"], false),
            (vec!["x-application/problem+json"], false),
            (vec!["text/html; title=application/problem+json"], false),
            (vec!["application/problem+json;q=0"], false),
            (vec!["application/problem+json; q=0.0"], false),
            (vec!["application/problem+json;q=0.000"], false),
            (vec!["application/problem+json;Q=0"], false),
            (vec!["application/problem+json;charset=utf-8;q=0"], false),
            (vec!["*/*, application/problem+json;q=0"], false),
            (vec!["application/problem+json;q=0", "application/json"], false),
        ] {
            for target in ["/products/0", "/nothing", "/reviews"] {
                let reply = ask(&shop, &accept, target).await;
                let kind = if asked { PROBLEM } else { "text/plain; charset=utf-8" };
                assert_eq!(reply.header("content-type"), Some(kind), "{target} for {accept:?}");
                assert_eq!(reply.text().starts_with('{'), asked, "{target} for {accept:?}");
            }
        }
    }

    async fn checks_run_in_fixed_order(shop: TestApp) {
        let large = vec![b'{'; 1_048_577];
        let bad = review(&[("rating", "9")]);
        let unknown = review(&[("product_id", "504")]);
        for (method, target, body, expected) in [
            (Method::DELETE, "/nothing", &large[..], NO_ROUTE),
            (Method::POST, "/nothing", b"{", NO_ROUTE),
            (Method::POST, "/reviews/7", &large, NO_ROUTE),
            (Method::POST, "/products", &large, WRONG_METHOD),
            (Method::POST, "/products/abc", b"{", WRONG_METHOD),
            (Method::DELETE, "/reviews", &large, WRONG_METHOD),
            (Method::POST, "/reviews/abc/helpful", &large, WRONG_METHOD),
            (Method::POST, "/reviews/meta", b"{", WRONG_METHOD),
            (Method::PUT, "/reviews/abc/helpful", &large, BAD_REVIEW_ID),
            (Method::PUT, "/reviews/0/report", b"{", BAD_REVIEW_ID),
            (Method::POST, "/reviews?product_id=abc", &large, TOO_LARGE),
            (Method::POST, "/reviews", &bad.as_bytes()[..bad.len() - 1], UNREADABLE),
            (Method::POST, "/reviews?product_id=abc", bad.as_bytes(), BAD_REVIEW),
            (Method::POST, "/reviews", unknown.as_bytes(), BAD_REVIEW),
            (Method::POST, "/reviews?product_id=abc", review(&[]).as_bytes(), CREATED),
        ] {
            let reply = shop.request(method.clone(), target, &[], body).await;
            assert_eq!(reply.parts(), expected, "{method} {target} with {} bytes", body.len());
        }
    }

    async fn any_authorization_header_is_accepted_without_tokens(shop: TestApp) {
        let mut plain = vec![];
        for target in READS {
            plain.push(shop.get(target).await);
        }
        for token in ["", "x", "canary-token", "Bearer x", "Basic eDp5", "\t", "a, b; c=\"d\"", &"x".repeat(4_000)] {
            let token = [("authorization", token)];
            for (target, plain) in READS.iter().zip(&plain) {
                assert_eq!(shop.request(Method::GET, target, &token, b"").await, *plain, "{target} with {token:?}");
            }
            let body = review(&[("product_id", "503")]);
            let reply = shop.request(Method::POST, "/reviews", &token, body.as_bytes()).await;
            assert_eq!(reply.parts(), CREATED, "{token:?}");
            let reply = shop.request(Method::PUT, "/reviews/38/helpful", &token, b"").await;
            assert_eq!(reply.parts(), NO_CONTENT, "{token:?}");
            let reply = shop.request(Method::GET, "/products/0", &token, b"").await;
            assert_eq!(reply.parts(), NO_PRODUCT, "{token:?}");
        }
    }

    async fn odd_headers_cause_no_500(shop: TestApp) {
        let names = [
            "accept", "accept-encoding", "accept-language", "authorization", "content-type", "content-encoding",
            "cookie", "if-none-match", "if-match", "if-modified-since", "if-range", "range", "origin", "referer",
            "user-agent", "access-control-request-method", "access-control-request-headers", "x-request-id",
            "x-forwarded-for", "forwarded", "x-forwarded-host", "x-original-url", "x-http-method-override",
        ];
        let values = [
            &b"\xff\xfe"[..], b"", b"\t \t", b"\"", b",,,;;;===", b"bytes=0-", b"*", b"\xed\xa0\x80", b"DELETE",
            &[b'x'; 2_000],
        ];
        for value in values {
            let value = HeaderValue::from_bytes(value).expect("a header");
            for (method, target, statuses) in [
                (Method::GET, "/products/501", &[200, 304][..]),
                (Method::GET, "/products/0", &[404]),
                (Method::POST, "/reviews", &[201]),
                (Method::PUT, "/reviews/31/helpful", &[204]),
                (Method::OPTIONS, "/reviews", &[204]),
            ] {
                let request = Request::builder().method(method.clone()).uri(target);
                let request = names.iter().fold(request, |request, name| request.header(*name, value.clone()));
                let reply = shop.send(request.body(Bytes::from(review(&[]))).expect("a request")).await;
                let status = reply.status.as_u16();
                assert!(statuses.contains(&status), "{status} from {method} {target} with {value:?}");
            }
        }
    }

    async fn store_failure_reveals_no_details(shop: TestApp) {
        shop.store.close().await;
        for (method, target) in [
            (Method::GET, "/products"), (Method::GET, "/products/501"), (Method::GET, "/products/501/styles"),
            (Method::GET, "/products/501/related"), (Method::GET, "/reviews?product_id=501"),
            (Method::GET, "/reviews/meta?product_id=501"), (Method::POST, "/reviews"),
            (Method::PUT, "/reviews/31/helpful"), (Method::PUT, "/reviews/31/report"),
        ] {
            let reply = shop.request(method.clone(), target, &[], review(&[]).as_bytes()).await;
            match reply.status.as_u16() {
                500 => assert_eq!(reply.text(), UNEXPECTED, "{method} {target}"),
                503 => assert!(reply.header("retry-after").is_some(), "{method} {target}"),
                other => panic!("{other} from {method} {target}"),
            }
            assert_eq!(reply.header("content-type"), Some("text/plain; charset=utf-8"), "{method} {target}");
            let said = reply.text().to_lowercase();
            for internal in ["sql", "pool", "postgres", "panick", ".rs", "select", "database", "::"] {
                assert!(!said.contains(internal), "{method} {target}: {said}");
            }
        }
    }
}
