//! What a set of a given size holds: every count, before a byte is written.

use super::hand::HAND;
use super::spread::Spread;
use super::urn::{Shape, Urn};
use crate::schema::LegacyFile;

/// The three kinds of product, which differ in their characteristics and sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Goods {
    Clothing,
    Shoes,
    Accessories,
}

/// The full size, to which all counts of the data set belong.
pub(super) const FULL: u64 = 1_000_011;

const FEATURES: Shape = shape(1, &[26, 40, 25, 10]);
const STYLES: Shape = shape(0, &[210, 250, 190, 180, 130, 22, 12, 6]);
const PHOTOS: Shape = shape(1, &[20, 25, 22, 18, 10, 5]);
const RELATED: Shape = shape(1, &[1; 8]);
const REVIEWS: Shape = shape(0, &[1; 12]);
const REVIEWS_PHOTOS: Shape = shape(0, &[545, 436, 16, 3]);
const QUESTIONS: Shape = shape(0, &[1; 8]);
const ANSWERS: Shape = shape(0, &[24, 21, 20, 16, 12, 7]);
const ANSWERS_PHOTOS: Shape = shape(0, &[75, 20, 5]);

/// Photos of the styles of the hand-made products: with these the unclosed quotes stand in styles 12 to 45.
const HEAD_PHOTOS: [(u64, usize); 6] = [(6, 6), (0, 4), (6, 21), (11, 8), (6, 6), (4, 7)];
/// The first reviews have three photos each.
const HEAD_REVIEWS_PHOTOS: [u64; 4] = [3; 4];

const fn shape(min: u64, weights: &'static [u32]) -> Shape {
    Shape { min, weights }
}

/// `count` rows of the full set, at the size of so many products.
pub(super) fn scaled(count: u64, products: u64) -> u64 {
    let rounded =
        (u128::from(count) * u128::from(products) * 2 + u128::from(FULL)) / (2 * u128::from(FULL));
    u64::try_from(rounded).unwrap_or(u64::MAX)
}

/// Skus: six for a style of clothing, eleven for one of shoes, none for the others, and what small sets have more or
/// less than that comes to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Skus {
    /// Styles that have skus.
    pub(super) styles: u64,
    /// To be shared out among them; below zero where there are fewer.
    pub(super) surplus: i64,
}

/// All counts of a set.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) products: u64,
    /// The kinds of the first products, in order.
    pub(super) head: Vec<Goods>,
    /// The kind of the last product, if it is not one of the first.
    pub(super) last: Option<Goods>,
    /// How many of each kind the products between have.
    pub(super) between: [u64; 3],
    pub(super) zero_relations: u64,
    pub(super) styles: Spread,
    pub(super) skus: Skus,
    pub(super) reviews: Spread,
    pub(super) features: Spread,
    pub(super) photos: Spread,
    pub(super) related: Spread,
    pub(super) reviews_photos: Spread,
    pub(super) questions: Spread,
    pub(super) answers: Spread,
    pub(super) answers_photos: Spread,
    rows: [u64; 14],
}

impl Plan {
    /// The set of so many products, at least one.
    pub(super) fn new(products: u64) -> Self {
        use LegacyFile as File;
        let n = |count| scaled(count, products);
        let accessories = n(217_455);
        let shoes = ((products - accessories) * 10 + 18) / 36;
        let goods = [products - accessories - shoes, shoes, accessories];
        let (head, last, between) = kinds(products, goods);

        let mut rows = [0; 14];
        for (file, count) in [
            (File::Product, products),
            (File::Features, n(2_219_279)),
            (File::Styles, n(1_958_102)),
            (File::Photos, n(5_655_656)),
            (File::Skus, n(11_323_917)),
            (File::Related, n(4_508_263)),
            (File::Cart, 9),
            (File::Reviews, n(5_774_952)),
            (File::Characteristics, 4 * products - 3 * accessories),
            (File::ReviewsPhotos, n(2_742_540)),
            (File::Questions, n(3_518_963)),
            (File::Answers, n(6_879_306)),
            (File::AnswersPhotos, n(2_063_759)),
        ] {
            rows[file as usize] = count;
        }
        let of = |file: File| rows[file as usize];
        let (styles, skus) = styles(goods, &head, of(File::Styles), of(File::Skus));
        let tail = last.or(head.last().copied()).unwrap_or(Goods::Clothing);
        let (reviews, of_accessories) = reviews(goods, tail, of(File::Reviews), n(1_257_411));
        let head_photos: Vec<u64> = HEAD_PHOTOS
            .iter()
            .flat_map(|(photos, styles)| std::iter::repeat_n(*photos, *styles))
            .collect();
        let over = |parents, file, shape, head: &[u64], last| {
            Spread::over(parents, of(file), shape, head, last)
        };
        let plan = Self {
            features: over(products, File::Features, FEATURES, &[], None),
            photos: over(of(File::Styles), File::Photos, PHOTOS, &head_photos, None),
            related: over(products, File::Related, RELATED, &[], None),
            reviews_photos: over(
                of(File::Reviews),
                File::ReviewsPhotos,
                REVIEWS_PHOTOS,
                &HEAD_REVIEWS_PHOTOS,
                None,
            ),
            questions: over(products, File::Questions, QUESTIONS, &[], Some(10)),
            answers: over(of(File::Questions), File::Answers, ANSWERS, &[], None),
            answers_photos: over(
                of(File::Answers),
                File::AnswersPhotos,
                ANSWERS_PHOTOS,
                &[],
                None,
            ),
            zero_relations: n(58).max(1),
            products,
            head,
            last,
            between,
            styles,
            skus,
            reviews,
            rows,
        };
        plan.with_values(of_accessories)
    }

    /// A value for each characteristic of each review.
    fn with_values(mut self, reviews_of_accessories: u64) -> Self {
        let reviews = self.rows(LegacyFile::Reviews);
        self.rows[LegacyFile::CharacteristicReviews as usize] =
            4 * reviews - 3 * reviews_of_accessories;
        self
    }

    /// The data rows of a file, without what hardening adds.
    pub(super) fn rows(&self, file: LegacyFile) -> u64 {
        self.rows[file as usize]
    }
}

/// Kinds of the first products as the hand-made ones have them, as long as there are that many of the kind; of the last
/// one; and how many of each remain for those between.
fn kinds(products: u64, goods: [u64; 3]) -> (Vec<Goods>, Option<Goods>, [u64; 3]) {
    const ALL: [Goods; 3] = [Goods::Clothing, Goods::Shoes, Goods::Accessories];
    let mut left = goods;
    let mut take = |wanted: Goods| {
        let found = [wanted].into_iter().chain(ALL);
        let found = found.into_iter().find(|kind| left[*kind as usize] > 0)?;
        left[found as usize] -= 1;
        Some(found)
    };
    let first = HAND
        .iter()
        .take(usize::try_from(products).unwrap_or(usize::MAX));
    let head: Vec<_> = first.filter_map(|product| take(product.goods)).collect();
    let last = if products > head.len() as u64 {
        take(Goods::Clothing)
    } else {
        None
    };
    (head, last, left)
}

/// Styles by kind such that six skus a style of clothing and eleven a style of shoes come to the number wanted, or as
/// near to it as so few products allow.
fn styles(goods: [u64; 3], kinds: &[Goods], total: u64, skus: u64) -> (Spread, Skus) {
    let products: u64 = goods.iter().sum();
    for length in (0..=kinds.len()).rev() {
        let (mut fixed, mut rest) = ([0; 3], goods);
        for (kind, product) in kinds.iter().zip(&HAND).take(length) {
            fixed[*kind as usize] += product.styles;
            rest[*kind as usize] -= 1;
        }
        let range = |kind: usize| {
            let (least, most) = STYLES.range(rest[kind]);
            (fixed[kind] + least, fixed[kind] + most)
        };
        let ideal = |kind: usize| (total * goods[kind] * 2 + products) / (2 * products);
        let (range, ideal) = ([range(0), range(1), range(2)], [ideal(0), ideal(1)]);
        let Some(totals) = split(total, skus, range, ideal) else {
            continue;
        };
        let urns = (0..3).map(|kind| Urn::new(STYLES, rest[kind], totals[kind] - fixed[kind]));
        let spread = Spread {
            head: HAND[..length]
                .iter()
                .map(|product| product.styles)
                .collect(),
            last: None,
            class: [0, 1, 2],
            urns: urns.collect(),
        };
        let plain = 6 * totals[0] + 11 * totals[1];
        let skus = Skus {
            styles: totals[0] + totals[1],
            surplus: skus.cast_signed() - plain.cast_signed(),
        };
        return (spread, skus);
    }
    (
        Spread::over(products, total, STYLES, &[], None),
        Skus {
            styles: 0,
            surplus: 0,
        },
    )
}

/// The styles of each kind within their ranges: first as near to the number of skus, then to the ideal, as possible.
fn split(total: u64, skus: u64, range: [(u64, u64); 3], ideal: [u64; 2]) -> Option<[u64; 3]> {
    let mut best = None;
    for shoes in ideal[1].saturating_sub(12)..=ideal[1] + 12 {
        let (least, most) = range[1];
        if !(least..=most).contains(&shoes) || shoes > total {
            continue;
        }
        // What clothing may have, so that accessories are within their range too.
        let least = range[0].0.max((total - shoes).saturating_sub(range[2].1));
        let Some(most) = (total - shoes).checked_sub(range[2].0) else {
            continue;
        };
        let most = most.min(range[0].1);
        if least > most {
            continue;
        }
        let wanted = skus.saturating_sub(11 * shoes) / 6;
        for clothing in [wanted.clamp(least, most), (wanted + 1).clamp(least, most)] {
            let off = (6 * clothing + 11 * shoes).abs_diff(skus);
            let far = clothing.abs_diff(ideal[0]) + shoes.abs_diff(ideal[1]);
            if best.is_none_or(|(cost, _)| (off, far) < cost) {
                best = Some(((off, far), [clothing, shoes, total - shoes - clothing]));
            }
        }
    }
    best.map(|(_, totals)| totals)
}

/// Reviews, and how many of them are of accessories: those have one characteristic where the others have four.
fn reviews(goods: [u64; 3], tail: Goods, total: u64, of_accessories: u64) -> (Spread, u64) {
    let class = usize::from(tail == Goods::Accessories);
    let parents = [goods[0] + goods[1], goods[2]];
    for last in [Some(11), None] {
        let (mut fixed, mut rest) = ([0; 2], parents);
        if let Some(count) = last {
            fixed[class] = count;
            rest[class] -= 1;
        }
        let [(least, most), (least_acc, most_acc)] = [0, 1].map(|class| {
            let (least, most) = REVIEWS.range(rest[class]);
            (fixed[class] + least, fixed[class] + most)
        });
        let low = least_acc.max(total.saturating_sub(most));
        let high = most_acc.min(total.saturating_sub(least));
        if low > high || total < least {
            continue;
        }
        let of_accessories = of_accessories.clamp(low, high);
        let spread = Spread {
            head: Vec::new(),
            last: last.map(|count| (goods.iter().sum(), count)),
            class: [0, 0, 1],
            urns: vec![
                Urn::new(REVIEWS, rest[0], total - of_accessories - fixed[0]),
                Urn::new(REVIEWS, rest[1], of_accessories - fixed[1]),
            ],
        };
        return (spread, of_accessories);
    }
    (
        Spread::over(goods.iter().sum(), total, REVIEWS, &[], None),
        0,
    )
}

#[cfg(test)]
mod tests;
