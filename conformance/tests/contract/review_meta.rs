//! `GET /reviews/meta`, and its totals after writes.

use std::collections::BTreeMap;

use atelier_conformance::cases;

use crate::{CREATED, NO_CONTENT, add, ids, reviews_of};

/// Returns the exact mean of stars, rounded half up at the 16th decimal.
fn mean(stars: &[u128]) -> Option<String> {
    let (sum, count) = (stars.iter().sum::<u128>(), stars.len() as u128);
    let unit = 10_u128.pow(16);
    let mean = (sum * unit * 2 + count).checked_div(count * 2)?;
    Some(format!("{}.{:016}", mean / unit, mean % unit))
}

/// A posted review, as the test expects it.
#[derive(Debug, Clone, Copy)]
struct Remembered {
    id: i64,
    rating: u128,
    recommend: bool,
    size: Option<u128>,
}

/// Returns the totals of product 507, recounted.
fn recount(all: &[Remembered]) -> String {
    let (mut ratings, mut recommended) = (BTreeMap::new(), BTreeMap::new());
    for review in all {
        *ratings.entry(review.rating.to_string()).or_insert(0) += 1;
        *recommended.entry(review.recommend.to_string()).or_insert(0) += 1;
    }
    let object = |counts: BTreeMap<String, i32>| {
        let pairs: Vec<_> = counts
            .iter()
            .map(|(key, count)| format!(r#""{key}":"{count}""#))
            .collect();
        format!("{{{}}}", pairs.join(","))
    };
    let sizes: Vec<_> = all.iter().filter_map(|review| review.size).collect();
    let size = mean(&sizes).map_or("null".to_owned(), |mean| format!("\"{mean}\""));
    let characteristics =
        format!(r#""Size":{{"id":66,"value":{size}}},"Comfort":{{"id":67,"value":null}}"#);
    let (ratings, recommended) = (object(ratings), object(recommended));
    format!(
        r#"{{"product_id":"507","ratings":{ratings},"recommended":{recommended},"characteristics":{{{characteristics}}}}}"#
    )
}

/// Returns the next number below `below` of a fixed sequence.
fn next(state: &mut u64, below: u64) -> u64 {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) % below
}

cases! {
    async fn review_meta_keys_are_in_order(shop: TestApp) {
        assert_eq!(shop.get("/reviews/meta?product_id=501").await.parts(), (200, concat!(
            r#"{"product_id":"501","ratings":{"1":"1","3":"1","4":"2","5":"2"},"recommended":{"false":"2","true":"4"},"#,
            r#""characteristics":{"Fit":{"id":61,"value":"3.6666666666666667"},"Length":{"id":62,"value":null},"#,
            r#""Quality":{"id":63,"value":"4.0000000000000000"}}}"#,
        )));
    }

    async fn unrated_stars_are_absent_and_unrated_characteristics_null(shop: TestApp) {
        for (id, expected) in [
            // No review has `recommend: false`; characteristics are ordered by id, not by name.
            ("507", concat!(
                r#"{"product_id":"507","ratings":{"4":"1","5":"2"},"recommended":{"true":"3"},"#,
                r#""characteristics":{"Size":{"id":66,"value":null},"Comfort":{"id":67,"value":null}}}"#,
            )),
            ("502", r#"{"product_id":"502","ratings":{},"recommended":{},"characteristics":{"Fit":{"id":64,"value":null}}}"#),
            ("503", r#"{"product_id":"503","ratings":{},"recommended":{},"characteristics":{}}"#),
            // The only review is reported.
            ("506", r#"{"product_id":"506","ratings":{},"recommended":{},"characteristics":{"Quality":{"id":65,"value":null}}}"#),
            // No such product.
            ("504", r#"{"product_id":"504","ratings":{},"recommended":{},"characteristics":{}}"#),
        ] {
            assert_eq!(shop.get(&format!("/reviews/meta?product_id={id}")).await.parts(), (200, expected), "{id}");
        }
        let reply = add(&shop, &[("product_id", "502"), ("recommend", "false"), ("rating", "2")]).await;
        assert_eq!(reply.parts(), CREATED);
        assert_eq!(shop.get("/reviews/meta?product_id=502").await.parts(), (200, concat!(
            r#"{"product_id":"502","ratings":{"2":"1"},"recommended":{"false":"1"},"#,
            r#""characteristics":{"Fit":{"id":64,"value":null}}}"#,
        )));
    }

    async fn characteristic_means_are_exact(shop: TestApp) {
        let stars = [4, 5, 4, 1, 2, 1, 5, 3, 3, 1, 5, 2, 4, 4, 1, 1, 3, 2, 5, 5, 1, 2, 4, 3, 1, 2, 2, 5, 3, 4, 1];
        for given in 1..=stars.len() {
            let (last, all) = (stars[given - 1], &stars[..given]);
            let fields = [("product_id", "502"), ("characteristics", &*format!(r#"{{"64":{last}}}"#))];
            assert_eq!(add(&shop, &fields).await.parts(), CREATED);
            let meta = shop.get("/reviews/meta?product_id=502").await.json();
            assert_eq!(meta["characteristics"]["Fit"]["value"].as_str(), mean(all).as_deref(), "{all:?}");
        }
        assert_eq!(mean(&stars[..3]).as_deref(), Some("4.3333333333333333"));
        assert_eq!(mean(&stars[..7]).as_deref(), Some("3.1428571428571429"));
    }

    async fn reported_review_is_removed_from_totals(shop: TestApp) {
        for (id, expected) in [
            // Repeated reports change nothing.
            (35, r#"{"1":"1","3":"1","4":"2","5":"2"} {"false":"2","true":"4"} "3.6666666666666667" "4.0000000000000000""#),
            (32, r#"{"1":"1","3":"1","4":"1","5":"2"} {"false":"1","true":"4"} "3.5000000000000000" "5.0000000000000000""#),
            (32, r#"{"1":"1","3":"1","4":"1","5":"2"} {"false":"1","true":"4"} "3.5000000000000000" "5.0000000000000000""#),
            (31, r#"{"1":"1","3":"1","5":"2"} {"false":"1","true":"3"} "3.0000000000000000" null"#),
            (36, r#"{"3":"1","5":"2"} {"true":"3"} "3.0000000000000000" null"#),
            (33, r#"{"3":"1","5":"1"} {"true":"2"} null null"#), (34, r#"{"3":"1"} {"true":"1"} null null"#),
            (37, "{} {} null null"), (37, "{} {} null null"), (31, "{} {} null null"),
        ] {
            assert_eq!(shop.put(&format!("/reviews/{id}/report")).await.parts(), NO_CONTENT, "{id}");
            let meta = shop.get("/reviews/meta?product_id=501").await.json();
            let of = |name: &str| meta["characteristics"][name]["value"].to_string();
            let shown = format!("{} {} {} {}", meta["ratings"], meta["recommended"], of("Fit"), of("Quality"));
            assert_eq!(shown, expected, "after {id}");
            assert_eq!(of("Length"), "null", "after {id}");
        }
    }

    async fn totals_equal_recount_after_writes(shop: TestApp) {
        let remembered = |id, rating| Remembered { id, rating, recommend: true, size: None };
        let mut shown = vec![remembered(40, 5), remembered(41, 5), remembered(42, 4)];
        let mut known: Vec<i64> = shown.iter().map(|review| review.id).collect();
        let mut state = 20_240_305;
        for step in 0..60 {
            if next(&mut state, 3) < 2 {
                let (rating, recommend) = (next(&mut state, 5) + 1, next(&mut state, 2) == 0);
                let size = Some(next(&mut state, 6)).filter(|size| *size > 0);
                let values = size.map_or("null".to_owned(), |size| format!(r#"{{"66":{size},"61":1,"64":99}}"#));
                let fields = [
                    ("product_id", "507"), ("rating", &*rating.to_string()), ("recommend", &*recommend.to_string()),
                    ("characteristics", &values),
                ];
                assert_eq!(add(&shop, &fields).await.parts(), CREATED, "step {step}");
                let id = reviews_of(&shop, 507).await[0]["review_id"].as_i64().expect("an id");
                known.push(id);
                shown.push(Remembered { id, rating: rating.into(), recommend, size: size.map(u128::from) });
            } else {
                let any = usize::try_from(next(&mut state, known.len() as u64)).expect("an index");
                for what in ["helpful", "report"] {
                    let target = format!("/reviews/{}/{what}", known[any]);
                    assert_eq!(shop.put(&target).await.parts(), NO_CONTENT, "step {step}");
                }
                shown.retain(|review| review.id != known[any]);
            }
            assert_eq!(shop.get("/reviews/meta?product_id=507").await.parts(), (200, &*recount(&shown)), "step {step}");
        }
        assert!(shown.len() > 5 && known.len() > shown.len() + 5, "the history was too quiet");
        let mut listed = ids(&shop.get("/reviews?product_id=507&count=1000").await);
        listed.sort_unstable();
        assert_eq!(listed, shown.iter().map(|review| review.id).collect::<Vec<_>>());
        // Values of other products' characteristics were ignored.
        let others = shop.get("/reviews/meta?product_id=501").await;
        assert!(others.text().contains(r#""Fit":{"id":61,"value":"3.6666666666666667"}"#), "{}", others.text());
    }
}
