//! The files of the product side, row by row.

use std::io;

use super::dirt::{Act, State};
use super::hand::HAND;
use super::marks::{self, Characteristic};
use super::out::Out;
use super::plan::Goods;
use super::random::Random;
use super::row::{Row, state};
use super::streams::{self, Node, Products};
use super::urls::Urls;
use super::words::{
    CATEGORIES, COLOURS, DESCRIPTIONS, FEATURES, GIVEN, LABELS, NUMBERS, SHOE_SIZES, SIZES, SLOGANS,
};
use super::{Set, damage};
use crate::schema::LegacyFile;

/// The column of `thumbnail_url`, as a bit.
const THUMBNAIL: u16 = 1 << 3;

pub(super) fn product(set: &Set, out: &mut Out) -> io::Result<()> {
    let seed = set.text_seed(LegacyFile::Product);
    for node in Products::new(set) {
        let random = &mut Random::of(seed, node.row);
        let line = &mut out.line;
        line.begin();
        line.number(node.row);
        let hand = usize::try_from(node.row - 1)
            .ok()
            .and_then(|at| HAND.get(at));
        if let Some(hand) = hand.filter(|hand| hand.goods == node.goods) {
            line.text([hand.name]);
            line.text([hand.slogan]);
            line.text([hand.description]);
            line.text([hand.category]);
        } else {
            let category = random.word(CATEGORIES[node.goods as usize]);
            let given = random.word(&GIVEN);
            if random.chance(100) {
                line.text([given, " ", random.word(&NUMBERS), " ", category]);
            } else {
                line.text([given, " ", category]);
            }
            line.text([random.word(&SLOGANS[0]), " ", random.word(&SLOGANS[1])]);
            line.open();
            for sentence in 0..2 + random.below(2) {
                if sentence > 0 {
                    line.add(" ");
                }
                line.add(random.word(&DESCRIPTIONS[0]));
                line.add(" ");
                line.add(random.word(&DESCRIPTIONS[1]));
                line.add(".");
            }
            line.close();
            line.text([category]);
        }
        line.number(streams::price(set, node.row, node.goods));
        out.end(&Row::new(node.row, true, node.spot))?;
    }
    Ok(())
}

pub(super) fn features(set: &Set, out: &mut Out) -> io::Result<()> {
    let seed = set.text_seed(LegacyFile::Features);
    for node in streams::features(set) {
        let random = &mut Random::of(seed, node.row);
        let line = &mut out.line;
        line.begin();
        line.number(node.row);
        line.number(node.parent);
        if random.chance(460) {
            line.text([random.word(&LABELS)]);
            line.word("null");
        } else {
            let (feature, values) = random.pick(&FEATURES);
            line.text([feature]);
            line.text([random.word(values)]);
        }
        out.end(&Row::new(node.row, node.parent_loaded, node.spot))?;
    }
    Ok(())
}

pub(super) fn styles(set: &Set, out: &mut Out) -> io::Result<()> {
    let seed = set.text_seed(LegacyFile::Styles);
    let mut with_default = 0;
    for node in streams::styles(set) {
        let random = &mut Random::of(seed, node.row);
        let second_default = node
            .spot
            .is_some_and(|spot| spot.dirt.act == Act::TwoDefaults);
        let is_default = is_default(seed, &node) || second_default;
        let mut original = streams::price(set, node.product, node.goods);
        if random.chance(90) {
            original = 2 + random.below(1_249);
        }
        let line = &mut out.line;
        line.begin();
        line.number(node.row);
        line.number(node.parent);
        let colour = random.word(&COLOURS);
        if random.chance(150) {
            line.text([colour, " & ", random.word(&COLOURS)]);
        } else {
            line.text([colour]);
        }
        if original > 1 && random.chance(110) {
            line.number(1 + random.below(original - 1));
        } else {
            line.word("null");
        }
        line.number(original);
        line.number(u64::from(is_default));
        if is_default && node.loaded {
            if with_default == node.product {
                out.warn_two_defaults();
            }
            with_default = node.product;
        }
        out.end(&Row::new(node.row, node.parent_loaded, node.spot))?;
    }
    Ok(())
}

/// The first style of nearly every product; rarely the second, or none.
fn is_default(seed: u64, node: &Node) -> bool {
    if matches!(node.product, 7 | 9) {
        return false;
    }
    match Random::of(!seed, node.product).below(1_000) {
        0..980 => node.at == 0,
        980..985 if node.of > 1 => node.at == 1,
        _ => false,
    }
}

pub(super) fn photos(set: &Set, out: &mut Out) -> io::Result<()> {
    let urls = Urls::new(set.text_seed(LegacyFile::Photos), set.url_length);
    let seed = set.text_seed(LegacyFile::Photos);
    damage::swapped(streams::photos(set), damage::swaps_photos, |node| {
        let id = damage::photo_id(node.row);
        let (url, thumbnail) = urls.pick(&mut Random::of(seed, node.row));
        let mut row = Row::new(id, node.parent_loaded, node.spot);
        let line = &mut out.line;
        line.begin();
        line.number(id);
        line.number(node.parent);
        line.text([url]);
        line.open();
        if id == damage::WRONG_SCHEME {
            line.add("u");
            (row.repaired, row.seen) = (THUMBNAIL, Some("U_PREFIX"));
        }
        line.add(thumbnail);
        if set.is_unclosed(id) {
            (row.repaired, row.seen) = (THUMBNAIL, Some("UNTERMINATED_QUOTE_EOL"));
        } else {
            line.close();
        }
        out.end(&row)
    })
}

pub(super) fn skus(set: &Set, out: &mut Out) -> io::Result<()> {
    let seed = set.text_seed(LegacyFile::Skus);
    damage::swapped(streams::skus(set), damage::swaps, |node| {
        let random = &mut Random::of(seed, node.row);
        let at = usize::try_from(node.at).unwrap_or(0);
        let size = match node.goods {
            Goods::Shoes => SHOE_SIZES[at % SHOE_SIZES.len()],
            // Style 1 has the size XL twice.
            _ if node.row == 6 && node.at == 5 => SIZES[4],
            _ => SIZES[at % SIZES.len()],
        };
        let line = &mut out.line;
        line.begin();
        line.number(node.row);
        line.number(node.parent);
        line.text([size]);
        line.number(random.below(66));
        out.end(&Row::new(node.row, node.parent_loaded, node.spot))
    })
}

pub(super) fn related(set: &Set, out: &mut Out) -> io::Result<()> {
    let seed = set.text_seed(LegacyFile::Related);
    let products = set.spots(LegacyFile::Product);
    let mut zeros = damage::Zeros::new(set, seed);
    for mut node in streams::related(set) {
        let random = &mut Random::of(seed, node.row);
        let mut target = 1 + random.below(set.plan.products);
        let is_zero = zeros.is_at(node.row);
        if is_zero {
            target = 0;
            node.spot = None;
        } else if node
            .spot
            .is_some_and(|spot| spot.dirt.act == Act::SelfRelation)
        {
            target = node.product;
        }
        let line = &mut out.line;
        line.begin();
        line.number(node.row);
        line.number(node.parent);
        line.number(target);
        let mut row = Row::new(node.row, node.parent_loaded, node.spot);
        if is_zero {
            (row.parents[1], row.seen) = (State::Zero, Some("ZERO_RELATED"));
        } else {
            row.parents[1] = state(!products.rejects(target));
        }
        out.end(&row)?;
    }
    Ok(())
}

/// The one copy known of the old cart: sessions with a few products.
pub(super) fn cart(set: &Set, out: &mut Out) -> io::Result<()> {
    const ITEMS: [(u64, u64); 9] = [
        (2201, 1),
        (2201, 4),
        (2201, 6),
        (2202, 2),
        (2202, 5),
        (2202, 8),
        (2202, 1),
        (2203, 2),
        (2203, 2),
    ];
    for (row, (session, product)) in (1..).zip(ITEMS) {
        out.line.begin();
        out.line.number(row);
        out.line.number(session);
        out.line.number((product - 1) % set.plan.products + 1);
        out.line.number(1);
        // The products of the head are all loaded.
        out.end(&Row::new(row, true, out.spot(row)))?;
    }
    Ok(())
}

pub(super) fn characteristics(set: &Set, out: &mut Out) -> io::Result<()> {
    for Characteristic { node, name, taken } in marks::characteristics(set) {
        out.line.begin();
        out.line.number(node.row);
        out.line.number(node.parent);
        out.line.text([name]);
        let mut row = Row::new(node.row, node.parent_loaded, node.spot);
        row.defect = taken.then_some(crate::rules::outcome::Reason::DupName);
        out.end(&row)?;
    }
    Ok(())
}
