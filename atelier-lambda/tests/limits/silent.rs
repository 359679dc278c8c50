//! A store whose methods never return.

use std::future::pending;

use async_trait::async_trait;
use atelier_core::store::{Content, SweepCutoffs, Topic};
use atelier_core::{
    Answer, AnswerId, CartItem, IdempotencyKey, KeyState, Millis, NewAnswer, NewInteraction,
    NewQuestion, NewReview, Owner, Paginated, Product, ProductDetail, ProductId, Question,
    QuestionId, RawJson, Result, Review, ReviewId, ReviewMeta, ReviewSort, SkuId, Store, Style,
    Valid, WriteContext, WriteOutcome,
};

#[derive(Debug)]
pub(crate) struct Silent;

macro_rules! silent {
    ($($name:ident($($given:ty),*) -> $answer:ty;)*) => {
        #[async_trait]
        impl Store for Silent {
            $(async fn $name(&self, $(_: $given),*) -> Result<$answer> {
                pending().await
            })*

            fn topic_version(&self, _: Topic) -> u64 {
                0
            }

            fn is_shared(&self) -> bool {
                true
            }

            async fn close(&self) {}
        }
    };
}

silent! {
    products(i64, i64) -> Paginated<Product>;
    product(ProductId) -> Option<ProductDetail>;
    styles(ProductId) -> Option<RawJson<Vec<Style>>>;
    related(ProductId) -> Option<RawJson<Vec<ProductId>>>;
    reviews(ProductId, ReviewSort, i64, i64) -> Paginated<Review>;
    review_meta(ProductId) -> ReviewMeta;
    add_review(Valid<NewReview>, WriteContext) -> WriteOutcome<ReviewId>;
    mark_review_helpful(ReviewId, WriteContext) -> ();
    report_review(ReviewId) -> ();
    questions(ProductId, i64, i64, i64) -> Paginated<Question>;
    answers(QuestionId, i64, i64) -> Paginated<Answer>;
    has_question(QuestionId) -> bool;
    add_question(Valid<NewQuestion>, WriteContext) -> WriteOutcome<QuestionId>;
    add_answer(QuestionId, Valid<NewAnswer>, WriteContext) -> WriteOutcome<AnswerId>;
    mark_question_helpful(QuestionId, WriteContext) -> ();
    report_question(QuestionId) -> ();
    mark_answer_helpful(AnswerId, WriteContext) -> ();
    report_answer(AnswerId) -> ();
    cart(&Owner, i64) -> Vec<CartItem>;
    add_to_cart(&Owner, SkuId, WriteContext) -> WriteOutcome<()>;
    add_interaction(Valid<NewInteraction>, WriteContext) -> WriteOutcome<()>;
    key_state(&IdempotencyKey, Millis) -> KeyState;
    sweep(SweepCutoffs) -> ();
    ready() -> ();
    content() -> Content;
}
