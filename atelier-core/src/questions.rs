//! Questions about products, and their answers.

use serde::Serialize;

use crate::once::{Posted, Stored};
use crate::reviews::{Photo, day};
use crate::valid::{Rules, Valid, email, photos, required_text};
use crate::{
    AnswerId, Atelier, Embedded, Listing, Millis, Noun, Page, ProductId, QuestionId, Result,
};

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
    pub photos: Embedded<Vec<String>>,
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
    pub photos: Embedded<Vec<Photo>>,
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
    const NOUN: Noun = Noun::Question;

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
    const NOUN: Noun = Noun::Answer;

    fn rules(&self) -> Vec<(&'static str, bool)> {
        vec![
            ("body", required_text(&self.body, 1_000)),
            ("name", required_text(&self.name, 60)),
            ("email", email(&self.email)),
            ("photos", photos(&self.photos)),
        ]
    }
}

impl Atelier {
    /// A page of the questions about a product that are not reported, each with its answers: `GET /qa/questions`. By
    /// helpfulness, then id, both descending. Empty when there is no such product.
    pub async fn questions(&self, of: ProductId, page: Page) -> Result<Listing<Question>> {
        let most = self.settings().max_rows;
        self.store()
            .questions(of, page.offset(), page.limit(most), most)
            .await
    }

    /// A page of the answers to a question that are not reported: `GET /qa/questions/{question_id}/answers`. By
    /// helpfulness descending, then id ascending. Empty when there is no such question.
    pub async fn answers(&self, to: QuestionId, page: Page) -> Result<Listing<Answer>> {
        self.store()
            .answers(to, page.offset(), page.limit(self.settings().max_rows))
            .await
    }

    /// Adds a question, visible at once, and gives its id: `POST /qa/questions`. [`Error::Invalid`](crate::Error::Invalid) when
    /// it breaks a rule or the product does not exist.
    pub async fn add_question(&self, new: NewQuestion) -> Result<QuestionId> {
        self.post_question(new, self.posted(None)).await?.now()
    }

    /// Adds an answer, visible at once, and gives its id: `POST /qa/questions/{question_id}/answers`.
    /// [`Error::Invalid`](crate::Error::Invalid) when it breaks a rule, [`Error::NotFound`](crate::Error::NotFound) when there is
    /// no such question.
    pub async fn add_answer(&self, to: QuestionId, new: NewAnswer) -> Result<AnswerId> {
        self.post_answer(to, new, self.posted(None)).await?.now()
    }

    #[cfg(feature = "http")]
    pub(crate) async fn has_question(&self, id: QuestionId) -> Result<bool> {
        self.store().has_question(id).await
    }

    pub(crate) async fn post_question(
        &self,
        new: NewQuestion,
        posted: Posted,
    ) -> Result<Stored<QuestionId>> {
        let new = Valid::check(new)?;
        self.store_to_change()?.add_question(new, posted).await
    }

    pub(crate) async fn post_answer(
        &self,
        to: QuestionId,
        new: NewAnswer,
        posted: Posted,
    ) -> Result<Stored<AnswerId>> {
        let new = Valid::check(new)?;
        self.store_to_change()?.add_answer(to, new, posted).await
    }

    /// One more reader found a question helpful: `PUT /qa/questions/{question_id}/helpful`. Nothing happens when there is
    /// none.
    pub async fn mark_question_helpful(&self, id: QuestionId) -> Result<()> {
        self.vote_for_question(id, self.posted(None)).await
    }

    pub(crate) async fn vote_for_question(&self, id: QuestionId, posted: Posted) -> Result<()> {
        self.store_to_change()?
            .mark_question_helpful(id, posted)
            .await
    }

    /// Hides a question for ever: `PUT /qa/questions/{question_id}/report`. Its answers can still be read by its id. Nothing
    /// happens when there is none.
    pub async fn report_question(&self, id: QuestionId) -> Result<()> {
        self.store_to_change()?.report_question(id).await
    }

    /// One more reader found an answer helpful: `PUT /qa/answers/{answer_id}/helpful`. Nothing happens when there is none.
    pub async fn mark_answer_helpful(&self, id: AnswerId) -> Result<()> {
        self.vote_for_answer(id, self.posted(None)).await
    }

    pub(crate) async fn vote_for_answer(&self, id: AnswerId, posted: Posted) -> Result<()> {
        self.store_to_change()?
            .mark_answer_helpful(id, posted)
            .await
    }

    /// Hides an answer for ever, also inside its question: `PUT /qa/answers/{answer_id}/report`. Nothing happens when there is
    /// none.
    pub async fn report_answer(&self, id: AnswerId) -> Result<()> {
        self.store_to_change()?.report_answer(id).await
    }
}
