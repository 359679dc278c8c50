//! `/openapi.json`.

use crate::http::body::JsonBody;
use crate::http::cache::{CacheKey, CachedReads};
use crate::http::error::ApiError;
use crate::http::reply::Reply;

/// The description of the API in `OpenAPI` 3.1. Tests compare it with the table of endpoints and with responses.
const DOCUMENT: &[u8] = include_bytes!("../openapi.json");

pub(in crate::http) async fn document(reads: &CachedReads<'_>) -> Result<Reply, ApiError> {
    let load = async { Ok(JsonBody::from(DOCUMENT.to_vec())) };
    reads.get(CacheKey::OpenApi, "", load).await
}
