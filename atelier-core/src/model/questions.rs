//! Questions and answers.

use serde::Serialize;

use crate::model::error::Resource;
use crate::model::ids::{AnswerId, ProductId, QuestionId};
use crate::model::raw_json::RawJson;
use crate::model::reviews::{Photo, day};
use crate::model::time::Millis;
use crate::model::validation::{Rules, email, photos, required_text};

/// A question with its answers, reported ones excluded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Identifier.
    pub id: QuestionId,
    /// Text.
    pub body: String,
    /// Time of creation; served as midnight of that day.
    pub date: Millis,
    /// Name of the author.
    pub asker_name: String,
    /// Number of helpful votes.
    pub helpfulness: i64,
    /// Answers by ascending id.
    pub answers: Vec<QuestionAnswer>,
}

/// An answer within its question, where photos are plain URLs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QuestionAnswer {
    /// Identifier.
    pub id: AnswerId,
    /// Text.
    pub body: String,
    /// Time of creation; serialised as midnight of that day.
    #[serde(serialize_with = "day")]
    pub date: Millis,
    /// Name of the author.
    pub answerer_name: String,
    /// Number of helpful votes.
    pub helpfulness: i64,
    /// Photos by ascending id.
    pub photos: RawJson<Vec<String>>,
}

/// An answer in the list of answers to a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// Identifier.
    pub answer_id: AnswerId,
    /// Text.
    pub body: String,
    /// Time of creation; serialised as midnight of that day.
    #[serde(serialize_with = "day")]
    pub date: Millis,
    /// Name of the author.
    pub answerer_name: String,
    /// Number of helpful votes.
    pub helpfulness: i64,
    /// Photos by ascending id.
    pub photos: RawJson<Vec<Photo>>,
}

/// A new question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewQuestion {
    /// An existing product.
    pub product_id: ProductId,
    /// Not blank, at most 1,000 characters.
    pub body: String,
    /// Not blank, at most 60 characters.
    pub name: String,
    /// E-mail address of at most 60 characters; stored, never served.
    pub email: String,
}

impl Rules for NewQuestion {
    const RESOURCE: Resource = Resource::Question;

    fn rules(&self) -> Vec<(&'static str, bool)> {
        vec![
            ("product_id", self.product_id.0 >= 1),
            ("body", required_text(&self.body, 1_000)),
            ("name", required_text(&self.name, 60)),
            ("email", email(&self.email)),
        ]
    }
}

/// A new answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAnswer {
    /// Not blank, at most 1,000 characters.
    pub body: String,
    /// Not blank, at most 60 characters.
    pub name: String,
    /// E-mail address of at most 60 characters; stored, never served.
    pub email: String,
    /// At most 5, each a non-empty text of at most 2,048 characters, or 65,536 of a `data:` address.
    pub photos: Vec<String>,
}

impl Rules for NewAnswer {
    const RESOURCE: Resource = Resource::Answer;

    fn rules(&self) -> Vec<(&'static str, bool)> {
        vec![
            ("body", required_text(&self.body, 1_000)),
            ("name", required_text(&self.name, 60)),
            ("email", email(&self.email)),
            ("photos", photos(&self.photos)),
        ]
    }
}
