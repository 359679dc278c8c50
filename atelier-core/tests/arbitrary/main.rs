//! Whatever arrives is answered as the contract says: no panic, no 5xx, and nothing stored that breaks a rule.
//!
//! As a fuzzer, on stable Rust: `ATELIER_CASES=1000000 cargo test --release -p atelier-core --test arbitrary` sends that
//! many requests of each kind instead of a few thousand. What fails is shown as the smallest request that still does.

#![cfg(feature = "http")]

mod fields;
mod posts;
mod requests;
mod shop;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use shop::Shop;

/// Puts each of `cases` requests, or of as many as `ATELIER_CASES` says, to `test`; then each of `statuses` must have been
/// answered, so that requests of some variety are known to have been made.
fn run<S: Strategy>(
    cases: u32,
    requests: &S,
    statuses: &[u16],
    test: impl Fn(&Shop, S::Value) -> Result<(), TestCaseError>,
) {
    let cases = std::env::var("ATELIER_CASES").map_or(cases, |cases| {
        cases.parse().expect("ATELIER_CASES is a number")
    });
    let shop = Shop::open();
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(requests, |request| test(&shop, request));
    let answered = shop.answered();
    println!("answered, by status: {answered:?}");
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    for status in statuses {
        assert!(answered.contains_key(status), "no {status} in {answered:?}");
    }
}

#[test]
fn arbitrary_requests_are_answered() {
    let statuses = [200, 204, 304, 400, 404, 405, 413, 414, 422];
    run(20_000, &requests::request(), &statuses, |shop, request| {
        shop.ask(request).map(drop)
    });
}

#[test]
fn posts_are_stored_when_they_keep_the_rules_and_refused_otherwise() {
    run(
        6_000,
        &posts::post(),
        &[201, 400, 404, 422],
        |shop, post| posts::check(shop, &post),
    );
}

#[test]
fn damaged_posts_are_answered() {
    run(5_000, &posts::damaged(), &[400, 422], |shop, request| {
        shop.ask(request).map(drop)
    });
}
