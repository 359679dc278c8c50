//! `/openapi.json`.

use super::cache::Asked;
use super::error::ApiError;
use super::reply::Rendered;
use super::{Answer, Call};

/// The API in the words of `OpenAPI` 3.1; tests hold it against the table of endpoints and against the answers.
const DOCUMENT: &[u8] = include_bytes!("openapi.json");

pub(super) async fn document(call: &Call<'_>) -> Result<Answer, ApiError> {
    let load = async { Ok(Rendered::from(DOCUMENT.to_vec())) };
    call.read(Asked::OpenApi, "", load).await
}
