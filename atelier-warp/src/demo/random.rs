//! A small generator of our own: its numbers stay the same with every version of every crate, and so do the demo's ids.

/// `SplitMix64`. The same seed and key give the same numbers on every machine.
pub(super) struct Random(u64);

impl Random {
    /// The generator of one thing: `key` tells the things under one seed apart.
    pub(super) fn of(seed: u64, key: u64) -> Self {
        // Mixed twice, because keys are consecutive: their sequences must not overlap.
        let mixed = Self(seed).next().wrapping_add(key);
        Self(Self(mixed).next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A whole number from `low` to `high`, both included; `low` when `high` is below it.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = (high - low).max(0) + 1;
        low + (self.next() >> 1).cast_signed() % width
    }

    /// An index into a list of `len` entries; 0 for an empty one.
    pub(super) fn below(&mut self, len: usize) -> usize {
        // 31 bits fit a usize on every machine, so that each draws the same index.
        usize::try_from(self.next() >> 33).unwrap_or(0) % len.max(1)
    }

    /// True `percent` times in a hundred.
    pub(super) fn chance(&mut self, percent: i64) -> bool {
        self.between(1, 100) <= percent
    }

    /// One of `list`, which is not empty.
    pub(super) fn pick<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.below(list.len())]
    }
}

/// A shuffled list dealt one by one and then over again: nothing repeats until all have been seen.
pub(super) struct Deck<'a, T> {
    cards: Vec<&'a T>,
    dealt: usize,
}

impl<'a, T> Deck<'a, T> {
    /// Shuffles what `lists` hold; together they are not empty.
    pub(super) fn new(random: &mut Random, lists: &[&'a [T]]) -> Self {
        let mut cards: Vec<&T> = lists.iter().flat_map(|list| list.iter()).collect();
        for last in (1..cards.len()).rev() {
            cards.swap(last, random.below(last + 1));
        }
        Self { cards, dealt: 0 }
    }

    /// The next card.
    pub(super) fn deal(&mut self) -> &'a T {
        let card = self.cards[self.dealt % self.cards.len()];
        self.dealt += 1;
        card
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seed_and_key_decide_the_numbers() {
        let draw = |seed, key| {
            let mut random = Random::of(seed, key);
            [random.next(), random.next()]
        };
        assert_eq!(draw(42, 7), draw(42, 7));
        assert_ne!(draw(42, 7), draw(42, 8));
        assert_ne!(draw(42, 7), draw(7, 42));
        assert_ne!(draw(1, 2), draw(2, 1));
    }

    #[test]
    fn numbers_stay_within_their_bounds_and_reach_both() {
        let mut random = Random::of(1, 1);
        let drawn: Vec<i64> = (0..200).map(|_| random.between(-2, 3)).collect();
        assert_eq!(drawn.iter().min(), Some(&-2));
        assert_eq!(drawn.iter().max(), Some(&3));
        assert_eq!(random.between(5, 4), 5);
        assert_eq!(random.below(1), 0);
        assert!((0..100).all(|_| random.chance(100) && !random.chance(0)));
    }

    #[test]
    fn a_deck_deals_everything_before_it_repeats() {
        let mut random = Random::of(1, 1);
        let mut deck = Deck::new(&mut random, &[&[1, 2, 3], &[4, 5]]);
        let first: Vec<i32> = (0..5).map(|_| *deck.deal()).collect();
        let again: Vec<i32> = (0..5).map(|_| *deck.deal()).collect();
        let mut sorted = first.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, [1, 2, 3, 4, 5]);
        assert_eq!(first, again);
    }
}
