//! Characteristics, and the values that reviews give them.

use std::io;

use super::Set;
use super::dirt::Act;
use super::spots::Spot;
use super::streams::{Children, Counts, Node, Products, names, reviews};
use crate::schema::LegacyFile;

/// A characteristic: its row, its name, and whether the product has one of that name already.
#[derive(Debug, Clone, Copy)]
pub(super) struct Characteristic {
    pub(super) node: Node,
    pub(super) name: &'static str,
    pub(super) taken: bool,
}

/// The characteristics.
pub(super) fn characteristics(set: &Set) -> impl Iterator<Item = Characteristic> {
    let counts = Counts::Characteristics;
    let rows = Children::new(set, LegacyFile::Characteristics, Products::new(set), counts);
    let mut taken = (0, Vec::new());
    rows.map(move |mut node| {
        if taken.0 != node.product {
            taken = (node.product, Vec::new());
        }
        let names = names(node.goods);
        let mut name = names[usize::try_from(node.at).unwrap_or(0)];
        if node
            .spot
            .is_some_and(|spot| spot.dirt.act == Act::NameAgain)
        {
            if node.at == 0 {
                node.spot = None;
            } else {
                name = names[0];
            }
        }
        let is_taken = taken.1.contains(&name);
        if node.loaded && !is_taken {
            taken.1.push(name);
        }
        node.loaded &= !is_taken;
        Characteristic {
            node,
            name,
            taken: is_taken,
        }
    })
}

/// A value that a review gives a characteristic.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    pub(super) row: u64,
    pub(super) review: Node,
    /// The row of the characteristic, and whether it is loaded.
    pub(super) characteristic: (u64, bool),
    pub(super) spot: Option<Spot>,
}

/// The values of all reviews: one for each characteristic of the product.
pub(super) fn marks(set: &Set, mut each: impl FnMut(Mark) -> io::Result<()>) -> io::Result<()> {
    let spots = set.spots(LegacyFile::CharacteristicReviews);
    let mut characteristics = characteristics(set).peekable();
    let mut own: Vec<(u64, bool)> = Vec::new();
    let mut product = 0;
    // A loaded characteristic of an earlier product.
    let mut foreign = None;
    let mut row = 0;
    for review in reviews(set) {
        if review.product != product {
            product = review.product;
            foreign = own.iter().copied().find(|(_, loaded)| *loaded).or(foreign);
            own.clear();
            while let Some(next) =
                characteristics.next_if(|next: &Characteristic| next.node.product <= product)
            {
                if next.node.product == product {
                    own.push((next.node.row, next.node.loaded));
                }
            }
        }
        for characteristic in &own {
            row += 1;
            let mut mark = Mark {
                row,
                review,
                characteristic: *characteristic,
                spot: spots.at(row),
            };
            if mark
                .spot
                .is_some_and(|spot| spot.dirt.act == Act::OtherProduct)
            {
                match foreign {
                    Some(foreign) => mark.characteristic = foreign,
                    None => mark.spot = None,
                }
            }
            each(mark)?;
        }
    }
    Ok(())
}
