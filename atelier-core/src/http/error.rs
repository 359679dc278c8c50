//! Every way to say no: the one place that names failure statuses and their sentences.

use std::borrow::Cow;

use ::http::{HeaderMap, Method, StatusCode};

use super::request_id;
use crate::model::error::{Error, Resource, Violations};

/// Why a request is refused, or could not be answered.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ApiError {
    /// No endpoint has this path.
    NoRoute,
    /// The path is known, with these methods.
    WrongMethod(String),
    /// The request target is longer than any that is served.
    TargetTooLong,
    /// The body is larger than the limit.
    BodyTooLarge,
    /// The body did not arrive in time.
    BodyTimeout,
    /// The body is neither JSON nor a form.
    Unreadable,
    /// None of the accepted tokens was shown.
    NoToken,
    /// The bytes that came are no request of HTTP/1.1.
    Malformed,
    /// The headers are more, or longer, than are read.
    HeadersTooLong,
    /// The `Idempotency-Key` is empty, too long or not printable.
    MalformedKey,
    /// The `Idempotency-Key` was used with another body.
    KeyReused,
    /// The path names a thing that does not exist, or names it by no id at all.
    NotFound(Resource),
    /// `product_id` is missing from a query, or no id.
    ProductIdOfQuery,
    /// `sku_id` is missing, or no id.
    SkuId,
    /// A new entry breaks rules.
    Invalid(Violations),
    /// Whoever serves this does not take changes.
    ReadOnly,
    /// Later, please.
    Unavailable(Error),
    /// A defect.
    Unexpected(Error),
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid(violations) => Self::Invalid(violations),
            Error::NotFound(noun) => Self::NotFound(noun),
            Error::KeyReused => Self::KeyReused,
            Error::ReadOnly => Self::ReadOnly,
            Error::Unavailable(_) => Self::Unavailable(error),
            Error::Schema(_) | Error::Config(_) | Error::Internal(_) => Self::Unexpected(error),
        }
    }
}

impl ApiError {
    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Unreadable | Self::Malformed | Self::MalformedKey => StatusCode::BAD_REQUEST,
            Self::NoToken => StatusCode::UNAUTHORIZED,
            Self::ReadOnly => StatusCode::FORBIDDEN,
            // The original answers an unknown or misnamed review with another status than everything else.
            Self::NotFound(Resource::Review) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::NoRoute | Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::WrongMethod(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::BodyTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TargetTooLong => StatusCode::URI_TOO_LONG,
            Self::HeadersTooLong => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::KeyReused | Self::ProductIdOfQuery | Self::SkuId | Self::Invalid(_) => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Unexpected(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The sentence of the answer.
    pub fn sentence(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::NoRoute => "Error: no such route",
            Self::WrongMethod(_) => "Error: method not allowed",
            Self::TargetTooLong => "Error: request target is too long",
            Self::BodyTooLarge => "Error: request body is too large",
            Self::BodyTimeout => "Error: request body took too long",
            Self::Unreadable => "Error: request body is not valid JSON",
            Self::Malformed => "Error: the request can't be read",
            Self::HeadersTooLong => "Error: request headers are too long",
            Self::NoToken => "Error: a valid token is required",
            Self::MalformedKey => "Error: invalid idempotency key provided",
            Self::KeyReused => "Error: idempotency key was used with another body",
            Self::NotFound(noun) => return format!("Error: invalid {noun} id provided").into(),
            Self::ProductIdOfQuery => "Error: invalid product_id provided",
            Self::SkuId => "Error: invalid sku_id provided",
            Self::Invalid(violations) => return invalid(violations).into(),
            Self::ReadOnly => "Error: this service is read-only",
            Self::Unavailable(_) => "Error: the service is busy, try again later",
            Self::Unexpected(_) => {
                "An error occurred. If this error persists, contact your instruction team."
            }
        })
    }

    /// The fields of a body that are at fault, by their names in the contract; none where it is no field's.
    pub(super) fn fields(&self) -> &[&'static str] {
        match self {
            Self::SkuId => &["sku_id"],
            Self::Invalid(violations) => &violations.fields,
            _ => &[],
        }
    }

    /// Whether it is a fault of a post itself, not of where it goes or of the server.
    pub(super) fn is_of_the_post(&self) -> bool {
        let of_the_body = matches!(
            self,
            Self::BodyTooLarge | Self::Unreadable | Self::Invalid(_)
        );
        of_the_body || matches!(self, Self::MalformedKey | Self::KeyReused)
    }

    /// Tells the operator what no client is told: `response` is the headers of what that is.
    pub(super) fn log(&self, method: &Method, route: &str, response: &HeaderMap) {
        let request_id = || {
            let id = response.get(request_id::NAME);
            id.and_then(|id| id.to_str().ok()).unwrap_or_default()
        };
        match self {
            Self::Unexpected(error) => {
                tracing::error!(request_id = request_id(), %method, route, "answered 500: {error}");
            }
            Self::Unavailable(error) => {
                tracing::warn!(request_id = request_id(), %method, route, "answered 503: {error}");
            }
            Self::Invalid(_) | Self::SkuId => {
                let fields = self.fields().join(",");
                tracing::info!(request_id = request_id(), %method, route, fields, "answered 422");
            }
            _ => {}
        }
    }
}

/// The sentence of a new entry that breaks rules; of an answer it goes on with the reasons.
fn invalid(violations: &Violations) -> String {
    let noun = violations.resource.to_string();
    let (first, rest) = noun.split_at(1);
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
