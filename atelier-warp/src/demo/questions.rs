//! Questions and answers.

use atelier_core::Millis;
use atelier_core::bulk::{Answer, Question};

use super::article::{Article, DAY};
use super::asked::{GENERAL, about};
use super::goods::Asked;
use super::people::{person, seller};
use super::random::{Deck, Random};
use super::reviews::{LAST_WORD, date, helpfulness, photos};
use super::{Ids, next};

/// The questions about the product in the order in which they were asked, and the answers.
pub(super) fn questions(
    random: &mut Random,
    article: &mut Article,
    ids: &mut Ids,
) -> (Vec<Question>, Vec<Answer>) {
    let count = match random.between(1, 100) {
        _ if article.id == 1 => 10,
        _ if article.shown_first => random.between(4, 8),
        1..=12 => 0,
        13..=90 => random.between(1, 6),
        _ => random.between(5, 10),
    };
    let mut dates: Vec<i64> = (0..count).map(|_| date(random, article)).collect();
    dates.sort_unstable();
    let mut asked = Deck::new(
        random,
        &[article.good.questions, about(article.good.class), &GENERAL],
    );
    let mut questions = Vec::with_capacity(dates.len());
    let mut answers = Vec::with_capacity(dates.len() * 2);
    for date in dates {
        let asked = asked.deal();
        let (asker_name, asker_email) = person(random);
        let question = Question {
            id: next(&mut ids.question),
            product_id: article.id,
            body: article.wording.fill(asked.question),
            date: Millis(date),
            asker_name,
            asker_email: Some(asker_email),
            reported: random.chance(3),
            helpfulness: helpfulness(random),
        };
        answer(random, article, asked, &question, ids, &mut answers);
        questions.push(question);
    }
    (questions, answers)
}

fn answer(
    random: &mut Random,
    article: &mut Article,
    asked: &'static Asked,
    question: &Question,
    ids: &mut Ids,
    answers: &mut Vec<Answer>,
) {
    let by_seller = random.chance(45);
    let by_others = if !article.shown_first && random.chance(14) {
        0
    } else {
        1 + random.below(asked.others.len())
    };
    let mut others = Deck::new(random, &[asked.others]);
    let mut at = question.date.0;
    for number in 0..by_others + usize::from(by_seller) {
        let from_seller = by_seller && number == 0;
        let (answerer_name, answerer_email) = if from_seller {
            seller()
        } else {
            person(random)
        };
        let text = if from_seller {
            asked.seller
        } else {
            *others.deal()
        };
        at = random.between(at + 1, (at + 9 * DAY).min(LAST_WORD - 1));
        answers.push(Answer {
            id: next(&mut ids.answer),
            question_id: question.id,
            body: article.wording.fill(text),
            date: Millis(at),
            answerer_name,
            answerer_email: Some(answerer_email),
            reported: random.chance(3),
            helpfulness: helpfulness(random),
            photos: if from_seller {
                Vec::new()
            } else {
                photos(random, article, 7, &mut ids.answer_photo)
            },
        });
    }
}
