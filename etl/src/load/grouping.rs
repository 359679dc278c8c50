//! Groups CSV rows into rows of the store: children are nested in their parents.
//!
//! The rows of each file are sorted on disk by the parent that will contain them, so memory is limited for any input
//! order. Each kind of row is ready as soon as the last file it is made of is read.

use std::cmp::Ordering;
use std::io;
use std::mem;

use atelier_core::bulk::{
    Answer, Batch, Characteristic, Feature, LegacyCartItem, Photo, Product, Question, Review, Sku,
    Style, StylePhoto,
};
use atelier_core::{Cents, Millis};

use crate::load::aggregates::{Aggregates, ProductTotals, SumAndCount, review_totals};
use crate::load::row_codec::{decode, encode};
use crate::rules::row::Row;
use crate::schema::{LegacyFile, TABLES};
use crate::spill::dir::SpillDir;
use crate::spill::external_sort::{SortKey, SortedRows, Sorter};
use crate::spill::paged_map::PagedMap;

/// Approximate bytes of rows in a batch. Large enough that round trips do not matter, and small enough that several
/// batches fit in memory.
const BATCH_BYTES: usize = 4 << 20;

/// Number of review totals in a batch, each of some 64 bytes.
const TOTALS_PER_BATCH: usize = BATCH_BYTES / 64;

/// Batches of one kind of row by ascending id.
pub(crate) type BatchIterator = Box<dyn Iterator<Item = io::Result<Batch>> + Send>;

/// Collects the rows of one file after the other, in load order.
#[derive(Debug)]
pub(crate) struct Grouping {
    spill_dir: SpillDir,
    /// `created_at` and `updated_at` of all products.
    created_at: Millis,
    sorters: [Option<Sorter>; TABLES.len()],
    aggregates: Aggregates,
}

impl Grouping {
    pub(crate) fn new(spill_dir: &SpillDir, created_at: Millis) -> Self {
        Self {
            spill_dir: spill_dir.clone(),
            created_at,
            sorters: [const { None }; TABLES.len()],
            aggregates: Aggregates::new(spill_dir),
        }
    }

    /// Adds a loaded row.
    pub(crate) fn add(&mut self, file: LegacyFile, row: &Row<'_>) -> io::Result<()> {
        self.aggregates.add(file, row)?;
        let sorter = &mut self.sorters[file as usize];
        let sorter = sorter.get_or_insert_with(|| Sorter::new(&self.spill_dir));
        let columns = file.schema().columns.len();
        sorter.push(sort_key(file, row), |bytes| encode(row, columns, bytes))
    }

    /// Returns the kinds of rows that are ready after a file is read or known to be absent.
    pub(crate) fn end_file(&mut self, file: LegacyFile) -> io::Result<Vec<BatchIterator>> {
        Ok(match file {
            LegacyFile::Related => vec![self.products()?],
            LegacyFile::Cart => {
                let rows = self.sorted(LegacyFile::Cart)?;
                vec![batches(rows, |batch, row| {
                    batch.legacy_cart.extend(row.map(cart_item));
                    Ok(0)
                })]
            }
            LegacyFile::CharacteristicReviews => {
                let empty = Aggregates::new(&self.spill_dir);
                let aggregates = mem::replace(&mut self.aggregates, empty);
                vec![
                    self.reviews()?,
                    self.characteristics(aggregates.by_characteristic)?,
                    totals(aggregates.by_product),
                ]
            }
            LegacyFile::Questions => {
                let rows = self.sorted(LegacyFile::Questions)?;
                vec![batches(rows, |batch, row| {
                    batch.questions.extend(row.map(question));
                    Ok(0)
                })]
            }
            LegacyFile::AnswersPhotos => vec![self.answers()?],
            _ => Vec::new(),
        })
    }

    fn sorted(&mut self, file: LegacyFile) -> io::Result<SortedRows> {
        let sorter = self.sorters[file as usize].take();
        sorter
            .unwrap_or_else(|| Sorter::new(&self.spill_dir))
            .finish()
    }

    fn products(&mut self) -> io::Result<BatchIterator> {
        let created_at = self.created_at;
        let mut features = self.sorted(LegacyFile::Features)?;
        let mut related = self.sorted(LegacyFile::Related)?;
        let mut styles = self.sorted(LegacyFile::Styles)?;
        let mut photos = self.sorted(LegacyFile::Photos)?;
        let mut skus = self.sorted(LegacyFile::Skus)?;
        Ok(batches(
            self.sorted(LegacyFile::Product)?,
            move |batch, row| {
                let Some(row) = row else {
                    return ensure_exhausted(&[&features, &related, &styles, &photos, &skus]);
                };
                let id = row.id;
                let mut bytes = 0;
                let mut product = product(row, created_at);
                bytes += children(&mut features, &[id], |row| {
                    product.features.push(feature(row));
                })?;
                bytes += children(&mut related, &[id], |row| {
                    product.related.push(number(&row, 2));
                })?;
                bytes += children(&mut styles, &[id], |row| product.styles.push(style(row)))?;
                for style in &mut product.styles {
                    let of = [id, u32::try_from(style.style_id).unwrap_or_default()];
                    bytes += children(&mut photos, &of, |row| style.photos.push(style_photo(row)))?;
                    bytes += children(&mut skus, &of, |row| style.skus.push(sku(row)))?;
                }
                batch.products.push(product);
                Ok(bytes)
            },
        ))
    }

    fn reviews(&mut self) -> io::Result<BatchIterator> {
        let mut photos = self.sorted(LegacyFile::ReviewsPhotos)?;
        let mut values = self.sorted(LegacyFile::CharacteristicReviews)?;
        Ok(batches(
            self.sorted(LegacyFile::Reviews)?,
            move |batch, row| {
                let Some(row) = row else {
                    return ensure_exhausted(&[&photos, &values]);
                };
                let of = [row.id];
                let mut review = review(row);
                let bytes = children(&mut photos, &of, |row| review.photos.push(photo(row)))?
                    + children(&mut values, &of, |row| {
                        review
                            .characteristics
                            .push((number(&row, 1), number(&row, 3)));
                    })?;
                batch.reviews.push(review);
                Ok(bytes)
            },
        ))
    }

    fn characteristics(&mut self, mut values: PagedMap<SumAndCount>) -> io::Result<BatchIterator> {
        Ok(batches(
            self.sorted(LegacyFile::Characteristics)?,
            move |batch, row| {
                if let Some(row) = row {
                    let [sum, count] = values.get(row.id)?;
                    batch.characteristics.push(characteristic(row, sum, count));
                }
                Ok(0)
            },
        ))
    }

    fn answers(&mut self) -> io::Result<BatchIterator> {
        let mut photos = self.sorted(LegacyFile::AnswersPhotos)?;
        Ok(batches(
            self.sorted(LegacyFile::Answers)?,
            move |batch, row| {
                let Some(row) = row else {
                    return ensure_exhausted(&[&photos]);
                };
                let of = [row.id];
                let mut answer = answer(row);
                let bytes = children(&mut photos, &of, |row| answer.photos.push(photo(row)))?;
                batch.answers.push(answer);
                Ok(bytes)
            },
        ))
    }
}

/// Returns the sort key of a row: the parents that will contain it, then its id.
fn sort_key(file: LegacyFile, row: &Row<'_>) -> SortKey {
    let parent = |column| row.key(column).unwrap_or_default();
    match file {
        LegacyFile::Features | LegacyFile::Styles | LegacyFile::Related => [row.product, row.id, 0],
        LegacyFile::Photos | LegacyFile::Skus => [row.product, parent(1), row.id],
        LegacyFile::ReviewsPhotos | LegacyFile::AnswersPhotos => [parent(1), row.id, 0],
        LegacyFile::CharacteristicReviews => [parent(2), row.id, 0],
        _ => [row.id, 0, 0],
    }
}

/// Builds batches of rows. `add` adds a row to the batch and returns the bytes of its children. It is called once more
/// after the last row, with `None`.
fn batches(
    mut rows: SortedRows,
    mut add: impl FnMut(&mut Batch, Option<Row<'_>>) -> io::Result<usize> + Send + 'static,
) -> BatchIterator {
    let mut next = move || {
        let mut batch = Batch::default();
        let mut bytes = 0;
        while bytes < BATCH_BYTES {
            let Some((_, encoded)) = rows.peek() else {
                add(&mut batch, None)?;
                break;
            };
            let row = decode(encoded).ok_or_else(corrupted)?;
            bytes += encoded.len() + add(&mut batch, Some(row))?;
            rows.advance()?;
        }
        Ok((bytes > 0).then_some(batch))
    };
    Box::new(std::iter::from_fn(move || next().transpose()))
}

/// Builds batches of the totals of all products with reviews.
fn totals(mut totals: PagedMap<ProductTotals>) -> BatchIterator {
    let mut from = 0;
    let mut next = move || {
        let mut batch = Batch::default();
        for entry in totals.iter_from(from).take(TOTALS_PER_BATCH) {
            let (product, totals) = entry?;
            from = product + 1;
            batch.review_totals.push(review_totals(product, totals));
        }
        Ok((!batch.review_totals.is_empty()).then_some(batch))
    };
    Box::new(std::iter::from_fn(move || next().transpose()))
}

/// Calls `take` for the children whose sort key begins with `parent`, and returns their bytes.
fn children(
    rows: &mut SortedRows,
    parent: &[u32],
    mut take: impl FnMut(Row<'_>),
) -> io::Result<usize> {
    let mut bytes = 0;
    while let Some((key, encoded)) = rows.peek() {
        match key[..parent.len()].cmp(parent) {
            Ordering::Equal => take(decode(encoded).ok_or_else(corrupted)?),
            Ordering::Greater => break,
            // The constraints reject children without a parent.
            Ordering::Less => return Err(corrupted()),
        }
        bytes += encoded.len();
        rows.advance()?;
    }
    Ok(bytes)
}

/// Fails if any child is left without a parent.
fn ensure_exhausted(children: &[&SortedRows]) -> io::Result<usize> {
    if children.iter().all(|rows| rows.peek().is_none()) {
        Ok(0)
    } else {
        Err(corrupted())
    }
}

fn corrupted() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "spilled rows were changed: a defect of the loader, please report it",
    )
}

/// Returns the number in a column without NULLs.
fn number(row: &Row<'_>, column: usize) -> i64 {
    row.int(column).unwrap_or_default()
}

/// Returns the text in a column, or an empty text for NULL.
fn text(row: &mut Row<'_>, column: usize) -> String {
    row.take_text(column).unwrap_or_default()
}

fn product(mut row: Row<'_>, created_at: Millis) -> Product {
    Product {
        id: row.id.into(),
        name: text(&mut row, 1),
        slogan: text(&mut row, 2),
        description: text(&mut row, 3),
        category: text(&mut row, 4),
        default_price: Cents(number(&row, 5)),
        created_at,
        updated_at: created_at,
        features: Vec::new(),
        related: Vec::new(),
        styles: Vec::new(),
    }
}

fn feature(mut row: Row<'_>) -> Feature {
    Feature {
        feature: text(&mut row, 2),
        value: row.take_text(3),
    }
}

fn style(mut row: Row<'_>) -> Style {
    Style {
        style_id: row.id.into(),
        name: text(&mut row, 2),
        sale_price: row.int(3).map(Cents),
        original_price: Cents(number(&row, 4)),
        default: row.flag(5),
        photos: Vec::new(),
        skus: Vec::new(),
    }
}

fn style_photo(mut row: Row<'_>) -> StylePhoto {
    StylePhoto {
        url: row.take_text(2),
        thumbnail_url: row.take_text(3),
    }
}

fn sku(mut row: Row<'_>) -> Sku {
    Sku {
        id: row.id.into(),
        size: text(&mut row, 2),
        quantity: number(&row, 3),
    }
}

fn cart_item(mut row: Row<'_>) -> LegacyCartItem {
    LegacyCartItem {
        id: row.id.into(),
        user_session: text(&mut row, 1),
        product_id: number(&row, 2),
        active: row.flag(3),
    }
}

fn review(mut row: Row<'_>) -> Review {
    Review {
        id: row.id.into(),
        product_id: number(&row, 1),
        rating: number(&row, 2),
        date: Millis(number(&row, 3)),
        summary: text(&mut row, 4),
        body: text(&mut row, 5),
        recommend: row.flag(6),
        reported: row.flag(7),
        reviewer_name: text(&mut row, 8),
        reviewer_email: row.take_text(9),
        response: row.take_text(10),
        helpfulness: number(&row, 11),
        photos: Vec::new(),
        characteristics: Vec::new(),
    }
}

fn characteristic(mut row: Row<'_>, sum: u32, count: u32) -> Characteristic {
    Characteristic {
        id: row.id.into(),
        product_id: number(&row, 1),
        name: text(&mut row, 2),
        value_sum: sum.into(),
        value_count: count.into(),
    }
}

fn photo(mut row: Row<'_>) -> Photo {
    Photo {
        id: row.id.into(),
        url: text(&mut row, 2),
    }
}

fn question(mut row: Row<'_>) -> Question {
    Question {
        id: row.id.into(),
        product_id: number(&row, 1),
        body: text(&mut row, 2),
        date: Millis(number(&row, 3)),
        asker_name: text(&mut row, 4),
        asker_email: row.take_text(5),
        reported: row.flag(6),
        helpfulness: number(&row, 7),
    }
}

fn answer(mut row: Row<'_>) -> Answer {
    Answer {
        id: row.id.into(),
        question_id: number(&row, 1),
        body: text(&mut row, 2),
        date: Millis(number(&row, 3)),
        answerer_name: text(&mut row, 4),
        answerer_email: row.take_text(5),
        reported: row.flag(6),
        helpfulness: number(&row, 7),
        photos: Vec::new(),
    }
}
