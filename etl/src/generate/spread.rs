//! Who gets how many children: the first and the last as it was decided, the others from an urn.

use super::plan::Goods;
use super::urn::{Shape, Urn};

/// The children of one file over the parents of another.
#[derive(Debug, Clone)]
pub(super) struct Spread {
    /// The first parents have these.
    pub(super) head: Vec<u64>,
    /// The last parent, and what it has.
    pub(super) last: Option<(u64, u64)>,
    /// Which urn serves clothing, shoes and accessories.
    pub(super) class: [usize; 3],
    pub(super) urns: Vec<Urn>,
}

impl Spread {
    /// How many children the parent with this number has. To be asked for each parent once, in their order.
    pub(super) fn draw(&mut self, parent: u64, goods: Goods, random: u64) -> u64 {
        if let Some((last, count)) = self.last
            && last == parent
        {
            return count;
        }
        let at = usize::try_from(parent - 1).unwrap_or(usize::MAX);
        match self.head.get(at) {
            Some(count) => *count,
            None => self.urns[self.class[goods as usize]].draw(random),
        }
    }

    /// One urn for all. As much of the head as fits, and what the last parent should have, if that fits.
    pub(super) fn over(
        parents: u64,
        total: u64,
        shape: Shape,
        head: &[u64],
        last: Option<u64>,
    ) -> Self {
        let most = head
            .len()
            .min(usize::try_from(parents).unwrap_or(usize::MAX));
        let ways = [last, None].into_iter();
        let ways = ways.flat_map(|last| (0..=most).rev().map(move |length| (length, last)));
        for (length, last) in ways {
            let fixed = head[..length].iter().sum::<u64>() + last.unwrap_or(0);
            let served = length as u64 + u64::from(last.is_some());
            if served <= parents && fixed <= total && shape.fits(parents - served, total - fixed) {
                return Self {
                    head: head[..length].to_vec(),
                    last: last.map(|count| (parents, count)),
                    class: [0; 3],
                    urns: vec![Urn::new(shape, parents - served, total - fixed)],
                };
            }
        }
        Self {
            head: Vec::new(),
            last: None,
            class: [0; 3],
            urns: vec![Urn::default()],
        }
    }
}
