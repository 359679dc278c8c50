//! What the function serves, and the requests it is asked.

use std::path::PathBuf;

use atelier_core::DatabaseUrl;
use atelier_core::bulk::Batch;
use atelier_core::store::{self, Provenance};
use atelier_test_support::postgres::{self, Database};
use atelier_test_support::runtime_api::http_event;
use tempfile::TempDir;

use crate::Result;

/// Products of the demo catalogue, as `atelier` makes it by default.
const PRODUCTS: u32 = 1_000;

/// One more, with more text in its reviews than an answer carries.
pub(crate) const FAT: i64 = 1_001;

/// The databases.
pub(crate) struct Places {
    /// By name, with the URL that the function is given.
    pub(crate) both: [(&'static str, String); 2],
    _kept: (Option<Database>, TempDir),
}

impl Places {
    /// Those that are given; the others are made.
    pub(crate) async fn open(url: Option<String>, file: Option<PathBuf>) -> Result<Self> {
        let folder =
            tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
        let file = if let Some(file) = file {
            file.canonicalize()
                .map_err(|error| format!("{}: {error}", file.display()))?
        } else {
            let file = folder.path().join("shop.db");
            fill(&DatabaseUrl::sqlite(&file)).await?;
            file
        };
        let (url, database) = if let Some(url) = url {
            (url, None)
        } else {
            let database = postgres::database().await;
            let url = database.url();
            fill(&DatabaseUrl::parse(&url).map_err(|error| error.to_string())?).await?;
            (url, Some(database))
        };
        Ok(Self {
            both: [
                (
                    "packed SQLite",
                    format!("sqlite:{}?mode=ro", file.display()),
                ),
                ("PostgreSQL on this machine", url),
            ],
            _kept: (database, folder),
        })
    }
}

async fn fill(url: &DatabaseUrl) -> Result<()> {
    let filled = store::fill(url, catalogue(), Provenance::Demo).await;
    filled.map_err(|error| format!("a database can't be filled: {error}"))
}

/// The demo catalogue, and a product with 10,000 reviews of 1,000 letters.
fn catalogue() -> Batch {
    let mut batch = atelier_warp::demo::catalogue(PRODUCTS, 42);
    if let (Some(product), Some(review)) = (batch.products.first(), batch.reviews.last()) {
        let (product, review) = (product.clone(), review.clone());
        batch.products.push(atelier_core::bulk::Product {
            id: FAT,
            related: vec![],
            styles: vec![],
            ..product
        });
        let last = review.id;
        let reviews = (last + 1..=last + 10_000).map(|id| atelier_core::bulk::Review {
            id,
            product_id: FAT,
            body: "Still as good as new. ".repeat(45),
            reported: false,
            photos: vec![],
            characteristics: vec![],
            ..review.clone()
        });
        batch.reviews.extend(reviews);
    }
    batch.with_totals()
}

/// The reads by key, of product or question `id`.
pub(crate) fn reads(id: u32) -> [String; 8] {
    [
        format!("/products/{id}"),
        format!("/products/{id}/styles"),
        format!("/products/{id}/related"),
        format!("/reviews?product_id={id}"),
        format!("/reviews?product_id={id}&sort=newest"),
        format!("/reviews/meta?product_id={id}"),
        format!("/qa/questions?product_id={id}"),
        format!("/qa/questions/{id}/answers"),
    ]
}

/// A product, another for each `number`.
pub(crate) fn any(number: u32) -> u32 {
    // A multiplier that shares no factor with their number passes through all of them.
    number.wrapping_mul(617) % PRODUCTS + 1
}

/// The event of a read.
pub(crate) fn get(target: &str) -> Vec<u8> {
    http_event("GET", target, &[], b"")
}
