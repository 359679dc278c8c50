//! Operations on questions and answers.

use super::Atelier;
use crate::model::error::Result;
use crate::model::idempotency::{IdempotencyKey, WriteOutcome};
use crate::model::ids::{AnswerId, ProductId, QuestionId};
use crate::model::pagination::{Page, Paginated};
use crate::model::questions::{Answer, NewAnswer, NewQuestion, Question};
use crate::model::validation::Valid;

impl Atelier {
    /// Lists the questions about a product with their answers, reported ones excluded: `GET /qa/questions`. Ordered by
    /// helpfulness, then id, both descending. Empty if the product does not exist.
    pub async fn questions(&self, product: ProductId, page: Page) -> Result<Paginated<Question>> {
        let max_rows = self.limits().max_rows;
        self.store()
            .questions(product, page.offset(), page.limit(max_rows), max_rows)
            .await
    }

    /// Lists the answers to a question, reported ones excluded: `GET /qa/questions/{question_id}/answers`. Ordered by
    /// helpfulness descending, then id ascending. Empty if the question does not exist.
    pub async fn answers(&self, question: QuestionId, page: Page) -> Result<Paginated<Answer>> {
        let limit = page.limit(self.limits().max_rows);
        self.store().answers(question, page.offset(), limit).await
    }

    /// Returns whether a question exists, reported or not.
    pub async fn has_question(&self, id: QuestionId) -> Result<bool> {
        self.store().has_question(id).await
    }

    /// Adds a question: `POST /qa/questions`. With a key, a repeated request is not stored again. [`Error::Invalid`] if a field
    /// is invalid or the product does not exist.
    ///
    /// [`Error::Invalid`]: crate::Error::Invalid
    pub async fn add_question(
        &self,
        new: NewQuestion,
        key: Option<IdempotencyKey>,
    ) -> Result<WriteOutcome<QuestionId>> {
        let new = Valid::check(new)?;
        let context = self.write_context(key);
        self.writable_store()?.add_question(new, context).await
    }

    /// Adds an answer: `POST /qa/questions/{question_id}/answers`. With a key, a repeated request is not stored again.
    /// [`Error::Invalid`] if a field is invalid, [`Error::NotFound`] if the question does not exist.
    ///
    /// [`Error::Invalid`]: crate::Error::Invalid
    /// [`Error::NotFound`]: crate::Error::NotFound
    pub async fn add_answer(
        &self,
        question: QuestionId,
        new: NewAnswer,
        key: Option<IdempotencyKey>,
    ) -> Result<WriteOutcome<AnswerId>> {
        let new = Valid::check(new)?;
        let context = self.write_context(key);
        self.writable_store()?
            .add_answer(question, new, context)
            .await
    }

    /// Adds a vote for a question: `PUT /qa/questions/{question_id}/helpful`. With a key, a repeated vote is not counted again.
    /// Does nothing if the question does not exist.
    pub async fn mark_question_helpful(
        &self,
        id: QuestionId,
        key: Option<IdempotencyKey>,
    ) -> Result<()> {
        let context = self.write_context(key);
        self.writable_store()?
            .mark_question_helpful(id, context)
            .await
    }

    /// Hides a question for good: `PUT /qa/questions/{question_id}/report`. Its answers can still be listed by its id. Does
    /// nothing if the question does not exist.
    pub async fn report_question(&self, id: QuestionId) -> Result<()> {
        self.writable_store()?.report_question(id).await
    }

    /// Adds a vote for an answer: `PUT /qa/answers/{answer_id}/helpful`. With a key, a repeated vote is not counted again. Does
    /// nothing if the answer does not exist.
    pub async fn mark_answer_helpful(
        &self,
        id: AnswerId,
        key: Option<IdempotencyKey>,
    ) -> Result<()> {
        let context = self.write_context(key);
        self.writable_store()?
            .mark_answer_helpful(id, context)
            .await
    }

    /// Hides an answer for good, also within its question: `PUT /qa/answers/{answer_id}/report`. Does nothing if the answer does
    /// not exist.
    pub async fn report_answer(&self, id: AnswerId) -> Result<()> {
        self.writable_store()?.report_answer(id).await
    }
}
