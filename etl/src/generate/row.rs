//! What must become of a row that was written.

use super::dirt::{Act, Effect, State};
use super::spots::Spot;
use crate::rules::outcome::{Defect, Outcome, Reason};
use crate::schema::{Kind, Layout};

/// What there is to know of a row that was just written, to tell what becomes of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) id: u64,
    /// What its parents' ids lead to, from left to right.
    pub(super) parents: [State; 2],
    /// What stands against it when its parents are loaded.
    pub(super) defect: Option<Reason>,
    /// A bit for each column whose value has to be put right.
    pub(super) repaired: u16,
    pub(super) spot: Option<Spot>,
    /// Dirt of the real files, by name.
    pub(super) seen: Option<&'static str>,
}

impl Row {
    /// A plain row of one parent.
    pub(super) fn new(id: u64, parent_loaded: bool, spot: Option<Spot>) -> Self {
        Self {
            id,
            parents: [state(parent_loaded), State::Loaded],
            defect: None,
            repaired: 0,
            spot,
            seen: None,
        }
    }

    /// What must become of it, by the order of the tests.
    pub(super) fn outcome(&self, layout: &Layout) -> Outcome {
        let reject = |reason| {
            Outcome::Rejected(Defect {
                reason,
                column: None,
            })
        };
        let effect = self.spot.map_or(Effect::Fine, |spot| spot.dirt.effect);
        if let Effect::Reject(reason) = effect {
            return reject(reason);
        }
        let columns = (0..).zip(layout.columns);
        let columns = columns.filter(|(_, column)| matches!(column.kind, Kind::Parent(_)));
        for ((at, _), state) in columns.zip(self.parents) {
            let state = match (effect, self.spot) {
                (Effect::Parent(state), Some(spot)) if spot.column == at => state,
                _ => state,
            };
            match state {
                State::Loaded => {}
                State::Missing => return reject(Reason::Fk),
                State::Zero => return reject(Reason::FkZero),
                State::Null => return reject(Reason::Required),
            }
        }
        if let Some(reason) = self.defect {
            return reject(reason);
        }
        let cleared = match self.spot {
            Some(spot) if matches!(spot.dirt.act, Act::Field(_)) => 1 << spot.column,
            _ => 0,
        };
        Outcome::Loaded {
            repaired: effect == Effect::Repair || self.repaired & !cleared != 0,
        }
    }
}

/// Loaded, or missing.
pub(super) fn state(loaded: bool) -> State {
    if loaded {
        State::Loaded
    } else {
        State::Missing
    }
}
