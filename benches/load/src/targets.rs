//! What is asked for: the eight reads that matter, over which ids.

use std::fmt;
use std::io::Write as _;
use std::sync::Arc;

use atelier_sql::{answers, products, questions, reviews};

use crate::mix::Mix;
use crate::writes::Writes;

/// A read by key, one statement of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Read {
    Product,
    Styles,
    Related,
    Reviews,
    Newest,
    Meta,
    Questions,
    Answers,
}

/// The largest id of each kind. Products are numbered without a gap from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ids {
    pub(crate) products: u64,
    pub(crate) reviews: u64,
    pub(crate) questions: u64,
    pub(crate) answers: u64,
}

impl Ids {
    /// The smaller of both, kind by kind: what two databases both have.
    pub(crate) fn least(self, other: Self) -> Self {
        Self {
            products: self.products.min(other.products),
            reviews: self.reviews.min(other.reviews),
            questions: self.questions.min(other.questions),
            answers: self.answers.min(other.answers),
        }
    }
}

impl fmt::Display for Ids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            products,
            reviews,
            questions,
            answers,
        } = self;
        write!(
            f,
            "{products} products, {reviews} reviews, {questions} questions, {answers} answers"
        )
    }
}

/// Products that many ask for: the hot set.
pub(crate) const HOT: u64 = 1_000;

impl Read {
    pub(crate) const ALL: &[Self] = &[
        Self::Product,
        Self::Styles,
        Self::Related,
        Self::Reviews,
        Self::Newest,
        Self::Meta,
        Self::Questions,
        Self::Answers,
    ];

    /// What stands in the request before and after the id.
    const fn around(self) -> (&'static str, &'static str) {
        match self {
            Self::Product => ("/products/", ""),
            Self::Styles => ("/products/", "/styles"),
            Self::Related => ("/products/", "/related"),
            Self::Reviews => ("/reviews?product_id=", ""),
            Self::Newest => ("/reviews?product_id=", "&sort=newest"),
            Self::Meta => ("/reviews/meta?product_id=", ""),
            Self::Questions => ("/qa/questions?product_id=", ""),
            Self::Answers => ("/qa/questions/", "/answers"),
        }
    }

    /// The address of one, such as `/products/7/styles`.
    pub(crate) fn target(self, id: u64) -> String {
        let (before, after) = self.around();
        format!("{before}{id}{after}")
    }

    /// How a person calls it.
    pub(crate) fn name(self) -> String {
        let (before, after) = self.around();
        format!("GET {before}{{id}}{after}")
    }

    /// The statement that the server runs for it.
    pub(crate) const fn query(self) -> atelier_sql::Read {
        match self {
            Self::Product => products::ONE,
            Self::Styles => products::STYLES,
            Self::Related => products::RELATED,
            Self::Reviews => reviews::LIST_HELPFUL,
            Self::Newest => reviews::LIST_NEWEST,
            Self::Meta => reviews::META,
            Self::Questions => questions::LIST,
            Self::Answers => answers::LIST,
        }
    }

    /// The largest id it can be asked for.
    pub(crate) const fn most(self, ids: Ids) -> u64 {
        match self {
            Self::Answers => ids.questions,
            _ => ids.products,
        }
    }

    fn write(self, id: u64, request: &mut Vec<u8>) {
        let (before, after) = self.around();
        // Writing into memory never fails.
        let _ = write!(
            request,
            "GET {before}{id}{after} HTTP/1.1\r\nhost: atelier\r\n\r\n"
        );
    }
}

/// The request for an address.
pub(crate) fn get(target: &str) -> Vec<u8> {
    format!("GET {target} HTTP/1.1\r\nhost: atelier\r\n\r\n").into_bytes()
}

/// Where the requests of a load come from.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// Any of these, each as often.
    Listed(Arc<[Vec<u8>]>),
    /// Any of these reads with any id.
    Uniform(&'static [Read], Ids),
    /// What visitors do.
    Mix(Mix),
    /// Writes with any id.
    Writes(Writes),
}

impl Source {
    pub(crate) fn listed(targets: &[String]) -> Self {
        Self::Listed(targets.iter().map(|target| get(target)).collect())
    }

    /// Puts the next request in place of the last.
    pub(crate) fn next(&self, random: &mut Random, request: &mut Vec<u8>) {
        request.clear();
        match self {
            Self::Listed(requests) => {
                request.extend_from_slice(&requests[random.below_len(requests.len())]);
            }
            Self::Uniform(reads, ids) => {
                let read = reads[random.below_len(reads.len())];
                read.write(random.id(read.most(*ids)), request);
            }
            Self::Mix(mix) => mix.next(random, request),
            Self::Writes(writes) => writes.next(random, request),
        }
    }
}

/// `count` addresses of these reads with ids by chance.
pub(crate) fn sample(reads: &[Read], ids: Ids, count: usize) -> Vec<String> {
    let mut random = Random::new(0);
    let reads = reads.iter().cycle().take(count);
    reads
        .map(|read| read.target(random.id(read.most(ids))))
        .collect()
}

/// Every read of each product of the hot set, and of as many questions.
pub(crate) fn hot(ids: Ids) -> Vec<String> {
    let of = |read: &Read| {
        let (read, most) = (*read, read.most(ids));
        (0..HOT.min(most)).map(move |place| read.target(hot_id(place, most)))
    };
    Read::ALL.iter().flat_map(of).collect()
}

/// The hot id at a place below [`HOT`]: they are spread over all ids.
pub(crate) const fn hot_id(place: u64, most: u64) -> u64 {
    1 + place * most / if most < HOT { most } else { HOT }
}

/// Chance that repeats: `SplitMix64`.
#[derive(Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    const fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to `end`, without it.
    pub(crate) const fn below(&mut self, end: u64) -> u64 {
        self.draw() % end
    }

    pub(crate) fn below_len(&mut self, end: usize) -> usize {
        usize::try_from(self.below(end as u64)).unwrap_or(0)
    }

    /// From 1 to `most`.
    pub(crate) const fn id(&mut self, most: u64) -> u64 {
        1 + self.below(most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDS: Ids = Ids {
        products: 3_000,
        reviews: 9_000,
        questions: 7_000,
        answers: 20_000,
    };

    fn target_of(request: &[u8]) -> String {
        let text = str::from_utf8(request).expect("ASCII");
        text.split(' ').nth(1).expect("an address").to_owned()
    }

    #[test]
    fn a_request_is_for_the_address_that_is_told() {
        for read in Read::ALL {
            let mut request = Vec::new();
            read.write(7, &mut request);
            assert_eq!(target_of(&request), read.target(7));
            assert_eq!(request, get(&read.target(7)));
        }
        assert_eq!(Read::Newest.target(7), "/reviews?product_id=7&sort=newest");
        assert_eq!(Read::Answers.name(), "GET /qa/questions/{id}/answers");
    }

    #[test]
    fn uniform_ids_reach_both_ends_and_stay_inside() {
        let ids = Ids {
            products: 7,
            questions: 9,
            ..IDS
        };
        for read in Read::ALL {
            let source = Source::Uniform(std::slice::from_ref(read), ids);
            let (mut random, mut request) = (Random::new(1), Vec::new());
            let mut drawn = std::collections::BTreeSet::new();
            for _ in 0..2_000 {
                source.next(&mut random, &mut request);
                drawn.insert(target_of(&request));
            }
            let expected = (1..=read.most(ids)).map(|id| read.target(id)).collect();
            assert_eq!(drawn, expected);
        }
    }

    #[test]
    fn the_hot_set_is_every_read_of_a_thousand_products_and_questions() {
        let targets = hot(IDS);
        assert_eq!(targets.len(), 8 * 1_000);
        let different: std::collections::BTreeSet<_> = targets.iter().collect();
        assert_eq!(different.len(), targets.len());
        assert!(targets.contains(&"/products/1".to_owned()));
        assert!(targets.contains(&"/products/2998".to_owned()));
        // A store with fewer products is hot as a whole.
        assert_eq!(hot_id(0, 3), 1);
        assert_eq!(hot_id(2, 3), 3);
    }
}
