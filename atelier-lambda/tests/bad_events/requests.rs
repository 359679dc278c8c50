//! Events with invalid or unusual requests.

use serde_json::{Value, json};

use crate::{http_api, response, with_function};

const UNREADABLE: &str = "Error: request body is not valid JSON";

#[test]
fn invalid_bodies_and_headers_are_answered_400() {
    with_function(async |function| {
        for body in [
            "=", "a", "a===", "####", "e30", "e30=e30=", "e3\n0=", "{}", "\u{e9}",
        ] {
            let event = http_api(
                "POST",
                "/reviews",
                &json!({"body": body, "isBase64Encoded": true}),
            );
            assert_eq!(
                response(&function, &event).await,
                (400, UNREADABLE.to_owned()),
                "{body:?}"
            );
        }
        for headers in [
            json!({"a b": "c"}),
            json!({"": "c"}),
            json!({"c": "a\nb"}),
            json!({"é": "c"}),
            json!({"c": "\u{0}"}),
        ] {
            let event = http_api(
                "POST",
                "/cart",
                &json!({"headers": headers, "body": r#"{"sku_id":1}"#}),
            );
            assert_eq!(
                response(&function, &event).await,
                (400, UNREADABLE.to_owned()),
                "{headers}"
            );
        }
        // As Problem Details, and for HEAD.
        let headers = json!({"accept": "application/problem+json", "x-request-id": "mine"});
        let mut event = http_api(
            "POST",
            "/cart",
            &json!({"headers": headers, "body": "=", "isBase64Encoded": true}),
        );
        let (_, problem) = response(&function, &event).await;
        assert_eq!(
            serde_json::from_str::<Value>(&problem).expect("JSON")["status"],
            400
        );
        event["requestContext"]["http"]["method"] = json!("HEAD");
        assert_eq!(response(&function, &event).await, (400, String::new()));
    });
}

#[test]
fn unusual_paths_are_answered_200_or_404() {
    with_function(async |function| {
        for (path, status) in [
            ("/products/5 01", 404),
            ("/products/é", 404),
            ("/products/🧥", 404),
            ("/prod ucts", 404),
            ("/products/\u{0}", 404),
            ("/products/%", 404),
            ("/products/%zz", 404),
            ("/products/501?x", 404),
            ("/products/501#x", 404),
            ("products", 200),
            ("/products", 200),
            ("/products/", 200),
            ("/pro%64ucts", 200),
            ("//products", 404),
            ("http://shop.example/products", 404),
            ("\n", 404),
            ("/api/fec2/h\u{e4}r rfp/products/501", 200),
        ] {
            for event in [
                http_api("GET", path, &json!({})),
                json!({"httpMethod": "GET", "path": path}),
                json!({"httpMethod": "GET", "path": path, "requestContext": {"elb": {}}}),
            ] {
                assert_eq!(response(&function, &event).await.0, status, "{event}");
            }
        }
        let long = "x".repeat(100_000);
        for event in [
            http_api("GET", &format!("/{long}"), &json!({})),
            http_api("GET", "/products", &json!({"rawQueryString": long})),
            json!({"httpMethod": "GET", "path": "/products", "queryStringParameters": {"x": long}}),
        ] {
            assert_eq!(response(&function, &event).await.0, 414);
        }
    });
}

#[test]
fn body_of_6_mb_is_answered_413() {
    with_function(async |function| {
        let too_large = (413, "Error: request body is too large".to_owned());
        for (body, base64) in [
            (" ".repeat(6_000_000), false),
            ("ICAg".repeat(1_500_000), true),
        ] {
            for target in ["/reviews", "/cart", "/qa/questions/71/answers"] {
                let event = http_api(
                    "POST",
                    target,
                    &json!({"body": body, "isBase64Encoded": base64}),
                );
                assert_eq!(response(&function, &event).await, too_large, "{target}");
            }
        }
    });
}
