//! Constraint checks: foreign keys, unique ids and unique characteristic names.

use std::io;

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::rules::outcome::{Outcome, RejectReason, Rejection, Skip};
use crate::rules::row::Row;
use crate::rules::values::{Value, characteristic_bit};
use crate::schema::{ColumnType, LegacyFile, TABLES, TableSchema};
use crate::spill::dir::SpillDir;
use crate::spill::paged_map::PagedMap;

/// Flag in the map of parents: the row belongs to a reported review. Product ids use the other 31 bits.
const REPORTED: u32 = 1 << 31;

/// Index of `reviews.reported`.
const REVIEW_REPORTED: usize = 7;
/// Index of `characteristics.name`.
const CHARACTERISTIC_NAME: usize = 2;

/// Keys of the rows loaded so far. Rows must be checked file by file, in load order.
///
/// Takes four bytes for each row that may be a parent and eight for each row of the current file, in paged maps, whose
/// memory is limited.
#[derive(Debug)]
pub(crate) struct Constraints {
    /// By file with children: the product of each loaded row, with [`REPORTED`].
    products: [PagedMap<u32>; TABLES.len()],
    /// Content hash of each loaded row of the current file.
    hashes: PagedMap<u64>,
    /// Set of characteristic names of each product, a bit each.
    characteristics: PagedMap<u8>,
    spill_dir: SpillDir,
    memory: usize,
}

/// Reason why a row is not loaded.
#[derive(Debug)]
pub(crate) enum RowError {
    /// By the rules: rejected or skipped.
    Outcome(Outcome),
    /// Reading or writing spilled keys failed.
    Spill(io::Error),
}

impl Constraints {
    /// Creates empty maps, each limited to about `memory` bytes of memory.
    pub(crate) fn new(spill_dir: &SpillDir, memory: usize) -> Self {
        Self {
            products: std::array::from_fn(|_| PagedMap::new(spill_dir, memory)),
            hashes: PagedMap::new(spill_dir, memory),
            characteristics: PagedMap::new(spill_dir, memory),
            spill_dir: spill_dir.clone(),
            memory,
        }
    }

    /// Forgets the ids of the previous file.
    pub(crate) fn begin_file(&mut self) {
        self.hashes = PagedMap::new(&self.spill_dir, self.memory);
    }

    /// Checks the keys of a row, records them, and sets its product. The first violation is returned, in the order:
    /// parents from left to right, parents of different products, id, name.
    pub(crate) fn check(&mut self, table: &TableSchema, row: &mut Row<'_>) -> Result<(), RowError> {
        self.check_parents(table, row)?;
        let hash = content_hash(table, row);
        match self.hashes.get(row.id)? {
            0 => {}
            same if same == hash => {
                return Err(RowError::Outcome(Outcome::Skipped(Skip::DupIdentical)));
            }
            _ => return Err(reject(RejectReason::DupId, Some(0))),
        }
        if table.file == LegacyFile::Characteristics {
            self.claim_name(row)?;
        }
        self.hashes.insert(row.id, hash)?;
        if table.file.has_children() {
            let reported = if row.reported { REPORTED } else { 0 };
            self.products[table.file as usize].insert(row.id, row.product | reported)?;
        }
        Ok(())
    }

    /// Sets the product of a row, and whether it belongs to a reported review.
    fn check_parents(&mut self, table: &TableSchema, row: &mut Row<'_>) -> Result<(), RowError> {
        let mut first = None;
        let mut differ = false;
        row.reported = table.file == LegacyFile::Reviews && row.flag(REVIEW_REPORTED);
        for (index, column) in table.columns.iter().enumerate() {
            if let ColumnType::Parent(parent) = column.kind {
                let found = self.find_parent(parent, row, index)?;
                row.reported |= found & REPORTED != 0;
                let product = found & !REPORTED;
                differ |= *first.get_or_insert(product) != product;
            }
        }
        if differ && table.file == LegacyFile::CharacteristicReviews {
            return Err(reject(RejectReason::Cross, None));
        }
        row.product = first.unwrap_or(row.id);
        Ok(())
    }

    /// Returns the product of the parent in a column, with [`REPORTED`].
    fn find_parent(
        &mut self,
        parent: LegacyFile,
        row: &Row<'_>,
        column: usize,
    ) -> Result<u32, RowError> {
        let rejected = |reason| Err(reject(reason, Some(column)));
        if matches!(row.values[column], Value::Null) {
            return rejected(RejectReason::Required);
        }
        match row.key(column) {
            Some(0) => rejected(RejectReason::FkZero),
            None => rejected(RejectReason::Fk),
            Some(id) => match self.products[parent as usize].get(id)? {
                0 => rejected(RejectReason::Fk),
                found => Ok(found),
            },
        }
    }

    /// Records the characteristic name of a row for its product, unless the product already has it.
    fn claim_name(&mut self, row: &Row<'_>) -> Result<(), RowError> {
        let bit = row.text(CHARACTERISTIC_NAME).map_or(0, characteristic_bit);
        let mut is_taken = false;
        self.characteristics.update(row.product, |names| {
            is_taken = *names & bit != 0;
            *names |= bit;
        })?;
        if is_taken {
            Err(reject(RejectReason::DupName, Some(CHARACTERISTIC_NAME)))
        } else {
            Ok(())
        }
    }
}

fn reject(reason: RejectReason, column: Option<usize>) -> RowError {
    RowError::Outcome(Outcome::Rejected(Rejection { reason, column }))
}

impl From<io::Error> for RowError {
    fn from(error: io::Error) -> Self {
        Self::Spill(error)
    }
}

/// Hashes the values of a row except the id, never to 0. If two rows of one id collided, which has a probability of
/// 2^-64, the second would be skipped as identical instead of rejected; it is not loaded either way.
fn content_hash(table: &TableSchema, row: &Row<'_>) -> u64 {
    let values = &row.values[1..table.columns.len()];
    let hash = values.iter().fold(0, |hash, value| match value {
        Value::Null => u64::wrapping_add(hash, 1),
        Value::Text(text) => xxh3_64_with_seed(text.as_bytes(), hash),
        Value::Int(number) => xxh3_64_with_seed(&number.to_le_bytes(), hash),
        Value::Bool(flag) => xxh3_64_with_seed(&[u8::from(*flag)], hash),
    });
    hash.max(1)
}
