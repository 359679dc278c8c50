//! From rows of files to whole rows of the store: children go into their parents.

use atelier_core::bulk::{
    Answer, Batch, Characteristic, Feature, LegacyCartItem, Photo, Product, Question, Review, Sku,
    Style, StylePhoto,
};
use atelier_core::{Cents, Millis};

use crate::clean::Row;
use crate::files::LegacyFile;

/// A child that waits for its parent: the parent's id, its own, and what the parent takes in.
type Child<T> = (i64, i64, T);

/// Collects rows in any order and puts them together at the end.
///
/// Everything is held in memory, which is right for some hundred thousand rows. The full set is seventy million: there
/// children have to be sorted by parent in bounded memory, and parents handed over in slices.
#[derive(Debug)]
pub(crate) struct Grouping {
    /// When the products were made, as the old files do not tell.
    now: Millis,
    batch: Batch,
    features: Vec<Child<Feature>>,
    styles: Vec<Child<Style>>,
    photos: Vec<Child<StylePhoto>>,
    skus: Vec<Child<Sku>>,
    related: Vec<Child<i64>>,
    review_photos: Vec<Child<Photo>>,
    values: Vec<Child<(i64, i64)>>,
    answer_photos: Vec<Child<Photo>>,
}

impl Grouping {
    pub(crate) fn new(now: Millis) -> Self {
        Self {
            now,
            batch: Batch::default(),
            features: Vec::new(),
            styles: Vec::new(),
            photos: Vec::new(),
            skus: Vec::new(),
            related: Vec::new(),
            review_photos: Vec::new(),
            values: Vec::new(),
            answer_photos: Vec::new(),
        }
    }

    /// Takes a loaded row in. The numbers are the places of its columns in the layout.
    pub(crate) fn add(&mut self, file: LegacyFile, row: Row<'_>) {
        let id = i64::from(row.id);
        match file {
            LegacyFile::Product => self.batch.products.push(product(row, self.now)),
            LegacyFile::Features => self.features.push((number(&row, 1), id, feature(row))),
            LegacyFile::Styles => self.styles.push((number(&row, 1), id, style(row))),
            LegacyFile::Photos => self.photos.push((number(&row, 1), id, style_photo(row))),
            LegacyFile::Skus => self.skus.push((number(&row, 1), id, sku(row))),
            LegacyFile::Related => self.related.push((number(&row, 1), id, number(&row, 2))),
            LegacyFile::Cart => self.batch.legacy_cart.push(cart_item(row)),
            LegacyFile::Reviews => self.batch.reviews.push(review(row)),
            LegacyFile::Characteristics => self.batch.characteristics.push(characteristic(row)),
            LegacyFile::ReviewsPhotos => self.review_photos.push((number(&row, 1), id, photo(row))),
            LegacyFile::CharacteristicReviews => {
                self.values
                    .push((number(&row, 2), id, (number(&row, 1), number(&row, 3))));
            }
            LegacyFile::Questions => self.batch.questions.push(question(row)),
            LegacyFile::Answers => self.batch.answers.push(answer(row)),
            LegacyFile::AnswersPhotos => self.answer_photos.push((number(&row, 1), id, photo(row))),
        }
    }

    /// Everything, parents by ascending id and children in theirs by ascending id. The error is the number of children
    /// without a parent, which the key checks should have kept out.
    pub(crate) fn finish(self) -> Result<Batch, usize> {
        let Self {
            mut batch,
            mut styles,
            ..
        } = self;
        batch.products.sort_unstable_by_key(|product| product.id);
        batch.reviews.sort_unstable_by_key(|review| review.id);
        batch.answers.sort_unstable_by_key(|answer| answer.id);
        styles.sort_unstable_by_key(|(_, id, _)| *id);
        let lost = attach(
            &mut styles,
            |style| style.1,
            self.photos,
            |style, photo| style.2.photos.push(photo),
        ) + attach(
            &mut styles,
            |style| style.1,
            self.skus,
            |style, sku| style.2.skus.push(sku),
        ) + attach(
            &mut batch.products,
            |product| product.id,
            self.features,
            |product, it| product.features.push(it),
        ) + attach(
            &mut batch.products,
            |product| product.id,
            self.related,
            |product, it| product.related.push(it),
        ) + attach(
            &mut batch.products,
            |product| product.id,
            styles,
            |product, it| product.styles.push(it),
        ) + attach(
            &mut batch.reviews,
            |review| review.id,
            self.review_photos,
            |review, it| review.photos.push(it),
        ) + attach(
            &mut batch.reviews,
            |review| review.id,
            self.values,
            |review, it| review.characteristics.push(it),
        ) + attach(
            &mut batch.answers,
            |answer| answer.id,
            self.answer_photos,
            |answer, it| answer.photos.push(it),
        );
        if lost == 0 { Ok(batch) } else { Err(lost) }
    }
}

/// Hands each child to its parent, both by ascending id; how many had none.
fn attach<P, T>(
    parents: &mut [P],
    id: fn(&P) -> i64,
    mut children: Vec<Child<T>>,
    take: fn(&mut P, T),
) -> usize {
    children.sort_unstable_by_key(|(parent, id, _)| (*parent, *id));
    let (mut at, mut lost) = (0, 0);
    for (of, _, child) in children {
        while parents.get(at).is_some_and(|parent| id(parent) < of) {
            at += 1;
        }
        match parents.get_mut(at).filter(|parent| id(parent) == of) {
            Some(parent) => take(parent, child),
            None => lost += 1,
        }
    }
    lost
}

/// The number in a column that holds one in every row.
fn number(row: &Row<'_>, column: usize) -> i64 {
    row.int(column).unwrap_or_default()
}

/// The text in a column; empty for NULL, as it is served.
fn text(row: &mut Row<'_>, column: usize) -> String {
    row.take_text(column).unwrap_or_default()
}

fn product(mut row: Row<'_>, now: Millis) -> Product {
    Product {
        id: row.id.into(),
        name: text(&mut row, 1),
        slogan: text(&mut row, 2),
        description: text(&mut row, 3),
        category: text(&mut row, 4),
        default_price: Cents(number(&row, 5)),
        created_at: now,
        updated_at: now,
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

fn characteristic(mut row: Row<'_>) -> Characteristic {
    Characteristic {
        id: row.id.into(),
        product_id: number(&row, 1),
        name: text(&mut row, 2),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_find_their_parents_in_any_order_and_strays_are_counted() {
        let mut parents = vec![(1, vec![]), (4, vec![]), (9, vec![])];
        let children = vec![
            (9, 3, 'c'),
            (4, 8, 'b'),
            (9, 2, 'a'),
            (5, 1, 'x'),
            (10, 1, 'y'),
            (0, 1, 'z'),
        ];
        let lost = attach(
            &mut parents,
            |parent| parent.0,
            children,
            |parent, child| parent.1.push(child),
        );
        assert_eq!(lost, 3);
        assert_eq!(parents, [(1, vec![]), (4, vec!['b']), (9, vec!['a', 'c'])]);
    }
}
