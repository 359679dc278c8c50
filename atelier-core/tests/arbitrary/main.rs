//! Property tests: every request gets a valid response, without panics and 5xx, and only valid entries are stored.
//!
//! `ATELIER_CASES=1000000 cargo test --release -p atelier-core --test arbitrary` runs as a fuzzer, with that many requests of
//! each kind instead of a few thousand. A failing request is shrunk before it is shown.

#![cfg(feature = "http")]

mod fields;
mod posts;
mod requests;
mod shop;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use shop::Shop;

/// Runs `test` with `cases` requests, or with `ATELIER_CASES`. Afterwards each of `statuses` must have occurred, which shows that
/// the requests varied.
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
fn arbitrary_requests_get_valid_responses() {
    let statuses = [200, 204, 304, 400, 404, 405, 413, 414, 422];
    run(20_000, &requests::request(), &statuses, |shop, request| {
        shop.ask(request).map(drop)
    });
}

#[test]
fn posts_are_stored_if_and_only_if_they_are_valid() {
    run(
        6_000,
        &posts::post(),
        &[201, 400, 404, 422],
        |shop, post| posts::check(shop, &post),
    );
}

#[test]
fn corrupted_posts_get_valid_responses() {
    run(5_000, &posts::damaged(), &[400, 422], |shop, request| {
        shop.ask(request).map(drop)
    });
}
