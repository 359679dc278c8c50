//! The dirt of the real files, in its places.

use std::io;

use super::Set;
use super::random::Random;
use super::streams::Node;
use crate::schema::LegacyFile;

/// The ids of the lines whose last quote is missing, in pairs: from one end of a pair to the other a reader that follows
/// quotes takes all lines for one.
pub(super) const UNCLOSED: [(u64, u64); 5] =
    [(48, 249), (263, 272), (282, 298), (304, 315), (326, 337)];

/// The thumbnail whose address begins with `uhttps`.
pub(super) const WRONG_SCHEME: u64 = 177;

/// The ids that are missing, from the first to the last of each run: 63, such that 155, 9, 13, 8 and 8 lines are lost.
const MISSING: [(u64, u64); 10] = [
    (195, 203),
    (206, 214),
    (216, 224),
    (226, 234),
    (236, 244),
    (246, 246),
    (290, 292),
    (308, 310),
    (330, 332),
    (340, 347),
];

/// The id of a row of photos.csv.
pub(super) fn photo_id(row: u64) -> u64 {
    MISSING.iter().fold(
        row,
        |id, (from, to)| {
            if id < *from { id } else { id + to - from + 1 }
        },
    )
}

/// How many ids below this one are missing.
pub(super) fn missing_below(id: u64) -> u64 {
    let below = MISSING.iter().filter(|(_, to)| *to < id);
    below.map(|(from, to)| to - from + 1).sum()
}

/// Whether the row stands behind the next one: about every tenth in the first hundred.
pub(super) fn swaps(row: u64) -> bool {
    row < 100 && row % 10 == 7
}

/// As [`swaps`], without the row before the first line whose quote is not closed.
pub(super) fn swaps_photos(row: u64) -> bool {
    swaps(row) && row != 47
}

/// Gives the rows to `each`, with neighbours swapped where `swaps` says so.
pub(super) fn swapped(
    nodes: impl Iterator<Item = Node>,
    swaps: impl Fn(u64) -> bool,
    mut each: impl FnMut(&Node) -> io::Result<()>,
) -> io::Result<()> {
    let mut held = None;
    for node in nodes {
        if swaps(node.row) {
            held = Some(node);
            continue;
        }
        each(&node)?;
        if let Some(before) = held.take() {
            each(&before)?;
        }
    }
    held.map_or(Ok(()), |node| each(&node))
}

/// The relations that point to product 0, spread over the file.
#[derive(Debug)]
pub(super) struct Zeros {
    seed: u64,
    rows: u64,
    count: u64,
    number: u64,
    next: u64,
}

impl Zeros {
    pub(super) fn new(set: &Set, seed: u64) -> Self {
        let mut zeros = Self {
            seed: !seed,
            rows: set.plan.rows(LegacyFile::Related),
            count: set.plan.zero_relations,
            number: 0,
            next: 0,
        };
        zeros.next = zeros.place();
        zeros
    }

    /// Whether this row is one. To be asked for each row once, in their order.
    pub(super) fn is_at(&mut self, row: u64) -> bool {
        let is_at = row == self.next;
        if is_at {
            self.number += 1;
            self.next = self.place();
        }
        is_at
    }

    /// One in each of as many stretches of the file, never the last row, whose id is to be the highest.
    fn place(&self) -> u64 {
        if self.number == self.count {
            return 0;
        }
        let start = |number: u64| {
            u64::try_from(
                u128::from(self.rows) * u128::from(number) / u128::from(self.count.max(1)),
            )
            .unwrap_or(self.rows)
        };
        let (from, to) = (start(self.number), start(self.number + 1));
        let width = (to - from)
            .saturating_sub(u64::from(to == self.rows))
            .max(1);
        from + 1 + Random::of(self.seed, self.number).below(width)
    }
}
