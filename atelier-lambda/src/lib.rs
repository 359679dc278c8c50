//! Atelier as a Lambda function: converts an [`Event`] into a request, passes it to
//! [`HttpApi::handle`](atelier_core::http::HttpApi::handle), and converts the response into a [`LambdaResponse`].
//!
//! API Gateway (HTTP API and REST API), Application Load Balancers and function URLs each have their own JSON format of requests
//! and responses. Status, headers and body are those of the server.

mod event;
mod function;
mod multi_map;
mod payload_limits;
mod response;
mod uri;

pub use event::{Event, Invocation, NotARequest};
pub use function::{Function, run};
pub use response::LambdaResponse;
