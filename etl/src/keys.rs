//! What was loaded already: which ids, with which content, of which product.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::clean::Row;
use crate::files::{Kind, LAYOUTS, Layout, LegacyFile};
use crate::outcome::{Defect, Outcome, Reason, Skip};
use crate::value::{self, Value};

/// Ids below this are kept in pages, so that the dense ids of real files cost a few bytes each.
const DENSE: u32 = 1 << 25;
const PAGE: u32 = 1 << 12;

/// A map from ids; the default of `T` stands for "not there". Memory follows the number of ids, not their size.
#[derive(Debug, Default)]
pub(crate) struct IdMap<T> {
    pages: Vec<Option<Box<[T]>>>,
    sparse: HashMap<u32, T>,
}

impl<T: Copy + Default> IdMap<T> {
    pub(crate) fn get(&self, id: u32) -> T {
        if id >= DENSE {
            return self.sparse.get(&id).copied().unwrap_or_default();
        }
        let page = self
            .pages
            .get((id / PAGE) as usize)
            .and_then(Option::as_ref);
        page.map_or_else(T::default, |page| page[(id % PAGE) as usize])
    }

    pub(crate) fn insert(&mut self, id: u32, value: T) {
        if id >= DENSE {
            self.sparse.insert(id, value);
            return;
        }
        let at = (id / PAGE) as usize;
        if self.pages.len() <= at {
            self.pages.resize_with(at + 1, || None);
        }
        let page = self.pages[at].get_or_insert_with(|| vec![T::default(); PAGE as usize].into());
        page[(id % PAGE) as usize] = value;
    }
}

/// The keys loaded so far. Rows must come file by file, in load order.
///
/// Kept are four bytes for each row that may be a parent, and eight for each row of the file being read: some 250 MB
/// for the full set, of which the longest file (19 million characteristic values) takes 155 while it is read. A load
/// that is resumed has to fill these maps again from the rows before.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    /// For each file with children: its loaded ids, with the product each row belongs to.
    products: [IdMap<u32>; LAYOUTS.len()],
    /// For the file being read: what each loaded row holds, as a number.
    contents: IdMap<u64>,
    /// For each product, a bit for each characteristic it has.
    characteristics: IdMap<u8>,
}

impl Keys {
    /// Forgets what only rows of one file are compared by.
    pub(crate) fn begin_file(&mut self) {
        self.contents = IdMap::default();
    }

    /// Takes the row in, if its parents are loaded and neither its id nor its name is taken. What stands against it is
    /// the first in the order of the data set: parents from left to right, two products, the id, the name.
    pub(crate) fn admit(&mut self, layout: &Layout, row: &Row<'_>) -> Result<(), Outcome> {
        let product = self.product(layout, row).map_err(Outcome::Rejected)?;
        let content = content(layout, row);
        match self.contents.get(row.id) {
            0 => {}
            same if same == content => return Err(Outcome::Skipped(Skip::DupIdentical)),
            _ => {
                return Err(Outcome::Rejected(Defect {
                    reason: Reason::DupId,
                    column: Some(0),
                }));
            }
        }
        for (at, column) in layout.columns.iter().enumerate() {
            if column.kind == Kind::CharacteristicName {
                let bit = row.text(at).map_or(0, value::characteristic_bit);
                let taken = self.characteristics.get(product);
                if taken & bit != 0 {
                    return Err(Outcome::Rejected(Defect {
                        reason: Reason::DupName,
                        column: Some(at),
                    }));
                }
                self.characteristics.insert(product, taken | bit);
            }
        }
        self.contents.insert(row.id, content);
        if layout.file.has_children() {
            self.products[layout.file as usize].insert(row.id, product);
        }
        Ok(())
    }

    /// The product that a row belongs to by its first parent; a product belongs to itself.
    fn product(&self, layout: &Layout, row: &Row<'_>) -> Result<u32, Defect> {
        let mut first = None;
        let mut crossed = false;
        for (at, column) in layout.columns.iter().enumerate() {
            if let Kind::Parent(parent) = column.kind {
                let product = self.parent(parent, row, at).map_err(|reason| Defect {
                    reason,
                    column: Some(at),
                })?;
                crossed |= *first.get_or_insert(product) != product;
            }
        }
        if crossed && layout.same_product {
            return Err(Defect {
                reason: Reason::Cross,
                column: None,
            });
        }
        Ok(first.unwrap_or(row.id))
    }

    fn parent(&self, parent: LegacyFile, row: &Row<'_>, column: usize) -> Result<u32, Reason> {
        if row.values[column] == Value::Null {
            return Err(Reason::Required);
        }
        match row.key(column) {
            Some(0) => Err(Reason::FkZero),
            Some(id) => Some(self.products[parent as usize].get(id))
                .filter(|product| *product != 0)
                .ok_or(Reason::Fk),
            None => Err(Reason::Fk),
        }
    }
}

/// A number that differs between rows of different content, 0 never. Of 2^64, two would have to fall together for a
/// duplicate to be taken for the other kind; neither kind is loaded.
fn content(layout: &Layout, row: &Row<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    row.values[..layout.columns.len()].hash(&mut hasher);
    hasher.finish().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_of_ids_holds_near_and_far_ones() {
        let mut map = IdMap::<u32>::default();
        let ids = [1, 4095, 4096, DENSE - 1, DENSE, 2_147_483_647];
        for id in ids {
            assert_eq!(map.get(id), 0);
            map.insert(id, id + 7);
        }
        assert_eq!(ids.map(|id| map.get(id)), ids.map(|id| id + 7));
        assert_eq!(map.get(2), 0);
        map.insert(1, 3);
        assert_eq!(map.get(1), 3);
    }
}
