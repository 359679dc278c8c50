//! A request through the whole of the core: route, decode, store, render.

use atelier_benches::{databases, request, rows, runtime};
use criterion::{Criterion, criterion_group, criterion_main};
use http::Method;

fn handle(criterion: &mut Criterion) {
    let runtime = runtime();
    let filled = runtime.block_on(databases(&rows()));
    for database in &filled {
        let mut group = criterion.benchmark_group(format!("handle/{}", database.name));
        for (name, target) in [
            ("product", "/products/1"),
            ("styles", "/products/1/styles"),
            ("reviews", "/reviews?product_id=1"),
            ("review_meta", "/reviews/meta?product_id=1"),
            ("questions", "/qa/questions?product_id=1"),
            ("answers", "/qa/questions/1/answers"),
        ] {
            let asked = request(Method::GET, target, "");
            group.bench_function(name, |bencher| {
                bencher
                    .to_async(&runtime)
                    .iter(|| database.api.handle(asked.clone()));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, handle);
criterion_main!(benches);
