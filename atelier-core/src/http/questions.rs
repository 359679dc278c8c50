//! `/qa/questions` and the answers below them.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::cache::Asked;
use super::error::ApiError;
use super::paging::fitting;
use super::reply::json;
use super::{Answer, Call};
use crate::model::error::Resource;
use crate::model::ids::{ProductId, QuestionId};
use crate::model::questions::{NewAnswer, NewQuestion, Question, QuestionAnswer};
use crate::model::time::Millis;

pub(super) async fn list(call: &Call<'_>) -> Result<Answer, ApiError> {
    let (given, product) = call.query.product_id()?;
    let page = call.page();
    let load = async {
        let listing = call.atelier.questions(product, page).await?;
        let kept = [("product_id", &*product.0.to_string())];
        call.paged(&listing, page, &kept, |rows| {
            let most = call.atelier.settings().max_answer_bytes;
            let all = rows.iter().map(|row| Sent::new(row, &row.answers));
            let body = render(&given, all.collect())?;
            if body.len() <= most {
                return Ok(body);
            }
            // Answers are rows as well: no question has more than fit into an answer with it alone.
            let fit = |row| {
                let with = |answers: &[_]| render(&given, vec![Sent::new(row, answers)]);
                let fit = fitting(&row.answers, most, with)?;
                if fit < row.answers.len() {
                    call.count_cut();
                }
                Ok(Sent::new(row, row.answers.get(..fit).unwrap_or_default()))
            };
            render(
                &given,
                rows.iter().map(fit).collect::<Result<_, ApiError>>()?,
            )
        })
    };
    call.read(Asked::Questions(product, page), &given, load)
        .await
}

fn render(product_id: &str, results: Vec<Sent<'_>>) -> Result<Vec<u8>, ApiError> {
    #[derive(serde::Serialize)]
    struct Questions<'a> {
        product_id: &'a str,
        results: Vec<Sent<'a>>,
    }
    json(&Questions {
        product_id,
        results,
    })
}

/// A question as it is sent.
#[derive(serde::Serialize)]
struct Sent<'a> {
    question_id: QuestionId,
    question_body: &'a str,
    question_date: Millis,
    asker_name: &'a str,
    question_helpfulness: i64,
    reported: bool,
    answers: ById<'a>,
}

impl<'a> Sent<'a> {
    fn new(question: &'a Question, answers: &'a [QuestionAnswer]) -> Self {
        Self {
            question_id: question.id,
            question_body: &question.body,
            question_date: question.date.day(),
            asker_name: &question.asker_name,
            question_helpfulness: question.helpfulness,
            reported: false,
            answers: ById(answers),
        }
    }
}

struct ById<'a>(&'a [QuestionAnswer]);

impl Serialize for ById<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for answer in self.0 {
            map.serialize_entry(&answer.id, answer)?;
        }
        map.end()
    }
}

pub(super) async fn answers(call: &Call<'_>) -> Result<Answer, ApiError> {
    #[derive(serde::Serialize)]
    struct Answers<'a> {
        question: &'a str,
        /// The page itself, unlike that of a list of reviews.
        page: i64,
        count: i64,
        results: &'a [crate::model::questions::Answer],
    }
    let question = question_id(call)?;
    let page = call.page();
    let load = async {
        let listing = call.atelier.answers(question, page).await?;
        call.paged(&listing, page, &[], |results| {
            json(&Answers {
                question: call.id,
                page: page.page,
                count: page.count,
                results,
            })
        })
    };
    call.read(Asked::Answers(question, page), call.id, load)
        .await
}

pub(super) async fn add(call: &Call<'_>) -> Result<Answer, ApiError> {
    let key = call.idempotency_key().await?;
    let fields = call.fields()?;
    let new = NewQuestion {
        // What is missing or of another type becomes what breaks the rule of its field.
        product_id: ProductId(fields.id("product_id").ok().flatten().unwrap_or(0)),
        body: fields.required_text("body"),
        name: fields.required_text("name"),
        email: fields.required_text("email"),
    };
    Ok(call.atelier.add_question(new, key).await?.into())
}

pub(super) async fn add_answer(call: &Call<'_>) -> Result<Answer, ApiError> {
    let question = question_id(call)?;
    let fault = match try_add_answer(call, question).await {
        Err(fault) if fault.is_of_the_post() => fault,
        done => return done,
    };
    // A question that does not exist is refused before whatever is wrong with the post.
    let exists = call.atelier.has_question(question).await?;
    Err(if exists {
        fault
    } else {
        ApiError::NotFound(Resource::Question)
    })
}

async fn try_add_answer(call: &Call<'_>, question: QuestionId) -> Result<Answer, ApiError> {
    let key = call.idempotency_key().await?;
    let fields = call.fields()?;
    let new = NewAnswer {
        body: fields.required_text("body"),
        name: fields.required_text("name"),
        email: fields.required_text("email"),
        photos: fields.photos(),
    };
    Ok(call.atelier.add_answer(question, new, key).await?.into())
}

pub(super) async fn helpful(call: &Call<'_>) -> Result<Answer, ApiError> {
    call.atelier
        .mark_question_helpful(question_id(call)?, call.retry_key())
        .await?;
    Ok(Answer::NoContent)
}

pub(super) async fn report(call: &Call<'_>) -> Result<Answer, ApiError> {
    call.atelier.report_question(question_id(call)?).await?;
    Ok(Answer::NoContent)
}

fn question_id(call: &Call<'_>) -> Result<QuestionId, ApiError> {
    QuestionId::parse(call.id).ok_or(ApiError::NotFound(Resource::Question))
}
