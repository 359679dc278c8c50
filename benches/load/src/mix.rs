//! A mix of requests: nine reads to a write, half of them for few hot products.

use std::io::Write as _;

use crate::targets::{HOT, Ids, Random, hot_id};
use crate::writes::Write;

/// The mix for data with these ids.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mix(pub(crate) Ids);

/// Weights per hundred reads. A product page sends six of them; the order does not matter to the server.
const READS: [(u64, &str, &str); 9] = [
    (15, "/products/", ""),
    (15, "/products/", "/styles"),
    (15, "/products/", "/related"),
    (15, "/reviews?product_id=", ""),
    (15, "/reviews/meta?product_id=", ""),
    (15, "/qa/questions?product_id=", ""),
    (4, "/reviews?product_id=", "&sort=newest"),
    (4, "/qa/questions/", "/answers"),
    (2, "/products?page=", ""),
];

/// Weights per hundred writes.
const WRITES: [(u64, Write); 9] = [
    (25, Write::ReviewVote),
    (15, Write::QuestionVote),
    (10, Write::AnswerVote),
    (2, Write::Report),
    (15, Write::Review),
    (8, Write::Question),
    (10, Write::Answer),
    (5, Write::Cart),
    (10, Write::Interaction),
];

/// Pages of `GET /products` that are looked at: few leaf through more.
pub(crate) const PAGES: u64 = 50;

impl Mix {
    /// Writes the next request.
    pub(crate) fn next(self, random: &mut Random, request: &mut Vec<u8>) {
        if random.below(10) == 0 {
            if let Some((_, write)) = by_weight(random, &WRITES, |write| write.0) {
                write.json(self.0, &[], id, random, request);
            }
            return;
        }
        let Some((_, before, after)) = by_weight(random, &READS, |read| read.0) else {
            return;
        };
        let id = match *before {
            "/products?page=" => random.id(PAGES),
            "/qa/questions/" => id(random, self.0.questions),
            _ => id(random, self.0.products),
        };
        let _ = write!(
            request,
            "GET {before}{id}{after} HTTP/1.1\r\nhost: atelier\r\n\r\n"
        );
    }
}

/// Half of all that is asked for is hot.
fn id(random: &mut Random, most: u64) -> u64 {
    if random.below(2) == 0 {
        hot_id(random.below(HOT.min(most)), most)
    } else {
        random.id(most)
    }
}

/// One of them, each as often as its weight says.
fn by_weight<'a, T>(random: &mut Random, of: &'a [T], weight: impl Fn(&T) -> u64) -> Option<&'a T> {
    let mut left = random.below(of.iter().map(&weight).sum());
    of.iter().find(|item| {
        let weight = weight(item);
        let found = left < weight;
        left = left.saturating_sub(weight);
        found
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const IDS: Ids = Ids {
        products: 1_000_000,
        reviews: 5_000_000,
        questions: 3_000_000,
        answers: 7_000_000,
    };

    /// Of 100,000 requests, how many begin with the same method and path (ids as `#`)?
    fn drawn() -> (BTreeMap<String, u32>, u32) {
        let (mut random, mut request) = (Random::new(1), Vec::new());
        let (mut shapes, mut hot) = (BTreeMap::new(), 0);
        for _ in 0..100_000 {
            request.clear();
            Mix(IDS).next(&mut random, &mut request);
            let text = str::from_utf8(&request).expect("UTF-8");
            let mut words = text.split(' ');
            let (method, target) = (words.next(), words.next().expect("an address"));
            let id: String = target.chars().filter(char::is_ascii_digit).collect();
            if target.starts_with("/products/")
                && (id.parse::<u64>().expect("an id") - 1) % 1_000 == 0
            {
                hot += 1;
            }
            let path = if id.is_empty() {
                target.to_owned()
            } else {
                target.replace(&id, "#")
            };
            let shape = format!("{} {path}", method.expect("a method"));
            *shapes.entry(shape).or_default() += 1;
        }
        (shapes, hot)
    }

    #[test]
    fn every_tenth_request_writes_and_each_kind_has_its_share() {
        let (shapes, hot) = drawn();
        let share = |shape: &str| f64::from(*shapes.get(shape).unwrap_or(&0)) / 100_000.0;
        let near = |shape: &str, expected: f64| {
            let share = share(shape);
            assert!(
                (share - expected).abs() < 0.005,
                "{shape}: {share}, not {expected}: {shapes:?}"
            );
        };
        near("GET /products/#", 0.135);
        near("GET /products/#/styles", 0.135);
        near("GET /reviews?product_id=#", 0.135);
        near("GET /qa/questions/#/answers", 0.036);
        near("GET /products?page=#", 0.018);
        near("PUT /reviews/#/helpful", 0.025);
        near("PUT /reviews/#/report", 0.002);
        near("POST /reviews", 0.015);
        near("POST /cart", 0.005);
        let writes = shapes.iter().filter(|(shape, _)| !shape.starts_with("GET"));
        let writes: u32 = writes.map(|(_, count)| count).sum();
        assert!(
            (9_500..10_500).contains(&writes),
            "{writes} of 100,000 write"
        );
        // Three of the reads have such addresses: 40.5 % of all requests, of which half.
        assert!(
            (19_750..20_750).contains(&hot),
            "{hot} of 100,000 ask for hot products"
        );
    }
}
