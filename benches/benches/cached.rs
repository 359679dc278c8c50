//! Cached responses: look-up, headers, body.

use std::hint::black_box;

use atelier_benches::{memory, request, runtime};
use criterion::{Criterion, criterion_group, criterion_main};
use http::Method;
use http::header::{ACCEPT_ENCODING, HeaderValue, IF_NONE_MATCH};

fn cached(criterion: &mut Criterion) {
    let runtime = runtime();
    let api = memory(1 << 20);
    let mut group = criterion.benchmark_group("cached");
    for (name, target, header) in [
        ("product", "/products/1", None),
        ("styles", "/products/1/styles", None),
        (
            "styles_gzip",
            "/products/1/styles",
            Some((ACCEPT_ENCODING, "gzip")),
        ),
        (
            "styles_unchanged",
            "/products/1/styles",
            Some((IF_NONE_MATCH, "*")),
        ),
        ("reviews", "/reviews?product_id=1&sort=newest", None),
        ("campus", "/api/fec2/hr-rfp/products/1/related", None),
    ] {
        let mut prepared = request(Method::GET, target, "");
        if let Some((name, value)) = header {
            prepared
                .headers_mut()
                .insert(name, HeaderValue::from_static(value));
        }
        group.bench_function(name, |bencher| {
            bencher
                .to_async(&runtime)
                .iter(|| api.handle(black_box(prepared.clone())));
        });
    }
    group.finish();
}

criterion_group!(benches, cached);
criterion_main!(benches);
