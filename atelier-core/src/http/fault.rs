//! Every way to say no: the one place that names failure statuses and their sentences.

use std::borrow::Cow;

use ::http::{Method, StatusCode};

use crate::{Error, Noun};

/// Why a request is refused, or could not be answered.
#[derive(Debug)]
#[non_exhaustive]
pub enum Fault {
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
    /// A product is named in the path that does not exist, or by no id at all.
    Product,
    /// `product_id` is missing from a query, or no id.
    ProductIdOfQuery,
    /// The path names no review id.
    ReviewId,
    /// A new entry breaks rules.
    Invalid(Noun),
    /// Later, please.
    Unavailable(Error),
    /// A defect.
    Unexpected(Error),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid(violations) => Self::Invalid(violations.of),
            Error::NotFound(Noun::Product) => Self::Product,
            Error::NotFound(Noun::Review) => Self::ReviewId,
            Error::Unavailable(_) => Self::Unavailable(error),
            Error::Schema(_) | Error::Unusable(_) | Error::Internal(_) => Self::Unexpected(error),
        }
    }
}

impl Fault {
    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NoRoute | Self::Product => StatusCode::NOT_FOUND,
            Self::WrongMethod(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::TargetTooLong => StatusCode::URI_TOO_LONG,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::Unreadable => StatusCode::BAD_REQUEST,
            Self::ProductIdOfQuery | Self::ReviewId | Self::Invalid(_) => {
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
            Self::Product => "Error: invalid product id provided",
            Self::ProductIdOfQuery => "Error: invalid product_id provided",
            Self::ReviewId => "Error: invalid review id provided",
            Self::Invalid(Noun::Product | Noun::Review) => {
                "Error: Review body contains invalid entries"
            }
            Self::Unavailable(_) => "Error: the service is busy, try again later",
            Self::Unexpected(_) => {
                "An error occurred. If this error persists, contact your instruction team."
            }
        })
    }

    /// Tells the operator what no client is told.
    pub(super) fn log(&self, method: &Method, path: &str) {
        match self {
            Self::Unexpected(error) => tracing::error!(%method, path, "answered 500: {error}"),
            Self::Unavailable(error) => tracing::warn!(%method, path, "answered 503: {error}"),
            _ => {}
        }
    }
}
