//! Products with their features and styles.

use atelier_core::bulk::{Feature, Product, Sku, Style, StylePhoto};
use atelier_core::{Cents, Millis};

use super::article::{Article, DAY};
use super::palette::Pair;
use super::pictures::{Subject, View, photo, thumbnail};
use super::random::Random;
use super::{Ids, next};

/// Features that any good may have; one needs no value.
const PROMISES: [(&str, Option<&str>); 4] = [
    ("Repairs", Some("Free, for life")),
    ("Parcel", Some("No plastic")),
    ("Small Batch", None),
    ("Workshop", Some("Visits welcome")),
];

const SLOGANS: [&str; 10] = [
    "Made for {use}",
    "Simple things, made well",
    "Less to think about in the morning",
    "Your new everyday",
    "Good company for {use}",
    "Quietly reliable",
    "Built to be used",
    "Plain outside, clever inside",
    "Ready when you are",
    "Ready for {use}",
];

const OPENINGS: [&str; 8] = [
    "{One} in {material}, made for {use}.",
    "We made {this} for {use}, out of {material}.",
    "{This} take{s} {use} in {its} stride, thanks to {material}.",
    "An honest {piece} made of {material}, at {its} best for {use}.",
    "{One} for {use}, and for everything in between.",
    "Made of {material} and a good deal of patience.",
    "Think of {use}: that is what {this} {was} drawn for.",
    "If you only own {one}, let it be one made of {material}.",
];

const CLOSINGS: [&str; 9] = [
    "We repair {them} free of charge for as long as you {wear} {them}.",
    "Made and checked by people we know by name.",
    "Packed in paper, sent without plastic.",
    "{It} get{s} better with every year.",
    "Designed in our studio above the harbour, tested on our own way to work.",
    "No logo, no fuss.",
    "Made in small runs, so that nothing is left over.",
    "The kind of thing you hand on one day.",
    "New colours each season, the cut stays.",
];

/// The product with everything `/products` serves of it, `related` excepted.
pub(super) fn product(random: &mut Random, article: &mut Article, ids: &mut Ids) -> Product {
    let good = article.good;
    let slogan = if article.shown_first || random.chance(60) {
        random.pick(good.slogans)
    } else {
        random.pick(&SLOGANS)
    };
    let mut description = article.wording.fill(random.pick(&OPENINGS));
    for sentence in [random.pick(good.about), random.pick(&CLOSINGS)] {
        description.push(' ');
        description.push_str(&article.wording.fill(sentence));
    }
    if !article.shown_first && random.chance(25) {
        // Two sentences are enough now and then.
        description.truncate(
            description
                .rfind(". ")
                .map_or(description.len(), |end| end + 1),
        );
    }
    let price = random.between(good.prices.0, good.prices.1);
    Product {
        id: article.id,
        name: article.name.clone(),
        slogan: article.wording.fill(slogan),
        description,
        category: good.category.to_owned(),
        default_price: Cents(price * 100),
        created_at: article.created_at,
        updated_at: Millis(article.created_at.0 + random.between(0, 200 * DAY)),
        features: features(random, article),
        related: Vec::new(),
        styles: styles(random, article, price, ids),
    }
}

fn features(random: &mut Random, article: &Article) -> Vec<Feature> {
    let known = article.good.features;
    let count = if article.shown_first {
        known.len()
    } else {
        1 + random.below(known.len())
    };
    let mut features: Vec<Feature> = known[..count]
        .iter()
        .map(|(name, values)| Feature {
            feature: (*name).to_owned(),
            value: Some(if values.is_empty() {
                capitalised(article.material)
            } else {
                random.pick(values).to_owned()
            }),
        })
        .collect();
    if article.shown_first || random.chance(60) {
        let (feature, value) = PROMISES[random.below(PROMISES.len())];
        features.push(Feature {
            feature: feature.to_owned(),
            value: value.map(str::to_owned),
        });
    }
    features
}

fn capitalised(text: &str) -> String {
    let mut text = text.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

fn styles(random: &mut Random, article: &Article, price: i64, ids: &mut Ids) -> Vec<Style> {
    if !article.shown_first && random.chance(2) {
        return Vec::new();
    }
    let default = if random.chance(85) {
        0
    } else {
        random.below(article.pairs.len())
    };
    let has_default = article.shown_first || !random.chance(2);
    let sold_in_sizes =
        article.shown_first || article.good.class.sizes().len() > 1 || random.chance(80);
    let mut styles = Vec::with_capacity(article.pairs.len());
    for (index, pair) in article.pairs.iter().enumerate() {
        let original = if random.chance(90) {
            price
        } else {
            price + random.between(1, price / 4 + 1)
        };
        let sale = random
            .chance(13)
            .then(|| original * random.between(60, 90) / 100);
        let bare = !article.shown_first && random.chance(2);
        styles.push(Style {
            style_id: next(&mut ids.style),
            name: pair.name(),
            original_price: Cents(original * 100),
            sale_price: sale.map(|whole| Cents(whole * 100)),
            default: has_default && index == default,
            photos: if bare {
                Vec::new()
            } else {
                photos(random, article, *pair)
            },
            skus: if sold_in_sizes && (article.shown_first || !random.chance(2)) {
                skus(random, article, ids)
            } else {
                Vec::new()
            },
        });
    }
    styles
}

fn photos(random: &mut Random, article: &Article, pair: Pair) -> Vec<StylePhoto> {
    let mut views = vec![View::Front, View::Back, View::Detail, View::Scene];
    if !article.shown_first && random.chance(92) {
        views.remove(1 + random.below(3));
    }
    let subject = Subject {
        drawing: article.good.drawing,
        colour: pair.colour,
        accent: pair.accent,
        ground: pair.ground(random),
    };
    views
        .into_iter()
        .map(|view| StylePhoto {
            thumbnail_url: Some(thumbnail(subject, view)),
            url: Some(photo(subject, view, random.below(12))),
        })
        .collect()
}

fn skus(random: &mut Random, article: &Article, ids: &mut Ids) -> Vec<Sku> {
    let sold_out = !article.shown_first && random.chance(2);
    let sizes = article.good.class.sizes();
    sizes
        .iter()
        .map(|size| {
            let quantity = if sold_out || (sizes.len() > 1 && random.chance(8)) {
                0
            } else {
                random.between(1, 48)
            };
            Sku {
                id: next(&mut ids.sku),
                quantity,
                size: (*size).to_owned(),
            }
        })
        .collect()
}
