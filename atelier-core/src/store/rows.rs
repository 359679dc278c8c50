//! Values that go into a statement, and rows that come out of it.

use std::ops::Deref;

use futures_util::{Stream, TryStreamExt};
use serde::Serialize;

use crate::model::cart::CartItem;
use crate::model::error::Result;
use crate::model::ids::{AnswerId, CharacteristicId, ProductId, QuestionId, ReviewId, SkuId};
use crate::model::money::Cents;
use crate::model::products::{Product, ProductDetail};
use crate::model::questions::{Answer, Question, QuestionAnswer};
use crate::model::raw_json::RawJson;
use crate::model::reviews::{CharacteristicMean, Review, ReviewMeta};
use crate::model::time::Millis;
use crate::store::Content;

/// A value bound to a statement, or read from a column; serialized as the JSON value.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum Value {
    Int(i64),
    Bool(bool),
    Text(String),
    /// Null, of type text.
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

/// A returned row; columns are numbered from 0.
pub(crate) trait Row: Send {
    fn optional_int(&self, column: usize) -> Result<Option<i64>>;
    fn int(&self, column: usize) -> Result<i64>;
    fn bool(&self, column: usize) -> Result<bool>;
    fn optional_text(&self, column: usize) -> Result<Option<&str>>;
    fn text(&self, column: usize) -> Result<&str>;
    /// Returns the size of all text columns.
    fn text_bytes(&self) -> usize;
}

/// Maximum text in the rows of one result. The `count` of a client bounds the number of rows, but a row may hold 300 kB of
/// photos.
pub(crate) const MAX_RESULT_BYTES: usize = 16 * 1_024 * 1_024;

/// The same on Lambda, where responses are smaller and memory is less.
pub(crate) const MAX_RESULT_BYTES_LAMBDA: usize = 4 * 1_024 * 1_024;

/// The rows of a statement, up to the bound of their size.
#[derive(Debug)]
pub(crate) struct Rows<R> {
    rows: Vec<R>,
    /// Whether these are all rows.
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

/// Collects rows up to a maximum size.
pub(crate) struct BoundedRows<R> {
    rows: Vec<R>,
    text_bytes: usize,
    max_bytes: usize,
}

impl<R: Row> BoundedRows<R> {
    pub(crate) fn new(max_bytes: usize) -> Self {
        Self {
            rows: Vec::new(),
            text_bytes: 0,
            max_bytes,
        }
    }

    /// Adds a row; returns false, without adding it, when the size would exceed the maximum. The first row is always added.
    pub(crate) fn push(&mut self, row: R) -> bool {
        self.text_bytes += row.text_bytes();
        if self.text_bytes > self.max_bytes && !self.rows.is_empty() {
            return false;
        }
        self.rows.push(row);
        true
    }

    /// Returns the rows.
    pub(crate) fn into_rows(self, complete: bool) -> Rows<R> {
        Rows::new(self.rows, complete)
    }
}

/// Reads rows up to a maximum size.
pub(crate) async fn collect<R: Row, E>(
    rows: impl Stream<Item = Result<R, E>>,
    max_bytes: usize,
) -> Result<Rows<R>, E> {
    let mut rows = std::pin::pin!(rows);
    let mut rows_read = BoundedRows::new(max_bytes);
    while let Some(row) = rows.try_next().await? {
        if !rows_read.push(row) {
            return Ok(rows_read.into_rows(false));
        }
    }
    Ok(rows_read.into_rows(true))
}

// The columns of a row are in the order of the statement; `first` is the column at which an item of a page begins.

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

pub(crate) fn product_detail(row: &impl Row) -> Result<ProductDetail> {
    Ok(ProductDetail {
        product: product(row, 0)?,
        features: RawJson::from_stored(row.text(8)?),
    })
}

pub(crate) fn content(row: &impl Row) -> Result<Content> {
    Ok(Content {
        products: row.bool(0)?,
        demo: row.optional_text(1)?.is_some(),
    })
}

pub(crate) fn cart_item(row: &impl Row) -> Result<CartItem> {
    Ok(CartItem {
        sku_id: SkuId(row.int(0)?),
        count: row.int(1)?,
    })
}

pub(crate) fn review(row: &impl Row, first: usize) -> Result<Review> {
    Ok(Review {
        review_id: ReviewId(row.int(first)?),
        rating: row.int(first + 1)?,
        summary: row.text(first + 2)?.to_owned(),
        recommend: row.bool(first + 3)?,
        response: row.optional_text(first + 4)?.map(str::to_owned),
        body: row.text(first + 5)?.to_owned(),
        date: Millis(row.int(first + 6)?),
        reviewer_name: row.text(first + 7)?.to_owned(),
        helpfulness: row.int(first + 8)?,
        photos: RawJson::from_stored(row.text(first + 9)?),
    })
}

/// Decodes questions, each of which has one row per answer.
pub(crate) fn questions(rows: &[impl Row]) -> Result<Vec<Question>> {
    let mut questions: Vec<Question> = Vec::new();
    for row in rows {
        let Some(id) = row.optional_int(1)?.map(QuestionId) else {
            continue;
        };
        if questions.last().is_none_or(|last| last.id != id) {
            questions.push(Question {
                id,
                body: row.text(2)?.to_owned(),
                date: Millis(row.int(3)?),
                asker_name: row.text(4)?.to_owned(),
                helpfulness: row.int(5)?,
                answers: vec![],
            });
        }
        if let (Some(question), Some(id)) = (questions.last_mut(), row.optional_int(6)?) {
            question.answers.push(QuestionAnswer {
                id: AnswerId(id),
                body: row.text(7)?.to_owned(),
                date: Millis(row.int(8)?),
                answerer_name: row.text(9)?.to_owned(),
                helpfulness: row.int(10)?,
                photos: RawJson::from_stored(row.text(11)?),
            });
        }
    }
    Ok(questions)
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

/// Decodes the totals, which every row has, and the characteristics, one per row.
pub(crate) fn review_meta(rows: &[impl Row]) -> Result<ReviewMeta> {
    let mut meta = ReviewMeta::default();
    let Some(first) = rows.first() else {
        return Ok(meta);
    };
    for (column, stars) in meta.ratings.iter_mut().enumerate() {
        *stars = first.optional_int(column)?.unwrap_or(0);
    }
    meta.recommended_no = first.optional_int(5)?.unwrap_or(0);
    meta.recommended_yes = first.optional_int(6)?.unwrap_or(0);
    for row in rows {
        if let Some(id) = row.optional_int(7)? {
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
