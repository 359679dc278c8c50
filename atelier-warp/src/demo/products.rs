//! Products with their features and styles.

use atelier_core::bulk::{Feature, Product, Sku, Style, StylePhoto};
use atelier_core::{Cents, Millis};
use fastrand::Rng;

use super::context::{DAY_MS, ProductContext};
use super::data::{DATA, FeatureValues};
use super::ids::{Ids, next};
use super::pictures::{StyleColours, Subject, View};
use super::random::seeded;

/// Returns the product with its features and styles.
pub(super) fn product(context: &mut ProductContext, ids: &mut Ids) -> Product {
    let kind = context.kind;
    let slogan = if context.featured || context.chance(60) {
        context.sentence(&kind.slogans)
    } else {
        context.sentence(&DATA.products.slogans)
    };
    let price = context.rng.i64(kind.prices.0..=kind.prices.1);
    Product {
        id: context.id,
        name: context.name.clone(),
        slogan,
        description: description(context),
        category: kind.category.clone(),
        default_price: Cents(price * 100),
        created_at: context.created_at,
        updated_at: Millis(context.created_at.0 + context.rng.i64(0..=200 * DAY_MS)),
        features: features(context),
        related: Vec::new(),
        styles: styles(context, price, ids),
    }
}

/// Returns the ids of three to six other products, or of all if there are fewer.
pub(super) fn related(seed: u64, id: i64, products: i64) -> Vec<i64> {
    // Separate generator: the number of draws depends on the number of products.
    let mut rng = seeded(!seed, id.cast_unsigned());
    let count = rng.i64(3..=6).min(products - 1);
    let mut related = Vec::new();
    while i64::try_from(related.len()).is_ok_and(|len| len < count) {
        let other = rng.i64(1..=products);
        if other != id && !related.contains(&other) {
            related.push(other);
        }
    }
    related
}

/// Returns a description of three sentences, sometimes of two.
fn description(context: &mut ProductContext) -> String {
    let mut sentences = vec![
        context.sentence(&DATA.products.openings),
        context.sentence(&context.kind.descriptions),
    ];
    if context.featured || context.chance(75) {
        sentences.push(context.sentence(&DATA.products.closings));
    }
    sentences.join(" ")
}

fn features(context: &mut ProductContext) -> Vec<Feature> {
    let mut known = &context.kind.features[..];
    if !context.featured {
        known = &known[..context.rng.usize(1..=known.len())];
    }
    let material = context.fill("{Material}");
    let rng = &mut context.rng;
    let features = known
        .iter()
        .map(|known| feature(rng, known, Some(&material)));
    let mut features: Vec<Feature> = features.collect();
    if context.featured || context.chance(60) {
        let promise = DATA.products.promises.pick(&mut context.rng);
        features.push(feature(&mut context.rng, promise, None));
    }
    features
}

/// Returns the feature with one of its values, or with `default` if it has none.
fn feature(rng: &mut Rng, feature: &FeatureValues, default: Option<&String>) -> Feature {
    let values = feature.values.as_ref();
    Feature {
        feature: feature.name.clone(),
        value: values.map(|values| values.pick(rng)).or(default).cloned(),
    }
}

/// Returns the styles. Some products have none, no default style, no photos or no SKUs: the API has placeholders for that.
fn styles(context: &mut ProductContext, price: i64, ids: &mut Ids) -> Vec<Style> {
    let complete = context.featured;
    if !complete && context.chance(2) {
        return Vec::new();
    }
    let default = match context.rng.i64(1..=100) {
        1..=2 if !complete => None,
        3..=17 => Some(context.rng.usize(..context.colours.len())),
        _ => Some(0),
    };
    let has_skus = complete || context.class.sizes.len() > 1 || context.chance(80);
    let mut styles = Vec::with_capacity(context.colours.len());
    for (index, colours) in context.colours.clone().into_iter().enumerate() {
        let mut original = price;
        if context.chance(10) {
            original += context.rng.i64(1..=price / 4 + 1);
        }
        let sale = context
            .chance(13)
            .then(|| original * context.rng.i64(60..=90) / 100);
        let has_photos = complete || context.chance(98);
        let has_skus = has_skus && (complete || context.chance(98));
        styles.push(Style {
            style_id: next(&mut ids.style),
            name: colours.name(),
            original_price: Cents(original * 100),
            sale_price: sale.map(|whole| Cents(whole * 100)),
            default: default == Some(index),
            photos: if has_photos {
                photos(context, colours)
            } else {
                Vec::new()
            },
            skus: if has_skus {
                skus(context, ids)
            } else {
                Vec::new()
            },
        });
    }
    styles
}

fn photos(context: &mut ProductContext, colours: StyleColours) -> Vec<StylePhoto> {
    let mut views = vec![View::Front, View::Back, View::Detail, View::Scene];
    if !context.featured && context.chance(92) {
        views.remove(1 + context.rng.usize(..3));
    }
    let ground = colours.ground(&mut context.rng);
    let subject = Subject {
        drawing: &context.kind.drawing,
        colours,
        ground,
    };
    let photo = |view| StylePhoto {
        thumbnail_url: Some(subject.thumbnail(view)),
        url: Some(subject.photo(&mut context.rng, view)),
    };
    views.into_iter().map(photo).collect()
}

fn skus(context: &mut ProductContext, ids: &mut Ids) -> Vec<Sku> {
    let sold_out = !context.featured && context.chance(2);
    let sizes = &context.class.sizes;
    let sku = |size: &String| {
        let missing = sold_out || (sizes.len() > 1 && context.chance(8));
        Sku {
            id: next(&mut ids.sku),
            quantity: if missing { 0 } else { context.rng.i64(1..=48) },
            size: size.clone(),
        }
    };
    sizes.iter().map(sku).collect()
}
