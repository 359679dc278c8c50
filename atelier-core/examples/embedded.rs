//! Uses the typed API without a server: one SQLite file, one product, one review.
//!
//! `cargo run -p atelier-core --example embedded -- shop.db`

use std::path::PathBuf;

use atelier_core::bulk::{Batch, Product};
use atelier_core::store::{self, Provenance};
use atelier_core::{Atelier, Cents, DatabaseUrl, Millis, NewReview, Page, ProductId, ReviewSort};

#[tokio::main(flavor = "current_thread")]
async fn main() -> atelier_core::Result<()> {
    let file = std::env::args_os().nth(1).map(PathBuf::from);
    let reviews = run(file.unwrap_or_else(|| "shop.db".into())).await?;
    println!("Product 1 has {reviews} reviews.");
    Ok(())
}

/// Adds a review to the shop in `file`, and returns the number of reviews of its product.
async fn run(file: PathBuf) -> atelier_core::Result<i64> {
    let url = DatabaseUrl::sqlite(file);
    let store = atelier_core::open(&url, &atelier_core::StoreOptions::default()).await?;
    let is_empty = !store.content().await?.products;
    store.close().await;
    if is_empty {
        // Products are added by bulk loads only.
        store::fill(&url, catalogue(), Provenance::Loaded("an example")).await?;
    }

    let store = atelier_core::open(&url, &atelier_core::StoreOptions::default()).await?;
    let atelier = Atelier::new(store.clone());
    atelier.add_review(review(), None).await?;
    let page = atelier
        .reviews(ProductId(1), ReviewSort::Newest, Page::default())
        .await?;
    for review in &page.rows {
        println!("{} stars: {}", review.rating, review.summary);
    }
    store.close().await;
    Ok(page.total)
}

fn catalogue() -> Batch {
    let hat = Product {
        id: 1,
        name: "Felt hat".to_owned(),
        slogan: "Warm in the wind".to_owned(),
        description: String::new(),
        category: "Hats".to_owned(),
        default_price: Cents(42_00),
        created_at: Millis(1_700_000_000_000),
        updated_at: Millis(1_700_000_000_000),
        features: vec![],
        related: vec![],
        styles: vec![],
    };
    Batch {
        products: vec![hat],
        ..Batch::default()
    }
}

fn review() -> NewReview {
    NewReview {
        product_id: ProductId(1),
        rating: 5,
        summary: "It stays on".to_owned(),
        body: "Even on a bicycle.".to_owned(),
        recommend: true,
        name: "rider".to_owned(),
        email: "rider@example.com".to_owned(),
        photos: vec![],
        characteristics: [].into(),
    }
}

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn every_run_adds_a_review() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("shop.db");
        assert_eq!(super::run(file.clone()).await.expect("it runs"), 1);
        assert_eq!(super::run(file).await.expect("it runs again"), 2);
    }
}
