//! Generator of the demo catalogue: an invented clothes shop for an empty database.
//!
//! Product kinds, texts and drawings are data files in `atelier-warp/demo/`; the code draws from them.

mod context;
mod data;
mod ids;
mod people;
mod pictures;
mod products;
mod questions;
mod random;
mod reviews;

use atelier_core::bulk::Batch;

use context::ProductContext;
use ids::Ids;

/// Returns products 1 to `products` with styles, reviews, questions and answers; the same for the same `seed`.
///
/// 1,000 products have about 5,000 styles, 20,000 reviews and 3,500 questions. Except for its related ids, a product does
/// not depend on their number. Pictures are `data:` URIs.
pub fn catalogue(products: u32, seed: u64) -> Batch {
    let mut batch = Batch::default();
    let mut ids = Ids::default();
    for number in 1..=products {
        let id = i64::from(number);
        let mut context = ProductContext::new(random::seeded(seed, u64::from(number)), id);

        let mut product = products::product(&mut context, &mut ids);
        product.related = products::related(seed, id, i64::from(products));
        batch.products.push(product);

        let characteristics = reviews::characteristics(&context, &mut ids);
        batch
            .reviews
            .extend(reviews::reviews(&mut context, &characteristics, &mut ids));
        batch.characteristics.extend(characteristics);

        let (questions, answers) = questions::questions(&mut context, &mut ids);
        batch.questions.extend(questions);
        batch.answers.extend(answers);
    }
    batch
}

#[cfg(test)]
mod tests;
