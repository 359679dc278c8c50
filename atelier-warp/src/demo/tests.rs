use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use atelier_core::bulk::{Batch, Style};

use super::catalogue;
use super::context::DAY_MS;
use super::reviews::{END_OF_POSTS_MS, FIRST_POST_MS};

static DEMO: LazyLock<Batch> = LazyLock::new(|| catalogue(1000, 42));

fn styles() -> impl Iterator<Item = &'static Style> {
    DEMO.products.iter().flat_map(|product| &product.styles)
}

/// URLs of all photos and thumbnails.
fn pictures() -> impl Iterator<Item = &'static String> {
    let of_styles = styles().flat_map(|style| &style.photos);
    let of_reviews = DEMO.reviews.iter().flat_map(|review| &review.photos);
    let of_answers = DEMO.answers.iter().flat_map(|answer| &answer.photos);
    of_styles
        .flat_map(|photo| photo.url.iter().chain(&photo.thumbnail_url))
        .chain(of_reviews.chain(of_answers).map(|photo| &photo.url))
}

/// Percentage of `rows` that satisfy `condition`.
fn percent<T>(rows: &[T], condition: impl Fn(&T) -> bool) -> usize {
    100 * rows.iter().filter(|row| condition(row)).count() / rows.len()
}

#[test]
fn product_depends_on_seed_and_not_on_size_of_catalogue() {
    assert_ne!(catalogue(1, 42), catalogue(1, 43));
    let mut small = catalogue(25, 42);
    for (product, other) in small.products.iter_mut().zip(&DEMO.products) {
        product.related.clone_from(&other.related);
    }
    assert!(DEMO.products.starts_with(&small.products));
    assert!(DEMO.characteristics.starts_with(&small.characteristics));
    assert!(DEMO.reviews.starts_with(&small.reviews));
    assert!(DEMO.questions.starts_with(&small.questions));
    assert!(DEMO.answers.starts_with(&small.answers));
}

#[test]
fn row_counts_match_documentation() {
    let near = |count: usize, documented: usize| count.abs_diff(documented) * 10 <= documented;
    assert_eq!(DEMO.products.len(), 1000);
    assert!(near(styles().count(), 5_000));
    assert!(near(DEMO.reviews.len(), 20_000));
    assert!(near(DEMO.questions.len(), 3_500));
    assert!(near(DEMO.answers.len(), 7_000));
}

#[test]
fn ids_ascend_without_gaps() {
    let ascends = |ids: &mut dyn Iterator<Item = i64>| ids.zip(1..).all(|(id, next)| id == next);
    let of_reviews = DEMO.reviews.iter().flat_map(|review| &review.photos);
    let of_answers = DEMO.answers.iter().flat_map(|answer| &answer.photos);
    assert!(ascends(&mut DEMO.products.iter().map(|product| product.id)));
    assert!(ascends(&mut styles().map(|style| style.style_id)));
    let skus = styles().flat_map(|style| &style.skus);
    assert!(ascends(&mut skus.map(|sku| sku.id)));
    assert!(ascends(&mut DEMO.characteristics.iter().map(|row| row.id)));
    assert!(ascends(&mut DEMO.reviews.iter().map(|review| review.id)));
    assert!(ascends(&mut of_reviews.map(|photo| photo.id)));
    assert!(ascends(&mut DEMO.questions.iter().map(|row| row.id)));
    assert!(ascends(&mut DEMO.answers.iter().map(|answer| answer.id)));
    assert!(ascends(&mut of_answers.map(|photo| photo.id)));
}

#[test]
fn featured_products_are_complete() {
    for product in &DEMO.products[..10] {
        assert!(product.styles.len() >= 3);
        let defaults = product.styles.iter().filter(|style| style.default);
        assert_eq!(defaults.count(), 1);
        let mut styles = product.styles.iter();
        assert!(styles.all(|style| style.photos.len() == 4 && !style.skus.is_empty()));
        let reviews = DEMO.reviews.iter();
        let reviews = reviews.filter(|row| row.product_id == product.id && !row.reported);
        assert!(reviews.count() >= if product.id == 1 { 25 } else { 15 });
        let questions = DEMO.questions.iter();
        let questions = questions.filter(|row| row.product_id == product.id && !row.reported);
        assert!(questions.count() >= if product.id == 1 { 8 } else { 2 });
    }
}

#[test]
fn missing_styles_photos_skus_values_and_answers_occur() {
    let products = || DEMO.products.iter();
    assert!(products().any(|product| product.styles.is_empty()));
    assert!(products().any(|product| product.styles.iter().all(|style| !style.default)));
    assert!(styles().any(|style| style.photos.is_empty()));
    assert!(styles().any(|style| style.skus.is_empty()));
    assert!(styles().any(|style| style.skus.iter().any(|sku| sku.quantity == 0)));
    let answered: HashSet<i64> = DEMO.answers.iter().map(|row| row.question_id).collect();
    let mut questions = DEMO.questions.iter();
    assert!(questions.any(|question| !answered.contains(&question.id)));

    let features: Vec<_> = products().flat_map(|product| &product.features).collect();
    let with_value = percent(&features, |feature| feature.value.is_some());
    assert!((90..100).contains(&with_value), "{with_value}");
}

#[test]
fn prices_are_positive_and_style_names_unique() {
    for product in &DEMO.products {
        assert!(product.styles.iter().filter(|style| style.default).count() <= 1);
        let names: HashSet<&str> = product.styles.iter().map(|style| &*style.name).collect();
        assert_eq!(names.len(), product.styles.len());
    }
    let mut sales = styles().filter_map(|style| Some((style.sale_price?, style.original_price)));
    assert!(sales.all(|(sale, original)| sale.0 > 0 && sale < original));
    assert!(styles().all(|style| style.original_price.0 > 0));
}

#[test]
fn related_products_exist_and_differ_from_the_product() {
    for products in [1, 2, 3, 50] {
        for product in catalogue(products, 7).products {
            let related: HashSet<i64> = product.related.iter().copied().collect();
            assert_eq!(related.len(), product.related.len());
            assert!(related.len() >= 3.min(products as usize - 1));
            assert!(!related.contains(&product.id));
            assert!(related.iter().all(|id| (1..=products.into()).contains(id)));
        }
    }
}

#[test]
fn reviews_are_valid_requests() {
    let mut of_product: HashMap<i64, HashSet<i64>> = HashMap::new();
    for row in &DEMO.characteristics {
        of_product.entry(row.product_id).or_default().insert(row.id);
    }
    let products = DEMO.products.iter();
    let created: HashMap<i64, i64> = products.map(|row| (row.id, row.created_at.0)).collect();
    for review in &DEMO.reviews {
        assert!(review.summary.chars().count() <= 60, "{}", review.summary);
        let length = review.body.chars().count();
        assert!((50..=1000).contains(&length), "{}", review.body);
        assert!((1..=60).contains(&review.reviewer_name.chars().count()));
        assert!((1..=5).contains(&review.rating));
        assert!((FIRST_POST_MS..END_OF_POSTS_MS).contains(&review.date.0));
        assert!(review.date.0 >= created[&review.product_id] + DAY_MS);
        assert!(review.photos.len() <= 5);
        let known = &of_product[&review.product_id];
        let rated: HashSet<i64> = review.characteristics.iter().map(|(id, _)| *id).collect();
        assert_eq!(rated.len(), review.characteristics.len());
        assert!(rated.is_subset(known) && rated.len() + 1 >= known.len());
        let mut values = review.characteristics.iter().map(|(_, value)| *value);
        assert!(values.all(|value| (1..=5).contains(&value)));
    }
}

#[test]
fn review_statistics_are_plausible() {
    let reviews = &DEMO.reviews;
    let recommended = |stars: i64| {
        let with_stars = reviews.iter().filter(|review| review.rating == stars);
        percent(&with_stars.collect::<Vec<_>>(), |row| row.recommend)
    };
    assert_eq!([recommended(1), recommended(2)], [0, 0]);
    assert!((35..=65).contains(&recommended(3)));
    assert!((85..100).contains(&recommended(4)));
    assert!((95..100).contains(&recommended(5)));
    assert!(percent(reviews, |review| review.rating >= 4) > 65);
    assert!((3..=7).contains(&percent(reviews, |review| review.reported)));
    assert!((7..=13).contains(&percent(reviews, |review| review.response.is_some())));
    assert!((15..=25).contains(&percent(reviews, |review| !review.photos.is_empty())));
    assert!(percent(reviews, |review| review.helpfulness < 10) > 85);
}

#[test]
fn questions_and_answers_are_valid_requests() {
    let mut asked = HashMap::new();
    for question in &DEMO.questions {
        asked.insert(question.id, question.date.0);
        assert!((1..=1000).contains(&question.body.chars().count()));
        assert!((1..=60).contains(&question.asker_name.chars().count()));
        assert!((FIRST_POST_MS..END_OF_POSTS_MS).contains(&question.date.0));
    }
    for answer in &DEMO.answers {
        assert!((1..=1000).contains(&answer.body.chars().count()));
        assert!((1..=60).contains(&answer.answerer_name.chars().count()));
        assert!((asked[&answer.question_id]..END_OF_POSTS_MS).contains(&answer.date.0));
    }
    let mut answers = DEMO.answers.iter();
    assert!(answers.any(|answer| answer.answerer_name == "Seller"));
    assert!((1..=5).contains(&percent(&DEMO.answers, |answer| answer.reported)));
}

#[test]
fn texts_have_no_placeholders_or_stray_spaces() {
    let products = DEMO.products.iter();
    let products = products.flat_map(|row| [&row.name, &row.slogan, &row.description]);
    let reviews = DEMO.reviews.iter();
    let reviews = reviews.flat_map(|row| row.response.iter().chain([&row.summary, &row.body]));
    let questions = DEMO.questions.iter().map(|row| &row.body);
    let answers = DEMO.answers.iter().map(|row| &row.body);
    for text in products.chain(reviews).chain(questions).chain(answers) {
        assert!(!text.contains(['{', '}']), "{text}");
        assert!(!text.contains("  ") && text.trim() == text, "{text}");
        assert!(!text.starts_with(char::is_lowercase), "{text}");
    }
}

#[test]
fn email_addresses_are_in_reserved_domain() {
    let of_reviews = DEMO.reviews.iter().map(|row| &row.reviewer_email);
    let of_questions = DEMO.questions.iter().map(|row| &row.asker_email);
    let of_answers = DEMO.answers.iter().map(|row| &row.answerer_email);
    for email in of_reviews.chain(of_questions).chain(of_answers).flatten() {
        let (local, host) = email.split_once('@').expect("an @");
        let domain = host.strip_suffix(".example").unwrap_or_default();
        assert!(!local.is_empty() && !domain.is_empty(), "{email}");
        assert!(email.is_ascii() && !email.contains(' ') && email.len() <= 60);
    }
}

#[test]
fn pictures_need_no_escaping() {
    let safe = |letter: char| letter.is_ascii_alphanumeric() || "%:/+,.=-".contains(letter);
    for picture in pictures() {
        let svg = picture.strip_prefix("data:image/svg+xml,");
        assert!(svg.is_some_and(|svg| svg.chars().all(safe)), "{picture}");
    }
}

#[test]
fn pictures_are_small_and_thumbnails_smaller_than_photos() {
    assert!(pictures().all(|picture| picture.len() <= 600));
    let bytes: usize = pictures().map(String::len).sum();
    assert!(bytes < 14_000_000, "{bytes} bytes of pictures");
    for photo in styles().flat_map(|style| &style.photos) {
        let length = |url: &Option<String>| url.as_ref().map(String::len);
        assert!(length(&photo.thumbnail_url) < length(&photo.url));
    }
}

/// Each line but the first and the last is an element, so that any of them can be left out.
#[test]
fn each_line_of_the_picture_template_is_an_element() {
    let lines: Vec<&str> = include_str!("../../demo/picture.svg").lines().collect();
    assert!(lines[0].starts_with("<svg xmlns='http://www.w3.org/2000/svg' "));
    for line in &lines[1..lines.len() - 1] {
        assert!(line.starts_with('<') && line.ends_with("'/>"), "{line}");
        assert_eq!(line.matches('<').count(), 1, "{line}");
        assert_eq!(line.matches('\'').count() % 2, 0, "{line}");
    }
}
