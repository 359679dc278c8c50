//! `/qa/answers`.

use super::error::ApiError;
use super::{Answer, Call};
use crate::model::error::Resource;
use crate::model::ids::AnswerId;

pub(super) async fn helpful(call: &Call<'_>) -> Result<Answer, ApiError> {
    call.atelier
        .mark_answer_helpful(answer_id(call)?, call.retry_key())
        .await?;
    Ok(Answer::NoContent)
}

pub(super) async fn report(call: &Call<'_>) -> Result<Answer, ApiError> {
    call.atelier.report_answer(answer_id(call)?).await?;
    Ok(Answer::NoContent)
}

fn answer_id(call: &Call<'_>) -> Result<AnswerId, ApiError> {
    AnswerId::parse(call.id).ok_or(ApiError::NotFound(Resource::Answer))
}
