//! Random choices, with a seeded generator per product.

use fastrand::Rng;

/// Returns the generator of `key`, such as a product id, under `seed`.
pub(super) fn seeded(seed: u64, key: u64) -> Rng {
    // The generator's state is a counter. Hashing the key twice keeps the sequences of consecutive keys apart.
    let base = Rng::with_seed(seed).u64(..);
    Rng::with_seed(base.wrapping_add(key)).fork()
}

/// Returns true in `percent` of 100 calls.
pub(super) fn chance(rng: &mut Rng, percent: i64) -> bool {
    rng.i64(1..=100) <= percent
}

/// Returns one entry of `list`, which is not empty.
pub(super) fn pick<'a, T>(rng: &mut Rng, list: &'a [T]) -> &'a T {
    &list[rng.usize(..list.len())]
}

/// Returns an index into `weights`, each as often as its weight.
pub(super) fn weighted(rng: &mut Rng, weights: &[i64]) -> usize {
    let mut drawn = rng.i64(1..=weights.iter().sum());
    let reaches = |weight: &i64| {
        drawn -= weight;
        drawn <= 0
    };
    weights.iter().position(reaches).unwrap_or(0)
}

/// A shuffled list that repeats: no entry comes again before all others have.
pub(super) struct ShuffleBag<T> {
    entries: Vec<T>,
    next: usize,
}

impl<T: Copy> ShuffleBag<T> {
    /// Shuffles `entries`, which are not empty.
    pub(super) fn new(rng: &mut Rng, entries: impl IntoIterator<Item = T>) -> Self {
        let mut entries: Vec<T> = entries.into_iter().collect();
        rng.shuffle(&mut entries);
        Self { entries, next: 0 }
    }

    /// Returns the next entry.
    pub(super) fn draw(&mut self) -> T {
        let entry = self.entries[self.next % self.entries.len()];
        self.next += 1;
        entry
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shuffle_bag_draws_each_entry_before_it_repeats() {
        let mut bag = ShuffleBag::new(&mut seeded(1, 1), 1..=5);
        let first: Vec<i32> = (0..5).map(|_| bag.draw()).collect();
        let second: Vec<i32> = (0..5).map(|_| bag.draw()).collect();
        let mut sorted = first.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, [1, 2, 3, 4, 5]);
        assert_eq!(first, second);
    }
}
