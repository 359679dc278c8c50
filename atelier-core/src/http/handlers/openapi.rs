//! `/openapi.json`.

use crate::http::body::JsonBody;
use crate::http::cache::{CacheKey, CachedReads};
use crate::http::reply::HandlerResult;

/// The description of the API in `OpenAPI` 3.1. Tests compare it with the table of endpoints and with responses.
const DOCUMENT: &[u8] = include_bytes!("../openapi.json");

pub(crate) async fn document(reads: &CachedReads<'_>) -> HandlerResult {
    let load = async { Ok(JsonBody::from(DOCUMENT.to_vec())) };
    reads.get(CacheKey::OpenApi, "", load).await
}
