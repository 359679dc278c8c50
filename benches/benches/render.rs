//! From values to the bytes of an answer, with its tag and headers.

use std::hint::black_box;

use atelier_benches::{memory, request, runtime};
use criterion::{Criterion, criterion_group, criterion_main};
use http::Method;

fn render(criterion: &mut Criterion) {
    let runtime = runtime();
    let api = memory(0);
    let mut group = criterion.benchmark_group("render");
    for (name, target) in [
        ("products", "/products"),
        ("product", "/products/1"),
        ("styles", "/products/1/styles"),
        ("related", "/products/1/related"),
        ("reviews", "/reviews?product_id=1"),
        ("review_meta", "/reviews/meta?product_id=1"),
        ("questions", "/qa/questions?product_id=1"),
        ("answers", "/qa/questions/1/answers"),
    ] {
        let asked = request(Method::GET, target, "");
        group.bench_function(name, |bencher| {
            bencher
                .to_async(&runtime)
                .iter(|| api.handle(black_box(asked.clone())));
        });
    }
    group.finish();
}

criterion_group!(benches, render);
criterion_main!(benches);
