//! How many children each parent gets: random for each, exact for all.

/// How often each number of children occurs, from `min` on. Only the proportions of the weights count.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) min: u64,
    pub(super) weights: &'static [u32],
}

impl Shape {
    fn max(&self) -> u64 {
        self.min + self.weights.len() as u64 - 1
    }

    /// The smallest and the largest total that so many parents can have.
    pub(super) fn range(&self, parents: u64) -> (u64, u64) {
        (self.min * parents, self.max() * parents)
    }

    /// Whether so many parents can have so many children.
    pub(super) fn fits(&self, parents: u64, total: u64) -> bool {
        let (least, most) = self.range(parents);
        (least..=most).contains(&total)
    }
}

/// A ball for each parent with its number of children on it. Drawn without putting back, so that the total is exact
/// whatever the order.
#[derive(Debug, Clone, Default)]
pub(super) struct Urn {
    min: u64,
    balls: Vec<u64>,
    left: u64,
}

impl Urn {
    /// An urn of `parents` balls which add up to `total`, as near to the shape as that allows. The total must fit.
    pub(super) fn new(shape: Shape, parents: u64, total: u64) -> Self {
        let mut balls = tilted(shape, parents, total);
        let min = shape.min;
        let sum =
            |balls: &[u64]| -> u64 { balls.iter().zip(min..).map(|(count, k)| count * k).sum() };
        // What rounding has left: a few parents get one child more, or one less.
        while sum(&balls) < total {
            shift(&mut balls, 0, 1);
        }
        while sum(&balls) > total {
            shift(&mut balls, 1, 0);
        }
        Self {
            min,
            balls,
            left: parents,
        }
    }

    /// Draws the ball of a parent. An empty urn gives 0.
    pub(super) fn draw(&mut self, random: u64) -> u64 {
        let mut at = ((u128::from(random) * u128::from(self.left)) >> 64) as u64;
        for (children, balls) in (self.min..).zip(&mut self.balls) {
            if at < *balls {
                *balls -= 1;
                self.left -= 1;
                return children;
            }
            at -= *balls;
        }
        0
    }
}

/// Moves one ball between neighbours, where most of them are.
fn shift(balls: &mut [u64], from: usize, to: usize) {
    let fullest = (0..balls.len().saturating_sub(1)).max_by_key(|at| balls[at + from]);
    if let Some(at) = fullest {
        balls[at + from] -= 1;
        balls[at + to] += 1;
    }
}

/// The shape as whole numbers of parents, tilted so that its mean is the one wanted.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts of rows are far below 2^52 and not negative"
)]
fn tilted(shape: Shape, parents: u64, total: u64) -> Vec<u64> {
    if parents == 0 {
        return vec![0; shape.weights.len()];
    }
    // The mean with weights w * tilt^k grows with the tilt. Only sums, products and quotients: the same on any machine.
    let weights = |tilt: f64| -> Vec<f64> {
        let mut power = 1.0;
        let tilt_up = shape.weights.iter().map(|weight| {
            let weight = f64::from(*weight) * power;
            power *= tilt;
            weight
        });
        tilt_up.collect()
    };
    let goal = (total as f64) / (parents as f64) - (shape.min as f64);
    let (mut low, mut high) = (1e-9_f64, 1e9_f64);
    for _ in 0..128 {
        let tilt = f64::midpoint(low, high);
        let weights = weights(tilt);
        let sum: f64 = weights.iter().sum();
        let moment: f64 = weights.iter().enumerate().map(|(k, w)| w * k as f64).sum();
        if moment < goal * sum {
            low = tilt;
        } else {
            high = tilt;
        }
    }
    let weights = weights(high);
    let sum: f64 = weights.iter().sum();
    let exact: Vec<f64> = weights.iter().map(|w| w / sum * parents as f64).collect();
    let mut balls: Vec<u64> = exact.iter().map(|count| count.floor() as u64).collect();
    let mut by_rest: Vec<usize> = (0..balls.len()).collect();
    by_rest.sort_by(|a, b| {
        let rest = |at: usize| exact[at] - exact[at].floor();
        rest(*b).total_cmp(&rest(*a)).then(a.cmp(b))
    });
    let placed: u64 = balls.iter().sum();
    for at in by_rest
        .into_iter()
        .cycle()
        .take(parents.saturating_sub(placed) as usize)
    {
        balls[at] += 1;
    }
    balls
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::random::Random;

    #[test]
    fn totals_are_exact_and_the_shape_is_kept() {
        let shape = Shape {
            min: 1,
            weights: &[26, 40, 25, 10],
        };
        for (parents, total) in [(1, 1), (1, 4), (5, 11), (100_000, 222_000), (0, 0), (7, 7)] {
            assert!(shape.fits(parents, total));
            let mut urn = Urn::new(shape, parents, total);
            let mut seen = [0_u64; 5];
            for parent in 0..parents {
                let children = urn.draw(Random::of(1, parent).next());
                seen[usize::try_from(children).expect("few")] += 1;
            }
            assert_eq!(seen[0], 0);
            assert_eq!((0..).zip(seen).map(|(k, n)| k * n).sum::<u64>(), total);
            if parents == 100_000 {
                for (share, expected) in seen[1..].iter().zip([26_000_u64, 40_000, 25_000, 10_000])
                {
                    assert!(share.abs_diff(expected) < 1_500, "{seen:?}");
                }
            }
        }
        assert!(!shape.fits(2, 9));
    }
}
