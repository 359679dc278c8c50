//! `/openapi.json` matches the table of endpoints and the error responses.

#![cfg(feature = "http")]

use std::collections::{BTreeMap, BTreeSet};

use atelier_core::http::{ApiError, ENDPOINTS, HttpApi, HttpSettings};
use atelier_core::{Atelier, DatabaseUrl, Error, Failure, Resource, Violations};
use bytes::Bytes;
use http::{Method, Request};
use serde_json::Value;

const WRITTEN: &str = include_str!("../src/http/openapi.json");

fn document() -> Value {
    serde_json::from_str(WRITTEN).expect("the document is JSON")
}

/// The operations by method and path: `GET /products`.
fn operations(document: &Value) -> BTreeMap<String, &Value> {
    let mut operations = BTreeMap::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            operations.insert(format!("{} {path}", method.to_uppercase()), operation);
        }
    }
    operations
}

/// Resolves a `$ref`; returns other values as they are.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let Some(reference) = value["$ref"].as_str() else {
        return value;
    };
    let named = reference
        .strip_prefix('#')
        .and_then(|pointer| document.pointer(pointer));
    named.unwrap_or_else(|| panic!("{reference} does not exist"))
}

/// Returns every error of an operation.
fn errors(method: &str, path: &str) -> Vec<ApiError> {
    let failure = || Failure::new("a test");
    let invalid = |of, fields| {
        ApiError::Invalid(Violations {
            resource: of,
            fields,
        })
    };
    let mut errors = vec![
        ApiError::MethodNotAllowed(String::new()),
        ApiError::Unauthorized,
        ApiError::Internal(Error::Internal(failure())),
    ];
    let noun = match path {
        _ if path.starts_with("/products/") => Some(Resource::Product),
        _ if path.starts_with("/reviews/{") => Some(Resource::Review),
        _ if path.starts_with("/qa/questions/{") => Some(Resource::Question),
        _ if path.starts_with("/qa/answers/{") => Some(Resource::Answer),
        _ => None,
    };
    errors.extend(noun.map(ApiError::NotFound));
    if method == "GET" && ["/reviews", "/reviews/meta", "/qa/questions"].contains(&path) {
        errors.push(ApiError::InvalidProductId);
    }
    if method == "POST" {
        errors.extend([
            ApiError::MalformedBody,
            ApiError::InvalidIdempotencyKey,
            ApiError::BodyTooLarge,
            ApiError::IdempotencyKeyReused,
        ]);
        errors.extend(match path {
            "/reviews" => vec![invalid(Resource::Review, vec![])],
            "/qa/questions" => vec![invalid(Resource::Question, vec![])],
            "/interactions" => vec![invalid(Resource::Interaction, vec![])],
            "/cart" => vec![ApiError::InvalidSkuId],
            // The sentence includes reasons that depend on the body; these are the examples in the document.
            _ => vec![
                invalid(Resource::Answer, vec!["name", "email"]),
                invalid(Resource::Answer, vec!["body", "name", "email"]),
                invalid(Resource::Answer, vec!["photos"]),
            ],
        });
    }
    errors
}

#[test]
fn operations_are_the_endpoints() {
    let document = document();
    let documented: BTreeSet<String> = operations(&document).into_keys().collect();
    let served: BTreeSet<String> = ENDPOINTS
        .iter()
        .filter(|endpoint| endpoint.path != "/openapi.json") // which describes the API
        .map(|endpoint| format!("{endpoint:?}"))
        .collect();
    assert_eq!(documented, served);
}

#[test]
fn path_parameters_are_those_of_the_path() {
    let document = document();
    for (name, operation) in operations(&document) {
        let given: Vec<&str> = operation["parameters"]
            .as_array()
            .expect("parameters")
            .iter()
            .map(|parameter| resolved(&document, parameter))
            .filter(|parameter| parameter["in"] == "path" && parameter["required"] == true)
            .filter_map(|parameter| parameter["name"].as_str())
            .collect();
        let inside = name.split(['{', '}']).skip(1).step_by(2);
        assert_eq!(given, inside.collect::<Vec<_>>(), "{name}");
    }
}

#[test]
fn documented_statuses_are_those_of_results_and_errors() {
    let document = document();
    for (name, operation) in operations(&document) {
        let (method, path) = name.split_once(' ').expect("method and path");
        let good: &[u16] = match method {
            "GET" => &[200, 304],
            "POST" => &[201],
            _ => &[204],
        };
        let refusals = errors(method, path)
            .into_iter()
            .map(|error| error.status().as_u16());
        let come: BTreeSet<String> = refusals
            .chain(good.iter().copied())
            .map(|status| status.to_string())
            .collect();
        let responses = operation["responses"].as_object().expect("responses");
        assert_eq!(
            responses.keys().cloned().collect::<BTreeSet<_>>(),
            come,
            "{name}"
        );
    }
}

#[test]
fn documented_sentences_are_those_of_the_errors() {
    let document = document();
    for (name, operation) in operations(&document) {
        let (method, path) = name.split_once(' ').expect("method and path");
        let mut said: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for error in errors(method, path) {
            let sentences = said.entry(error.status().as_str().to_owned()).or_default();
            sentences.insert(error.sentence().into_owned());
        }
        for (status, sentences) in said {
            let content = &resolved(&document, &operation["responses"][&status])["content"];
            let examples = content["text/plain; charset=utf-8"]["examples"].as_object();
            let written: BTreeSet<String> = examples
                .unwrap_or_else(|| panic!("{name} has no example for {status}"))
                .values()
                .map(|example| example["value"].as_str().expect("a sentence").to_owned())
                .collect();
            assert_eq!(written, sentences, "{name}: {status}");
            let problem = &content["application/problem+json"]["example"];
            assert_eq!(problem["status"].to_string(), status, "{name}");
            let detail = problem["detail"].as_str().unwrap_or_default();
            assert!(
                sentences.contains(detail),
                "{name}: {status} as a problem: {detail}"
            );
        }
    }
}

#[tokio::test]
async fn document_is_served_verbatim() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = DatabaseUrl::sqlite(folder.path().join("shop.db"));
    let atelier = Atelier::new(
        atelier_core::open(&url, &atelier_core::StoreOptions::default())
            .await
            .expect("a store"),
    );
    let api = HttpApi::new(atelier, HttpSettings::default());
    for target in ["/openapi.json", "/api/fec2/hr-rfp/openapi.json"] {
        let request = Request::builder()
            .method(Method::GET)
            .uri(target)
            .body(Bytes::new());
        let response = api.handle(request.expect("a request")).await;
        assert_eq!(response.status(), 200, "{target}");
        assert_eq!(
            response.headers()["content-type"],
            "application/json; charset=utf-8"
        );
        assert_eq!(response.headers()["cache-control"], "no-cache");
        assert_eq!(response.body(), WRITTEN.as_bytes(), "{target}");
    }
    assert_eq!(document()["openapi"], "3.1.0");
}

#[test]
fn document_describes_paths_and_headers() {
    let info = &document()["info"];
    assert_eq!(info["title"], "Atelier");
    assert_eq!(info["version"], env!("CARGO_PKG_VERSION"));
    let told = info["description"].as_str().expect("a text");
    for word in [
        "/api/fec2/{campus}",
        "`Authorization`",
        "`Idempotency-Key`",
        "`application/problem+json`",
    ] {
        assert!(told.contains(word), "{word}: {told}");
    }
    // The document stands alone.
    assert!(!WRITTEN.to_lowercase().contains("contract"));
}
