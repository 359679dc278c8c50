//! Stages of API Gateway in the paths of events.

use std::time::Duration;

use atelier_conformance::matrix::{StoreKind, Transport, run};
use atelier_core::{Clock, Settings};
use atelier_lambda::{Event, Function};
use serde_json::{Value, json};

const STAGES: [&str; 6] = ["$default", "live", "v1", "products", "reviews", "api"];

const TARGETS: [(&str, &str); 7] = [
    ("/products", ""),
    ("/products/", ""),
    ("/products/501", ""),
    ("/products/501/styles", ""),
    ("/reviews", "501"),
    ("/reviews/meta", "501"),
    ("/api/fec2/live/products/501/related", ""),
];

/// The events that API Gateway sends for a path in a stage.
fn events(stage: &str, path: &str, product: &str) -> Vec<Value> {
    let staged = match stage {
        "$default" => path.to_owned(),
        stage => format!("/{stage}{path}"),
    };
    let query = format!("product_id={product}");
    let parameters = json!({"product_id": product});
    let version_2 = |path: &str| {
        let context = json!({"stage": stage, "http": {"method": "GET", "path": path}});
        json!({"rawPath": path, "rawQueryString": query, "requestContext": context})
    };
    let version_1 = |path: &str, context: Value| json!({"httpMethod": "GET", "path": path, "queryStringParameters": parameters, "requestContext": context});
    vec![
        version_2(&staged),
        version_1(
            path,
            json!({"stage": stage, "path": format!("/{stage}{path}")}),
        ),
        version_1(&staged, json!({"stage": stage, "path": staged})),
        version_1(&staged, json!({"stage": stage})),
        // Load balancers have no stages.
        version_1(
            path,
            json!({"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:x"}}),
        ),
    ]
}

async fn status(function: &Function, event: &Value) -> Value {
    let event: Event = serde_json::from_str(&event.to_string()).expect("an event");
    let response = function.respond(event, Duration::from_mins(1)).await;
    serde_json::to_value(&response).expect("JSON")["statusCode"].clone()
}

#[test]
fn routes_match_in_every_stage() {
    run(StoreKind::Sqlite, Transport::Core, async |shop| {
        let function = Function::new(shop.store.clone(), Settings::default(), Clock::System);
        for stage in STAGES {
            for (path, product) in TARGETS {
                for event in events(stage, path, product) {
                    assert_eq!(status(&function, &event).await, 200, "{event}");
                }
            }
            // The stage is removed once, as a whole segment.
            if stage != "$default" {
                for path in [
                    format!("/{stage}/{stage}/products/501"),
                    format!("/{stage}x/products/501"),
                ] {
                    let context = json!({"stage": stage, "http": {"method": "GET"}});
                    let event = json!({"rawPath": path, "requestContext": context});
                    assert_eq!(status(&function, &event).await, 404, "{event}");
                }
            }
        }
    });
}
