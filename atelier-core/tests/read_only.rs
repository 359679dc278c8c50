//! A read-only API over a writable store.

use atelier_core::store::{self, Provenance};
use atelier_core::{
    AnswerId, Atelier, Clock, DatabaseUrl, Error, Limits, NewInteraction, Owner, Page, QuestionId,
    ReviewId, SkuId,
};

#[tokio::test]
async fn read_only_api_rejects_every_write_and_serves_reads() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = DatabaseUrl::sqlite(folder.path().join("shop.db"));
    let rows = atelier_core::bulk::Batch::default();
    store::fill(&url, rows, Provenance::Demo)
        .await
        .expect("fills");
    let store = atelier_core::open(&url, &atelier_core::StoreOptions::default())
        .await
        .expect("opens");
    let settings = Limits {
        read_only: true,
        ..Limits::default()
    };
    let atelier = Atelier::with(store, settings, Clock::default());
    atelier.products(Page::default()).await.expect("reads");
    let owner = Owner::of(None);
    assert_eq!(atelier.cart(&owner).await.expect("reads"), []);
    let visit = NewInteraction {
        element: "a".to_owned(),
        widget: "b".to_owned(),
        time: "c".to_owned(),
    };
    let refused = [
        atelier.mark_review_helpful(ReviewId(1), None).await,
        atelier.report_review(ReviewId(1)).await,
        atelier.mark_question_helpful(QuestionId(1), None).await,
        atelier.report_question(QuestionId(1)).await,
        atelier.mark_answer_helpful(AnswerId(1), None).await,
        atelier.report_answer(AnswerId(1)).await,
        atelier.add_to_cart(&owner, SkuId(1), None).await.map(drop),
        atelier.add_interaction(visit, None).await.map(drop),
    ];
    for outcome in refused {
        assert!(matches!(outcome, Err(Error::ReadOnly)), "{outcome:?}");
    }
}
