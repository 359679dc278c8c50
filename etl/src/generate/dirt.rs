//! The kinds of dirt, each with its place and what must become of the record that has it.

use crate::rules::outcome::Reason;
use crate::schema::{Kind, LegacyFile};

/// A kind of dirt. Several entries of one name are one kind, in columns where its outcome differs.
#[derive(Debug)]
pub(super) struct Dirt {
    pub(super) name: &'static str,
    pub(super) place: Place,
    pub(super) act: Act,
    pub(super) effect: Effect,
}

/// Where a kind of dirt can stand.
#[derive(Debug)]
pub(super) enum Place {
    /// In any line.
    Line,
    /// In any line of this file.
    File(LegacyFile),
    /// In a column of this kind.
    Column(fn(Kind) -> bool),
}

/// What is done to the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// The field becomes this, with `{}` for what stood in it without quotes.
    Field(&'static [u8]),
    /// As `Field`, and no text in the line may hold a comma, as the quotes no longer protect it. If a quote stays
    /// open, the next line does not close it: it is a whole record, or a letter follows its first quote.
    Damage(&'static [u8]),
    /// The value in small letters.
    SmallLetters,
    /// A boolean as a word, or in capitals.
    BoolWord,
    BoolCase,
    /// A long text.
    Long,
    /// The line goes on with this.
    Append(&'static [u8]),
    /// The last field is missing.
    DropLast,
    /// Blanks and tabs round all fields.
    Pad,
    /// A line of blanks follows.
    BlankLine,
    /// The record follows once more, as it is or with another last field.
    Again,
    AgainChanged,
    /// What only the writer of the file can do.
    SelfRelation,
    TwoDefaults,
    OtherProduct,
    NameAgain,
}

/// What dirt does to its record, if nothing else is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Fine,
    Repair,
    Reject(Reason),
    /// The parent's id, in this column, is of no loaded row.
    Parent(State),
}

/// What the parent's id of a row leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Loaded,
    Missing,
    Zero,
    Null,
}

impl Dirt {
    /// Whether a record with it is not loaded, so that its children are orphans.
    pub(super) fn rejects(&self) -> bool {
        matches!(self.effect, Effect::Reject(_) | Effect::Parent(_))
    }
}
