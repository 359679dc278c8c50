//! Posts that are stored once, however often they arrive.

use crate::{Error, Millis, Result};

/// The mark of a post that must be stored only once: an `Idempotency-Key` with what it is good for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    /// Owner, route and key, as one SHA-256 in hexadecimal digits.
    pub scope: String,
    /// The body, likewise.
    pub body: String,
}

/// What a store knows of a [`Once`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Nothing was stored under it.
    Never,
    /// The same body was.
    Same,
    /// Another body was.
    Other,
}

impl Once {
    /// What the body kept under the same scope makes of this one.
    pub fn seen(&self, kept: Option<&str>) -> Seen {
        match kept {
            None => Seen::Never,
            Some(body) if body == self.body => Seen::Same,
            Some(_) => Seen::Other,
        }
    }
}

/// When a post was made, and under which mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// The instant that the new row gets.
    pub at: Millis,
    /// The mark, if any.
    pub once: Option<Once>,
    /// Marks kept before this instant are forgotten.
    pub forget: Millis,
}

/// What became of a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored<T> {
    /// It is stored now.
    Now(T),
    /// It was stored before, under the same mark.
    Before,
}

impl<T> Stored<T> {
    /// The id of a post that had no mark, and so can't have been stored before.
    pub(crate) fn now(self) -> Result<T> {
        match self {
            Self::Now(id) => Ok(id),
            Self::Before => Err(Error::Internal(crate::Failure::new(
                "a post without a mark was seen before",
            ))),
        }
    }
}
