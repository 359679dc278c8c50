//! `/openapi.json`.

use super::cache::Asked;
use super::fault::Fault;
use super::respond::Rendered;
use super::{Answer, Call};

/// The API in the words of `OpenAPI` 3.1; tests hold it against the table of endpoints and against the answers.
const DOCUMENT: &[u8] = include_bytes!("openapi.json");

pub(super) async fn document(call: &Call<'_>) -> Result<Answer, Fault> {
    let load = async { Ok(Rendered::from(DOCUMENT.to_vec())) };
    call.read(Asked::OpenApi, "", load).await
}
