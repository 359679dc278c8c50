//! Aggregates of reviews that are not reported, computed while rows are read.

use std::io;

use atelier_core::bulk::ReviewTotals;

use crate::rules::row::Row;
use crate::schema::LegacyFile;
use crate::spill::dir::SpillDir;
use crate::spill::paged_map::{DEFAULT_MEMORY, Entry, PagedMap};

/// Number of reviews of a product with one to five stars, not recommending it, and recommending it.
pub(crate) type ProductTotals = [u32; 7];

/// Sum and number of the values of a characteristic.
pub(crate) type SumAndCount = [u32; 2];

#[derive(Debug)]
pub(crate) struct Aggregates {
    pub(crate) by_product: PagedMap<ProductTotals>,
    pub(crate) by_characteristic: PagedMap<SumAndCount>,
}

impl Aggregates {
    pub(crate) fn new(spill_dir: &SpillDir) -> Self {
        Self {
            by_product: PagedMap::new(spill_dir, DEFAULT_MEMORY),
            by_characteristic: PagedMap::new(spill_dir, DEFAULT_MEMORY),
        }
    }

    /// Adds a loaded row.
    pub(crate) fn add(&mut self, file: LegacyFile, row: &Row<'_>) -> io::Result<()> {
        if row.reported {
            return Ok(());
        }
        match file {
            LegacyFile::Reviews => {
                let stars = row.key(2).unwrap_or(1) as usize - 1;
                let recommend = 5 + usize::from(row.flag(6));
                self.by_product.update(row.product, |totals| {
                    totals[stars] += 1;
                    totals[recommend] += 1;
                })
            }
            LegacyFile::CharacteristicReviews => {
                let value = row.key(3).unwrap_or_default();
                let characteristic = row.key(1).unwrap_or_default();
                self.by_characteristic
                    .update(characteristic, |[sum, count]| {
                        *sum += value;
                        *count += 1;
                    })
            }
            _ => Ok(()),
        }
    }
}

/// Converts the totals of a product to the row that is stored.
pub(crate) fn review_totals(product: u32, totals: ProductTotals) -> ReviewTotals {
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
            *part = <u32 as Entry>::read(bytes);
        }
        entry
    }

    fn write(self, bytes: &mut [u8]) {
        for (bytes, part) in bytes.chunks_exact_mut(4).zip(self) {
            part.write(bytes);
        }
    }
}
