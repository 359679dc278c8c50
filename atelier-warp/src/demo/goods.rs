//! What the demo shop sells: each kind of good with the words that fit it, so that nobody praises the hood of a sandal.

use super::drawings::Drawing;
use super::{carried, footwear, headwear, layers, legwear, outerwear, skirts, small, tops};

/// What decides sizes and characteristics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Clothing,
    Shoes,
    Accessory,
}

impl Class {
    /// What reviewers can rate, in the order of the ids.
    pub(super) fn characteristics(self) -> &'static [&'static str] {
        match self {
            Self::Clothing => &["Fit", "Length", "Comfort", "Quality"],
            Self::Shoes => &["Size", "Width", "Comfort", "Quality"],
            Self::Accessory => &["Quality"],
        }
    }

    /// The sizes of a style, in the order of the SKU ids.
    pub(super) fn sizes(self) -> &'static [&'static str] {
        match self {
            Self::Clothing => &["XS", "S", "M", "L", "XL", "XXL"],
            Self::Shoes => &[
                "7", "7.5", "8", "8.5", "9", "9.5", "10", "10.5", "11", "11.5", "12",
            ],
            Self::Accessory => &["One Size"],
        }
    }
}

/// A kind of good. Texts are templates; see `wording`.
pub(super) struct Good {
    pub(super) category: &'static str,
    /// The last word of a product's name, as in a title.
    pub(super) nouns: &'static [&'static str],
    pub(super) class: Class,
    /// The nouns are plural, and one piece is a pair.
    pub(super) plural: bool,
    /// One carries it, rather than wearing it.
    pub(super) carried: bool,
    pub(super) drawing: &'static Drawing,
    /// Lowest and highest price, in whole units.
    pub(super) prices: (i64, i64),
    pub(super) materials: &'static [&'static str],
    /// Names and possible values; no values: the material.
    pub(super) features: &'static [(&'static str, &'static [&'static str])],
    /// What follows "for".
    pub(super) uses: &'static [&'static str],
    /// What follows "the"; plural when it ends in `s`.
    pub(super) parts: &'static [&'static str],
    pub(super) slogans: &'static [&'static str],
    /// Sentences of a description.
    pub(super) about: &'static [&'static str],
    pub(super) praise: &'static [&'static str],
    pub(super) complaints: &'static [&'static str],
    pub(super) questions: &'static [Asked],
}

/// A question with what the seller and what customers say to it.
pub(super) struct Asked {
    pub(super) question: &'static str,
    pub(super) seller: &'static str,
    pub(super) others: &'static [&'static str],
}

/// The first ten products, which people look at first: one of each, all different.
pub(super) static SHOWN_FIRST: [&Good; 10] = [
    &outerwear::JACKETS,
    &footwear::SNEAKERS,
    &tops::KNITWEAR,
    &carried::BACKPACKS,
    &skirts::DRESSES,
    &footwear::BOOTS,
    &legwear::JEANS,
    &small::SUNGLASSES,
    &tops::SHIRTS,
    &headwear::BEANIES,
];

/// Clothing, and in how many of 23 products it occurs.
pub(super) static CLOTHING: (i64, &[&Good]) = (
    13,
    &[
        &outerwear::JACKETS,
        &outerwear::COATS,
        &layers::FLEECE,
        &layers::GILETS,
        &tops::KNITWEAR,
        &tops::SHIRTS,
        &tops::TEES,
        &legwear::TROUSERS,
        &legwear::JEANS,
        &legwear::SHORTS,
        &skirts::SKIRTS,
        &skirts::DRESSES,
    ],
);

/// Shoes, likewise.
pub(super) static SHOES: (i64, &[&Good]) = (
    5,
    &[
        &footwear::SNEAKERS,
        &footwear::BOOTS,
        &footwear::SANDALS,
        &footwear::LOAFERS,
    ],
);

/// Accessories, likewise.
pub(super) static ACCESSORIES: (i64, &[&Good]) = (
    5,
    &[
        &carried::BACKPACKS,
        &carried::TOTES,
        &carried::UMBRELLAS,
        &headwear::HATS,
        &headwear::CAPS,
        &headwear::BEANIES,
        &layers::SCARVES,
        &small::SUNGLASSES,
        &small::BELTS,
        &small::MITTENS,
        &small::SOCKS,
    ],
);
