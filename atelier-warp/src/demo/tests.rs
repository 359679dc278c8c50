use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use atelier_core::bulk::{Batch, Style};

use super::article::DAY;
use super::catalogue;
use super::reviews::{FIRST_WORD, LAST_WORD};

static DEMO: LazyLock<Batch> = LazyLock::new(|| catalogue(1000, 42));

fn styles(batch: &Batch) -> impl Iterator<Item = &Style> {
    batch.products.iter().flat_map(|product| &product.styles)
}

/// How many of `rows` are true of `condition`, in per cent.
fn percent<T>(rows: &[T], condition: impl Fn(&T) -> bool) -> usize {
    100 * rows.iter().filter(|row| condition(row)).count() / rows.len()
}

#[test]
fn the_same_seed_gives_the_same_catalogue() {
    assert_eq!(catalogue(30, 42), catalogue(30, 42));
    assert_ne!(catalogue(30, 42), catalogue(30, 43));
}

#[test]
fn a_product_is_the_same_in_a_larger_catalogue() {
    let small = catalogue(25, 42);
    let mut large = catalogue(60, 42);
    large.products.truncate(small.products.len());
    large.characteristics.truncate(small.characteristics.len());
    large.reviews.truncate(small.reviews.len());
    large.questions.truncate(small.questions.len());
    large.answers.truncate(small.answers.len());
    for (product, other) in large.products.iter_mut().zip(&small.products) {
        product.related.clone_from(&other.related);
    }
    assert_eq!(small, large);
}

#[test]
fn a_thousand_products_have_the_promised_size() {
    let near = |count: usize, promised: usize| count.abs_diff(promised) * 10 <= promised;
    assert_eq!(DEMO.products.len(), 1000);
    assert!(near(styles(&DEMO).count(), 5_000));
    assert!(near(DEMO.reviews.len(), 20_000));
    assert!(near(DEMO.questions.len(), 3_500));
    assert!(near(DEMO.answers.len(), 7_000));
}

#[test]
fn ids_ascend_without_a_gap() {
    fn check(ids: impl Iterator<Item = i64>) {
        for (id, expected) in ids.zip(1..) {
            assert_eq!(id, expected);
        }
    }
    check(DEMO.products.iter().map(|product| product.id));
    check(styles(&DEMO).map(|style| style.style_id));
    check(
        styles(&DEMO)
            .flat_map(|style| &style.skus)
            .map(|sku| sku.id),
    );
    check(
        DEMO.characteristics
            .iter()
            .map(|characteristic| characteristic.id),
    );
    check(DEMO.reviews.iter().map(|review| review.id));
    check(
        DEMO.reviews
            .iter()
            .flat_map(|review| &review.photos)
            .map(|photo| photo.id),
    );
    check(DEMO.questions.iter().map(|question| question.id));
    check(DEMO.answers.iter().map(|answer| answer.id));
    check(
        DEMO.answers
            .iter()
            .flat_map(|answer| &answer.photos)
            .map(|photo| photo.id),
    );
}

#[test]
fn the_first_ten_products_have_everything() {
    for product in &DEMO.products[..10] {
        assert!(product.styles.len() >= 3);
        assert_eq!(
            product.styles.iter().filter(|style| style.default).count(),
            1
        );
        for style in &product.styles {
            assert_eq!(style.photos.len(), 4);
            assert!(!style.skus.is_empty());
        }
        let reviews = DEMO
            .reviews
            .iter()
            .filter(|review| review.product_id == product.id && !review.reported);
        assert!(reviews.count() >= 15);
        let questions = DEMO
            .questions
            .iter()
            .filter(|question| question.product_id == product.id && !question.reported);
        assert!(questions.count() >= if product.id == 1 { 8 } else { 2 });
    }
    let of_first = DEMO
        .reviews
        .iter()
        .filter(|review| review.product_id == 1 && !review.reported);
    assert!(of_first.count() >= 25);
}

#[test]
fn what_the_contract_has_placeholders_for_occurs() {
    assert!(
        DEMO.products
            .iter()
            .any(|product| product.styles.is_empty())
    );
    assert!(
        DEMO.products
            .iter()
            .any(|product| !product.styles.iter().any(|style| style.default))
    );
    assert!(styles(&DEMO).any(|style| style.photos.is_empty()));
    assert!(styles(&DEMO).any(|style| style.skus.is_empty()));
    assert!(styles(&DEMO).any(|style| style.skus.iter().any(|sku| sku.quantity == 0)));
    assert!(
        DEMO.products
            .iter()
            .flat_map(|product| &product.features)
            .any(|feature| feature.value.is_none())
    );
    let answered: HashSet<i64> = DEMO
        .answers
        .iter()
        .map(|answer| answer.question_id)
        .collect();
    assert!(
        DEMO.questions
            .iter()
            .any(|question| !answered.contains(&question.id))
    );
}

#[test]
fn features_mostly_have_values() {
    let features: Vec<_> = DEMO
        .products
        .iter()
        .flat_map(|product| &product.features)
        .collect();
    assert!(percent(&features, |feature| feature.value.is_some()) > 90);
    for product in &DEMO.products {
        assert!(product.features[0].value.is_some(), "{}", product.id);
    }
}

#[test]
fn prices_and_styles_make_sense() {
    for product in &DEMO.products {
        assert!(product.styles.iter().filter(|style| style.default).count() <= 1);
        let names: HashSet<&str> = product.styles.iter().map(|style| &*style.name).collect();
        assert_eq!(names.len(), product.styles.len());
    }
    for style in styles(&DEMO) {
        assert!(style.original_price.0 > 0);
        assert!(
            style
                .sale_price
                .is_none_or(|sale| sale.0 > 0 && sale < style.original_price)
        );
    }
    assert!(styles(&DEMO).any(|style| style.sale_price.is_some()));
}

#[test]
fn related_products_exist_and_are_others() {
    for products in [1, 2, 3, 50] {
        for product in catalogue(products, 7).products {
            let distinct: HashSet<i64> = product.related.iter().copied().collect();
            assert_eq!(distinct.len(), product.related.len());
            assert!(
                distinct
                    .iter()
                    .all(|id| (1..=i64::from(products)).contains(id) && *id != product.id)
            );
            assert!(product.related.len() >= 3.min(products as usize - 1));
        }
    }
}

#[test]
fn reviews_could_have_been_posted() {
    let mut rated: HashMap<i64, HashSet<i64>> = HashMap::new();
    for characteristic in &DEMO.characteristics {
        rated
            .entry(characteristic.product_id)
            .or_default()
            .insert(characteristic.id);
    }
    for review in &DEMO.reviews {
        assert!(review.summary.chars().count() <= 60, "{}", review.summary);
        assert!(
            (50..=1000).contains(&review.body.chars().count()),
            "{}",
            review.body
        );
        assert!((1..=60).contains(&review.reviewer_name.chars().count()));
        assert!((1..=5).contains(&review.rating));
        assert!((FIRST_WORD..LAST_WORD).contains(&review.date.0));
        assert!(review.photos.len() <= 5);
        let of_product = &rated[&review.product_id];
        let distinct: HashSet<i64> = review.characteristics.iter().map(|(id, _)| *id).collect();
        assert_eq!(distinct.len(), review.characteristics.len());
        assert!(distinct.is_subset(of_product));
        assert!(distinct.len() + 1 >= of_product.len());
        assert!(
            review
                .characteristics
                .iter()
                .all(|(_, value)| (1..=5).contains(value))
        );
    }
}

#[test]
fn reviews_are_spread_as_in_a_good_shop() {
    for stars in 1..=5 {
        assert!(DEMO.reviews.iter().any(|review| review.rating == stars));
    }
    assert!(percent(&DEMO.reviews, |review| review.rating >= 4) > 65);
    let recommended = |stars: i64| {
        let mut of: Vec<_> = DEMO.reviews.iter().collect();
        of.retain(|review| review.rating == stars);
        percent(&of, |review| review.recommend)
    };
    assert_eq!([recommended(1), recommended(2)], [0, 0]);
    assert!((35..=65).contains(&recommended(3)));
    assert!((85..100).contains(&recommended(4)));
    assert!((95..100).contains(&recommended(5)));
    assert!((3..=7).contains(&percent(&DEMO.reviews, |review| review.reported)));
    assert!((7..=13).contains(&percent(&DEMO.reviews, |review| review.response.is_some())));
    assert!((15..=25).contains(&percent(&DEMO.reviews, |review| !review.photos.is_empty())));
    assert!(percent(&DEMO.reviews, |review| review.helpfulness < 10) > 85);
}

#[test]
fn questions_and_answers_could_have_been_posted() {
    let asked: HashMap<i64, i64> = DEMO
        .questions
        .iter()
        .map(|question| (question.id, question.date.0))
        .collect();
    for question in &DEMO.questions {
        assert!((1..=1000).contains(&question.body.chars().count()));
        assert!((1..=60).contains(&question.asker_name.chars().count()));
        assert!((FIRST_WORD..LAST_WORD).contains(&question.date.0));
    }
    for answer in &DEMO.answers {
        assert!((1..=1000).contains(&answer.body.chars().count()));
        assert!((1..=60).contains(&answer.answerer_name.chars().count()));
        assert!((asked[&answer.question_id]..LAST_WORD).contains(&answer.date.0));
    }
    assert!(
        DEMO.answers
            .iter()
            .any(|answer| answer.answerer_name == "Seller")
    );
    assert!((1..=5).contains(&percent(&DEMO.answers, |answer| answer.reported)));
}

#[test]
fn nobody_writes_before_the_product_exists() {
    let created: HashMap<i64, i64> = DEMO
        .products
        .iter()
        .map(|product| (product.id, product.created_at.0))
        .collect();
    for product in &DEMO.products {
        assert!(product.updated_at >= product.created_at);
    }
    for review in &DEMO.reviews {
        assert!(review.date.0 >= created[&review.product_id] + DAY);
    }
    assert!(
        DEMO.reviews.iter().any(|review| review.date.0 % 1000 != 0),
        "dates have milliseconds"
    );
}

#[test]
fn every_template_is_filled_in() {
    let of_products = DEMO
        .products
        .iter()
        .flat_map(|product| [&product.name, &product.slogan, &product.description]);
    let of_reviews = DEMO
        .reviews
        .iter()
        .flat_map(|review| [&review.summary, &review.body]);
    let responses = DEMO
        .reviews
        .iter()
        .filter_map(|review| review.response.as_ref());
    let asked = DEMO.questions.iter().map(|question| &question.body);
    let answered = DEMO.answers.iter().map(|answer| &answer.body);
    for text in of_products
        .chain(of_reviews)
        .chain(responses)
        .chain(asked)
        .chain(answered)
    {
        assert!(!text.contains(['{', '}']), "{text}");
        assert!(!text.contains("  ") && text.trim() == text, "{text}");
        assert!(!text.starts_with(char::is_lowercase), "{text}");
    }
}

#[test]
fn addresses_belong_to_nobody() {
    let of_reviews = DEMO.reviews.iter().map(|review| &review.reviewer_email);
    let of_questions = DEMO.questions.iter().map(|question| &question.asker_email);
    let of_answers = DEMO.answers.iter().map(|answer| &answer.answerer_email);
    for email in of_reviews.chain(of_questions).chain(of_answers).flatten() {
        let (local, host) = email.split_once('@').expect("an @");
        assert!(
            !local.is_empty() && host.ends_with(".example") && host.len() > ".example".len(),
            "{email}"
        );
        assert!(
            email.is_ascii() && !email.contains(' ') && email.len() <= 60,
            "{email}"
        );
    }
}
