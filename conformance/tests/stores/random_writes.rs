//! The totals of `/reviews/meta` equal a recount after random writes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use atelier_conformance::TestApp;
use atelier_conformance::matrix::{StoreKind, Transport, run};
use atelier_conformance::rows::rows;
use serde_json::{Map, Value, json};
use tokio::task::JoinSet;

const HISTORIES: u64 = 30;
const STEPS: usize = 60;
const SEEDED: usize = 11;

/// Characteristics in reviews of each product: its own, those of other products, and unknown ones.
const PRODUCTS: [(i64, [i64; 5]); 3] = [
    (501, [61, 62, 63, 64, 999]),
    (502, [64, 61, 67, 0, 999]),
    (507, [66, 67, 63, 0, 999]),
];

/// splitmix64: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn of<T: Copy>(&mut self, some: &[T]) -> T {
        some[usize::try_from(self.below(some.len() as u64)).expect("an index")]
    }
}

#[derive(Debug, Clone)]
enum Step {
    Post(Value),
    Put(String),
}

/// Returns a random step; reviews have ids up to about `last`.
fn step(random: &mut Random, last: u64) -> Step {
    // Often the same few, so that reports repeat; sometimes ids that do not exist yet, or never will.
    let id = match random.below(10) {
        0..=3 => 31 + random.below(12),
        4..=7 => 31 + random.below(last - 30),
        8 => last + random.below(10),
        _ => random.of(&[1, 39, 999_999, u64::MAX]),
    };
    match random.below(10) {
        0..=4 => Step::Post(review(random)),
        5 | 6 => Step::Put(format!("/reviews/{id}/helpful")),
        _ => Step::Put(format!("/reviews/{id}/report")),
    }
}

fn review(random: &mut Random) -> Value {
    let (product, characteristics) = random.of(&PRODUCTS);
    let most = random.below(4);
    let values: Map<_, _> = (0..most)
        .map(|_| {
            (
                random.of(&characteristics).to_string(),
                json!(1 + random.below(5)),
            )
        })
        .collect();
    // One in ten is invalid, and must not be counted.
    let rating = if random.below(10) == 0 {
        6
    } else {
        1 + random.below(5)
    };
    json!({
        "product_id": product, "rating": rating, "body": "b", "recommend": random.below(3) > 0, "name": "n",
        "email": "e@example.org", "characteristics": values,
    })
}

/// Takes a step, and returns whether it stored a review.
async fn take(shop: &TestApp, step: Step) -> bool {
    match step {
        Step::Post(review) => {
            let reply = shop.post("/reviews", &review).await;
            let expected = if review["rating"] == 6 { 422 } else { 201 };
            assert_eq!(reply.status, expected, "{review}: {}", reply.text());
            expected == 201
        }
        Step::Put(target) => {
            assert_eq!(shop.put(&target).await.status, 204, "{target}");
            false
        }
    }
}

/// Returns the mean with 16 decimals, rounded half up.
fn mean(sum: u128, count: u128) -> Value {
    if count == 0 {
        return Value::Null;
    }
    let one = 10_u128.pow(16);
    let scaled = (2 * sum * one + count) / (2 * count);
    Value::from(format!("{}.{:016}", scaled / one, scaled % one))
}

/// Returns the totals of a product from its unreported reviews.
async fn recount(shop: &TestApp, product: i64) -> String {
    let product = product.to_string();
    let reviews = rows(
        shop,
        "select cast(product_id as text), cast(rating as text), case when recommend then 'true' else 'false' end, \
         characteristic_values from reviews where not reported",
    )
    .await;
    let own: Vec<_> = reviews
        .iter()
        .filter(|review| review[0] == product)
        .collect();
    let (mut ratings, mut recommended) = (BTreeMap::new(), BTreeMap::new());
    for review in &own {
        *ratings.entry(&*review[1]).or_insert(0) += 1;
        *recommended.entry(&*review[2]).or_insert(0) += 1;
    }
    let values: Vec<Value> = own
        .iter()
        .map(|review| serde_json::from_str(&review[3]).expect("JSON"))
        .collect();
    let mut characteristics = vec![];
    let known =
        "select cast(product_id as text), cast(id as text), name from characteristics order by id";
    for row in rows(shop, known)
        .await
        .iter()
        .filter(|row| row[0] == product)
    {
        let given: Vec<u64> = values
            .iter()
            .filter_map(|values| values[&row[1]].as_u64())
            .collect();
        let mean = mean(u128::from(given.iter().sum::<u64>()), given.len() as u128);
        characteristics.push(format!(
            r#""{}":{{"id":{},"value":{mean}}}"#,
            row[2], row[1]
        ));
    }
    let counts = |counts: &BTreeMap<&str, i32>| {
        let members: Vec<_> = counts
            .iter()
            .map(|(key, count)| format!(r#""{key}":"{count}""#))
            .collect();
        members.join(",")
    };
    format!(
        r#"{{"product_id":"{product}","ratings":{{{}}},"recommended":{{{}}},"characteristics":{{{}}}}}"#,
        counts(&ratings),
        counts(&recommended),
        characteristics.join(",")
    )
}

async fn history(shop: TestApp, seed: u64) {
    let (mut random, shop) = (Random(seed), Arc::new(shop));
    let (mut posted, mut taken) = (0, 0);
    while taken < STEPS {
        // Every third time several steps concurrently.
        let at_once = if random.below(3) == 0 {
            2 + random.below(11)
        } else {
            1
        };
        let mut all = JoinSet::new();
        for _ in 0..at_once {
            let (shop, step) = (Arc::clone(&shop), step(&mut random, 42 + posted));
            all.spawn(async move { take(&shop, step).await });
        }
        taken += all.len();
        posted += all
            .join_all()
            .await
            .into_iter()
            .filter(|stored| *stored)
            .count() as u64;
    }
    let stored = rows(&shop, "select cast(count(*) as text) from reviews").await;
    let expected = SEEDED + usize::try_from(posted).expect("few");
    assert_eq!(
        stored[0][0],
        expected.to_string(),
        "reviews stored in the history of seed {seed}"
    );
    for (product, _) in PRODUCTS {
        let meta = shop
            .get(&format!("/reviews/meta?product_id={product}"))
            .await;
        assert_eq!(
            meta.text(),
            recount(&shop, product).await,
            "after the history of seed {seed}"
        );
    }
}

/// Returns a new seed each time; `HISTORY_SEED` repeats a failed run.
fn histories(store: StoreKind) {
    let given = std::env::var("HISTORY_SEED").ok();
    let first = given.map_or_else(
        || {
            SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .expect("after 1970")
                .as_secs()
        },
        |seed| seed.parse().expect("HISTORY_SEED is a number"),
    );
    eprintln!("HISTORY_SEED={first}"); // shown when the test fails, wherever that is
    for seed in first..first + HISTORIES {
        run(store, Transport::Core, |shop| history(shop, seed));
    }
}

#[test]
fn totals_equal_recount_on_sqlite() {
    histories(StoreKind::Sqlite);
}

#[test]
fn totals_equal_recount_on_postgres() {
    histories(StoreKind::Postgres);
}
