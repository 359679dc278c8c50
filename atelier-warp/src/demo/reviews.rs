//! Reviews, and what they rate.

use atelier_core::Millis;
use atelier_core::bulk::{Characteristic, Photo, Review};

use super::article::{Article, DAY};
use super::mood::Mood;
use super::palette::outdoors;
use super::people::person;
use super::pictures::{Subject, View, photo};
use super::random::{Deck, Random};
use super::{Ids, next};

/// 2024-06-01: no review, question or answer is older.
pub(super) const FIRST_WORD: i64 = 1_717_200_000_000;
/// 2026-06-01: nor is any as young.
pub(super) const LAST_WORD: i64 = 1_780_272_000_000;

/// Shares of one to five stars among a hundred reviews, of a good product, a better one and a poor one.
const STARS: [[i64; 5]; 3] = [[5, 7, 12, 30, 46], [2, 4, 8, 28, 58], [22, 20, 22, 20, 16]];

/// What reviewers of the product can rate.
pub(super) fn characteristics(article: &Article, ids: &mut Ids) -> Vec<Characteristic> {
    let names = article.good.class.characteristics().iter();
    names
        .map(|name| Characteristic {
            id: next(&mut ids.characteristic),
            product_id: article.id,
            name: (*name).to_owned(),
            value_sum: 0,
            value_count: 0,
        })
        .collect()
}

/// The reviews of the product in the order in which they were written.
pub(super) fn reviews(
    random: &mut Random,
    article: &mut Article,
    rated: &[Characteristic],
    ids: &mut Ids,
) -> Vec<Review> {
    let count = match random.between(1, 100) {
        _ if article.shown_first => random.between(26, 44),
        1..=4 => 0,
        5..=70 => random.between(3, 21),
        71..=95 => random.between(18, 48),
        _ => random.between(50, 95),
    };
    let stars = match random.between(1, 100) {
        1..=55 => STARS[0],
        56..=92 => STARS[1],
        _ if article.shown_first => STARS[1],
        _ => STARS[2],
    };
    let mut dates: Vec<i64> = (0..count).map(|_| date(random, article)).collect();
    dates.sort_unstable();
    // What a product's cut is like, reviewers more or less agree upon.
    let cut = [2, 3, 3, 3, 3, 4][random.below(6)];
    let mut moods = Mood::all(random, article.good);
    dates
        .into_iter()
        .map(|date| {
            let rating = drawn_stars(random, &stars);
            let values = values(random, article, rating, cut);
            let mood = &mut moods[match rating {
                4.. => 0,
                3 => 1,
                _ => 2,
            }];
            let (reviewer_name, reviewer_email) = person(random);
            article.wording.name.clone_from(&reviewer_name);
            Review {
                id: next(&mut ids.review),
                product_id: article.id,
                rating,
                date: Millis(date),
                summary: article.wording.fill(mood.summaries.deal()),
                body: mood.body(random, article, values[0]),
                recommend: random
                    .chance([0, 0, 50, 93, 98][usize::try_from(rating - 1).unwrap_or(0)]),
                reported: random.chance(5),
                reviewer_name,
                reviewer_email: Some(reviewer_email),
                response: mood.response(random, article),
                helpfulness: helpfulness(random),
                photos: photos(random, article, 20, &mut ids.review_photo),
                characteristics: rated_values(random, rated, &values),
            }
        })
        .collect()
}

/// An instant at which somebody may have written about the product.
pub(super) fn date(random: &mut Random, article: &Article) -> i64 {
    let from = (article.created_at.0 + 7 * DAY).max(FIRST_WORD);
    random.between(from, LAST_WORD - 1)
}

/// Mostly small, sometimes not.
pub(super) fn helpfulness(random: &mut Random) -> i64 {
    match random.between(1, 100) {
        1..=55 => random.between(0, 2),
        56..=92 => random.between(1, 9),
        _ => random.between(8, 41),
    }
}

/// None mostly, else one to three pictures as customers take them; `percent` of a hundred have some.
pub(super) fn photos(
    random: &mut Random,
    article: &Article,
    percent: i64,
    last_id: &mut i64,
) -> Vec<Photo> {
    if !random.chance(percent) {
        return Vec::new();
    }
    let count = [1, 1, 1, 1, 1, 1, 2, 3][random.below(8)];
    let pair = article.pairs[random.below(article.pairs.len())];
    let mut views = Deck::new(random, &[&[View::Scene, View::Front, View::Detail]]);
    (0..count)
        .map(|_| {
            let subject = Subject {
                drawing: article.good.drawing,
                colour: pair.colour,
                accent: pair.accent,
                ground: outdoors(random),
            };
            let url = photo(subject, *views.deal(), random.below(12));
            Photo {
                id: next(last_id),
                url,
            }
        })
        .collect()
}

fn drawn_stars(random: &mut Random, shares: &[i64; 5]) -> i64 {
    let mut drawn = random.between(1, 100);
    for (stars, share) in (1..).zip(shares) {
        drawn -= share;
        if drawn <= 0 {
            return stars;
        }
    }
    5
}

/// A value for each characteristic: sizes lie round the middle, comfort and quality follow the stars.
fn values(random: &mut Random, article: &Article, rating: i64, cut: i64) -> Vec<i64> {
    let names = article.good.class.characteristics().iter();
    names
        .map(|name| match *name {
            "Comfort" | "Quality" => rating + [-1, 0, 0, 0, 1][random.below(5)],
            _ => cut + [-1, 0, 0, 0, 0, 0, 1][random.below(7)],
        })
        .map(|value| value.clamp(1, 5))
        .collect()
}

/// Most reviewers rate everything, some leave one thing out.
fn rated_values(random: &mut Random, rated: &[Characteristic], values: &[i64]) -> Vec<(i64, i64)> {
    let mut pairs: Vec<(i64, i64)> = rated
        .iter()
        .map(|of| of.id)
        .zip(values.iter().copied())
        .collect();
    if random.chance(7) {
        pairs.remove(random.below(pairs.len()));
    }
    pairs
}
