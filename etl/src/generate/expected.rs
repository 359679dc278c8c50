//! Expected outcome of a generated row.

use crate::generate::defect::{Effect, Mutation, ParentState};
use crate::generate::defect_placement::PlacedDefect;
use crate::generate::rows::RowRef;
use crate::rules::outcome::{Outcome, RejectReason};
use crate::schema::{ColumnType, TableSchema};

/// Facts about a row that determine its outcome.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ExpectedRow {
    pub(crate) id: u64,
    /// States of its parents, in the order of columns.
    pub(crate) parents: [ParentState; 2],
    /// Reason to reject it even if its parents are loaded.
    pub(crate) reject: Option<RejectReason>,
    /// Bit set of the columns whose values are repaired.
    pub(crate) repaired_columns: u16,
    pub(crate) defect: Option<PlacedDefect>,
    /// Name of a defect of the original files.
    pub(crate) known_defect: Option<&'static str>,
}

impl ExpectedRow {
    /// Returns a row with one parent and no repairs.
    pub(crate) fn of(row: &RowRef) -> Self {
        Self::new(row.row, row.parent_loaded, row.defect)
    }

    pub(crate) fn new(id: u64, parent_loaded: bool, defect: Option<PlacedDefect>) -> Self {
        Self {
            id,
            parents: [ParentState::of(parent_loaded), ParentState::Loaded],
            reject: None,
            repaired_columns: 0,
            defect,
            known_defect: None,
        }
    }

    /// Returns the outcome, by the order of the tests.
    pub(crate) fn outcome(&self, table: &TableSchema) -> Outcome {
        let effect = self.defect.map_or(Effect::None, |it| it.defect.effect);
        if let Effect::Reject(reason) = effect {
            return Outcome::rejected(reason);
        }
        let columns = (0..).zip(table.columns);
        let foreign_keys = columns.filter(|(_, it)| matches!(it.kind, ColumnType::Parent(_)));
        for ((index, _), state) in foreign_keys.zip(self.parents) {
            let state = match (effect, self.defect) {
                (Effect::Parent(state), Some(defect)) if defect.column == index => state,
                _ => state,
            };
            match state {
                ParentState::Loaded => {}
                ParentState::Missing => return Outcome::rejected(RejectReason::Fk),
                ParentState::Zero => return Outcome::rejected(RejectReason::FkZero),
                ParentState::Null => return Outcome::rejected(RejectReason::Required),
            }
        }
        if let Some(reason) = self.reject {
            return Outcome::rejected(reason);
        }
        // A defect that replaces a value replaces its repair.
        let replaced = match self.defect {
            Some(it) if matches!(it.defect.mutation, Mutation::Replace(_)) => 1 << it.column,
            _ => 0,
        };
        Outcome::Loaded {
            repaired: effect == Effect::Repair || self.repaired_columns & !replaced != 0,
        }
    }
}
