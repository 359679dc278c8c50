//! Responses match `/openapi.json`, and the accepted bodies are those of the document.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use atelier_conformance::{TestApp, TestResponse, cases};
use atelier_core::http::ENDPOINTS;
use http::Method;
use jsonschema::Validator;
use serde_json::{Value, json};

mod posts;

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let written = include_str!("../../../../atelier-core/src/http/openapi.json");
    serde_json::from_str(written).expect("the document is JSON")
});

/// Resolves a `$ref`.
fn resolved(value: &'static Value) -> &'static Value {
    let Some(reference) = value["$ref"].as_str() else {
        return value;
    };
    let named = reference
        .strip_prefix('#')
        .and_then(|pointer| DOCUMENT.pointer(pointer));
    named.unwrap_or_else(|| panic!("{reference} names nothing"))
}

/// Returns a validator of a schema, with the components that it may reference.
fn validator(schema: &Value) -> Validator {
    let mut schema = schema.as_object().expect("a schema").clone();
    schema.insert("components".to_owned(), DOCUMENT["components"].clone());
    jsonschema::draft202012::new(&Value::Object(schema)).expect("a valid schema")
}

/// Returns the operation of a path.
fn operation(method: &Method, path: &str) -> &'static Value {
    let operation = &DOCUMENT["paths"][path][method.as_str().to_ascii_lowercase()];
    assert!(operation.is_object(), "the document has no {method} {path}");
    operation
}

/// Validates a response against the document: content type, body, headers.
fn fits(operation: &'static Value, reply: &TestResponse, row: &str) {
    let status = reply.status.as_str();
    let response = resolved(&operation["responses"][status]);
    assert!(response.is_object(), "{row}: the document has no {status}");
    for (name, header) in response["headers"].as_object().expect("headers") {
        let header = resolved(header);
        let Some(value) = reply.header(name) else {
            assert_ne!(header["required"], true, "{row}: no {name}");
            continue;
        };
        let value = match header["schema"]["type"].as_str() {
            Some("integer") => value
                .parse()
                .map(|number: i64| json!(number))
                .expect("a number"),
            _ => json!(value),
        };
        let fault = validator(&header["schema"])
            .validate(&value)
            .err()
            .map(|fault| fault.to_string());
        assert_eq!(fault, None, "{row}: {name}");
    }
    let Some(contents) = response["content"].as_object() else {
        assert_eq!(
            (reply.text(), reply.header("content-type")),
            ("", None),
            "{row}"
        );
        return;
    };
    let kind = reply.header("content-type").expect("a type");
    let content = contents
        .get(kind)
        .unwrap_or_else(|| panic!("{row}: the document has no {kind}"));
    let body = if kind.contains("json") {
        reply.json()
    } else {
        json!(reply.text())
    };
    let fault = validator(&content["schema"])
        .validate(&body)
        .err()
        .map(|fault| fault.to_string());
    assert_eq!(fault, None, "{row}: {}", reply.text());
}

/// Sends a request, and validates the response.
async fn ask(
    shop: &TestApp,
    method: Method,
    path: &str,
    target: &str,
    headers: &[(&str, &str)],
) -> u16 {
    let reply = shop.request(method.clone(), target, headers, b"").await;
    fits(
        operation(&method, path),
        &reply,
        &format!("{method} {target}"),
    );
    reply.status.as_u16()
}

/// Requests without a body: method and path of the operation, target, status.
#[rustfmt::skip]
const TARGETS: [(&str, &str, &str, u16); 36] = [
    ("GET", "/products", "/products", 200),
    ("GET", "/products", "/products?page=2&count=2", 200),
    ("GET", "/products", "/products?count=0", 200),
    ("GET", "/products/{product_id}", "/products/501", 200),
    ("GET", "/products/{product_id}", "/products/505", 200),
    ("GET", "/products/{product_id}", "/products/007", 404),
    ("GET", "/products/{product_id}/styles", "/products/501/styles", 200),
    ("GET", "/products/{product_id}/styles", "/products/503/styles", 200),
    ("GET", "/products/{product_id}/styles", "/products/x/styles", 404),
    ("GET", "/products/{product_id}/related", "/products/501/related", 200),
    ("GET", "/products/{product_id}/related", "/products/0/related", 404),
    ("GET", "/reviews", "/reviews?product_id=501&count=99", 200),
    ("GET", "/reviews", "/reviews?product_id=9", 200),
    ("GET", "/reviews", "/reviews", 422),
    ("GET", "/reviews/meta", "/reviews/meta?product_id=501", 200),
    ("GET", "/reviews/meta", "/reviews/meta?product_id=9", 200),
    ("GET", "/reviews/meta", "/reviews/meta", 422),
    ("PUT", "/reviews/{review_id}/helpful", "/reviews/31/helpful", 204),
    ("PUT", "/reviews/{review_id}/helpful", "/reviews/x/helpful", 422),
    ("PUT", "/reviews/{review_id}/report", "/reviews/31/report", 204),
    ("PUT", "/reviews/{review_id}/report", "/reviews/x/report", 422),
    ("GET", "/qa/questions", "/qa/questions?product_id=501", 200),
    ("GET", "/qa/questions", "/qa/questions?product_id=9", 200),
    ("GET", "/qa/questions", "/qa/questions?product_id=x", 422),
    ("GET", "/qa/questions/{question_id}/answers", "/qa/questions/71/answers", 200),
    ("GET", "/qa/questions/{question_id}/answers", "/qa/questions/9/answers", 200),
    ("GET", "/qa/questions/{question_id}/answers", "/qa/questions/x/answers", 404),
    ("PUT", "/qa/questions/{question_id}/helpful", "/qa/questions/71/helpful", 204),
    ("PUT", "/qa/questions/{question_id}/helpful", "/qa/questions/x/helpful", 404),
    ("PUT", "/qa/questions/{question_id}/report", "/qa/questions/72/report", 204),
    ("PUT", "/qa/questions/{question_id}/report", "/qa/questions/x/report", 404),
    ("PUT", "/qa/answers/{answer_id}/helpful", "/qa/answers/81/helpful", 204),
    ("PUT", "/qa/answers/{answer_id}/helpful", "/qa/answers/x/helpful", 404),
    ("PUT", "/qa/answers/{answer_id}/report", "/qa/answers/82/report", 204),
    ("PUT", "/qa/answers/{answer_id}/report", "/qa/answers/x/report", 404),
    ("GET", "/cart", "/cart", 200),
];

const PROBLEM: (&str, &str) = ("accept", "application/problem+json");

#[test]
fn every_documented_operation_is_tested() {
    let asked: BTreeSet<String> = TARGETS
        .iter()
        .map(|(method, path, ..)| format!("{method} {path}"))
        .chain(posts::POSTS.iter().map(|(path, _)| format!("POST {path}")))
        .collect();
    let named: BTreeSet<String> = ENDPOINTS
        .iter()
        .filter(|endpoint| endpoint.path != "/openapi.json")
        .map(|endpoint| format!("{endpoint:?}"))
        .collect();
    assert_eq!(asked, named);
}

cases! {
    async fn answers_match_schema(shop: TestApp) {
        for (method, path, target, status) in TARGETS {
            let method: Method = method.parse().expect("a method");
            assert_eq!(ask(&shop, method.clone(), path, target, &[]).await, status, "{method} {target}");
            assert_eq!(ask(&shop, method.clone(), path, target, &[PROBLEM]).await, status, "{method} {target}");
            if status == 200 {
                assert_eq!(ask(&shop, method, path, target, &[("if-none-match", "*")]).await, 304, "{target}");
            }
        }
    }
}
