//! From a [`Batch`] to the rows of the tables.

use atelier_sql::load::{
    ANSWERS, CHARACTERISTICS, LEGACY_CART, PRODUCTS, QUESTIONS, REVIEWS, STORE_FACTS, STYLES, Table,
};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::dialect::Bulk;
use super::sql_store::json;
use super::value::Value;
use crate::bulk::{
    Answer, Batch, Characteristic, LegacyCartItem, Photo, Product, Question, Review, Sku,
    StylePhoto,
};
use crate::{Cents, Error, Failure, Result};

/// Rows that are made and sent at a time.
const ROWS: usize = 1_000;

/// Fills an empty store, or one that holds a demo, with `batch`.
pub(super) async fn load(mut bulk: impl Bulk, batch: Batch, demo: bool) -> Result<()> {
    let content = bulk.content().await?;
    if content.products && !content.demo {
        return Err(Error::Unusable(Failure::new(
            "The store holds products already, and a load never mixes with them. Load into an empty database.",
        )));
    }
    if content.products {
        bulk.empty().await?;
    }
    let last_review = parent_of_last_photo(batch.reviews.iter().flat_map(|review| &review.photos));
    let last_answer = parent_of_last_photo(batch.answers.iter().flat_map(|answer| &answer.photos));

    let mut products = batch.products;
    products.sort_by_key(|product| product.id);
    let products: Vec<(usize, Product)> = products.into_iter().enumerate().collect();
    append(&mut bulk, PRODUCTS, &products, product).await?;
    append(&mut bulk, STYLES, &products, styles).await?;
    append(&mut bulk, CHARACTERISTICS, &batch.characteristics, |row| {
        Ok(characteristic(row))
    })
    .await?;
    append(&mut bulk, REVIEWS, &batch.reviews, review).await?;
    append(&mut bulk, QUESTIONS, &batch.questions, |row| {
        Ok(question(row))
    })
    .await?;
    append(&mut bulk, ANSWERS, &batch.answers, answer).await?;
    append(&mut bulk, LEGACY_CART, &batch.legacy_cart, |row| {
        Ok(legacy_cart_item(row))
    })
    .await?;
    if demo {
        bulk.append(STORE_FACTS, vec![vec![text("demo"), text("")]])
            .await?;
    }
    bulk.derive(last_review, last_answer).await?;
    bulk.commit().await
}

async fn append<T>(
    bulk: &mut impl Bulk,
    table: Table,
    rows: &[T],
    row: impl Fn(&T) -> Result<Vec<Value>>,
) -> Result<()> {
    for chunk in rows.chunks(ROWS) {
        bulk.append(table, chunk.iter().map(&row).collect::<Result<_>>()?)
            .await?;
    }
    Ok(())
}

/// The parent's id from which on the ids of new photos, which are a parent's with a digit behind it, are above all of
/// `photos`.
fn parent_of_last_photo<'a>(photos: impl Iterator<Item = &'a Photo>) -> i64 {
    photos.map(|photo| photo.id / 10).max().unwrap_or(0)
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn product((place, row): &(usize, Product)) -> Result<Vec<Value>> {
    let position = i64::try_from(*place).unwrap_or(i64::MAX).saturating_add(1);
    Ok(vec![
        row.id.into(),
        position.into(),
        row.default_price.0.into(),
        row.created_at.0.into(),
        row.updated_at.0.into(),
        text(&row.name),
        text(&row.slogan),
        text(&row.description),
        text(&row.category),
        json(&row.features)?.into(),
        json(&row.related)?.into(),
    ])
}

fn styles((_, row): &(usize, Product)) -> Result<Vec<Value>> {
    #[derive(Serialize)]
    struct Served<'a> {
        style_id: i64,
        name: &'a str,
        original_price: Cents,
        sale_price: Option<Cents>,
        #[serde(rename = "default?")]
        default: bool,
        photos: &'a [StylePhoto],
        skus: Skus<'a>,
    }
    let nothing = [StylePhoto {
        thumbnail_url: None,
        url: None,
    }];
    let mut results = Vec::with_capacity(row.styles.len());
    for style in by_id(&row.styles, |style| style.style_id) {
        results.push(Served {
            style_id: style.style_id,
            name: &style.name,
            original_price: style.original_price,
            sale_price: style.sale_price,
            default: style.default,
            photos: if style.photos.is_empty() {
                &nothing
            } else {
                &style.photos
            },
            skus: Skus(by_id(&style.skus, |sku| sku.id)),
        });
    }
    Ok(vec![row.id.into(), json(&results)?.into()])
}

fn by_id<T>(rows: &[T], id: fn(&T) -> i64) -> Vec<&T> {
    let mut rows: Vec<_> = rows.iter().collect();
    rows.sort_by_key(|row| id(row));
    rows
}

/// SKUs as the object that is served, with its placeholder when there are none.
struct Skus<'a>(Vec<&'a Sku>);

impl Serialize for Skus<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Served<'a> {
            quantity: Option<i64>,
            size: Option<&'a str>,
        }
        let mut map = serializer.serialize_map(None)?;
        if self.0.is_empty() {
            map.serialize_entry(
                "null",
                &Served {
                    quantity: None,
                    size: None,
                },
            )?;
        }
        for sku in &self.0 {
            map.serialize_entry(
                &sku.id,
                &Served {
                    quantity: Some(sku.quantity),
                    size: Some(&sku.size),
                },
            )?;
        }
        map.end()
    }
}

fn characteristic(row: &Characteristic) -> Vec<Value> {
    vec![
        row.id.into(),
        row.product_id.into(),
        0.into(),
        0.into(),
        text(&row.name),
    ]
}

fn review(row: &Review) -> Result<Vec<Value>> {
    // A value given twice is kept twice, which an object of JSON text can hold and both databases read.
    let values = Values(&row.characteristics);
    Ok(vec![
        row.id.into(),
        row.product_id.into(),
        row.rating.into(),
        row.date.0.into(),
        row.helpfulness.into(),
        row.recommend.into(),
        row.reported.into(),
        text(&row.summary),
        text(&row.body),
        text(&row.reviewer_name),
        row.reviewer_email.clone().into(),
        row.response.clone().into(),
        json(&row.photos)?.into(),
        json(&values)?.into(),
    ])
}

struct Values<'a>(&'a [(i64, i64)]);

impl Serialize for Values<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

fn question(row: &Question) -> Vec<Value> {
    vec![
        row.id.into(),
        row.product_id.into(),
        row.date.0.into(),
        row.helpfulness.into(),
        row.reported.into(),
        text(&row.body),
        text(&row.asker_name),
        row.asker_email.clone().into(),
    ]
}

fn answer(row: &Answer) -> Result<Vec<Value>> {
    let urls: Vec<_> = row.photos.iter().map(|photo| &photo.url).collect();
    Ok(vec![
        row.id.into(),
        row.question_id.into(),
        row.date.0.into(),
        row.helpfulness.into(),
        row.reported.into(),
        text(&row.body),
        text(&row.answerer_name),
        row.answerer_email.clone().into(),
        json(&row.photos)?.into(),
        json(&urls)?.into(),
    ])
}

fn legacy_cart_item(row: &LegacyCartItem) -> Vec<Value> {
    vec![
        row.id.into(),
        row.product_id.into(),
        row.active.into(),
        text(&row.user_session),
    ]
}
