//! Routing from a path to its row of the endpoint table: a preflight reads no store, an unknown route is refused.

use std::hint::black_box;

use atelier_benches::{memory, request, runtime};
use criterion::{Criterion, criterion_group, criterion_main};
use http::Method;

fn route(criterion: &mut Criterion) {
    let runtime = runtime();
    let api = memory(0);
    let mut group = criterion.benchmark_group("route");
    for (name, target) in [
        ("preflight_root", "/reviews/31/helpful"),
        ("preflight_campus", "/api/fec2/hr-rfp/reviews/31/helpful"),
        ("preflight_encoded", "/%72eviews/31/helpful/"),
        ("unknown", "/cart/unknown/route"),
    ] {
        let asked = request(Method::OPTIONS, target, "");
        group.bench_function(name, |bencher| {
            bencher
                .to_async(&runtime)
                .iter(|| api.handle(black_box(asked.clone())));
        });
    }
    group.finish();
}

criterion_group!(benches, route);
criterion_main!(benches);
