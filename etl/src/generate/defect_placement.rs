//! Placement of injected defects: a function of seed, file and row, so that child rows know of the defects of their
//! parents.

use crate::generate::dataset_spec::{DatasetSpec, Stream};
use crate::generate::defect::{Defect, Effect, Mutation, Target};
use crate::generate::defect_catalog::{EARLY_DEFECTS, INJECTED};
use crate::schema::LegacyFile;

/// Maximum share of rows with a defect, for any `--defect-rate`.
const MAX_SHARE: f64 = 0.5;

/// Defect of a row, and the index of its column.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PlacedDefect {
    pub(crate) defect: &'static Defect,
    pub(crate) column: usize,
}

impl PlacedDefect {
    /// Whether a row with this defect is not loaded, so that its children are orphans.
    pub(crate) fn rejects(self) -> bool {
        matches!(self.defect.effect, Effect::Reject(_) | Effect::Parent(_))
    }

    /// Whether `defect` has this mutation.
    pub(crate) fn is(defect: Option<Self>, mutation: Mutation) -> bool {
        defect.is_some_and(|placed| placed.defect.mutation == mutation)
    }
}

/// Placement of defects in a file.
#[derive(Debug, Clone)]
pub(crate) struct DefectPlacement<'s> {
    spec: &'s DatasetSpec,
    file: LegacyFile,
    /// Earlier rows have no injected defects.
    first_row: u64,
    /// Columns in which each kind of injected defect can occur.
    kinds: Vec<Vec<PlacedDefect>>,
    /// Share of rows with an injected defect.
    share: f64,
    /// Defects of the early format, with their rate in 10,000 rows.
    early: Vec<(u64, PlacedDefect)>,
}

impl<'s> DefectPlacement<'s> {
    #[expect(clippy::cast_precision_loss, reason = "a small number of kinds")]
    pub(crate) fn new(spec: &'s DatasetSpec, file: LegacyFile) -> Self {
        let mut kinds: Vec<Vec<PlacedDefect>> = Vec::new();
        for defect in INJECTED {
            let places = places(defect, file);
            match kinds
                .iter_mut()
                .find(|kind| kind[0].defect.name == defect.name)
            {
                Some(kind) => kind.extend(places),
                None if places.is_empty() => {}
                None => kinds.push(places),
            }
        }
        let early = EARLY_DEFECTS
            .iter()
            .filter(|(_, of, _)| spec.is_early && *of == file);
        Self {
            spec,
            file,
            first_row: match file {
                LegacyFile::Product => 12,
                LegacyFile::Styles => 53,
                LegacyFile::Photos => 351,
                LegacyFile::Skus
                | LegacyFile::ReviewsPhotos
                | LegacyFile::Answers
                | LegacyFile::AnswersPhotos => 101,
                // The first line of a file without a header must begin with a number.
                _ => 2,
            },
            share: (spec.options.defect_rate * kinds.len() as f64).min(MAX_SHARE),
            kinds,
            early: early
                .flat_map(|(rate, _, defect)| {
                    places(defect, file).into_iter().map(|it| (*rate, it))
                })
                .collect(),
        }
    }

    /// Returns the defect of a row, if it has one.
    pub(crate) fn at(&self, row: u64) -> Option<PlacedDefect> {
        if (self.share == 0.0 && self.early.is_empty()) || row < self.first_row {
            return None;
        }
        let mut rng = self.spec.rng(self.file, Stream::Defects, row);
        if rng.f64() < self.share {
            let kind = &self.kinds[rng.usize(..self.kinds.len())];
            return Some(kind[rng.usize(..kind.len())]);
        }
        let mut draw = rng.u64(..10_000);
        for (rate, placed) in &self.early {
            match draw.checked_sub(*rate) {
                Some(rest) => draw = rest,
                None => return Some(*placed),
            }
        }
        None
    }
}

fn places(defect: &'static Defect, file: LegacyFile) -> Vec<PlacedDefect> {
    let columns = file.schema().columns;
    let indexes: Vec<usize> = match defect.target {
        Target::Row => vec![0],
        Target::File(of) if of == file => vec![0],
        Target::File(_) => Vec::new(),
        Target::Column(matches) => (0..columns.len())
            .filter(|index| matches(columns[*index].kind))
            .collect(),
    };
    let placed = |column| PlacedDefect { defect, column };
    indexes.into_iter().map(placed).collect()
}
