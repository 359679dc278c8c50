//! Atelier as a Lambda function: an [`Event`] in, an [`Answer`] out, and the API between them.
//!
//! A function is called by API Gateway (HTTP API, REST API), by a load balancer or by its own URL. Each wraps a request up
//! in JSON of its own form and expects the answer in another. [`Function`] undoes the one, asks
//! [`Atelier::handle`](atelier_core::Atelier::handle) as any transport does, and makes the other, so that status, headers
//! and bytes are those of the server.

mod answer;
mod event;
mod function;
mod pairs;
mod size;
mod target;

pub use answer::Answer;
pub use event::{Event, Invocation, NotARequest};
pub use function::{Function, run};
