//! A store that never answers.

use std::future::pending;

use async_trait::async_trait;
use atelier_core::store::{Content, Topic};
use atelier_core::{
    Answer, AnswerId, CartItem, Embedded, Listing, Millis, NewAnswer, NewInteraction, NewQuestion,
    NewReview, Once, Owner, Posted, Product, ProductDetail, ProductId, Question, QuestionId,
    Result, Review, ReviewId, ReviewMeta, ReviewSort, Seen, SkuId, Store, Stored, Style, Valid,
};

pub(crate) struct Silent;

macro_rules! silent {
    ($($name:ident($($given:ty),*) -> $answer:ty;)*) => {
        #[async_trait]
        impl Store for Silent {
            $(async fn $name(&self, $(_: $given),*) -> Result<$answer> {
                pending().await
            })*

            fn changes(&self, _: Topic) -> u64 {
                0
            }

            fn shared(&self) -> bool {
                true
            }

            async fn close(&self) {}
        }
    };
}

silent! {
    products(i64, i64) -> Listing<Product>;
    product(ProductId) -> Option<ProductDetail>;
    styles(ProductId) -> Option<Embedded<Vec<Style>>>;
    related(ProductId) -> Option<Embedded<Vec<ProductId>>>;
    reviews(ProductId, ReviewSort, i64, i64) -> Listing<Review>;
    review_meta(ProductId) -> ReviewMeta;
    add_review(Valid<NewReview>, Posted) -> Stored<ReviewId>;
    mark_review_helpful(ReviewId, Posted) -> ();
    report_review(ReviewId) -> ();
    questions(ProductId, i64, i64, i64) -> Listing<Question>;
    answers(QuestionId, i64, i64) -> Listing<Answer>;
    has_question(QuestionId) -> bool;
    add_question(Valid<NewQuestion>, Posted) -> Stored<QuestionId>;
    add_answer(QuestionId, Valid<NewAnswer>, Posted) -> Stored<AnswerId>;
    mark_question_helpful(QuestionId, Posted) -> ();
    report_question(QuestionId) -> ();
    mark_answer_helpful(AnswerId, Posted) -> ();
    report_answer(AnswerId) -> ();
    cart(&Owner, i64) -> Vec<CartItem>;
    add_to_cart(&Owner, SkuId, Posted) -> Stored<()>;
    add_interaction(Valid<NewInteraction>, Posted) -> Stored<()>;
    seen(&Once, Millis) -> Seen;
    sweep(Millis, Millis) -> ();
    ready() -> ();
    content() -> Content;
}
