//! The first page of a million products against page 200,000, the last: the promise is at most twice the time.

use atelier_benches::{databases, request, runtime};
use atelier_core::bulk::{Batch, Product};
use atelier_core::{Cents, Millis};
use criterion::{Criterion, criterion_group, criterion_main};
use http::Method;

fn deep_page(criterion: &mut Criterion) {
    let runtime = runtime();
    let filled = runtime.block_on(databases(&Batch {
        products: (1..=1_000_000).map(product).collect(),
        ..Batch::default()
    }));
    for database in &filled {
        let mut group = criterion.benchmark_group(format!("deep_page/{}", database.name));
        for (name, target) in [
            ("first", "/products?page=1"),
            ("last", "/products?page=200000"),
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

fn product(id: i64) -> Product {
    Product {
        id,
        name: format!("Parka {id}"),
        slogan: "Salt spray, dry sleeves".to_owned(),
        description: "A waxed parka for long piers.".to_owned(),
        category: "Coats".to_owned(),
        default_price: Cents(7_200),
        created_at: Millis(0),
        updated_at: Millis(0),
        features: vec![],
        related: vec![],
        styles: vec![],
    }
}

criterion_group!(benches, deep_page);
criterion_main!(benches);
