//! Values that go into a statement, and rows that come out of it.

use std::ops::Deref;

use futures_util::{Stream, TryStreamExt};
use serde::Serialize;

use crate::model::error::Result;
use crate::model::ids::{AnswerId, CharacteristicId, ProductId, QuestionId, ReviewId};
use crate::model::money::Cents;
use crate::model::products::Product;
use crate::model::questions::{Answer, Question, QuestionAnswer};
use crate::model::raw_json::RawJson;
use crate::model::reviews::{CharacteristicMean, Review, ReviewMeta};
use crate::model::time::Millis;

/// A value bound to a statement, or on its way into a table; as JSON, what it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum Value {
    Int(i64),
    Bool(bool),
    Text(String),
    /// No text.
    Null,
}

impl Value {
    pub(crate) fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(*value),
            _ => None,
        }
    }

    pub(crate) fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(value) => Some(value),
            _ => None,
        }
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<Option<String>> for Value {
    fn from(value: Option<String>) -> Self {
        value.map_or(Self::Null, Self::Text)
    }
}

/// A row that came back; columns count from 0.
pub(crate) trait Row: Send {
    fn maybe_int(&self, column: usize) -> Result<Option<i64>>;
    fn int(&self, column: usize) -> Result<i64>;
    fn bool(&self, column: usize) -> Result<bool>;
    fn maybe_text(&self, column: usize) -> Result<Option<&str>>;
    fn text(&self, column: usize) -> Result<&str>;
    /// The bytes of its texts.
    fn weight(&self) -> usize;
}

/// Bytes of text after which no more rows are taken: a client's `count` decides how many rows there may be, but not how
/// much memory they take, and a row may hold 300 kB of photos.
pub(crate) const MOST: usize = 16 * 1_024 * 1_024;

/// The same for a function, which sends no more and has less memory.
pub(crate) const MOST_OF_FUNCTION: usize = 4 * 1_024 * 1_024;

/// The rows of a statement, as far as they were read.
#[derive(Debug)]
pub(crate) struct Rows<R> {
    rows: Vec<R>,
    /// Whether these are all; otherwise the bound ended them before a later one.
    pub(crate) complete: bool,
}

impl<R> Rows<R> {
    pub(crate) fn new(rows: Vec<R>, complete: bool) -> Self {
        Self { rows, complete }
    }

    pub(crate) fn into_vec(self) -> Vec<R> {
        self.rows
    }
}

impl<R> Deref for Rows<R> {
    type Target = [R];

    fn deref(&self) -> &[R] {
        &self.rows
    }
}

/// Rows that are kept.
pub(crate) struct Kept<R> {
    rows: Vec<R>,
    weight: usize,
    most: usize,
}

impl<R: Row> Kept<R> {
    pub(crate) fn none(most: usize) -> Self {
        Self {
            rows: Vec::new(),
            weight: 0,
            most,
        }
    }

    /// Keeps one more; one in any case. False when that would be too much, and the answer ends before it.
    pub(crate) fn keep(&mut self, row: R) -> bool {
        self.weight += row.weight();
        if self.weight > self.most && !self.rows.is_empty() {
            return false;
        }
        self.rows.push(row);
        true
    }

    /// The rows, in their order.
    pub(crate) fn into_rows(self, complete: bool) -> Rows<R> {
        Rows::new(self.rows, complete)
    }
}

/// The rows up to the bound.
pub(crate) async fn collect<R: Row, E>(
    rows: impl Stream<Item = Result<R, E>>,
    most: usize,
) -> Result<Rows<R>, E> {
    let mut rows = std::pin::pin!(rows);
    let mut kept = Kept::none(most);
    while let Some(row) = rows.try_next().await? {
        if !kept.keep(row) {
            return Ok(kept.into_rows(false));
        }
    }
    Ok(kept.into_rows(true))
}

pub(crate) fn product(row: &impl Row, first: usize) -> Result<Product> {
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

pub(crate) fn review(row: &impl Row, first: usize) -> Result<Review> {
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

pub(crate) fn question(row: &impl Row, id: QuestionId) -> Result<Question> {
    Ok(Question {
        id,
        body: row.text(2)?.to_owned(),
        date: Millis(row.int(3)?),
        asker_name: row.text(4)?.to_owned(),
        helpfulness: row.int(5)?,
        answers: vec![],
    })
}

pub(crate) fn question_answer(row: &impl Row, id: AnswerId) -> Result<QuestionAnswer> {
    Ok(QuestionAnswer {
        id,
        body: row.text(7)?.to_owned(),
        date: Millis(row.int(8)?),
        answerer_name: row.text(9)?.to_owned(),
        helpfulness: row.int(10)?,
        photos: RawJson::from_stored(row.text(11)?),
    })
}

pub(crate) fn answer(row: &impl Row, first: usize) -> Result<Answer> {
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
pub(crate) fn review_meta(rows: &[impl Row]) -> Result<ReviewMeta> {
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
