//! The rows of each file as their children need to know them, in the order of the file. Nothing is kept: a file that
//! needs the rows of another runs through them again.

use super::Set;
use super::hand::HAND;
use super::plan::{Goods, Skus};
use super::random::{Random, seed_of};
use super::spots::{Spot, Spots};
use super::spread::Spread;
use crate::schema::LegacyFile;

/// So many answers jump about among their questions.
const JUMPING: usize = 60;

/// A row, without its texts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    /// Its number in the file, from 1; but for photos this is its id.
    pub(super) row: u64,
    /// The row of its parent.
    pub(super) parent: u64,
    pub(super) parent_loaded: bool,
    /// The product it belongs to in the end, and what that is.
    pub(super) product: u64,
    pub(super) goods: Goods,
    /// Its place among the children of its parent, from 0, and their number.
    pub(super) at: u64,
    pub(super) of: u64,
    pub(super) spot: Option<Spot>,
    /// Whether it is loaded.
    pub(super) loaded: bool,
}

/// The products.
#[derive(Debug)]
pub(super) struct Products<'s> {
    set: &'s Set,
    spots: Spots,
    between: [u64; 3],
    row: u64,
}

impl<'s> Products<'s> {
    pub(super) fn new(set: &'s Set) -> Self {
        Self {
            set,
            spots: set.spots(LegacyFile::Product),
            between: set.plan.between,
            row: 0,
        }
    }

    /// The kind of the next product between the first ones and the last.
    fn draw(&mut self) -> Goods {
        let mut random = Random::of(self.set.shape_seed(LegacyFile::Product), self.row);
        let at = random.below(self.between.iter().sum());
        let goods = if at < self.between[0] {
            Goods::Clothing
        } else if at < self.between[0] + self.between[1] {
            Goods::Shoes
        } else {
            Goods::Accessories
        };
        let left = &mut self.between[goods as usize];
        *left = left.saturating_sub(1);
        goods
    }
}

impl Iterator for Products<'_> {
    type Item = Node;

    fn next(&mut self) -> Option<Node> {
        let plan = &self.set.plan;
        if self.row == plan.products {
            return None;
        }
        self.row += 1;
        let first = usize::try_from(self.row - 1)
            .ok()
            .and_then(|at| plan.head.get(at));
        let goods = match (first, plan.last) {
            (Some(goods), _) => *goods,
            (None, Some(goods)) if self.row == plan.products => goods,
            _ => self.draw(),
        };
        let spot = self.spots.at(self.row);
        Some(Node {
            row: self.row,
            parent: 0,
            parent_loaded: true,
            product: self.row,
            goods,
            at: 0,
            of: 1,
            spot,
            loaded: spot.is_none_or(|spot| !spot.dirt.rejects()),
        })
    }
}

/// How many children each parent has.
#[derive(Debug)]
pub(super) enum Counts {
    Spread {
        spread: Spread,
        seed: u64,
    },
    /// Skus of styles; and the styles with skus so far.
    Skus {
        skus: Skus,
        served: u64,
    },
    Characteristics,
}

impl Counts {
    fn of(&mut self, parent: &Node) -> u64 {
        match self {
            Self::Spread { spread, seed } => {
                let random = Random::of(*seed, parent.row).next();
                spread.draw(parent.row, parent.goods, random)
            }
            Self::Skus { skus, served } => {
                let plain = match parent.goods {
                    Goods::Clothing => 6,
                    Goods::Shoes => 11,
                    Goods::Accessories => return 0,
                };
                // The surplus is shared out evenly, the same in total for any order of styles.
                let styles = i128::from(skus.styles.max(1));
                let share = |served: u64| {
                    (i128::from(skus.surplus) * i128::from(served)).div_euclid(styles)
                };
                let more = share(*served + 1) - share(*served);
                *served += 1;
                u64::try_from(plain + more).unwrap_or(0)
            }
            Self::Characteristics => names(parent.goods).len() as u64,
        }
    }
}

/// The rows of a file of children, grouped by parent.
#[derive(Debug)]
pub(super) struct Children<P> {
    parents: P,
    counts: Counts,
    spots: Spots,
    parent: Option<Node>,
    at: u64,
    of: u64,
    row: u64,
}

impl<P: Iterator<Item = Node>> Children<P> {
    pub(super) fn new(set: &Set, file: LegacyFile, parents: P, counts: Counts) -> Self {
        Self {
            parents,
            counts,
            spots: set.spots(file),
            parent: None,
            at: 0,
            of: 0,
            row: 0,
        }
    }

    fn spread(set: &Set, file: LegacyFile, parents: P, spread: &Spread) -> Self {
        let counts = Counts::Spread {
            spread: spread.clone(),
            seed: set.shape_seed(file),
        };
        Self::new(set, file, parents, counts)
    }
}

impl<P: Iterator<Item = Node>> Iterator for Children<P> {
    type Item = Node;

    fn next(&mut self) -> Option<Node> {
        while self.at == self.of {
            let parent = self.parents.next()?;
            self.of = self.counts.of(&parent);
            self.at = 0;
            self.parent = Some(parent);
        }
        let parent = self.parent?;
        self.row += 1;
        self.at += 1;
        let spot = self.spots.at(self.row);
        Some(Node {
            row: self.row,
            parent: parent.row,
            parent_loaded: parent.loaded,
            product: parent.product,
            goods: parent.goods,
            at: self.at - 1,
            of: self.of,
            spot,
            loaded: parent.loaded && spot.is_none_or(|spot| !spot.dirt.rejects()),
        })
    }
}

/// Children of products, and children of those.
pub(super) type OfProducts<'s> = Children<Products<'s>>;
pub(super) type Grandchildren<'s> = Children<OfProducts<'s>>;

pub(super) fn features(set: &Set) -> OfProducts<'_> {
    Children::spread(
        set,
        LegacyFile::Features,
        Products::new(set),
        &set.plan.features,
    )
}

pub(super) fn styles(set: &Set) -> OfProducts<'_> {
    Children::spread(
        set,
        LegacyFile::Styles,
        Products::new(set),
        &set.plan.styles,
    )
}

pub(super) fn photos(set: &Set) -> Grandchildren<'_> {
    Children::spread(set, LegacyFile::Photos, styles(set), &set.plan.photos)
}

pub(super) fn skus(set: &Set) -> Grandchildren<'_> {
    let counts = Counts::Skus {
        skus: set.plan.skus,
        served: 0,
    };
    Children::new(set, LegacyFile::Skus, styles(set), counts)
}

pub(super) fn related(set: &Set) -> OfProducts<'_> {
    Children::spread(
        set,
        LegacyFile::Related,
        Products::new(set),
        &set.plan.related,
    )
}

pub(super) fn reviews(set: &Set) -> OfProducts<'_> {
    Children::spread(
        set,
        LegacyFile::Reviews,
        Products::new(set),
        &set.plan.reviews,
    )
}

pub(super) fn reviews_photos(set: &Set) -> Grandchildren<'_> {
    Children::spread(
        set,
        LegacyFile::ReviewsPhotos,
        reviews(set),
        &set.plan.reviews_photos,
    )
}

pub(super) fn questions(set: &Set) -> OfProducts<'_> {
    Children::spread(
        set,
        LegacyFile::Questions,
        Products::new(set),
        &set.plan.questions,
    )
}

/// The answers, of which the first jump about among the first questions.
pub(super) fn answers(set: &Set) -> impl Iterator<Item = Node> {
    let mut rest = Children::spread(set, LegacyFile::Answers, questions(set), &set.plan.answers);
    let mut head: Vec<Node> = rest.by_ref().take(JUMPING).collect();
    let mut random = Random::of(seed_of(set.seed, LegacyFile::Answers as usize, 4), 0);
    for last in (1..head.len()).rev() {
        let other = usize::try_from(random.below(last as u64 + 1)).unwrap_or(last);
        head.swap(last, other);
    }
    for (row, node) in (1..).zip(&mut head) {
        node.row = row;
    }
    head.into_iter().chain(rest)
}

pub(super) fn answers_photos(set: &Set) -> impl Iterator<Item = Node> {
    let spread = &set.plan.answers_photos;
    Children::spread(set, LegacyFile::AnswersPhotos, answers(set), spread)
}

/// The whole amount a product costs, before any dirt.
pub(super) fn price(set: &Set, product: u64, goods: Goods) -> u64 {
    let hand = usize::try_from(product - 1)
        .ok()
        .and_then(|at| HAND.get(at));
    match hand.filter(|hand| hand.goods == goods) {
        Some(hand) => hand.price,
        None => 1 + Random::of(seed_of(set.seed, 0, 5), product).below(1_000),
    }
}

/// The characteristics that a kind of product has.
pub(super) fn names(goods: Goods) -> &'static [&'static str] {
    match goods {
        Goods::Clothing => &["Fit", "Length", "Comfort", "Quality"],
        Goods::Shoes => &["Size", "Width", "Comfort", "Quality"],
        Goods::Accessories => &["Quality"],
    }
}
