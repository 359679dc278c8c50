//! Defects of the original files at their original places.

use std::io;

use crate::generate::rows::RowRef;

/// Ids of the photos whose thumbnail lacks its closing quote. A reader that follows quotes across lines merges all
/// lines from the first to the second of a pair into one record.
pub(crate) const UNCLOSED_QUOTES: [u64; 10] = [48, 249, 263, 272, 282, 298, 304, 315, 326, 337];

/// Id of the photo whose thumbnail URL begins with `uhttps`.
pub(crate) const WRONG_SCHEME: u64 = 177;

/// Ranges of missing photo ids, 63 in all. Between the pairs of [`UNCLOSED_QUOTES`] are 155, 9, 13, 8 and 8 lines.
#[rustfmt::skip]
const MISSING_PHOTO_IDS: [(u64, u64); 10] = [
    (195, 203), (206, 214), (216, 224), (226, 234), (236, 244), (246, 246), (290, 292), (308, 310), (330, 332),
    (340, 347),
];

/// Related products with id 0 in a data set of [`FULL_SIZE`] products.
const ZERO_RELATIONS: u64 = 58;
const FULL_SIZE: u64 = 1_000_011;

/// Returns the id of a row of `photos.csv`.
pub(crate) fn photo_id(row: u64) -> u64 {
    MISSING_PHOTO_IDS.iter().fold(
        row,
        |id, (from, to)| {
            if id < *from { id } else { id + to - from + 1 }
        },
    )
}

/// Whether the first relation of this product points to product 0. At least one does; they are spread evenly.
pub(crate) fn has_zero_relation(product: u64, products: u64) -> bool {
    let count = ((ZERO_RELATIONS * products + FULL_SIZE / 2) / FULL_SIZE).max(1);
    (product * count + products / 2) % products < count
}

/// Calls `write` for all rows. About every tenth of the first hundred changes places with the next one, but not the row
/// before the first unclosed quote if these are `photos`.
pub(crate) fn swap_neighbours(
    rows: impl Iterator<Item = RowRef>,
    photos: bool,
    mut write: impl FnMut(&RowRef) -> io::Result<()>,
) -> io::Result<()> {
    let mut held = None;
    for row in rows {
        if row.row < 100 && row.row % 10 == 7 && !(photos && row.row == 47) {
            held = Some(row);
            continue;
        }
        write(&row)?;
        if let Some(before) = held.take() {
            write(&before)?;
        }
    }
    held.map_or(Ok(()), |row| write(&row))
}
