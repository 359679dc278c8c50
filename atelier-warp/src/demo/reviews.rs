//! Reviews, and the characteristics that they rate.

use atelier_core::Millis;
use atelier_core::bulk::{Characteristic, Photo, Review};

use super::context::{DAY_MS, ProductContext};
use super::data::{Choices, DATA, ReviewTone};
use super::ids::{Ids, next};
use super::people::customer;
use super::pictures::{Subject, View};
use super::random::{ShuffleBag, pick, weighted};

/// Earliest date of a review, question or answer: 2024-06-01.
pub(super) const FIRST_POST_MS: i64 = 1_717_200_000_000;
/// All reviews, questions and answers are older than this: 2026-06-01.
pub(super) const END_OF_POSTS_MS: i64 = 1_780_272_000_000;

/// Shortest text of a review in bytes. Front ends ask for 50 characters; a character may have several bytes.
const MIN_BODY_BYTES: usize = 60;

/// Weights of one to five stars, of a good, a better and a poor product.
const STARS: [[i64; 5]; 3] = [[5, 7, 12, 30, 46], [2, 4, 8, 28, 58], [22, 20, 22, 20, 16]];
/// Ratings, and the percentage of their reviews that recommend the product.
const RATINGS: [(i64, i64); 5] = [(1, 0), (2, 0), (3, 50), (4, 93), (5, 98)];

/// Returns the characteristics of the product.
pub(super) fn characteristics(context: &ProductContext, ids: &mut Ids) -> Vec<Characteristic> {
    let characteristic = |name: &String| Characteristic {
        id: next(&mut ids.characteristic),
        product_id: context.id,
        name: name.clone(),
        value_sum: 0,
        value_count: 0,
    };
    let names = context.class.characteristics.iter();
    names.map(characteristic).collect()
}

/// Returns the reviews of the product in the order of their dates.
pub(super) fn reviews(
    context: &mut ProductContext,
    characteristics: &[Characteristic],
    ids: &mut Ids,
) -> Vec<Review> {
    let count = match context.rng.i64(1..=100) {
        _ if context.featured => context.rng.i64(26..=44),
        1..=4 => 0,
        5..=70 => context.rng.i64(3..=21),
        71..=95 => context.rng.i64(18..=48),
        _ => context.rng.i64(50..=95),
    };
    let stars = match context.rng.i64(1..=100) {
        1..=55 => STARS[0],
        93..=100 if !context.featured => STARS[2],
        _ => STARS[1],
    };
    let dates = dates(context, count);
    // Rating of the cut, which the reviewers of one product mostly agree on.
    let cut = *pick(&mut context.rng, &[2, 3, 3, 3, 3, 4]);
    let (kind, tones) = (context.kind, &DATA.reviews);
    dates
        .into_iter()
        .map(|date| {
            let (rating, recommend_percent) = RATINGS[weighted(&mut context.rng, &stars)];
            let mut rated = rate(context, characteristics, rating, cut);
            let fit = rated[0].1;
            if context.chance(7) {
                rated.remove(context.rng.usize(..rated.len()));
            }
            let (tone, about_kind) = match rating {
                4.. => (&tones.positive, &kind.praise),
                3 => (&tones.mixed, &kind.complaints),
                _ => (&tones.negative, &kind.complaints),
            };
            let (reviewer_name, reviewer_email) = customer(&mut context.rng);
            context.customer.clone_from(&reviewer_name);
            let respond = context.chance(tone.response_percent);
            Review {
                id: next(&mut ids.review),
                product_id: context.id,
                rating,
                date: Millis(date),
                summary: context.sentence(&tone.summaries),
                body: body(context, tone, about_kind, fit),
                recommend: context.chance(recommend_percent),
                reported: context.chance(5),
                reviewer_name,
                reviewer_email: Some(reviewer_email),
                response: respond.then(|| context.sentence(&tone.responses)),
                helpfulness: helpfulness(context),
                photos: photos(context, 20, &mut ids.review_photo),
                characteristics: rated,
            }
        })
        .collect()
}

/// Returns the text of a review that gives `fit` to the first characteristic.
fn body(
    context: &mut ProductContext,
    tone: &'static ReviewTone,
    about_kind: &'static Choices<String>,
    fit: i64,
) -> String {
    let mut body = vec![context.sentence(&tone.openings)];
    let long = context.chance(12);
    let fit = context.class.fit.as_ref().map(|sentences| match fit {
        ..=2 => &sentences.small,
        3 => &sentences.true_to_size,
        _ => &sentences.large,
    });
    for (texts, percent) in [(fit, 40), (Some(about_kind), 70), (Some(&tone.parts), 40)] {
        if let Some(texts) = texts
            && (long || context.chance(percent))
        {
            body.push(context.sentence(texts));
        }
    }
    while body.len() == 1 || body.iter().map(String::len).sum::<usize>() < MIN_BODY_BYTES {
        body.push(context.sentence(&tone.details));
    }
    if long || context.chance(45) {
        body.push(context.sentence(&tone.closings));
    }
    body.join(" ")
}

/// Returns `count` dates after the product's, in ascending order.
pub(super) fn dates(context: &mut ProductContext, count: i64) -> Vec<i64> {
    let from = (context.created_at.0 + 7 * DAY_MS).max(FIRST_POST_MS);
    let date = |_| context.rng.i64(from..END_OF_POSTS_MS);
    let mut dates: Vec<i64> = (0..count).map(date).collect();
    dates.sort_unstable();
    dates
}

/// Returns a number of votes: mostly small, sometimes not.
pub(super) fn helpfulness(context: &mut ProductContext) -> i64 {
    match context.rng.i64(1..=100) {
        1..=55 => context.rng.i64(0..=2),
        56..=92 => context.rng.i64(1..=9),
        _ => context.rng.i64(8..=41),
    }
}

/// Returns one to three pictures by a customer in `percent` of 100 calls, else none.
pub(super) fn photos(context: &mut ProductContext, percent: i64, last_id: &mut i64) -> Vec<Photo> {
    if !context.chance(percent) {
        return Vec::new();
    }
    let count = *pick(&mut context.rng, &[1, 1, 1, 1, 1, 1, 2, 3]);
    let colours = *pick(&mut context.rng, &context.colours);
    let mut views = ShuffleBag::new(&mut context.rng, [View::Scene, View::Front, View::Detail]);
    let photo = |_| {
        let subject = Subject {
            drawing: &context.kind.drawing,
            colours,
            ground: DATA.pictures.outdoor_grounds.pick(&mut context.rng),
        };
        Photo {
            id: next(last_id),
            url: subject.photo(&mut context.rng, views.draw()),
        }
    };
    (0..count).map(photo).collect()
}

/// Returns the ids of the characteristics with values: comfort and quality follow the stars, the others the cut.
fn rate(
    context: &mut ProductContext,
    characteristics: &[Characteristic],
    rating: i64,
    cut: i64,
) -> Vec<(i64, i64)> {
    let rated = characteristics.iter().map(|characteristic| {
        let value = match characteristic.name.as_str() {
            "Comfort" | "Quality" => rating + pick(&mut context.rng, &[-1, 0, 0, 0, 1]),
            _ => cut + pick(&mut context.rng, &[-1, 0, 0, 0, 0, 0, 1]),
        };
        (characteristic.id, value.clamp(1, 5))
    });
    rated.collect()
}
