//! `/qa/questions`, and the answers to a question.

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::api::Atelier;
use crate::http::body::to_json;
use crate::http::cache::{CacheKey, CachedReads};
use crate::http::decode::query::Query;
use crate::http::error::ApiError;
use crate::http::paging::{PageLimits, rows_that_fit};
use crate::http::reply::{HandlerResult, Reply};
use crate::http::write_request::WriteRequest;
use crate::model::error::Resource;
use crate::model::ids::{ProductId, QuestionId};
use crate::model::questions::{Answer, NewAnswer, NewQuestion, Question, QuestionAnswer};
use crate::model::time::Millis;

pub(crate) async fn list(
    atelier: &Atelier,
    reads: &CachedReads<'_>,
    query: &Query<'_>,
    limits: &PageLimits,
) -> HandlerResult {
    let (echoed, product) = query.product_id()?;
    let page = query.page();
    let load = async {
        let questions = atelier.questions(product, page).await?;
        let params = [("product_id", &*product.0.to_string())];
        limits.render(&questions, page, &params, |rows| {
            let max_bytes = limits.max_bytes();
            let all = rows.iter().map(|row| QuestionJson::new(row, &row.answers));
            let json = questions_json(&echoed, all.collect())?;
            if json.len() <= max_bytes {
                return Ok(json);
            }
            // Truncate the answers of each question to what fits into a response with that question alone.
            let truncated = |row| {
                let render =
                    |answers: &[_]| questions_json(&echoed, vec![QuestionJson::new(row, answers)]);
                let fit = rows_that_fit(&row.answers, max_bytes, render)?;
                if fit < row.answers.len() {
                    limits.count_truncation();
                }
                let answers = row.answers.get(..fit).unwrap_or_default();
                Ok(QuestionJson::new(row, answers))
            };
            let rows = rows.iter().map(truncated);
            questions_json(&echoed, rows.collect::<Result<_, ApiError>>()?)
        })
    };
    reads
        .get(CacheKey::Questions(product, page), &echoed, load)
        .await
}

fn questions_json(product_id: &str, results: Vec<QuestionJson<'_>>) -> Result<Vec<u8>, ApiError> {
    #[derive(serde::Serialize)]
    struct Questions<'a> {
        product_id: &'a str,
        results: Vec<QuestionJson<'a>>,
    }
    to_json(&Questions {
        product_id,
        results,
    })
}

/// A question as served.
#[derive(serde::Serialize)]
struct QuestionJson<'a> {
    question_id: QuestionId,
    question_body: &'a str,
    question_date: Millis,
    asker_name: &'a str,
    question_helpfulness: i64,
    reported: bool,
    answers: AnswersById<'a>,
}

impl<'a> QuestionJson<'a> {
    fn new(question: &'a Question, answers: &'a [QuestionAnswer]) -> Self {
        Self {
            question_id: question.id,
            question_body: &question.body,
            question_date: question.date.day(),
            asker_name: &question.asker_name,
            question_helpfulness: question.helpfulness,
            reported: false,
            answers: AnswersById(answers),
        }
    }
}

/// Serialises answers as an object with their ids as keys.
struct AnswersById<'a>(&'a [QuestionAnswer]);

impl Serialize for AnswersById<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for answer in self.0 {
            map.serialize_entry(&answer.id, answer)?;
        }
        map.end()
    }
}

pub(crate) async fn answers(
    atelier: &Atelier,
    reads: &CachedReads<'_>,
    id: &str,
    query: &Query<'_>,
    limits: &PageLimits,
) -> HandlerResult {
    #[derive(serde::Serialize)]
    struct Answers<'a> {
        question: &'a str,
        /// The page, not the offset as in a list of reviews.
        page: i64,
        count: i64,
        results: &'a [Answer],
    }
    let question = question_id(id)?;
    let page = query.page();
    let load = async {
        let answers = atelier.answers(question, page).await?;
        limits.render(&answers, page, &[], |results| {
            to_json(&Answers {
                question: id,
                page: page.page,
                count: page.count,
                results,
            })
        })
    };
    reads.get(CacheKey::Answers(question, page), id, load).await
}

pub(crate) async fn add(atelier: &Atelier, write: &WriteRequest<'_>) -> HandlerResult {
    let key = write.idempotency_key(atelier).await?;
    let fields = write.fields()?;
    let new = NewQuestion {
        // A missing or unreadable field becomes a value that fails validation.
        product_id: ProductId(fields.id("product_id").ok().flatten().unwrap_or(0)),
        body: fields.required_text("body"),
        name: fields.required_text("name"),
        email: fields.required_text("email"),
    };
    Ok(atelier.add_question(new, key).await?.into())
}

pub(crate) async fn add_answer(atelier: &Atelier, write: &WriteRequest<'_>) -> HandlerResult {
    let question = question_id(write.id)?;
    let error = match try_add_answer(atelier, write, question).await {
        Err(error) if error.is_caused_by_content() => error,
        outcome => return outcome,
    };
    // A question that does not exist takes precedence over errors of body and key.
    Err(if atelier.has_question(question).await? {
        error
    } else {
        ApiError::NotFound(Resource::Question)
    })
}

async fn try_add_answer(
    atelier: &Atelier,
    write: &WriteRequest<'_>,
    question: QuestionId,
) -> HandlerResult {
    let key = write.idempotency_key(atelier).await?;
    let fields = write.fields()?;
    let new = NewAnswer {
        body: fields.required_text("body"),
        name: fields.required_text("name"),
        email: fields.required_text("email"),
        photos: fields.photos(),
    };
    Ok(atelier.add_answer(question, new, key).await?.into())
}

pub(crate) async fn mark_helpful(atelier: &Atelier, write: &WriteRequest<'_>) -> HandlerResult {
    let id = question_id(write.id)?;
    atelier.mark_question_helpful(id, write.vote_key()).await?;
    Ok(Reply::NoContent)
}

pub(crate) async fn report(atelier: &Atelier, id: &str) -> HandlerResult {
    atelier.report_question(question_id(id)?).await?;
    Ok(Reply::NoContent)
}

fn question_id(text: &str) -> Result<QuestionId, ApiError> {
    QuestionId::parse(text).ok_or(ApiError::NotFound(Resource::Question))
}
