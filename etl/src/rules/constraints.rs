//! What was loaded already: which ids, with which content, of which product.

use std::io;

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::rules::outcome::{Defect, Outcome, Reason, Skip};
use crate::rules::row::Row;
use crate::rules::values::{self as value, Value};
use crate::schema::{Kind, LAYOUTS, Layout, LegacyFile};
use crate::spill::dir::Scratch;
use crate::spill::paged_map::IdMap;

/// Set beside the product of a review that is reported; products have 31 bits.
const REPORTED: u32 = 1 << 31;

/// The column of a review that says so.
const REVIEW_REPORTED: usize = 7;
/// The column of a characteristic with its name.
const CHARACTERISTIC_NAME: usize = 2;

/// The keys loaded so far. Rows must come file by file, in load order.
///
/// Kept are four bytes for each row that may be a parent, and eight for each row of the file being read, in maps that
/// hold a fixed part of themselves in memory. A load that is resumed has to fill them again from the rows before.
#[derive(Debug)]
pub(crate) struct Keys {
    /// For each file with children: its loaded ids, with the product each row belongs to, and [`REPORTED`].
    products: [IdMap<u32>; LAYOUTS.len()],
    /// For the file being read: what each loaded row holds, as a number.
    contents: IdMap<u64>,
    /// For each product, a bit for each characteristic it has.
    characteristics: IdMap<u8>,
    scratch: Scratch,
    memory: usize,
}

/// Why a row is not taken in.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// By the rules of the data set.
    Row(Outcome),
    /// What is known of the rows before could not be looked up, or not be added to.
    Scratch(io::Error),
}

impl Keys {
    /// No key yet. Each map keeps about `memory` bytes in memory.
    pub(crate) fn new(scratch: &Scratch, memory: usize) -> Self {
        Self {
            products: std::array::from_fn(|_| IdMap::new(scratch, memory)),
            contents: IdMap::new(scratch, memory),
            characteristics: IdMap::new(scratch, memory),
            scratch: scratch.clone(),
            memory,
        }
    }

    /// Forgets what only rows of one file are compared by.
    pub(crate) fn begin_file(&mut self) {
        self.contents = IdMap::new(&self.scratch, self.memory);
    }

    /// Takes the row in, if its parents are loaded and neither its id nor its name is taken, and tells it to which
    /// product it belongs. What stands against it is the first in the order of the data set: parents from left to
    /// right, two products, the id, the name.
    pub(crate) fn admit(&mut self, layout: &Layout, row: &mut Row<'_>) -> Result<(), Refusal> {
        self.find_parents(layout, row)?;
        let content = content(layout, row);
        match self.contents.get(row.id)? {
            0 => {}
            same if same == content => {
                return Err(Refusal::Row(Outcome::Skipped(Skip::DupIdentical)));
            }
            _ => return Err(defect(Reason::DupId, Some(0))),
        }
        if layout.file == LegacyFile::Characteristics {
            self.take_name(row)?;
        }
        self.contents.insert(row.id, content)?;
        if layout.file.has_children() {
            let reported = if row.reported { REPORTED } else { 0 };
            self.products[layout.file as usize].insert(row.id, row.product | reported)?;
        }
        Ok(())
    }

    /// Sets the product that a row belongs to, and whether it belongs to a reported review.
    fn find_parents(&mut self, layout: &Layout, row: &mut Row<'_>) -> Result<(), Refusal> {
        let mut first = None;
        let mut crossed = false;
        row.reported = layout.file == LegacyFile::Reviews && row.flag(REVIEW_REPORTED);
        for (at, column) in layout.columns.iter().enumerate() {
            if let Kind::Parent(parent) = column.kind {
                let found = self.parent(parent, row, at)?;
                row.reported |= found & REPORTED != 0;
                let product = found & !REPORTED;
                crossed |= *first.get_or_insert(product) != product;
            }
        }
        if crossed && layout.same_product {
            return Err(defect(Reason::Cross, None));
        }
        row.product = first.unwrap_or(row.id);
        Ok(())
    }

    /// What is kept of the parent in a column.
    fn parent(&mut self, parent: LegacyFile, row: &Row<'_>, column: usize) -> Result<u32, Refusal> {
        let refused = |reason| Err(defect(reason, Some(column)));
        if matches!(row.values[column], Value::Null) {
            return refused(Reason::Required);
        }
        match row.key(column) {
            Some(0) => refused(Reason::FkZero),
            None => refused(Reason::Fk),
            Some(id) => match self.products[parent as usize].get(id)? {
                0 => refused(Reason::Fk),
                found => Ok(found),
            },
        }
    }

    /// Notes that the product has the characteristic of this row, unless it has it already.
    fn take_name(&mut self, row: &Row<'_>) -> Result<(), Refusal> {
        let bit = row
            .text(CHARACTERISTIC_NAME)
            .map_or(0, value::characteristic_bit);
        let mut taken = false;
        self.characteristics.update(row.product, |names| {
            taken = *names & bit != 0;
            *names |= bit;
        })?;
        if taken {
            Err(defect(Reason::DupName, Some(CHARACTERISTIC_NAME)))
        } else {
            Ok(())
        }
    }
}

fn defect(reason: Reason, column: Option<usize>) -> Refusal {
    Refusal::Row(Outcome::Rejected(Defect { reason, column }))
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self::Scratch(error)
    }
}

/// A number that differs between rows of different content, 0 never. Of 2^64, two would have to fall together for a
/// duplicate to be taken for the other kind; neither kind is loaded.
fn content(layout: &Layout, row: &Row<'_>) -> u64 {
    // Rows are compared by it that have the same id.
    let values = &row.values[1..layout.columns.len()];
    let hash = values.iter().fold(0, |hash, value| match value {
        Value::Null => u64::wrapping_add(hash, 1),
        Value::Text(text) => xxh3_64_with_seed(text.as_bytes(), hash),
        Value::Int(number) => xxh3_64_with_seed(&number.to_le_bytes(), hash),
        Value::Bool(flag) => xxh3_64_with_seed(&[u8::from(*flag)], hash),
    });
    hash.max(1)
}
