//! Questions and answers.

use atelier_core::Millis;
use atelier_core::bulk::{Answer, Question};

use super::context::{DAY_MS, ProductContext};
use super::data::{DATA, QuestionTemplate};
use super::ids::{Ids, next};
use super::people::{customer, seller};
use super::random::ShuffleBag;
use super::reviews::{END_OF_POSTS_MS, dates, helpfulness, photos};

/// Returns the questions about the product in the order of their dates, and the answers.
pub(super) fn questions(
    context: &mut ProductContext,
    ids: &mut Ids,
) -> (Vec<Question>, Vec<Answer>) {
    let count = match context.rng.i64(1..=100) {
        _ if context.id == 1 => 10,
        _ if context.featured => context.rng.i64(4..=8),
        1..=12 => 0,
        13..=90 => context.rng.i64(1..=6),
        _ => context.rng.i64(5..=10),
    };
    let dates = dates(context, count);
    let templates = context.kind.questions.iter();
    let general = context.class.questions.iter().chain(DATA.questions.iter());
    let mut templates = ShuffleBag::new(&mut context.rng, templates.chain(general));
    let mut questions = Vec::with_capacity(dates.len());
    let mut answers = Vec::with_capacity(dates.len() * 2);
    for date in dates {
        let template = templates.draw();
        let (asker_name, asker_email) = customer(&mut context.rng);
        let question = Question {
            id: next(&mut ids.question),
            product_id: context.id,
            body: context.fill(&template.question),
            date: Millis(date),
            asker_name,
            asker_email: Some(asker_email),
            reported: context.chance(3),
            helpfulness: helpfulness(context),
        };
        add_answers(context, template, &question, ids, &mut answers);
        questions.push(question);
    }
    (questions, answers)
}

/// Adds the answers to `question`: the shop's, if it answers, and those of customers.
fn add_answers(
    context: &mut ProductContext,
    template: &'static QuestionTemplate,
    question: &Question,
    ids: &mut Ids,
    answers: &mut Vec<Answer>,
) {
    let by_seller = context.chance(45);
    let mut by_customers = context.rng.usize(1..=template.customers.len());
    if !context.featured && context.chance(14) {
        by_customers = 0;
    }
    let mut date = question.date.0;
    for number in 0..by_customers + usize::from(by_seller) {
        let from_seller = by_seller && number == 0;
        let ((answerer_name, email), body, photos) = if from_seller {
            (seller(), context.fill(&template.seller), Vec::new())
        } else {
            let body = context.sentence(&template.customers);
            let photos = photos(context, 7, &mut ids.answer_photo);
            (customer(&mut context.rng), body, photos)
        };
        let latest = (date + 9 * DAY_MS).min(END_OF_POSTS_MS - 1);
        date = context.rng.i64(date + 1..=latest);
        answers.push(Answer {
            id: next(&mut ids.answer),
            question_id: question.id,
            body,
            date: Millis(date),
            answerer_name,
            answerer_email: Some(email),
            reported: context.chance(3),
            helpfulness: helpfulness(context),
            photos,
        });
    }
}
