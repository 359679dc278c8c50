//! Events of a Lambda function: how each event source encodes a request, and how it decodes the response.
//!
//! They have the fields of real events, with invented values.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use serde_json::{Value, json};

mod parts;

use parts::{
    decoded_parameters, decoded_path, headers, last, lists, or_null, sent_parameters, single,
};

/// An event source in one of its configurations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// HTTP API of API Gateway, stage `$default`.
    HttpApi,
    /// The same with a named stage, which is part of the path.
    HttpApiWithStage,
    /// REST API of API Gateway, whose path has no stage.
    RestApi,
    /// Version 1 with the stage in the path: an HTTP API that is set to send events of a REST API.
    RestApiWithStage,
    /// A load balancer.
    Balancer,
    /// A load balancer that lists the values of headers and parameters.
    BalancerWithLists,
    /// A function URL.
    FunctionUrl,
}

/// All of them.
pub const SHAPES: [Shape; 7] = [
    Shape::HttpApi,
    Shape::HttpApiWithStage,
    Shape::RestApi,
    Shape::RestApiWithStage,
    Shape::Balancer,
    Shape::BalancerWithLists,
    Shape::FunctionUrl,
];

/// The stage that has a name.
const STAGE: &str = "live";

impl Shape {
    /// Returns the event of a request, or `None` when this source cannot represent the request exactly.
    pub fn event(self, request: &Request<Bytes>) -> Option<Value> {
        let (path, query) = (request.uri().path(), request.uri().query());
        let query = query.unwrap_or_default();
        let headers = headers(request.headers());
        let (body, base64) = self.body(request);
        let method = request.method().as_str();
        let mut event = match self {
            Self::HttpApi | Self::HttpApiWithStage | Self::FunctionUrl => {
                let (stage, path) = match self {
                    Self::HttpApi => ("$default", decoded_path(path)?),
                    Self::HttpApiWithStage => (STAGE, format!("/{STAGE}{}", decoded_path(path)?)),
                    _ => ("$default", path.to_owned()),
                };
                json!({
                    "version": "2.0",
                    "routeKey": "$default",
                    "rawPath": path,
                    "rawQueryString": query,
                    "headers": single(&headers)?,
                    "requestContext": {
                        "accountId": "123456789012",
                        "apiId": "q1w2e3r4t5",
                        "domainName": "q1w2e3r4t5.execute-api.eu-north-1.amazonaws.com",
                        "domainPrefix": "q1w2e3r4t5",
                        "http": {
                            "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.9",
                            "userAgent": "curl/8.5.0",
                        },
                        "requestId": "JKpsHi1XAi0EMPw=",
                        "routeKey": "$default",
                        "stage": stage,
                        "time": "05/Mar/2024:12:00:00 +0000",
                        "timeEpoch": 1_709_640_000_000_i64,
                    },
                })
            }
            Self::RestApi | Self::RestApiWithStage => {
                let (path, whole) = if self == Self::RestApi {
                    (path.to_owned(), format!("/{STAGE}{path}"))
                } else {
                    let path = format!("/{STAGE}{}", decoded_path(path)?);
                    (path.clone(), path)
                };
                let parameters = decoded_parameters(query)?;
                json!({
                    "version": "1.0",
                    "resource": "/{proxy+}",
                    "path": path,
                    "httpMethod": method,
                    "headers": last(&headers),
                    "multiValueHeaders": lists(&headers),
                    "queryStringParameters": or_null(last(&parameters)),
                    "multiValueQueryStringParameters": or_null(lists(&parameters)),
                    "pathParameters": {"proxy": path.trim_start_matches('/')},
                    "stageVariables": null,
                    "requestContext": {
                        "accountId": "123456789012",
                        "apiId": "z9x8c7v6b5",
                        "domainName": "z9x8c7v6b5.execute-api.eu-north-1.amazonaws.com",
                        "httpMethod": method,
                        "identity": {"sourceIp": "203.0.113.9", "userAgent": "curl/8.5.0", "user": null},
                        "path": whole,
                        "protocol": "HTTP/1.1",
                        "requestId": "2f5a4d1c-8f0e-4a53-9d55-0d6d0a1b2c3d",
                        "requestTimeEpoch": 1_709_640_000_000_i64,
                        "resourcePath": "/{proxy+}",
                        "stage": STAGE,
                    },
                })
            }
            Self::Balancer | Self::BalancerWithLists => {
                let parameters = sent_parameters(query)?;
                let mut event = json!({
                    "requestContext": {"elb": {
                        "targetGroupArn":
                            "arn:aws:elasticloadbalancing:eu-north-1:123456789012:targetgroup/shop/0a1b2c3d4e5f6071",
                    }},
                    "httpMethod": method,
                    "path": path,
                });
                if self == Self::Balancer {
                    event["headers"] = single(&headers)?.into();
                    event["queryStringParameters"] = single(&parameters)?.into();
                } else {
                    event["multiValueHeaders"] = lists(&headers).into();
                    event["multiValueQueryStringParameters"] = lists(&parameters).into();
                }
                event
            }
        };
        event["isBase64Encoded"] = base64.into();
        event["body"] = match body {
            // A load balancer sends an empty string, the others null.
            None if matches!(self, Self::Balancer | Self::BalancerWithLists) => "".into(),
            body => body.into(),
        };
        Some(event)
    }

    /// Returns the body, and whether it is in base64: bodies that are not UTF-8, and those whose content type is not textual.
    /// A REST API follows its configuration instead, here: nothing is binary, or everything is.
    fn body(self, request: &Request<Bytes>) -> (Option<String>, bool) {
        let body = request.body();
        if body.is_empty() {
            return (None, false);
        }
        let kind = request.headers().get("content-type");
        let kind = kind.map_or(&b""[..], HeaderValue::as_bytes);
        let says_text = ["text/", "application/json", "application/javascript"]
            .iter()
            .any(|text| kind.starts_with(text.as_bytes()));
        let as_text = match self {
            Self::RestApi => true,
            Self::RestApiWithStage => false,
            _ => says_text,
        };
        match std::str::from_utf8(body) {
            Ok(text) if as_text => (Some(text.to_owned()), false),
            _ => (Some(BASE64_STANDARD.encode(body)), true),
        }
    }

    /// Returns the response that this source sends to its client.
    pub fn response(self, answer: &Value) -> Response<Bytes> {
        let known = [
            "statusCode",
            "statusDescription",
            "headers",
            "multiValueHeaders",
            "isBase64Encoded",
            "body",
        ];
        let fields = answer.as_object().expect("an object");
        assert!(
            fields.keys().all(|field| known.contains(&field.as_str())),
            "{:?}",
            fields.keys()
        );
        let (lists, description) = match self {
            Self::HttpApi | Self::HttpApiWithStage | Self::FunctionUrl => (false, false),
            Self::RestApi | Self::RestApiWithStage => (true, false),
            Self::Balancer => (false, true),
            Self::BalancerWithLists => (true, true),
        };
        assert_eq!(
            fields.contains_key("statusDescription"),
            description,
            "{self:?}"
        );
        assert_eq!(fields.contains_key("multiValueHeaders"), lists, "{self:?}");
        assert_eq!(fields.contains_key("headers"), !lists, "{self:?}");
        let status = answer["statusCode"].as_u64().expect("a status");
        let mut response = Response::builder().status(u16::try_from(status).expect("a status"));
        let headers = &answer[if lists {
            "multiValueHeaders"
        } else {
            "headers"
        }];
        for (name, values) in headers.as_object().expect("headers") {
            let values = values
                .as_array()
                .map_or(std::slice::from_ref(values), Vec::as_slice);
            for value in values {
                response = response.header(name, value.as_str().expect("a text"));
            }
        }
        let body = answer["body"].as_str().unwrap_or_default();
        let body = if answer["isBase64Encoded"].as_bool().expect("true or false") {
            BASE64_STANDARD.decode(body).expect("base64").into()
        } else {
            Bytes::copy_from_slice(body.as_bytes())
        };
        response.body(body).expect("an answer")
    }
}
