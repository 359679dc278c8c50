//! Cost of each operation on the databases, without HTTP and with all data in memory: one caller, and 32 concurrent callers, whose
//! reads are batched while they wait for a connection.

use std::future::Future;

use atelier_benches::{PRODUCT, databases, rows, runtime};
use atelier_core::{Atelier, NewReview, Page, ProductId, QuestionId, Result, ReviewId, ReviewSort};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tokio::task::JoinSet;

fn store(criterion: &mut Criterion) {
    let runtime = runtime();
    let filled = runtime.block_on(databases(&rows()));
    for database in &filled {
        let atelier = database.api.atelier();
        let mut group = criterion.benchmark_group(format!("store/{}", database.name));
        macro_rules! bench {
            ($name:literal, $ask:expr) => {
                group.bench_function($name, |bencher| bencher.to_async(&runtime).iter(|| $ask));
            };
        }
        bench!("products", atelier.products(Page::default()));
        bench!("product", atelier.product(PRODUCT));
        bench!("styles", atelier.styles(PRODUCT));
        bench!("related", atelier.related(PRODUCT));
        bench!(
            "reviews_helpful",
            atelier.reviews(PRODUCT, ReviewSort::Helpful, Page::default())
        );
        bench!(
            "reviews_newest",
            atelier.reviews(PRODUCT, ReviewSort::Newest, Page::default())
        );
        bench!("review_meta", atelier.review_meta(PRODUCT));
        bench!("questions", atelier.questions(PRODUCT, Page::default()));
        bench!("answers", atelier.answers(QuestionId(1), Page::default()));
        bench!(
            "mark_review_helpful",
            atelier.mark_review_helpful(ReviewId(1), None)
        );
        bench!("add_review", atelier.add_review(new_review(), None));
        group.finish();

        let mut group = criterion.benchmark_group(format!("store/{}/at_once", database.name));
        group.throughput(Throughput::Elements(AT_ONCE.unsigned_abs()));
        macro_rules! bench {
            ($name:literal, |$atelier:ident, $id:ident| $ask:expr) => {
                group.bench_function($name, |bencher| {
                    bencher.to_async(&runtime).iter(|| {
                        at_once(atelier, |$atelier, $id| async move { $ask.await.map(drop) })
                    });
                });
            };
        }
        bench!("product", |a, id| a.product(ProductId(id)));
        bench!("styles", |a, id| a.styles(ProductId(id)));
        bench!("related", |a, id| a.related(ProductId(id)));
        bench!("reviews_helpful", |a, id| a.reviews(
            ProductId(id),
            ReviewSort::Helpful,
            Page::default()
        ));
        bench!("reviews_newest", |a, id| a.reviews(
            ProductId(id),
            ReviewSort::Newest,
            Page::default()
        ));
        bench!("review_meta", |a, id| a.review_meta(ProductId(id)));
        bench!("questions", |a, id| a
            .questions(ProductId(id), Page::default()));
        bench!("answers", |a, id| a
            .answers(QuestionId(id), Page::default()));
        group.finish();
    }
}

/// How many ask at once.
const AT_ONCE: i64 = 32;

/// Asks for as many rows, each in a task of its own, and waits for all.
async fn at_once<F>(atelier: &Atelier, ask: impl Fn(Atelier, i64) -> F)
where
    F: Future<Output = Result<()>> + Send + 'static,
{
    let asked: JoinSet<_> = (1..=AT_ONCE).map(|id| ask(atelier.clone(), id)).collect();
    for answer in asked.join_all().await {
        answer.expect("an answer");
    }
}

fn new_review() -> NewReview {
    NewReview {
        // Not the product that is read, whose list should not grow.
        product_id: atelier_core::ProductId(2),
        rating: 4,
        summary: "Warm".to_owned(),
        body: "Kept me dry on the quay all week.".to_owned(),
        recommend: true,
        name: "pierwalker".to_owned(),
        email: "p@example.org".to_owned(),
        photos: vec!["https://img.example/r8.jpg".to_owned()],
        characteristics: [].into(),
    }
}

criterion_group!(benches, store);
criterion_main!(benches);
