//! The error of parsing a database URL.

use std::fmt;

use crate::model::error::{Error, Failure};

/// The reason why a text is not the URL of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidUrl {
    reason: String,
}

impl InvalidUrl {
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self { reason }
    }

    /// Returns the part at fault and what to write instead, as a phrase that may follow a colon. It repeats nothing of the text,
    /// which may hold a password.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for InvalidUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "The database URL can't be used: {}.", self.reason)
    }
}

impl std::error::Error for InvalidUrl {}

impl From<InvalidUrl> for Error {
    fn from(error: InvalidUrl) -> Self {
        Self::Config(Failure::new(error.to_string()))
    }
}
