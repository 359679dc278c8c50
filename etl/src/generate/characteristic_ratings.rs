//! Characteristics, and the ratings that reviews give them.

use std::io;

use crate::generate::dataset_spec::DatasetSpec;
use crate::generate::defect::Mutation;
use crate::generate::defect_placement::{DefectPlacement, PlacedDefect};
use crate::generate::rows::{RowRef, characteristic_names, rows};
use crate::schema::LegacyFile;

/// Characteristic of a product.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Characteristic {
    pub(crate) row: RowRef,
    pub(crate) name: &'static str,
    /// Whether the product already has a characteristic of this name.
    pub(crate) is_duplicate: bool,
}

/// Returns all characteristics.
pub(crate) fn characteristics(spec: &DatasetSpec) -> impl Iterator<Item = Characteristic> {
    let mut product = 0;
    let mut taken: Vec<&str> = Vec::new();
    rows(spec, LegacyFile::Characteristics).map(move |mut row| {
        if product != row.product {
            product = row.product;
            taken.clear();
        }
        let names = characteristic_names(row.kind);
        let mut name = names[usize::try_from(row.index).unwrap_or(0)];
        if PlacedDefect::is(row.defect, Mutation::DuplicateName) {
            if row.index == 0 {
                row.defect = None;
            }
            name = names[0];
        }
        let is_duplicate = taken.contains(&name);
        row.loaded &= !is_duplicate;
        if row.loaded {
            taken.push(name);
        }
        Characteristic {
            row,
            name,
            is_duplicate,
        }
    })
}

/// Rating of a characteristic by a review.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rating {
    pub(crate) row: u64,
    pub(crate) review: RowRef,
    pub(crate) characteristic: u64,
    pub(crate) characteristic_loaded: bool,
    pub(crate) defect: Option<PlacedDefect>,
}

/// Calls `write` for all ratings. A review rates each characteristic of its product.
pub(crate) fn for_each_rating(
    spec: &DatasetSpec,
    mut write: impl FnMut(&Rating) -> io::Result<()>,
) -> io::Result<()> {
    let defects = DefectPlacement::new(spec, LegacyFile::CharacteristicReviews);
    let mut characteristics = characteristics(spec).peekable();
    // Ids of the characteristics of the current product, and whether they are loaded.
    let mut own: Vec<(u64, bool)> = Vec::new();
    let mut product = 0;
    // A loaded characteristic of an earlier product.
    let mut foreign = None;
    let mut row = 0;
    for review in rows(spec, LegacyFile::Reviews) {
        if review.product != product {
            product = review.product;
            foreign = own.iter().copied().find(|(_, loaded)| *loaded).or(foreign);
            own.clear();
            while let Some(next) = characteristics.next_if(|next| next.row.product <= product) {
                if next.row.product == product {
                    own.push((next.row.row, next.row.loaded));
                }
            }
        }
        for own in &own {
            row += 1;
            let mut defect = defects.at(row);
            let mut rated = *own;
            if PlacedDefect::is(defect, Mutation::OtherProduct) {
                match foreign {
                    Some(foreign) => rated = foreign,
                    None => defect = None,
                }
            }
            write(&Rating {
                row,
                review,
                characteristic: rated.0,
                characteristic_loaded: rated.1,
                defect,
            })?;
        }
    }
    Ok(())
}
