//! SQLite under concurrent small reads, large reads and writes.

use std::future::Future;
use std::sync::Arc;
use std::sync::mpsc;

use atelier_conformance::seed;
use atelier_core::bulk::Batch;
use atelier_core::store::{self, Provenance, SweepCutoffs};
use atelier_core::{
    DatabaseUrl, Error, Millis, ProductId, QuestionId, Result, ReviewId, ReviewSort, Store,
};
use futures_util::FutureExt;
use futures_util::future::join_all;
use sqlx::{Connection, SqliteConnection};
use tempfile::TempDir;
use tokio::runtime::Builder;

/// Rows of one parent: more than a read returns on the thread of the caller.
const MANY: i64 = 5_000;

fn count<T>(rows: &[T]) -> i64 {
    i64::try_from(rows.len()).expect("a small number")
}

async fn filled(rows: Batch) -> (TempDir, Arc<dyn Store>) {
    let folder = tempfile::tempdir().expect("a folder");
    let url = DatabaseUrl::sqlite(folder.path().join("shop.db"));
    store::fill(&url, rows, Provenance::Loaded("a test"))
        .await
        .expect("the rows are stored");
    let store = atelier_core::open(&url, &atelier_core::StoreOptions::default())
        .await
        .expect("the store opens");
    (folder, store)
}

/// Returns the rows of the seed with many reviews of product 501 and many answers to question 71.
fn many() -> Batch {
    let mut rows = seed::rows();
    let (review, answer) = (rows.reviews[0].clone(), rows.answers[0].clone());
    rows.reviews = (1..=MANY)
        .map(|id| atelier_core::bulk::Review {
            id,
            product_id: 501,
            reported: false,
            photos: vec![],
            ..review.clone()
        })
        .collect();
    rows.answers = (1..=MANY)
        .map(|id| atelier_core::bulk::Answer {
            id,
            question_id: 71,
            reported: false,
            photos: vec![],
            ..answer.clone()
        })
        .collect();
    rows
}

/// Returns the result of `large`, and asserts that it runs on another thread while small reads are answered.
async fn aside<T>(store: &dyn Store, mut large: impl Future<Output = Result<T>> + Unpin) -> T {
    let (go_on, busy) = mpsc::channel::<()>();
    let busy = tokio::task::spawn_blocking(move || busy.recv());
    assert!((&mut large).now_or_never().is_none(), "it is large");
    for _ in 0..3 {
        let product = store.product(ProductId(501)).now_or_never();
        assert!(product.expect("at once").expect("an answer").is_some());
        let page = store.reviews(ProductId(501), ReviewSort::Helpful, 0, 100);
        let page = page.now_or_never().expect("at once").expect("an answer");
        assert_eq!((page.rows.len(), page.total), (100, MANY));
    }
    go_on.send(()).expect("it waits");
    busy.await.expect("no panic").expect("a message");
    large.await.expect("an answer")
}

#[test]
fn large_read_does_not_block_the_thread() {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(1)
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let (_folder, store) = filled(many()).await;
        let of = ProductId(501);
        let all = store.reviews(of, ReviewSort::Helpful, 0, 10_000);
        let all = aside(&*store, all).await;
        assert_eq!((count(&all.rows), all.total), (MANY, MANY));

        let behind_many = store.reviews(of, ReviewSort::Newest, MANY - 5, 5);
        let behind_many = aside(&*store, behind_many).await.rows;
        let ids: Vec<_> = behind_many.iter().map(|row| row.review_id).collect();
        assert_eq!(ids, [5, 4, 3, 2, 1].map(ReviewId));

        let with_many_each = store.questions(of, 0, 5, 10_000);
        let with_many_each = aside(&*store, with_many_each).await.rows;
        let question = with_many_each.iter().find(|row| row.id == QuestionId(71));
        assert_eq!(question.map(|row| count(&row.answers)), Some(MANY));
        store.close().await;
    });
}

#[test]
fn endless_reader_yields_to_other_tasks() {
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let (_folder, store) = filled(seed::rows()).await;
        let other = tokio::spawn(async {});
        while !other.is_finished() {
            store.related(ProductId(501)).await.expect("an answer");
        }
    });
}

#[tokio::test]
async fn reads_proceed_during_open_transaction() {
    let (folder, store) = filled(seed::rows()).await;
    let path = folder.path().join("shop.db").display().to_string();
    let mut other = SqliteConnection::connect(&format!("sqlite:{path}"))
        .await
        .expect("a connection");
    let read = async || store.product(ProductId(501)).await.expect("an answer");
    let before = read().await;
    let mut transaction = other.begin_with("begin immediate").await.expect("begins");
    sqlx::query("update products set name = 'after'")
        .execute(&mut *transaction)
        .await
        .expect("writes");
    assert_eq!(read().await, before, "what is not committed");
    transaction.commit().await.expect("commits");
    assert_eq!(read().await.expect("a product").product.name, "after");
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_readers_get_their_own_rows() {
    let (_folder, store) = filled(many()).await;
    let readers = (0..100_i64).map(|reader| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            for round in 0..20 {
                let skip = (reader * 20 + round) % (MANY - 1);
                // A large read waits for a thread, with a timeout.
                let large = reader == 50 && round == 7;
                let most = if large { MANY } else { 1 };
                let by = ReviewSort::Newest;
                let page = store.reviews(ProductId(501), by, skip, most).await;
                let page = page.expect("an answer");
                assert_eq!(page.rows[0].review_id, ReviewId(MANY - skip));
                let found = store
                    .has_question(QuestionId(71 + 1_000 * (round % 2)))
                    .await;
                assert_eq!(found.expect("an answer"), round % 2 == 0);
            }
        })
    });
    for reader in join_all(readers).await {
        reader.expect("no panic");
    }
    store.close().await;
}

#[tokio::test]
async fn close_leaves_one_file_and_refuses_later_calls() {
    let (folder, store) = filled(many()).await;
    let mut large = store.reviews(ProductId(501), ReviewSort::Helpful, 0, 10_000);
    assert!((&mut large).now_or_never().is_none(), "it is under way");
    let votes = (1..=20).map(|id| store.mark_review_helpful(ReviewId(id), seed::POSTED));
    let (votes, ()) = tokio::join!(join_all(votes), store.close());
    // Earlier requests are completed or refused, never half done.
    match large.await {
        Ok(page) => assert_eq!(count(&page.rows), MANY),
        Err(error) => assert!(matches!(error, Error::Unavailable(_)), "{error}"),
    }
    let late = store.product(ProductId(501)).await;
    assert!(matches!(late, Err(Error::Unavailable(_))), "{late:?}");
    let late = store.mark_review_helpful(ReviewId(1), seed::POSTED).await;
    assert!(matches!(late, Err(Error::Unavailable(_))), "{late:?}");

    let mut files: Vec<_> = std::fs::read_dir(folder.path())
        .expect("a folder")
        .map(|file| file.expect("a file").file_name())
        .collect();
    files.sort();
    assert_eq!(files, ["shop.db"]);
    let url = DatabaseUrl::sqlite(folder.path().join("shop.db"));
    let again = atelier_core::open(&url, &atelier_core::StoreOptions::default())
        .await
        .expect("the store opens");
    let page = again.reviews(ProductId(501), ReviewSort::Newest, MANY - 20, 20);
    let stored = page.await.expect("an answer").rows;
    let counted: i64 = stored.iter().map(|review| review.helpfulness).sum();
    let base = 20 * seed::rows().reviews[0].helpfulness;
    let acknowledged: Vec<_> = votes.iter().filter(|vote| vote.is_ok()).collect();
    assert_eq!(counted, base + count(&acknowledged));
    again.close().await;
}

/// Returns the names of the files in a directory.
fn files(folder: &TempDir) -> Vec<String> {
    let files = std::fs::read_dir(folder.path()).expect("a folder");
    let mut names: Vec<_> = files
        .map(|file| {
            file.expect("a file")
                .file_name()
                .into_string()
                .expect("UTF-8")
        })
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn read_only_file_is_unchanged_and_shared() {
    let (folder, store) = filled(seed::rows()).await;
    store.close().await;
    // The name has characters with a meaning in URLs.
    let place = tempfile::tempdir().expect("a folder");
    let path = place.path().join("100% of the shop#1.db");
    std::fs::copy(folder.path().join("shop.db"), &path).expect("a copy");
    let before = std::fs::read(&path).expect("a file");
    let url = DatabaseUrl::SqliteReadOnly(path.clone());
    let one = atelier_core::open(&url, &atelier_core::StoreOptions::default())
        .await
        .expect("opens");
    let other = atelier_core::open(&url, &atelier_core::StoreOptions::lambda())
        .await
        .expect("opens");
    for store in [&one, &other] {
        let product = store.product(ProductId(501)).await.expect("an answer");
        assert!(product.is_some());
        let vote = store.mark_review_helpful(ReviewId(31), seed::POSTED).await;
        assert!(matches!(vote, Err(Error::ReadOnly)), "{vote:?}");
        store
            .sweep(SweepCutoffs {
                now: Millis(0),
                keys: Millis(0),
                interactions: Some(Millis(0)),
                carts: Some(Millis(0)),
            })
            .await
            .expect("nothing to do");
        store.close().await;
    }
    assert_eq!(files(&place), ["100% of the shop#1.db"]);
    assert_eq!(std::fs::read(&path).expect("a file"), before);
}

#[tokio::test]
async fn unusable_read_only_file_is_refused_with_reason() {
    let (folder, store) = filled(seed::rows()).await;
    let path = folder.path().join("shop.db");
    let refused = async |url: &DatabaseUrl| {
        let Err(error) = atelier_core::open(url, &atelier_core::StoreOptions::lambda()).await
        else {
            panic!("{url} is opened")
        };
        error.to_string()
    };
    // Some writes of a running server are in another file.
    store
        .mark_review_helpful(ReviewId(31), seed::POSTED)
        .await
        .expect("is written");
    let url = DatabaseUrl::SqliteReadOnly(path.clone());
    let why = refused(&url).await;
    assert!(why.contains("a server writes it"), "{why}");
    store.close().await;
    atelier_core::open(&url, &atelier_core::StoreOptions::lambda())
        .await
        .expect("opens now");

    // The files of a function are removed with it.
    let why = refused(&DatabaseUrl::Sqlite(path)).await;
    assert!(
        why.contains("PostgreSQL") && why.contains("?mode=ro"),
        "{why}"
    );

    let missing = DatabaseUrl::SqliteReadOnly(folder.path().join("none.db"));
    let why = refused(&missing).await;
    assert!(why.contains("there is no such file"), "{why}");

    let empty = folder.path().join("empty.db");
    std::fs::write(&empty, "").expect("a file");
    let why = refused(&DatabaseUrl::SqliteReadOnly(empty)).await;
    assert!(why.contains("no tables of Atelier"), "{why}");

    let url = DatabaseUrl::SqliteReadOnly("shop.db".into());
    let why = store::migrate(&url)
        .await
        .expect_err("is only read")
        .to_string();
    assert!(why.contains("leave ?mode=ro out"), "{why}");
}
