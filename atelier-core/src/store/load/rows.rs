//! From a [`Batch`] to the rows of the tables.

#![expect(
    clippy::unnecessary_wraps,
    reason = "all kinds of rows are made alike, and those with JSON may fail"
)]

use atelier_sql::load::{
    ANSWERS, CHARACTERISTICS, LEGACY_CART, PRODUCTS, QUESTIONS, REVIEW_TOTALS, REVIEWS, STYLES,
    Table,
};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::progress::Progress;
use super::row::Row;
use crate::model::bulk::{
    Answer, Batch, Characteristic, LegacyCartItem, Product, Question, Review, ReviewTotals, Sku,
    StylePhoto,
};
use crate::model::error::Result;
use crate::model::money::Cents;

/// Hands each row that its table does not hold yet to `append`, with its id, table by table.
pub(crate) fn each(
    batch: &Batch,
    progress: &Progress,
    append: &mut impl FnMut(Table, i64, &Row) -> Result<()>,
) -> Result<()> {
    let mut position = progress.passed(PRODUCTS);
    rows(
        PRODUCTS,
        &batch.products,
        progress,
        append,
        |product| product.id,
        |row, it| {
            position += 1;
            product(row, position, it)
        },
    )?;
    rows(
        STYLES,
        &batch.products,
        progress,
        append,
        |it| it.id,
        styles,
    )?;
    rows(
        CHARACTERISTICS,
        &batch.characteristics,
        progress,
        append,
        |it| it.id,
        characteristic,
    )?;
    rows(
        REVIEWS,
        &batch.reviews,
        progress,
        append,
        |it| it.id,
        review,
    )?;
    rows(
        REVIEW_TOTALS,
        &batch.review_totals,
        progress,
        append,
        |it| it.product_id,
        review_totals,
    )?;
    rows(
        QUESTIONS,
        &batch.questions,
        progress,
        append,
        |it| it.id,
        question,
    )?;
    rows(
        ANSWERS,
        &batch.answers,
        progress,
        append,
        |it| it.id,
        answer,
    )?;
    rows(
        LEGACY_CART,
        &batch.legacy_cart,
        progress,
        append,
        |it| it.id,
        legacy_cart_item,
    )
}

fn rows<T>(
    table: Table,
    rows: &[T],
    progress: &Progress,
    append: &mut impl FnMut(Table, i64, &Row) -> Result<()>,
    id: impl Fn(&T) -> i64,
    mut fill: impl FnMut(&mut Row, &T) -> Result<()>,
) -> Result<()> {
    let held = progress.held(table);
    let mut row = Row::default();
    for it in rows {
        row.clear();
        fill(&mut row, it)?;
        if id(it) > held {
            append(table, id(it), &row)?;
        }
    }
    progress.pass(table, rows.len());
    Ok(())
}

fn product(row: &mut Row, position: i64, it: &Product) -> Result<()> {
    row.int(it.id)
        .int(position)
        .int(it.default_price.0)
        .int(it.created_at.0)
        .int(it.updated_at.0)
        .text(&it.name)
        .text(&it.slogan)
        .text(&it.description)
        .text(&it.category)
        .json(&it.features)?
        .json(&it.related)
        .map(drop)
}

fn styles(row: &mut Row, it: &Product) -> Result<()> {
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
    let served = it.styles.iter().map(|style| Served {
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
        skus: Skus(&style.skus),
    });
    row.int(it.id).json(&served.collect::<Vec<_>>()).map(drop)
}

/// SKUs as the object that is served, with its placeholder when there are none.
struct Skus<'a>(&'a [Sku]);

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
        for sku in self.0 {
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

fn characteristic(row: &mut Row, it: &Characteristic) -> Result<()> {
    row.int(it.id)
        .int(it.product_id)
        .int(it.value_sum)
        .int(it.value_count)
        .text(&it.name);
    Ok(())
}

fn review(row: &mut Row, it: &Review) -> Result<()> {
    row.int(it.id)
        .int(it.product_id)
        .int(it.rating)
        .int(it.date.0)
        .int(it.helpfulness)
        .bool(it.recommend)
        .bool(it.reported)
        .text(&it.summary)
        .text(&it.body)
        .text(&it.reviewer_name)
        .maybe(it.reviewer_email.as_deref())
        .maybe(it.response.as_deref())
        .json(&it.photos)?
        // A value given twice is kept twice, which an object of JSON text can hold and both databases read.
        .json(&Values(&it.characteristics))
        .map(drop)
}

struct Values<'a>(&'a [(i64, i64)]);

impl Serialize for Values<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

fn review_totals(row: &mut Row, it: &ReviewTotals) -> Result<()> {
    row.int(it.product_id);
    for count in it.stars {
        row.int(count);
    }
    row.int(it.recommend_no).int(it.recommend_yes);
    Ok(())
}

fn question(row: &mut Row, it: &Question) -> Result<()> {
    row.int(it.id)
        .int(it.product_id)
        .int(it.date.0)
        .int(it.helpfulness)
        .bool(it.reported)
        .text(&it.body)
        .text(&it.asker_name)
        .maybe(it.asker_email.as_deref());
    Ok(())
}

fn answer(row: &mut Row, it: &Answer) -> Result<()> {
    let urls: Vec<_> = it.photos.iter().map(|photo| &photo.url).collect();
    row.int(it.id)
        .int(it.question_id)
        .int(it.date.0)
        .int(it.helpfulness)
        .bool(it.reported)
        .text(&it.body)
        .text(&it.answerer_name)
        .maybe(it.answerer_email.as_deref())
        .json(&it.photos)?
        .json(&urls)
        .map(drop)
}

fn legacy_cart_item(row: &mut Row, it: &LegacyCartItem) -> Result<()> {
    row.int(it.id)
        .int(it.product_id)
        .bool(it.active)
        .text(&it.user_session);
    Ok(())
}
