//! Figures of the reviews that are not reported, added up as the rows pass by.

use std::io;

use atelier_core::bulk::ReviewTotals;

use crate::rules::row::Row;
use crate::schema::LegacyFile;
use crate::spill::dir::Scratch;
use crate::spill::paged_map::{Entry, IdMap, MEMORY};

/// Counts of a product: one to five stars, not recommended, recommended.
pub(crate) type Totals = [u32; 7];

/// Sum and number of the values of a characteristic.
pub(crate) type Values = [u32; 2];

#[derive(Debug)]
pub(crate) struct Figures {
    /// By product.
    pub(crate) totals: IdMap<Totals>,
    /// By characteristic.
    pub(crate) values: IdMap<Values>,
}

impl Figures {
    pub(crate) fn new(scratch: &Scratch) -> Self {
        Self {
            totals: IdMap::new(scratch, MEMORY),
            values: IdMap::new(scratch, MEMORY),
        }
    }

    /// Counts a loaded row in.
    pub(crate) fn add(&mut self, file: LegacyFile, row: &Row<'_>) -> io::Result<()> {
        if row.reported {
            return Ok(());
        }
        match file {
            LegacyFile::Reviews => {
                let star = row
                    .int(2)
                    .and_then(|rating| usize::try_from(rating - 1).ok());
                let recommended = 5 + usize::from(row.flag(6));
                self.totals.update(row.product, |totals| {
                    for at in star.into_iter().chain([recommended]) {
                        totals[at] += 1;
                    }
                })
            }
            LegacyFile::CharacteristicReviews => {
                let value = row.key(3).unwrap_or_default();
                self.values
                    .update(row.key(1).unwrap_or_default(), |[sum, count]| {
                        *sum += value;
                        *count += 1;
                    })
            }
            _ => Ok(()),
        }
    }
}

/// The figures of a product as they are stored.
pub(crate) fn review_totals(product: u32, totals: Totals) -> ReviewTotals {
    let [one, two, three, four, five, no, yes] = totals.map(i64::from);
    ReviewTotals {
        product_id: product.into(),
        stars: [one, two, three, four, five],
        recommend_no: no,
        recommend_yes: yes,
    }
}

impl<const N: usize> Entry for [u32; N]
where
    Self: Default,
{
    const SIZE: usize = 4 * N;

    fn read(bytes: &[u8]) -> Self {
        let mut entry = [0; N];
        for (part, bytes) in entry.iter_mut().zip(bytes.chunks_exact(4)) {
            *part = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        }
        entry
    }

    fn write(self, bytes: &mut [u8]) {
        for (bytes, part) in bytes.chunks_exact_mut(4).zip(self) {
            bytes.copy_from_slice(&part.to_le_bytes());
        }
    }
}
