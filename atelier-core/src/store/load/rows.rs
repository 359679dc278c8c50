//! Converts a [`Batch`] to the rows of the tables.

#![expect(
    clippy::unnecessary_wraps,
    reason = "all conversions have one signature, and those with JSON may fail"
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

/// Calls `append` with each row that was not loaded before, and its id, table by table.
pub(crate) fn each(
    batch: &Batch,
    progress: &Progress,
    append: &mut impl FnMut(Table, i64, &Row) -> Result<()>,
) -> Result<()> {
    macro_rules! append {
        ($table:ident, $rows:ident, $id:ident, $fill:expr) => {
            rows($table, &batch.$rows, progress, append, |it| it.$id, $fill)?;
        };
    }
    let mut position = progress.submitted(PRODUCTS);
    let product = |row: &mut Row, it: &Product| {
        position += 1;
        product(row, position, it)
    };
    append!(PRODUCTS, products, id, product);
    append!(STYLES, products, id, styles);
    append!(CHARACTERISTICS, characteristics, id, characteristic);
    append!(REVIEWS, reviews, id, review);
    append!(REVIEW_TOTALS, review_totals, product_id, review_totals);
    append!(QUESTIONS, questions, id, question);
    append!(ANSWERS, answers, id, answer);
    append!(LEGACY_CART, legacy_cart, id, legacy_cart_item);
    Ok(())
}

fn rows<T>(
    table: Table,
    rows: &[T],
    progress: &Progress,
    append: &mut impl FnMut(Table, i64, &Row) -> Result<()>,
    id: impl Fn(&T) -> i64,
    mut fill: impl FnMut(&mut Row, &T) -> Result<()>,
) -> Result<()> {
    let loaded_up_to = progress.loaded_up_to(table);
    let mut row = Row::default();
    for it in rows {
        row.clear();
        fill(&mut row, it)?;
        if id(it) > loaded_up_to {
            append(table, id(it), &row)?;
        }
    }
    progress.submit(table, rows.len());
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

/// SKUs as the JSON object of the response, with a placeholder when there are none.
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
        // Duplicate keys are kept: JSON text allows them, and both databases read them.
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
