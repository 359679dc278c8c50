//! From bytes to a checked entry: a review that is taken, one that is refused, a body that is no JSON.

use std::hint::black_box;

use atelier_benches::{memory, request, runtime};
use criterion::{Criterion, criterion_group, criterion_main};
use http::Method;

const GOOD: &str = r#"{"product_id":501,"rating":4,"summary":"Warm","body":"Kept me dry on the quay all week.","recommend":true,
"name":"pierwalker","email":"p@example.org","photos":["https://img.example/r8.jpg"],"characteristics":{"61":4,"63":5}}"#;
const REFUSED: &str = r#"{"product_id":501,"rating":6,"summary":"Warm","body":"Kept me dry on the quay all week.","recommend":true,
"name":"pierwalker","email":"p@example.org","photos":["https://img.example/r8.jpg"],"characteristics":{"61":4,"63":5}}"#;
const BROKEN: &str = r#"{"product_id":501,"rating":4,"summary":"Warm","body":"Kept me dry on the quay all week.","recommend":tru}"#;

fn decode(criterion: &mut Criterion) {
    let runtime = runtime();
    let api = memory(0);
    let mut group = criterion.benchmark_group("decode");
    for (name, body) in [
        ("review", GOOD),
        ("review_refused", REFUSED),
        ("broken", BROKEN),
    ] {
        let asked = request(Method::POST, "/reviews", body);
        group.bench_function(name, |bencher| {
            bencher
                .to_async(&runtime)
                .iter(|| api.handle(black_box(asked.clone())));
        });
    }
    let asked = request(
        Method::GET,
        "/reviews/meta?utm_source=a&product_id=1&page=%32&count=7&x=1",
        "",
    );
    group.bench_function("query", |bencher| {
        bencher
            .to_async(&runtime)
            .iter(|| api.handle(black_box(asked.clone())));
    });
    group.finish();
}

criterion_group!(benches, decode);
criterion_main!(benches);
