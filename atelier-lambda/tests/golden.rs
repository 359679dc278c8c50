//! Events as AWS sends them, and the responses to them.

use std::time::Duration;

use atelier_conformance::events::Shape;
use atelier_conformance::matrix::{StoreKind, Transport, run};
use atelier_conformance::rows::ask;
use atelier_conformance::{TestApp, seed};
use atelier_core::http::HttpSettings;
use atelier_core::{Atelier, Clock, Limits, ManualClock, Millis};
use atelier_lambda::{Event, Function, Invocation};
use bytes::Bytes;
use http::Request;
use lambda_http::aws_lambda_events::alb::AlbTargetGroupResponse;
use lambda_http::aws_lambda_events::apigw::ApiGatewayProxyResponse;
use lambda_http::request::LambdaRequest;
use serde_json::{Value, json};

/// An event, the request that it contains, and the status of the response.
struct Golden {
    event: &'static str,
    shape: Shape,
    request: (&'static str, &'static str),
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
    status: u16,
}

macro_rules! golden {
    ($($file:literal $shape:ident $method:literal $target:literal $headers:expr, $body:expr => $status:literal;)*) => {
        [$(Golden {
            event: include_str!(concat!("events/", $file, ".json")),
            shape: Shape::$shape,
            request: ($method, $target),
            headers: &$headers,
            body: $body,
            status: $status,
        }),*]
    };
}

#[rustfmt::skip]
const GOLDEN: [Golden; 9] = golden! {
    "http-api" HttpApi "GET" "/products?page=1&count=5" [("accept-encoding", "gzip")], "" => 200;
    "http-api-with-stage" HttpApiWithStage "GET" "/reviews?product_id=501&sort=newest" [], "" => 200;
    "http-api-base64" HttpApi "POST" "/reviews" [],
        r#"{"product_id":503,"rating":4,"summary":"Wärm","body":"Kept me dry.","recommend":true,"name":"p","email":"p@example.org"}"# => 201;
    "rest-api" RestApi "GET" "/reviews/meta?product_id=501" [], "" => 200;
    "rest-api-with-stage" RestApiWithStage "PUT" "/reviews/31/helpful" [], "" => 204;
    "rest-api-base64" RestApi "POST" "/interactions" [("content-type", "application/x-www-form-urlencoded")],
        "element=%23buy&widget=cart&time=12%3A00" => 201;
    "balancer" Balancer "GET" "/qa/questions?product_id=501&count=1" [], "" => 200;
    "balancer-with-lists" BalancerWithLists "POST" "/qa/questions" [("accept", "application/problem+json")],
        r#"{"product_id":503,"body":"","name":"gull","email":"g@example.org"}"# => 422;
    "function-url" FunctionUrl "POST" "/cart" [("authorization", "a-token")], r#"{"sku_id":77001}"# => 201;
};

fn function(shop: &TestApp) -> Function {
    let clock = Clock::Manual(ManualClock::new(seed::NOW));
    Function::new(
        Atelier::with(shop.store.clone(), Limits::default(), clock),
        HttpSettings::default(),
    )
}

async fn respond(function: &Function, event: &str) -> Value {
    let event: Event = serde_json::from_str(event).expect("an event");
    let response = function.respond(event, Duration::from_mins(1)).await;
    serde_json::to_value(&response).expect("JSON")
}

async fn compare_with_core(shop: TestApp) {
    let function = function(&shop);
    let mut compressed = 0;
    for Golden {
        event,
        shape,
        request: (method, target),
        headers,
        body,
        status,
    } in GOLDEN
    {
        let row = format!("{method} {target} as {shape:?}");
        let mut request = Request::builder()
            .method(method)
            .uri(target)
            .header("x-request-id", "golden");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request
            .body(Bytes::from_static(body.as_bytes()))
            .expect("a request");
        let expected = shop.api.handle(request).await;
        let json = respond(&function, event).await;
        let response = shape.response(&json);
        assert_eq!(response.status(), status, "{row}: {json}");
        assert_eq!(response.status(), expected.status(), "{row}");
        assert_eq!(response.headers(), expected.headers(), "{row}");
        assert_eq!(response.body(), expected.body(), "{row}");
        let gzip = response.headers().contains_key("content-encoding");
        assert_eq!(json["isBase64Encoded"], gzip, "{row}");
        compressed += usize::from(gzip);
    }
    assert_eq!(compressed, 1);
    // The posted values are stored.
    let reviews = shop.get("/reviews?product_id=503").await.json();
    assert_eq!(reviews["results"][0]["summary"], "Wärm");
    let cart = shop
        .request(
            http::Method::GET,
            "/cart",
            &[("authorization", "a-token")],
            b"",
        )
        .await;
    assert_eq!(cart.text(), r#"[{"sku_id":77001,"count":"2"}]"#);
}

#[test]
fn responses_equal_those_of_the_core() {
    run(StoreKind::Sqlite, Transport::Core, compare_with_core);
}

/// Parses the events and the responses by independent types.
#[test]
fn events_and_responses_parse_as_aws_types() {
    run(StoreKind::Sqlite, Transport::Core, async |shop| {
        let function = function(&shop);
        for Golden { event, shape, .. } in GOLDEN {
            let request: LambdaRequest = serde_json::from_str(event).expect("an event");
            let response = respond(&function, event).await;
            let status = &response["statusCode"];
            match (shape, request) {
                (
                    Shape::HttpApi | Shape::HttpApiWithStage | Shape::FunctionUrl,
                    LambdaRequest::ApiGatewayV2(_),
                ) => {}
                (Shape::RestApi | Shape::RestApiWithStage, LambdaRequest::ApiGatewayV1(_)) => {
                    let parsed: ApiGatewayProxyResponse =
                        serde_json::from_value(response.clone()).expect("a response");
                    assert_eq!(parsed.status_code, *status, "{shape:?}");
                }
                (Shape::Balancer | Shape::BalancerWithLists, LambdaRequest::Alb(_)) => {
                    let parsed: AlbTargetGroupResponse =
                        serde_json::from_value(response.clone()).expect("a response");
                    assert_eq!(parsed.status_code, *status, "{shape:?}");
                }
                (shape, request) => panic!("{shape:?} is parsed as {:?}", request.request_origin()),
            }
        }
    });
}

/// The four response formats, written out.
#[test]
fn response_format_depends_on_the_event_source() {
    run(StoreKind::Sqlite, Transport::Core, async |shop| {
        let function = function(&shop);
        let exposed = "ETag, Link, X-Total-Count, X-Request-Id, Retry-After, Idempotency-Replayed";
        let created = json!({
            "access-control-allow-origin": "*", "access-control-expose-headers": exposed, "cache-control": "no-store",
            "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff", "x-request-id": "golden",
        });
        let listed = |headers: &Value| -> Value {
            let headers = headers.as_object().expect("headers").iter();
            headers
                .map(|(name, value)| (name.clone(), json!([value])))
                .collect()
        };
        assert_eq!(
            respond(&function, include_str!("events/function-url.json")).await,
            json!({"statusCode": 201, "headers": created, "isBase64Encoded": false, "body": "Created"})
        );
        assert_eq!(
            respond(&function, include_str!("events/rest-api-base64.json")).await,
            json!({"statusCode": 201, "multiValueHeaders": listed(&created), "isBase64Encoded": false, "body": "Created"})
        );
        let mut none = created.clone();
        none.as_object_mut()
            .expect("headers")
            .remove("content-type");
        assert_eq!(
            respond(&function, include_str!("events/rest-api-with-stage.json")).await,
            json!({"statusCode": 204, "multiValueHeaders": listed(&none), "isBase64Encoded": false})
        );
        let by = |form: &str| {
            include_str!("events/balancer.json")
                .replace("\"GET\"", "\"PUT\"")
                .replace("/api/fec2/hr-rfp/qa/questions", "/reviews/31/report")
                .replace("\"headers\"", form)
        };
        let lists = by("\"multiValueHeaders\"");
        let mut lists: Value = serde_json::from_str(&lists).expect("JSON");
        lists["multiValueHeaders"] = listed(&lists["multiValueHeaders"]);
        for (event, name, headers) in [
            (by("\"headers\""), "headers", none.clone()),
            (lists.to_string(), "multiValueHeaders", listed(&none)),
        ] {
            assert_eq!(
                respond(&function, &event).await,
                json!({"statusCode": 204, "statusDescription": "204 No Content", name: headers, "isBase64Encoded": false})
            );
        }
    });
}

#[test]
fn schedule_of_the_template_deletes_expired_keys() {
    let template = include_str!("../template.yaml");
    let input = template.split_once("Input: '").expect("a schedule").1;
    let input = input.split_once('\'').expect("its input").0;
    let invocation = serde_json::from_str(input).expect("an invocation");
    assert!(matches!(invocation, Invocation::PurgeExpired));
    assert!(serde_json::from_str::<Event>(input).is_err(), "no request");

    run(StoreKind::Sqlite, Transport::Core, |shop| async move {
        let mut post = Request::post("/cart").header("idempotency-key", "a key");
        post = post.header("x-request-id", "case");
        let post = post.body(Bytes::from_static(br#"{"sku_id":77001}"#));
        shop.send(post.expect("a request")).await;
        let count_keys = async || {
            let count = "select count(*) || '' from idempotency_keys";
            ask(&shop.url, count, count).await.concat()
        };
        assert_eq!(count_keys().await, "1");
        let now = seed::NOW.0 + 25 * 60 * 60 * 1_000;
        let clock = Clock::Manual(ManualClock::new(Millis(now)));
        let function = Function::new(
            Atelier::with(shop.store.clone(), Limits::default(), clock),
            HttpSettings::default(),
        );
        function
            .purge_expired(Duration::from_secs(10))
            .await
            .expect("deletes them");
        assert_eq!(count_keys().await, "0");
    });
}
