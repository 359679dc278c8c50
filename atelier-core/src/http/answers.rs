//! `/qa/answers`.

use super::fault::Fault;
use super::{Answer, Call};
use crate::{AnswerId, Noun};

pub(super) async fn helpful(call: &Call<'_>) -> Result<Answer, Fault> {
    call.atelier
        .vote_for_answer(answer_id(call)?, call.vote())
        .await?;
    Ok(Answer::NoContent)
}

pub(super) async fn report(call: &Call<'_>) -> Result<Answer, Fault> {
    call.atelier.report_answer(answer_id(call)?).await?;
    Ok(Answer::NoContent)
}

fn answer_id(call: &Call<'_>) -> Result<AnswerId, Fault> {
    AnswerId::parse(call.id).ok_or(Fault::NotFound(Noun::Answer))
}
