//! Posts: accepted bodies and responses match the OpenAPI document.

use atelier_conformance::cases;
use http::Method;
use jsonschema::Validator;
use serde_json::{Map, Value, json};

use super::{PROBLEM, ask, fits, operation, validator};

/// Every operation that takes a body, and a target that exists.
pub(crate) const POSTS: [(&str, &str); 5] = [
    ("/reviews", "/reviews"),
    ("/qa/questions", "/qa/questions"),
    (
        "/qa/questions/{question_id}/answers",
        "/qa/questions/71/answers",
    ),
    ("/cart", "/cart"),
    ("/interactions", "/interactions"),
];

/// The body that the document gives as an example, and the schema it belongs to.
fn example(path: &str) -> (Map<String, Value>, Validator) {
    let content = &operation(&Method::POST, path)["requestBody"]["content"]["application/json"];
    let example = content["example"].as_object().expect("an example").clone();
    (example, validator(&content["schema"]))
}

/// What a field may be given: all kinds of JSON, and texts about as long as the limits of the contract.
fn values() -> Vec<Value> {
    let mut values = vec![
        json!(null),
        json!(true),
        json!(0),
        json!(1),
        json!(5),
        json!(6),
        json!(-1),
        json!(4.5),
        json!([]),
        json!({}),
        json!([1]),
        json!(["x"]),
        json!([""]),
        json!(vec!["x"; 5]),
        json!(vec!["x"; 6]),
        json!({"61": 5}),
        json!([format!("data:{}", "x".repeat(65_531))]),
        json!([format!("data:{}", "x".repeat(65_532))]),
    ];
    for text in [
        "", " ", "x", "501", "0", "0501", "-1", "a@b.c", "a@b", "a@b..c", "a b@c.d", "a@b@c.d",
        "true", "\n",
    ] {
        values.push(json!(text));
    }
    for length in [60, 61, 1_000, 1_001, 2_048, 2_049] {
        values.extend([json!("é".repeat(length)), json!(["é".repeat(length)])]);
        values.push(json!(format!("{}@b.c", "a".repeat(length - 4))));
    }
    values
}

cases! {
    async fn post_examples_are_accepted_and_match_schema(shop: TestApp) {
        for (path, target) in POSTS {
            let (example, schema) = example(path);
            let body = Value::Object(example);
            assert!(schema.is_valid(&body), "{path}");
            let reply = shop.post(target, &body).await;
            assert_eq!(reply.status, 201, "{path}: {}", reply.text());
            fits(operation(&Method::POST, path), &reply, path);
        }
        for path in ["/reviews", "/reviews/meta", "/qa/questions", "/cart"] {
            let target = format!("{path}?product_id=501");
            assert_eq!(ask(&shop, Method::GET, path, &target, &[]).await, 200, "{target}");
        }
    }

    async fn post_errors_match_schema(shop: TestApp) {
        let large = " ".repeat(1_048_577);
        for (path, target) in POSTS {
            let keyed = ("idempotency-key", "");
            for accept in [PROBLEM, ("accept", "*/*")] {
                for (headers, body, status) in [
                    (vec![accept], "{}", 422), (vec![accept], "{", 400), (vec![accept], &*large, 413),
                    (vec![accept, keyed], "{}", 400),
                ] {
                    let reply = shop.request(Method::POST, target, &headers, body.as_bytes()).await;
                    assert_eq!(reply.status, status, "{target}");
                    fits(operation(&Method::POST, path), &reply, target);
                }
                let wrong = shop.request(Method::DELETE, target, &[accept], b"").await;
                assert_eq!(wrong.status, 405, "{target}");
                fits(operation(&Method::POST, path), &wrong, target);
            }
        }
    }

    async fn post_is_accepted_iff_schema_allows_it(shop: TestApp) {
        let (mut taken, mut refused) = (0, 0);
        for (path, target) in POSTS {
            let (example, schema) = example(path);
            for field in example.keys().chain([&"other".to_owned()]) {
                let mut without = example.clone();
                without.remove(field);
                let given = values().into_iter().map(|value| {
                    let mut body = example.clone();
                    body.insert(field.clone(), value);
                    body
                });
                for body in given.chain([without]) {
                    // Of the right form, but of no product.
                    let given = body.get("product_id").cloned().unwrap_or_default();
                    let unknown = [json!(1), json!(5), json!(6)].contains(&given);
                    let body = Value::Object(body);
                    let valid = schema.is_valid(&body) && !unknown;
                    let reply = shop.post(target, &body).await;
                    let shown: String = body.to_string().chars().take(300).collect();
                    assert_eq!(reply.status, if valid { 201 } else { 422 }, "{path} with {field}: {shown}");
                    if valid { taken += 1 } else { refused += 1 }
                }
            }
        }
        assert!(taken > 100 && refused > 300, "{taken} taken, {refused} refused");
    }
}
