//! The demo catalogue: an invented shop for clothes, for an empty store that somebody wants to look at.

mod article;
mod asked;
mod carried;
mod drawings;
mod footwear;
mod goods;
mod headwear;
mod layers;
mod legwear;
mod mood;
mod opinions;
mod outerwear;
mod palette;
mod people;
mod pictures;
mod products;
mod questions;
mod random;
mod reviews;
mod skirts;
mod small;
mod tops;
mod wording;

use atelier_core::bulk::Batch;

use article::{Article, Colours};
use random::Random;

/// The last id handed out of each kind. Ids ascend with the products, so that a larger catalogue begins like a smaller.
#[derive(Default)]
struct Ids {
    style: i64,
    sku: i64,
    characteristic: i64,
    review: i64,
    review_photo: i64,
    question: i64,
    answer: i64,
    answer_photo: i64,
}

fn next(last: &mut i64) -> i64 {
    *last += 1;
    *last
}

/// Products 1 to `products` with styles, reviews, questions and answers; the same for the same `seed`.
///
/// A thousand products have about 5,000 styles, 20,000 reviews and 3,500 questions. A product is the same whatever
/// their number is, but for the related ids, which are always ids of this catalogue. Pictures are `data:` URIs.
pub fn catalogue(products: u32, seed: u64) -> Batch {
    let mut batch = Batch::default();
    let mut ids = Ids::default();
    for number in 1..=products {
        let mut random = Random::of(seed, u64::from(number));
        let colours = Colours::new(&mut random);
        let mut article = Article::new(&mut random, i64::from(number), &colours);

        let mut product = products::product(&mut random, &mut article, &mut ids);
        product.related = related(seed, i64::from(number), i64::from(products));
        batch.products.push(product);

        let rated = reviews::characteristics(&article, &mut ids);
        batch.reviews.extend(reviews::reviews(
            &mut random,
            &mut article,
            &rated,
            &mut ids,
        ));
        batch.characteristics.extend(rated);

        let (questions, answers) = questions::questions(&mut random, &mut article, &mut ids);
        batch.questions.extend(questions);
        batch.answers.extend(answers);
    }
    batch
}

/// Three to six other products, or as many as there are.
fn related(seed: u64, id: i64, products: i64) -> Vec<i64> {
    // A generator of its own: how often it is asked depends on the number of products.
    let mut random = Random::of(!seed, id.cast_unsigned());
    let count = random.between(3, 6).min(products - 1);
    let mut related = Vec::new();
    while i64::try_from(related.len()).is_ok_and(|len| len < count) {
        let other = random.between(1, products);
        if other != id && !related.contains(&other) {
            related.push(other);
        }
    }
    related
}

#[cfg(test)]
mod picture_tests;
#[cfg(test)]
mod tests;
