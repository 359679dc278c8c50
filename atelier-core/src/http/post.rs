//! What a POST says of itself before anybody reads its body, and a vote.

use ::http::HeaderValue;
use sha2::{Digest, Sha256};

use super::error::ApiError;
use super::{Answer, Call};
use crate::model::cart::hex;
use crate::model::idempotency::{IdempotencyKey, KeyState, WriteOutcome};

/// What a proxy calls a request, however often it sends it.
const RETRY_KEY: &str = "atelier-retry-key";

impl Call<'_> {
    /// When and under which key this is posted. Faults, in the order in which they are refused: a malformed key, a body that is
    /// too large, a key that was used with another body.
    pub(super) async fn idempotency_key(&self) -> Result<Option<IdempotencyKey>, ApiError> {
        let key = self.headers.get("idempotency-key");
        let printable = |key: &[u8]| {
            (1..=255).contains(&key.len()) && key.iter().all(|byte| (b' '..=b'~').contains(byte))
        };
        if key.is_some_and(|key| !printable(key.as_bytes())) {
            return Err(ApiError::MalformedKey);
        }
        let body = self.body.ok_or(ApiError::BodyTooLarge)?;
        let Some(key) = key else {
            return Ok(self.retried(body));
        };
        let once = self.once(key, body);
        match self.atelier.key_state(&once).await? {
            // A replay goes to the store as well, which stores nothing and tells what the first one changed: the server that
            // stored it may have died before this one learned of it.
            KeyState::Unused | KeyState::SameRequest => Ok(Some(once)),
            KeyState::Conflict => Err(ApiError::KeyReused),
        }
    }

    /// When a vote is cast, and under which mark.
    pub(super) fn retry_key(&self) -> Option<IdempotencyKey> {
        self.retried(b"")
    }

    fn once(&self, key: &HeaderValue, body: &[u8]) -> IdempotencyKey {
        let owner = self.owner();
        let route = (self.endpoint.name, self.id.trim_start_matches('0'));
        let scope = [
            owner.as_str().as_bytes(),
            route.0.as_bytes(),
            route.1.as_bytes(),
            key.as_bytes(),
        ];
        // None of the parts but the last can hold a line break.
        IdempotencyKey {
            scope: hex(&Sha256::digest(scope.join(&b'\n'))),
            body_hash: hex(&Sha256::digest(body)),
        }
    }

    /// The mark of a request that a proxy may send again when it got no answer. It stands apart from those of clients,
    /// and is kept for a shorter time: each request leaves one.
    fn retried(&self, body: &[u8]) -> Option<IdempotencyKey> {
        let key = self.headers.get(RETRY_KEY).filter(|_| self.trusted)?;
        let IdempotencyKey { scope, body_hash } = self.once(key, body);
        let scope = ["r", &scope].concat();
        Some(IdempotencyKey { scope, body_hash })
    }
}

impl<T> From<WriteOutcome<T>> for Answer {
    fn from(stored: WriteOutcome<T>) -> Self {
        match stored {
            WriteOutcome::Created(_) => Self::Created,
            WriteOutcome::Replayed => Self::Replayed,
        }
    }
}
