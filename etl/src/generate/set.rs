//! What is to be written, and everything that follows from it for each file.

use super::hand::HAND;
use super::plan::Plan;
use super::random::seed_of;
use super::spots::Spots;
use super::{Generate, Vintage, damage};
use crate::schema::{Layout, LegacyFile};

/// Everything that decides about the bytes.
#[derive(Debug, Clone)]
pub(super) struct Set {
    pub(super) plan: Plan,
    pub(super) seed: u64,
    pub(super) dirt: f64,
    pub(super) early: bool,
    /// The days of the early files.
    pub(super) early_days: Vec<String>,
    pub(super) features_header: bool,
    pub(super) url_length: Option<u64>,
}

impl Set {
    pub(super) fn new(options: &Generate) -> Self {
        let early = options.vintage == Vintage::Early;
        Self {
            plan: Plan::new(options.products),
            seed: options.seed,
            dirt: options.dirt,
            early,
            early_days: if early { early_days() } else { Vec::new() },
            features_header: !options.no_features_header,
            url_length: options.url_length,
        }
    }

    pub(super) fn spots(&self, file: LegacyFile) -> Spots {
        Spots::new(self.seed, file, self.dirt, self.early)
    }

    /// The seed of how many children there are.
    pub(super) fn shape_seed(&self, file: LegacyFile) -> u64 {
        seed_of(self.seed, file as usize, 1)
    }

    /// The seed of what stands in the rows.
    pub(super) fn text_seed(&self, file: LegacyFile) -> u64 {
        seed_of(self.seed, file as usize, 2)
    }

    /// Whether the thumbnail of this photo lacks its last quote: only if the other end of the pair is there too.
    pub(super) fn is_unclosed(&self, id: u64) -> bool {
        let highest = damage::photo_id(self.plan.rows(LegacyFile::Photos));
        let mut pairs = damage::UNCLOSED.iter();
        pairs.any(|(from, to)| (id == *from || id == *to) && *to <= highest)
    }

    /// How many of the hand-made products there are; a small set has no room for the kinds of some.
    pub(super) fn hand_made(&self) -> u64 {
        let pairs = self.plan.head.iter().zip(&HAND);
        pairs.filter(|(goods, hand)| **goods == hand.goods).count() as u64
    }

    pub(super) fn header(&self, layout: &Layout) -> Option<String> {
        if layout.file == LegacyFile::Features && !self.features_header {
            return None;
        }
        let camel = !self.early
            && matches!(
                layout.file,
                LegacyFile::Styles | LegacyFile::Photos | LegacyFile::Skus
            );
        let mut names: Vec<&str> = layout.columns.iter().map(|column| column.name).collect();
        for name in names.iter_mut().filter(|_| camel) {
            *name = match *name {
                "product_id" => "productId",
                "style_id" => "styleId",
                other => other,
            };
        }
        if let Some(order) = self.order(layout) {
            names = order.iter().map(|at| names[*at]).collect();
        }
        let mark = if self.dirt > 0.0 && layout.file == LegacyFile::Characteristics {
            "\u{FEFF}"
        } else {
            ""
        };
        Some(format!("{mark}{}", names.join(self.separator(layout))))
    }

    pub(super) fn separator(&self, layout: &Layout) -> &'static str {
        use LegacyFile::{Features, Product, Skus, Styles};
        if self.early && matches!(layout.file, Product | Features | Styles | Skus) {
            ", "
        } else {
            ","
        }
    }

    /// Another order of columns is dirt as well: one file has it.
    pub(super) fn order(&self, layout: &Layout) -> Option<&'static [usize]> {
        (self.dirt > 0.0 && layout.file == LegacyFile::Cart).then_some(&[0, 2, 1, 3])
    }
}

/// The days from May 2018 to April 2019.
fn early_days() -> Vec<String> {
    let months = [
        (2018, 5, 31),
        (2018, 6, 30),
        (2018, 7, 31),
        (2018, 8, 31),
        (2018, 9, 30),
        (2018, 10, 31),
    ];
    let later = [
        (2018, 11, 30),
        (2018, 12, 31),
        (2019, 1, 31),
        (2019, 2, 28),
        (2019, 3, 31),
        (2019, 4, 30),
    ];
    let months = months.into_iter().chain(later);
    months
        .flat_map(|(year, month, days)| {
            (1..=days).map(move |day| format!("{year}-{month:02}-{day:02}"))
        })
        .collect()
}
