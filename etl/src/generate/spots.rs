//! Which rows are dirty, and how: a function of the seed, the file and the row, so that the files of the children know
//! it without having seen the row.

use super::dirt::{Dirt, Place};
use super::kinds::{EARLY, HARDENING};
use super::random::{Random, mix, seed_of};
use crate::schema::LegacyFile;

/// Hardening takes at most every second row, however much is asked for.
const MOST: f64 = 0.5;

/// Dirt in a row: what, and in which column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot {
    pub(super) dirt: &'static Dirt,
    pub(super) column: usize,
}

/// The dirty rows of a file.
#[derive(Debug, Clone)]
pub(super) struct Spots {
    seed: u64,
    /// The head, which has its own dirt in its places, ends before this row.
    first: u64,
    /// For each kind of hardening dirt, where it can stand.
    kinds: Vec<Vec<Spot>>,
    /// Of 2^32 rows, so many have hardening dirt.
    share: u64,
    /// What the early vintage has, by rows in ten thousand.
    early: Vec<(u64, Spot)>,
}

impl Spots {
    /// The spots of a file, each kind with probability `dirt` a row.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share between 0 and 1/2"
    )]
    pub(super) fn new(seed: u64, file: LegacyFile, dirt: f64, is_early: bool) -> Self {
        let mut kinds: Vec<Vec<Spot>> = Vec::new();
        for dirt in HARDENING {
            let places = places(dirt, file);
            match kinds.iter_mut().find(|kind| kind[0].dirt.name == dirt.name) {
                Some(kind) => kind.extend(places),
                None if places.is_empty() => {}
                None => kinds.push(places),
            }
        }
        let share = (dirt * kinds.len() as f64).min(MOST);
        let early = EARLY.iter().filter(|(_, of, _)| is_early && *of == file);
        Self {
            seed: seed_of(seed, file as usize, 3),
            first: match file {
                LegacyFile::Product => 12,
                LegacyFile::Styles => 53,
                LegacyFile::Photos => 351,
                LegacyFile::Skus
                | LegacyFile::ReviewsPhotos
                | LegacyFile::Answers
                | LegacyFile::AnswersPhotos => 101,
                // The first line of a file without header must begin with a number.
                _ => 2,
            },
            kinds,
            share: (share * 4_294_967_296.0) as u64,
            early: early
                .flat_map(|(rate, _, dirt)| {
                    places(dirt, file).into_iter().map(|spot| (*rate, spot))
                })
                .collect(),
        }
    }

    /// The dirt of a row, if it has any.
    pub(super) fn at(&self, row: u64) -> Option<Spot> {
        if (self.share == 0 && self.early.is_empty()) || row < self.first {
            return None;
        }
        let number = mix(self.seed ^ mix(row));
        if number >> 32 < self.share {
            let mut random = Random::of(self.seed, row);
            let kind = random.pick(&self.kinds);
            return Some(*random.pick(kind));
        }
        if self.early.is_empty() {
            return None;
        }
        let mut at = Random::of(self.seed, row).below(10_000);
        for (rate, spot) in &self.early {
            if at < *rate {
                return Some(*spot);
            }
            at -= rate;
        }
        None
    }

    /// Whether the row is loaded as far as its own values go.
    pub(super) fn rejects(&self, row: u64) -> bool {
        self.at(row).is_some_and(|spot| spot.dirt.rejects())
    }
}

fn places(dirt: &'static Dirt, file: LegacyFile) -> Vec<Spot> {
    let columns = file.layout().columns;
    let found: Vec<usize> = match dirt.place {
        Place::Line => vec![0],
        Place::File(of) if of == file => vec![0],
        Place::File(_) => Vec::new(),
        Place::Column(fits) => (0..columns.len())
            .filter(|at| fits(columns[*at].kind))
            .collect(),
    };
    found
        .into_iter()
        .map(|column| Spot { dirt, column })
        .collect()
}
