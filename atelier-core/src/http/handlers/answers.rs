//! `/qa/answers`.

use crate::api::Atelier;
use crate::http::error::ApiError;
use crate::http::reply::{HandlerResult, Reply};
use crate::http::write_request::WriteRequest;
use crate::model::error::Resource;
use crate::model::ids::AnswerId;

pub(crate) async fn mark_helpful(atelier: &Atelier, write: &WriteRequest<'_>) -> HandlerResult {
    let id = answer_id(write.id)?;
    atelier.mark_answer_helpful(id, write.vote_key()).await?;
    Ok(Reply::NoContent)
}

pub(crate) async fn report(atelier: &Atelier, id: &str) -> HandlerResult {
    atelier.report_answer(answer_id(id)?).await?;
    Ok(Reply::NoContent)
}

fn answer_id(text: &str) -> Result<AnswerId, ApiError> {
    AnswerId::parse(text).ok_or(ApiError::NotFound(Resource::Answer))
}
