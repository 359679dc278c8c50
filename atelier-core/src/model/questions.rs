//! Questions about products, and their answers.

use serde::Serialize;

use crate::model::error::Resource;
use crate::model::ids::{AnswerId, ProductId, QuestionId};
use crate::model::raw_json::RawJson;
use crate::model::reviews::{Photo, day};
use crate::model::time::Millis;
use crate::model::validation::{Rules, email, photos, required_text};

/// A question that is not reported, with all its answers that are not reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Names it.
    pub id: QuestionId,
    /// The text.
    pub body: String,
    /// When it was asked; served as the midnight of that day.
    pub date: Millis,
    /// Who asked.
    pub asker_name: String,
    /// How many found it helpful.
    pub helpfulness: i64,
    /// By ascending id.
    pub answers: Vec<QuestionAnswer>,
}

/// An answer inside its question, where photos are addresses alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QuestionAnswer {
    /// Names it.
    pub id: AnswerId,
    /// The text.
    pub body: String,
    /// When it was given; serialised as the midnight of that day.
    #[serde(serialize_with = "day")]
    pub date: Millis,
    /// Who answered.
    pub answerer_name: String,
    /// How many found it helpful.
    pub helpfulness: i64,
    /// By ascending id, possibly none.
    pub photos: RawJson<Vec<String>>,
}

/// An answer in the list of a question's answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// Names it.
    pub answer_id: AnswerId,
    /// The text.
    pub body: String,
    /// When it was given; serialised as the midnight of that day.
    #[serde(serialize_with = "day")]
    pub date: Millis,
    /// Who answered.
    pub answerer_name: String,
    /// How many found it helpful.
    pub helpfulness: i64,
    /// By ascending id, possibly none.
    pub photos: RawJson<Vec<Photo>>,
}

/// A question to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewQuestion {
    /// Of an existing product.
    pub product_id: ProductId,
    /// Not blank, at most 1,000 characters.
    pub body: String,
    /// Not blank, at most 60 characters.
    pub name: String,
    /// At most 60 characters that look like an address. Kept, and never shown.
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

/// An answer to be added to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAnswer {
    /// Not blank, at most 1,000 characters.
    pub body: String,
    /// Not blank, at most 60 characters.
    pub name: String,
    /// At most 60 characters that look like an address. Kept, and never shown.
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
