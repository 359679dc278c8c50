//! Requests that write: idempotency keys, body and owner.

use ::http::header::AUTHORIZATION;
use ::http::{HeaderMap, HeaderValue};
use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::decode::fields::Fields;
use super::error::ApiError;
use crate::api::Atelier;
use crate::model::cart::{Owner, hex};
use crate::model::idempotency::{IdempotencyKey, KeyState};

/// Header with which a trusted proxy marks all attempts of one request.
const RETRY_KEY: &str = "atelier-retry-key";

/// A request that writes.
pub(super) struct WriteRequest<'a> {
    /// Name of the endpoint, which is part of the scope of an idempotency key.
    pub(super) endpoint: &'static str,
    /// The id in the path; empty if it has none.
    pub(super) id: &'a str,
    pub(super) headers: &'a HeaderMap,
    /// `None` if the body exceeds the limit.
    pub(super) body: Option<&'a Bytes>,
    /// Whether a trusted proxy sent the request.
    pub(super) from_trusted_proxy: bool,
}

impl<'a> WriteRequest<'a> {
    /// Returns the key of the client, or else that of the proxy. Errors, in the order in which they are checked: a malformed
    /// key, a body that is too large, a key that was used with another body.
    pub(super) async fn idempotency_key(
        &self,
        atelier: &Atelier,
    ) -> Result<Option<IdempotencyKey>, ApiError> {
        let key = self.headers.get("idempotency-key");
        let is_valid = |key: &[u8]| {
            (1..=255).contains(&key.len()) && key.iter().all(|byte| (b' '..=b'~').contains(byte))
        };
        if key.is_some_and(|key| !is_valid(key.as_bytes())) {
            return Err(ApiError::InvalidIdempotencyKey);
        }
        let body = self.body.ok_or(ApiError::BodyTooLarge)?;
        let Some(key) = key else {
            return Ok(self.proxy_key(body));
        };
        let key = self.scoped_key(key, body);
        match atelier.key_state(&key).await? {
            // The store also gets a replay: it stores nothing, but returns what the first request changed. The server that
            // stored it may have crashed before it published the change.
            KeyState::Unused | KeyState::SameRequest => Ok(Some(key)),
            KeyState::Conflict => Err(ApiError::IdempotencyKeyReused),
        }
    }

    /// Returns the key of a vote, which has no body.
    pub(super) fn vote_key(&self) -> Option<IdempotencyKey> {
        self.proxy_key(b"")
    }

    /// Parses the body. Fails if it is too large or malformed.
    pub(super) fn fields(&self) -> Result<Fields<'a>, ApiError> {
        Fields::parse(self.body.ok_or(ApiError::BodyTooLarge)?, self.headers)
    }

    /// Returns the owner of the cart.
    pub(super) fn owner(&self) -> Owner {
        owner(self.headers)
    }

    fn scoped_key(&self, key: &HeaderValue, body: &[u8]) -> IdempotencyKey {
        let owner = self.owner();
        let scope = [
            owner.as_str().as_bytes(),
            self.endpoint.as_bytes(),
            self.id.trim_start_matches('0').as_bytes(),
            key.as_bytes(),
        ];
        // Only the last part can contain a line break, so the parts can't be confused.
        IdempotencyKey {
            scope: hex(&Sha256::digest(scope.join(&b'\n'))),
            body_hash: hex(&Sha256::digest(body)),
        }
    }

    /// Returns the key of a request that a trusted proxy may send again. Its scope differs from those of clients, because it
    /// expires earlier: every write through the proxy stores one.
    fn proxy_key(&self, body: &[u8]) -> Option<IdempotencyKey> {
        let key = self
            .headers
            .get(RETRY_KEY)
            .filter(|_| self.from_trusted_proxy)?;
        let key = self.scoped_key(key, body);
        let scope = ["r", &key.scope].concat();
        Some(IdempotencyKey { scope, ..key })
    }
}

/// Returns the owner that the `Authorization` value identifies.
pub(super) fn owner(headers: &HeaderMap) -> Owner {
    Owner::of(headers.get(AUTHORIZATION).map(HeaderValue::as_bytes))
}
