//! Access tokens.

use ::http::HeaderMap;
use ::http::header::AUTHORIZATION;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use super::error::ApiError;

/// SHA-256 hashes of the accepted `Authorization` values; empty if no token is required.
pub(super) struct AcceptedTokens(Vec<[u8; 32]>);

impl AcceptedTokens {
    pub(super) fn new(tokens: &[String]) -> Self {
        let hashes = tokens.iter().map(|token| Sha256::digest(token).into());
        Self(hashes.collect())
    }

    /// Checks the token of a request.
    pub(super) fn check(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        if self.0.is_empty() {
            return Ok(());
        }
        let token = headers.get(AUTHORIZATION).ok_or(ApiError::Unauthorized)?;
        let hash = Sha256::digest(token.as_bytes());
        // Compares with every token, each in constant time, so that the duration reveals nothing.
        let is_accepted = self.0.iter().fold(Choice::from(0), |accepted, token| {
            accepted | token.ct_eq(&hash)
        });
        if is_accepted.into() {
            Ok(())
        } else {
            Err(ApiError::Unauthorized)
        }
    }
}
