//! What each question costs the databases, without HTTP: one caller, everything in memory, so the way there and back.

use atelier_benches::{PRODUCT, databases, rows, runtime};
use atelier_core::{NewReview, Page, QuestionId, ReviewId, ReviewSort};
use criterion::{Criterion, criterion_group, criterion_main};

fn store(criterion: &mut Criterion) {
    let runtime = runtime();
    let filled = runtime.block_on(databases(&rows()));
    for database in &filled {
        let atelier = &database.atelier;
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
            atelier.mark_review_helpful(ReviewId(1))
        );
        bench!("add_review", atelier.add_review(new_review()));
        group.finish();
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
