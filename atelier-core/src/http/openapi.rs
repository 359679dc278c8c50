//! `/openapi.json`.

use super::fault::Fault;
use super::{Answer, Call};

/// The API in the words of `OpenAPI` 3.1; tests hold it against the table of endpoints and against the answers.
const DOCUMENT: &[u8] = include_bytes!("openapi.json");

#[expect(clippy::unused_async, reason = "a handler is async")]
pub(super) async fn document(_: &Call<'_>) -> Result<Answer, Fault> {
    Ok(Answer::Json(DOCUMENT.to_vec()))
}
