//! From rows of files to whole rows of the store: children go into their parents.
//!
//! The rows of each file are sorted by the parent they will lie in, on disk, so that memory stays small in whatever order
//! they come. As soon as the last file of a kind is read, its rows are ready to be handed over in batches.

use std::cmp::Ordering;
use std::io;
use std::mem;

use atelier_core::bulk::{
    Answer, Batch, Characteristic, Feature, LegacyCartItem, Photo, Product, Question, Review, Sku,
    Style, StylePhoto,
};
use atelier_core::{Cents, Millis};

use crate::load::aggregates::{self, Figures, Totals, Values};
use crate::load::row_codec::{pack, unpack};
use crate::rules::row::Row;
use crate::schema::{LAYOUTS, LegacyFile};
use crate::spill::dir::Scratch;
use crate::spill::external_sort::{Key, Sorted, Sorter};
use crate::spill::paged_map::IdMap;

/// Bytes of rows in a batch, more or less: enough that a round trip to the store is no matter, and little enough that
/// a few of them are no matter either.
const BATCH: usize = 4 << 20;

/// Rows of one kind by ascending id, ready to be put into the store.
pub(crate) type Ready = Box<dyn Iterator<Item = io::Result<Batch>> + Send>;

/// Takes the rows of one file after the other, in load order.
#[derive(Debug)]
pub(crate) struct Grouping {
    scratch: Scratch,
    /// `created_at` and `updated_at` of every product.
    created_at: Millis,
    sorters: [Option<Sorter>; LAYOUTS.len()],
    figures: Figures,
}

impl Grouping {
    pub(crate) fn new(scratch: &Scratch, created_at: Millis) -> Self {
        Self {
            scratch: scratch.clone(),
            created_at,
            sorters: [const { None }; LAYOUTS.len()],
            figures: Figures::new(scratch),
        }
    }

    /// Takes a loaded row in.
    pub(crate) fn add(&mut self, file: LegacyFile, row: &Row<'_>) -> io::Result<()> {
        self.figures.add(file, row)?;
        let sorter = self.sorters[file as usize].get_or_insert_with(|| Sorter::new(&self.scratch));
        let columns = file.layout().columns.len();
        sorter.push(key(file, row), |bytes| pack(row, columns, bytes))
    }

    /// What is ready now that a file is read, or is not there.
    pub(crate) fn end(&mut self, file: LegacyFile) -> io::Result<Vec<Ready>> {
        use LegacyFile as File;
        Ok(match file {
            File::Related => vec![self.products()?],
            File::Cart => {
                let rows = self.sorted(File::Cart)?;
                vec![each(rows, |batch, row| {
                    batch.legacy_cart.extend(row.map(cart_item));
                    Ok(0)
                })]
            }
            File::CharacteristicReviews => {
                let figures = mem::replace(&mut self.figures, Figures::new(&self.scratch));
                vec![
                    self.reviews()?,
                    self.characteristics(figures.values)?,
                    totals(figures.totals),
                ]
            }
            File::Questions => {
                let rows = self.sorted(File::Questions)?;
                vec![each(rows, |batch, row| {
                    batch.questions.extend(row.map(question));
                    Ok(0)
                })]
            }
            File::AnswersPhotos => vec![self.answers()?],
            _ => Vec::new(),
        })
    }

    fn sorted(&mut self, file: LegacyFile) -> io::Result<Sorted> {
        let sorter = self.sorters[file as usize].take();
        sorter
            .unwrap_or_else(|| Sorter::new(&self.scratch))
            .finish()
    }

    fn products(&mut self) -> io::Result<Ready> {
        let created_at = self.created_at;
        let mut features = self.sorted(LegacyFile::Features)?;
        let mut related = self.sorted(LegacyFile::Related)?;
        let mut styles = self.sorted(LegacyFile::Styles)?;
        let mut photos = self.sorted(LegacyFile::Photos)?;
        let mut skus = self.sorted(LegacyFile::Skus)?;
        Ok(each(
            self.sorted(LegacyFile::Product)?,
            move |batch, row| {
                let Some(row) = row else {
                    return all_taken(&[&features, &related, &styles, &photos, &skus]);
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

    fn reviews(&mut self) -> io::Result<Ready> {
        let mut photos = self.sorted(LegacyFile::ReviewsPhotos)?;
        let mut values = self.sorted(LegacyFile::CharacteristicReviews)?;
        Ok(each(
            self.sorted(LegacyFile::Reviews)?,
            move |batch, row| {
                let Some(row) = row else {
                    return all_taken(&[&photos, &values]);
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

    fn characteristics(&mut self, mut values: IdMap<Values>) -> io::Result<Ready> {
        Ok(each(
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

    fn answers(&mut self) -> io::Result<Ready> {
        let mut photos = self.sorted(LegacyFile::AnswersPhotos)?;
        Ok(each(
            self.sorted(LegacyFile::Answers)?,
            move |batch, row| {
                let Some(row) = row else {
                    return all_taken(&[&photos]);
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

/// Where a row lies among the others of its file: by the parents it goes into, then by its id.
fn key(file: LegacyFile, row: &Row<'_>) -> Key {
    let parent = |column| row.key(column).unwrap_or_default();
    match file {
        LegacyFile::Features | LegacyFile::Styles | LegacyFile::Related => [row.product, row.id, 0],
        LegacyFile::Photos | LegacyFile::Skus => [row.product, parent(1), row.id],
        LegacyFile::ReviewsPhotos | LegacyFile::AnswersPhotos => [parent(1), row.id, 0],
        LegacyFile::CharacteristicReviews => [parent(2), row.id, 0],
        _ => [row.id, 0, 0],
    }
}

/// Batches of the rows, each put into its batch by `put`, which tells the bytes of the children it took in; behind the
/// last row it is asked once more, with none.
fn each(
    mut rows: Sorted,
    mut put: impl FnMut(&mut Batch, Option<Row<'_>>) -> io::Result<usize> + Send + 'static,
) -> Ready {
    let mut next = move || {
        let mut batch = Batch::default();
        let mut bytes = 0;
        while bytes < BATCH {
            let Some((_, packed)) = rows.peek() else {
                put(&mut batch, None)?;
                break;
            };
            bytes += packed.len() + put(&mut batch, Some(unpack(packed).ok_or_else(defect)?))?;
            rows.advance()?;
        }
        Ok((bytes > 0).then_some(batch))
    };
    Box::new(std::iter::from_fn(move || next().transpose()))
}

/// Batches of the totals of all products with reviews.
fn totals(mut totals: IdMap<Totals>) -> Ready {
    let mut from = 0;
    let mut next = move || {
        let mut batch = Batch::default();
        for entry in totals.from(from).take(BATCH / 64) {
            let (product, totals) = entry?;
            from = product + 1;
            batch
                .review_totals
                .push(figures::review_totals(product, totals));
        }
        Ok((!batch.review_totals.is_empty()).then_some(batch))
    };
    Box::new(std::iter::from_fn(move || next().transpose()))
}

/// Hands the children of a parent, or of a parent's child, to `take`: how many bytes they had.
fn children(rows: &mut Sorted, of: &[u32], mut take: impl FnMut(Row<'_>)) -> io::Result<usize> {
    let mut bytes = 0;
    while let Some((key, packed)) = rows.peek() {
        match key[..of.len()].cmp(of) {
            Ordering::Equal => take(unpack(packed).ok_or_else(defect)?),
            Ordering::Greater => break,
            // The key checks let no child without its parent through.
            Ordering::Less => return Err(defect()),
        }
        bytes += packed.len();
        rows.advance()?;
    }
    Ok(bytes)
}

/// That every child has found its parent.
fn all_taken(children: &[&Sorted]) -> io::Result<usize> {
    if children.iter().all(|rows| rows.peek().is_none()) {
        Ok(0)
    } else {
        Err(defect())
    }
}

fn defect() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "rows that were put aside did not come back as they were: a defect of the loader, please report it",
    )
}

/// The number in a column that holds one in every row.
fn number(row: &Row<'_>, column: usize) -> i64 {
    row.int(column).unwrap_or_default()
}

/// The text in a column; empty for NULL, as it is served.
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
