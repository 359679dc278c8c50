//! Numbers that are the same on every machine, for every row of every file from its own start.

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// The finisher of `SplitMix64`: every bit of the result depends on every bit of `x`.
pub(super) fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

/// The seed of one purpose in one file.
pub(super) fn seed_of(seed: u64, file: usize, purpose: u64) -> u64 {
    mix(mix(seed.wrapping_add(GOLDEN)) ^ (((file as u64) << 8) | purpose))
}

/// Random numbers of one row (`SplitMix64`).
#[derive(Debug, Clone, Copy)]
pub(super) struct Random(u64);

impl Random {
    /// The numbers of a row, which no other row has anything to do with.
    pub(super) fn of(seed: u64, row: u64) -> Self {
        Self(mix(seed ^ mix(row.wrapping_add(GOLDEN))))
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// A number from 0 to `bound` - 1; 0 when `bound` is 0.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// True in so many of a thousand cases.
    pub(super) fn chance(&mut self, of_thousand: u64) -> bool {
        self.below(1_000) < of_thousand
    }

    /// One of them, each as likely as the other.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "below the length of a slice"
    )]
    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len() as u64) as usize]
    }

    /// As [`pick`](Self::pick), for words.
    pub(super) fn word(&mut self, from: &[&'static str]) -> &'static str {
        let word: &&str = self.pick(from);
        word
    }
}
