//! Instruction counts of the pure paths, by Valgrind: the same on every run, and bounded.
//!
//! A bound is the count of one build plus 1 %, or plus 3 % for cached responses: the cache hashes with a seed of the
//! process, which decides how long a lookup probes. Change a bound only in a commit that says why.

#![allow(missing_docs, reason = "the macros make items without")]

use std::hint::black_box;

use atelier_benches::{memory, request};
use atelier_core::http::HttpApi;
use bytes::Bytes;
use futures_util::FutureExt;
use gungraun::prelude::*;
use gungraun::{Callgrind, EventKind, LibraryBenchmarkConfig};
use http::{Method, Request, Response};

/// Bounds the instructions of a case; not where `scripts/instructions` found another compiler.
fn at_most(instructions: u64) -> LibraryBenchmarkConfig {
    let mut callgrind = Callgrind::default();
    if std::env::var_os("ATELIER_NO_BOUNDS").is_none() {
        callgrind.hard_limits([(EventKind::Ir, instructions)]);
    }
    let mut config = LibraryBenchmarkConfig::default();
    config.tool(callgrind);
    config
}

/// A request to an API whose store answers at once, so that nothing ever waits.
type Asked = (HttpApi, Request<Bytes>);

fn asked(method: Method, target: &str, body: &'static str, cache: usize) -> Asked {
    let api = memory(cache);
    // What is made at the first request is there.
    for target in ["/products/1", "/reviews?product_id=1"] {
        let warm = api.handle(request(Method::GET, target, ""));
        assert!(warm.now_or_never().is_some());
    }
    (api, request(method, target, body))
}

fn read(target: &str) -> Asked {
    asked(Method::GET, target, "", 0)
}

fn cached(target: &str) -> Asked {
    let (api, request) = asked(Method::GET, target, "", 1 << 20);
    assert!(api.handle(request.clone()).now_or_never().is_some());
    (api, request)
}

const REVIEW: &str = r#"{"product_id":501,"rating":4,"summary":"Warm","body":"Kept me dry on the quay all week.","recommend":true,
"name":"pierwalker","email":"p@example.org","photos":["https://img.example/r8.jpg"],"characteristics":{"61":4,"63":5}}"#;

#[library_benchmark]
#[bench::preflight(args = (asked(Method::OPTIONS, "/reviews/31/helpful", "", 0)), config = at_most(6_790))]
#[bench::unknown(args = (read("/cart/unknown/route")), config = at_most(6_126))]
#[bench::new_review(args = (asked(Method::POST, "/reviews", REVIEW, 0)), config = at_most(39_362))]
#[bench::product(args = (read("/products/1")), config = at_most(18_059))]
#[bench::styles(args = (read("/products/1/styles")), config = at_most(15_577))]
#[bench::reviews(args = (read("/reviews?product_id=1")), config = at_most(66_257))]
#[bench::review_meta(args = (read("/reviews/meta?product_id=1")), config = at_most(25_309))]
#[bench::questions(args = (read("/qa/questions?product_id=1")), config = at_most(154_702))]
#[bench::cached_product(args = (cached("/products/1")), config = at_most(5_342))]
#[bench::cached_reviews(args = (cached("/reviews?product_id=1&sort=newest")), config = at_most(9_658))]
#[bench::cached_campus(args = (cached("/api/fec2/hr-rfp/products/1/styles")), config = at_most(7_551))]
fn handle((api, request): Asked) -> (Option<Response<Bytes>>, HttpApi) {
    let response = api.handle(black_box(request)).now_or_never();
    // Returned, so that dropping the API does not count.
    (response, api)
}

library_benchmark_group!(name = pure, benchmarks = [handle]);

main!(library_benchmark_groups = [pure]);
