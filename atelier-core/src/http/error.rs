//! Errors of the HTTP API: the one place that assigns status codes and sentences.

use std::borrow::Cow;

use ::http::{HeaderMap, Method, StatusCode};

use super::request_id;
use crate::model::error::{Error, Resource, Violations};

/// Why a request failed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ApiError {
    /// No endpoint has this path.
    NoRoute,
    /// The path has no such method; holds the value of `Allow`.
    MethodNotAllowed(String),
    /// The request target is too long.
    TargetTooLong,
    /// The body is larger than the limit.
    BodyTooLarge,
    /// The body did not arrive in time.
    BodyTimeout,
    /// The body is neither JSON nor a form.
    MalformedBody,
    /// The request has none of the accepted tokens.
    Unauthorized,
    /// The bytes are not an HTTP/1.1 request.
    MalformedRequest,
    /// The headers are too many or too long.
    HeadersTooLarge,
    /// The `Idempotency-Key` is empty, too long or not printable.
    InvalidIdempotencyKey,
    /// The `Idempotency-Key` was used with another body.
    IdempotencyKeyReused,
    /// The path names a resource that does not exist, or its id is malformed.
    NotFound(Resource),
    /// The query parameter `product_id` is missing or malformed.
    InvalidProductId,
    /// The field `sku_id` is missing or malformed.
    InvalidSkuId,
    /// A new entry has invalid fields.
    Invalid(Violations),
    /// The service is read-only.
    ReadOnly,
    /// The store is busy or unreachable.
    Unavailable(Error),
    /// A defect or a broken store.
    Internal(Error),
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid(violations) => Self::Invalid(violations),
            Error::NotFound(resource) => Self::NotFound(resource),
            Error::KeyReused => Self::IdempotencyKeyReused,
            Error::ReadOnly => Self::ReadOnly,
            Error::Unavailable(_) => Self::Unavailable(error),
            Error::Schema(_) | Error::Config(_) | Error::Internal(_) => Self::Internal(error),
        }
    }
}

impl ApiError {
    /// Returns the status code.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::MalformedBody | Self::MalformedRequest | Self::InvalidIdempotencyKey => {
                StatusCode::BAD_REQUEST
            }
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::ReadOnly => StatusCode::FORBIDDEN,
            // The original service answers 422, not 404, for reviews alone.
            Self::NotFound(Resource::Review)
            | Self::IdempotencyKeyReused
            | Self::InvalidProductId
            | Self::InvalidSkuId
            | Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::NoRoute | Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::BodyTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TargetTooLong => StatusCode::URI_TOO_LONG,
            Self::HeadersTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Returns the sentence in the response.
    pub fn sentence(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::NoRoute => "Error: no such route",
            Self::MethodNotAllowed(_) => "Error: method not allowed",
            Self::TargetTooLong => "Error: request target is too long",
            Self::BodyTooLarge => "Error: request body is too large",
            Self::BodyTimeout => "Error: request body took too long",
            Self::MalformedBody => "Error: request body is not valid JSON",
            Self::MalformedRequest => "Error: the request can't be read",
            Self::HeadersTooLarge => "Error: request headers are too long",
            Self::Unauthorized => "Error: a valid token is required",
            Self::InvalidIdempotencyKey => "Error: invalid idempotency key provided",
            Self::IdempotencyKeyReused => "Error: idempotency key was used with another body",
            Self::NotFound(resource) => {
                return format!("Error: invalid {resource} id provided").into();
            }
            Self::InvalidProductId => "Error: invalid product_id provided",
            Self::InvalidSkuId => "Error: invalid sku_id provided",
            Self::Invalid(violations) => return invalid_entry(violations).into(),
            Self::ReadOnly => "Error: this service is read-only",
            Self::Unavailable(_) => "Error: the service is busy, try again later",
            Self::Internal(_) => {
                "An error occurred. If this error persists, contact your instruction team."
            }
        })
    }

    /// Returns the names of the invalid fields of the body, if any.
    pub(super) fn fields(&self) -> &[&'static str] {
        match self {
            Self::InvalidSkuId => &["sku_id"],
            Self::Invalid(violations) => &violations.fields,
            _ => &[],
        }
    }

    /// Returns whether the body or the idempotency key is the cause, not the path or the server.
    pub(super) fn is_caused_by_content(&self) -> bool {
        let is_caused_by_body = matches!(
            self,
            Self::BodyTooLarge | Self::MalformedBody | Self::Invalid(_)
        );
        is_caused_by_body
            || matches!(
                self,
                Self::InvalidIdempotencyKey | Self::IdempotencyKeyReused
            )
    }

    /// Logs the cause, which the response does not contain. `response` is the headers of the response.
    pub(super) fn log(&self, method: &Method, route: &str, response: &HeaderMap) {
        let request_id = || {
            let id = response.get(request_id::X_REQUEST_ID);
            id.and_then(|id| id.to_str().ok()).unwrap_or_default()
        };
        match self {
            Self::Internal(error) => {
                tracing::error!(request_id = request_id(), %method, route, %error, "answered 500");
            }
            Self::Unavailable(error) => {
                tracing::warn!(request_id = request_id(), %method, route, %error, "answered 503");
            }
            Self::Invalid(_) | Self::InvalidSkuId => {
                let fields = self.fields().join(",");
                tracing::info!(request_id = request_id(), %method, route, fields, "answered 422");
            }
            _ => {}
        }
    }
}

/// Returns the sentence for a new entry with invalid fields; for answers it includes the reasons.
fn invalid_entry(violations: &Violations) -> String {
    let resource = violations.resource.to_string();
    let (first, rest) = resource.split_at(1);
    let sentence = format!(
        "Error: {}{rest} body contains invalid entries",
        first.to_ascii_uppercase()
    );
    if violations.resource != Resource::Answer {
        return sentence;
    }
    let reason = |field: &&str| match *field {
        "body" => "answer text is required",
        "name" => "username text is required",
        "email" => "email must be valid",
        _ => "photos must contain text urls",
    };
    sentence
        + &violations
            .fields
            .iter()
            .map(reason)
            .collect::<Vec<_>>()
            .join(",")
}
