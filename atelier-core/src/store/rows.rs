//! From the rows of a statement to the values of the API. `first` is the column at which a value begins.

use super::value::Row;
use crate::model::error::Result;
use crate::model::ids::{AnswerId, CharacteristicId, ProductId, QuestionId, ReviewId};
use crate::model::money::Cents;
use crate::model::products::Product;
use crate::model::questions::{Answer, Question, QuestionAnswer};
use crate::model::raw_json::RawJson;
use crate::model::reviews::{CharacteristicMean, Review, ReviewMeta};
use crate::model::time::Millis;

pub(super) fn product(row: &impl Row, first: usize) -> Result<Product> {
    Ok(Product {
        id: ProductId(row.int(first)?),
        name: row.text(first + 1)?.to_owned(),
        slogan: row.text(first + 2)?.to_owned(),
        description: row.text(first + 3)?.to_owned(),
        category: row.text(first + 4)?.to_owned(),
        default_price: Cents(row.int(first + 5)?),
        created_at: Millis(row.int(first + 6)?),
        updated_at: Millis(row.int(first + 7)?),
    })
}

pub(super) fn review(row: &impl Row, first: usize) -> Result<Review> {
    Ok(Review {
        review_id: ReviewId(row.int(first)?),
        rating: row.int(first + 1)?,
        summary: row.text(first + 2)?.to_owned(),
        recommend: row.bool(first + 3)?,
        response: row.maybe_text(first + 4)?.map(str::to_owned),
        body: row.text(first + 5)?.to_owned(),
        date: Millis(row.int(first + 6)?),
        reviewer_name: row.text(first + 7)?.to_owned(),
        helpfulness: row.int(first + 8)?,
        photos: RawJson::from_stored(row.text(first + 9)?),
    })
}

pub(super) fn question(row: &impl Row, id: QuestionId) -> Result<Question> {
    Ok(Question {
        id,
        body: row.text(2)?.to_owned(),
        date: Millis(row.int(3)?),
        asker_name: row.text(4)?.to_owned(),
        helpfulness: row.int(5)?,
        answers: vec![],
    })
}

pub(super) fn question_answer(row: &impl Row, id: AnswerId) -> Result<QuestionAnswer> {
    Ok(QuestionAnswer {
        id,
        body: row.text(7)?.to_owned(),
        date: Millis(row.int(8)?),
        answerer_name: row.text(9)?.to_owned(),
        helpfulness: row.int(10)?,
        photos: RawJson::from_stored(row.text(11)?),
    })
}

pub(super) fn answer(row: &impl Row, first: usize) -> Result<Answer> {
    Ok(Answer {
        answer_id: AnswerId(row.int(first)?),
        body: row.text(first + 1)?.to_owned(),
        date: Millis(row.int(first + 2)?),
        answerer_name: row.text(first + 3)?.to_owned(),
        helpfulness: row.int(first + 4)?,
        photos: RawJson::from_stored(row.text(first + 5)?),
    })
}

/// The figures: the totals in each row, a characteristic in each that has one.
pub(super) fn review_meta(rows: &[impl Row]) -> Result<ReviewMeta> {
    let mut meta = ReviewMeta::default();
    let Some(first) = rows.first() else {
        return Ok(meta);
    };
    for (column, stars) in meta.ratings.iter_mut().enumerate() {
        *stars = first.maybe_int(column)?.unwrap_or(0);
    }
    meta.recommended_no = first.maybe_int(5)?.unwrap_or(0);
    meta.recommended_yes = first.maybe_int(6)?.unwrap_or(0);
    for row in rows {
        if let Some(id) = row.maybe_int(7)? {
            meta.characteristics.push(CharacteristicMean {
                id: CharacteristicId(id),
                name: row.text(8)?.to_owned(),
                sum: row.int(9)?,
                count: row.int(10)?,
            });
        }
    }
    Ok(meta)
}
