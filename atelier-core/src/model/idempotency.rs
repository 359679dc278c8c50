//! Idempotent writes: keys, their state in the store, and outcomes.

use super::time::Millis;

/// Identifies a write that is stored at most once, even if the client sends it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// SHA-256 of owner, endpoint and key, in hexadecimal digits.
    pub scope: String,
    /// SHA-256 of the request body, in hexadecimal digits.
    pub body_hash: String,
}

/// State of an [`IdempotencyKey`] in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// Nothing is stored under the key.
    Unused,
    /// The same request is stored under the key.
    SameRequest,
    /// A request with another body is stored under the key.
    Conflict,
}

impl IdempotencyKey {
    /// Compares the key with the body hash that is stored in its scope, if any.
    pub fn state(&self, stored_body_hash: Option<&str>) -> KeyState {
        match stored_body_hash {
            None => KeyState::Unused,
            Some(hash) if hash == self.body_hash => KeyState::SameRequest,
            Some(_) => KeyState::Conflict,
        }
    }
}

/// Time and idempotency key of a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteContext {
    /// Creation time of the new row.
    pub now: Millis,
    /// The key, if the write is idempotent.
    pub key: Option<IdempotencyKey>,
    /// Keys that were stored before this instant have expired.
    pub key_cutoff: Millis,
}

/// Outcome of an idempotent write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteOutcome<T> {
    /// The row was created by this request.
    Created(T),
    /// The row was created by an earlier request with the same key.
    Replayed,
}
