//! The one implementation of [`Store`]: rows to values, whichever database they come from.

use std::fmt::Write as _;

use async_trait::async_trait;
use atelier_sql::{Read, products, reviews};

use super::dialect::Dialect;
use super::value::{Row, Value};
use super::{Content, Listing, Store, load, postgres::Postgres, sqlite::Sqlite};
use crate::bulk::Batch;
use crate::{
    Cents, CharacteristicId, CharacteristicMean, Embedded, Error, Millis, NewReview, Noun, Product,
    ProductDetail, ProductId, Result, Review, ReviewId, ReviewMeta, ReviewSort, Style, Valid,
    Violations,
};

/// A store in a database that speaks the SQL of `atelier-sql`.
#[derive(Debug)]
#[expect(private_bounds, reason = "the dialects are these two")]
pub struct SqlStore<D: Dialect> {
    dialect: D,
}

/// A store in one SQLite file.
pub type SqliteStore = SqlStore<Sqlite>;

/// A store in a PostgreSQL database.
pub type PostgresStore = SqlStore<Postgres>;

impl SqliteStore {
    /// Opens the file at `path`; creates it when it is not there, and brings its schema up to date.
    pub async fn open(path: &std::path::Path) -> Result<Self> {
        Ok(Self {
            dialect: Sqlite::open(path).await?,
        })
    }
}

impl PostgresStore {
    /// Connects to the database at `url`, and sets it up when it is empty.
    pub async fn open(url: &str) -> Result<Self> {
        Ok(Self {
            dialect: Postgres::open(url).await?,
        })
    }
}

/// Where a new photo's id begins with its parent's, which only the statement knows. JSON text holds no such character.
const PARENT_ID: &str = "\u{1}";

/// The photos of a new entry: the ids are the parent's with the place behind it, so they are new when its is.
fn new_photos(urls: &[String]) -> Result<String> {
    let mut text = String::from("[");
    for (place, url) in urls.iter().enumerate() {
        let url = json(url)?;
        let comma = if place == 0 { "" } else { "," };
        let _ = write!(text, "{comma}{{\"id\":{PARENT_ID}{place},\"url\":{url}}}");
    }
    text.push(']');
    Ok(text)
}

pub(super) fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|error| Error::Internal(crate::Failure::new("JSON").because(error)))
}

fn product(row: &impl Row, first: usize) -> Result<Product> {
    Ok(Product {
        id: ProductId(row.int(first)?),
        name: row.text(first + 1)?.to_owned(),
        slogan: row.text(first + 2)?.to_owned(),
        description: row.text(first + 3)?.to_owned(),
        category: row.text(first + 4)?.to_owned(),
        default_price: Cents(row.int(first + 5)?),
        created_at: Millis(row.int(first + 6)?),
        updated_at: Millis(row.int(first + 7)?),
    })
}

fn review(row: &impl Row, first: usize) -> Result<Review> {
    Ok(Review {
        review_id: ReviewId(row.int(first)?),
        rating: row.int(first + 1)?,
        summary: row.text(first + 2)?.to_owned(),
        recommend: row.bool(first + 3)?,
        response: row.maybe_text(first + 4)?.map(str::to_owned),
        body: row.text(first + 5)?.to_owned(),
        date: Millis(row.int(first + 6)?),
        reviewer_name: row.text(first + 7)?.to_owned(),
        helpfulness: row.int(first + 8)?,
        photos: Embedded::from_stored(row.text(first + 9)?),
    })
}

#[expect(private_bounds, reason = "the dialects are these two")]
impl<D: Dialect> SqlStore<D> {
    /// A page: column 0 is the number of all rows; a row whose column 1 is null only brings that number.
    async fn listing<T>(
        &self,
        query: Read,
        binds: Vec<Value>,
        item: impl Fn(&D::Row, usize) -> Result<T>,
    ) -> Result<Listing<T>> {
        let rows = self.dialect.read(query, binds).await?;
        let total = rows.first().map_or(Ok(0), |row| row.int(0))?;
        let mut listed = Vec::with_capacity(rows.len());
        for row in &rows {
            if row.maybe_int(1)?.is_some() {
                listed.push(item(row, 1)?);
            }
        }
        Ok(Listing {
            rows: listed,
            total,
        })
    }

    /// The one JSON text of the one row.
    async fn embedded<T>(&self, query: Read, of: ProductId) -> Result<Option<Embedded<T>>> {
        let rows = self.dialect.read(query, vec![of.0.into()]).await?;
        rows.first()
            .map(|row| row.text(0).map(Embedded::from_stored))
            .transpose()
    }
}

#[async_trait]
impl<D: Dialect> Store for SqlStore<D> {
    async fn products(&self, skip: i64, most: i64) -> Result<Listing<Product>> {
        self.listing(products::LIST, vec![skip.into(), most.into()], product)
            .await
    }

    async fn product(&self, id: ProductId) -> Result<Option<ProductDetail>> {
        let rows = self.dialect.read(products::ONE, vec![id.0.into()]).await?;
        let detail = |row: &D::Row| {
            Ok(ProductDetail {
                product: product(row, 0)?,
                features: Embedded::from_stored(row.text(8)?),
            })
        };
        rows.first().map(detail).transpose()
    }

    async fn styles(&self, of: ProductId) -> Result<Option<Embedded<Vec<Style>>>> {
        self.embedded(products::STYLES, of).await
    }

    async fn related(&self, to: ProductId) -> Result<Option<Embedded<Vec<ProductId>>>> {
        self.embedded(products::RELATED, to).await
    }

    async fn reviews(
        &self,
        of: ProductId,
        by: ReviewSort,
        skip: i64,
        most: i64,
    ) -> Result<Listing<Review>> {
        let query = match by {
            ReviewSort::Helpful => reviews::LIST_HELPFUL,
            ReviewSort::Newest => reviews::LIST_NEWEST,
        };
        self.listing(query, vec![of.0.into(), skip.into(), most.into()], review)
            .await
    }

    async fn review_meta(&self, of: ProductId) -> Result<ReviewMeta> {
        let rows = self.dialect.read(reviews::META, vec![of.0.into()]).await?;
        let mut meta = ReviewMeta::default();
        let Some(first) = rows.first() else {
            return Ok(meta);
        };
        for (column, stars) in meta.ratings.iter_mut().enumerate() {
            *stars = first.maybe_int(column)?.unwrap_or(0);
        }
        meta.recommended_no = first.maybe_int(5)?.unwrap_or(0);
        meta.recommended_yes = first.maybe_int(6)?.unwrap_or(0);
        for row in &rows {
            if let Some(id) = row.maybe_int(7)? {
                meta.characteristics.push(CharacteristicMean {
                    id: CharacteristicId(id),
                    name: row.text(8)?.to_owned(),
                    sum: row.int(9)?,
                    count: row.int(10)?,
                });
            }
        }
        Ok(meta)
    }

    async fn add_review(&self, new: Valid<NewReview>, at: Millis) -> Result<ReviewId> {
        let new = new.into_inner();
        let (given, faulty): (Vec<_>, Vec<_>) = new
            .characteristics
            .iter()
            .partition(|(_, value)| (1..=5).contains(*value));
        let given: std::collections::BTreeMap<_, _> =
            given.into_iter().map(|(id, value)| (id.0, value)).collect();
        let faulty: Vec<_> = faulty.into_iter().map(|(id, _)| id.0).collect();
        let binds = vec![
            new.product_id.0.into(),
            new.rating.into(),
            at.0.into(),
            new.summary.into(),
            new.body.into(),
            new.recommend.into(),
            new.name.into(),
            new.email.into(),
            new_photos(&new.photos)?.into(),
            PARENT_ID.to_owned().into(),
            json(&given)?.into(),
            json(&faulty)?.into(),
        ];
        let id = self.dialect.write(reviews::ADD, binds).await?;
        // The statement knows both faults, and the contract has one sentence for them.
        let refused = || {
            Error::Invalid(Violations {
                of: Noun::Review,
                fields: vec!["product_id", "characteristics"],
            })
        };
        id.map(ReviewId).ok_or_else(refused)
    }

    async fn mark_review_helpful(&self, id: ReviewId) -> Result<()> {
        self.dialect
            .write(reviews::HELPFUL, vec![id.0.into()])
            .await
            .map(drop)
    }

    async fn report_review(&self, id: ReviewId) -> Result<()> {
        self.dialect
            .write(reviews::REPORT, vec![id.0.into()])
            .await
            .map(drop)
    }

    async fn ready(&self) -> Result<()> {
        self.dialect
            .read(products::RELATED, vec![0.into()])
            .await
            .map(drop)
    }

    async fn load(&self, batch: Batch, demo: bool) -> Result<()> {
        load::load(self.dialect.bulk().await?, batch, demo).await
    }

    async fn content(&self) -> Result<Content> {
        let rows = self.dialect.read(products::CONTENT, vec![]).await?;
        rows.first().map_or(
            Ok(Content {
                products: false,
                demo: false,
            }),
            Content::from_row,
        )
    }

    async fn close(&self) {
        self.dialect.close().await;
    }
}
