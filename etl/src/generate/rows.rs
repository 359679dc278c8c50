//! Structure of the data set: the rows of each file with their parents, in file order, without their values.
//!
//! Rows are streamed, not stored: a file whose rows depend on those of another generates these again.

use crate::generate::dataset_spec::{DatasetSpec, ProductKind, Stream};
use crate::generate::defect_placement::{DefectPlacement, PlacedDefect};
use crate::schema::{ColumnType, LegacyFile};

/// Number of answers at the head whose questions are in random order.
const SHUFFLED_ANSWERS: usize = 60;

/// Photos of the styles of the hand-made products: count, and number of styles. With these numbers, the known unclosed
/// quotes are in styles 12 to 45.
const HEAD_PHOTOS: [(u64, usize); 6] = [(6, 6), (0, 4), (6, 21), (11, 8), (6, 6), (4, 7)];

/// Reviews and questions of the last product.
const LAST_REVIEWS: u64 = 11;
const LAST_QUESTIONS: u64 = 10;

/// Row of a file, without its values.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowRef {
    /// Row number from 1. Equals the id, except in `photos.csv`.
    pub(crate) row: u64,
    /// Row number of the parent.
    pub(crate) parent: u64,
    pub(crate) parent_loaded: bool,
    /// Product that the row belongs to, and its kind.
    pub(crate) product: u64,
    pub(crate) kind: ProductKind,
    /// Index among the children of the parent, and their number.
    pub(crate) index: u64,
    pub(crate) siblings: u64,
    pub(crate) defect: Option<PlacedDefect>,
    /// Whether the row is loaded.
    pub(crate) loaded: bool,
}

/// Iterator over the rows of a file.
pub(crate) type Rows<'s> = Box<dyn Iterator<Item = RowRef> + 's>;

/// Returns the rows of a file. Not for `cart.csv` and `characteristic_reviews.csv`, which have another structure.
pub(crate) fn rows(spec: &DatasetSpec, file: LegacyFile) -> Rows<'_> {
    let mut columns = file.schema().columns.iter();
    let parent = columns.find_map(|column| match column.kind {
        ColumnType::Parent(parent) => Some(parent),
        _ => None,
    });
    match (parent, file) {
        (None, _) => products(spec),
        (Some(parent), LegacyFile::Answers) => shuffle_head(spec, children(spec, file, parent)),
        (Some(parent), _) => children(spec, file, parent),
    }
}

fn products(spec: &DatasetSpec) -> Rows<'_> {
    let defects = DefectPlacement::new(spec, LegacyFile::Product);
    Box::new((1..=spec.options.products).map(move |row| {
        let kind = match spec.head_product(row) {
            Some(head) => head.kind,
            None => match spec
                .rng(LegacyFile::Product, Stream::Structure, row)
                .u8(..23)
            {
                0..13 => ProductKind::Clothing,
                13..18 => ProductKind::Shoes,
                _ => ProductKind::Accessories,
            },
        };
        let defect = defects.at(row);
        RowRef {
            row,
            parent: 0,
            parent_loaded: true,
            product: row,
            kind,
            index: 0,
            siblings: 1,
            defect,
            loaded: !defect.is_some_and(PlacedDefect::rejects),
        }
    }))
}

fn children(spec: &DatasetSpec, file: LegacyFile, parent_file: LegacyFile) -> Rows<'_> {
    let defects = DefectPlacement::new(spec, file);
    let families = rows(spec, parent_file).flat_map(move |parent| {
        let siblings = child_count(spec, file, &parent);
        (0..siblings).map(move |index| (parent, index, siblings))
    });
    let numbered = (1..).zip(families);
    Box::new(numbered.map(move |(row, (parent, index, siblings))| {
        let defect = defects.at(row);
        RowRef {
            row,
            parent: parent.row,
            parent_loaded: parent.loaded,
            product: parent.product,
            kind: parent.kind,
            index,
            siblings,
            defect,
            loaded: parent.loaded && !defect.is_some_and(PlacedDefect::rejects),
        }
    }))
}

/// Returns the number of children of a row. The weights give the average numbers of the original files.
fn child_count(spec: &DatasetSpec, file: LegacyFile, parent: &RowRef) -> u64 {
    let weighted = |min: u64, weights: &[u64]| {
        let mut rng = spec.rng(file, Stream::Structure, parent.row);
        let mut draw = rng.u64(..weights.iter().sum::<u64>());
        for (count, weight) in (min..).zip(weights) {
            match draw.checked_sub(*weight) {
                Some(rest) => draw = rest,
                None => return count,
            }
        }
        min
    };
    let is_last = parent.product == spec.options.products;
    match file {
        LegacyFile::Features => weighted(1, &[252, 390, 245, 113]),
        LegacyFile::Styles => match spec.head_product(parent.row) {
            Some(head) => head.styles,
            None => weighted(0, &[205, 246, 189, 180, 135, 25, 13, 7]),
        },
        LegacyFile::Photos => {
            let head = HEAD_PHOTOS.iter();
            let mut head = head.flat_map(|(photos, styles)| std::iter::repeat_n(*photos, *styles));
            match usize::try_from(parent.row - 1) {
                Ok(style @ 0..52) => head.nth(style).unwrap_or_default(),
                _ => weighted(1, &[199, 249, 220, 181, 101, 50]),
            }
        }
        LegacyFile::Skus => match parent.kind {
            ProductKind::Clothing => 6,
            ProductKind::Shoes => 11,
            ProductKind::Accessories => 0,
        },
        LegacyFile::Related => weighted(1, &[1; 8]),
        LegacyFile::Reviews if is_last => LAST_REVIEWS,
        LegacyFile::Reviews => weighted(0, &[87, 90, 92, 94, 97, 99, 101, 103, 106, 108, 110, 113]),
        LegacyFile::Characteristics => characteristic_names(parent.kind).len() as u64,
        LegacyFile::ReviewsPhotos if parent.row <= 4 => 3,
        LegacyFile::ReviewsPhotos => weighted(0, &[547, 434, 16, 3]),
        LegacyFile::Questions if is_last => LAST_QUESTIONS,
        LegacyFile::Questions => weighted(0, &[1; 8]),
        LegacyFile::Answers => weighted(0, &[233, 208, 200, 164, 122, 73]),
        LegacyFile::AnswersPhotos => weighted(0, &[75, 20, 5]),
        LegacyFile::Product | LegacyFile::Cart | LegacyFile::CharacteristicReviews => 0,
    }
}

/// Shuffles the first rows, and numbers them again.
fn shuffle_head<'s>(spec: &DatasetSpec, mut rows: Rows<'s>) -> Rows<'s> {
    let mut head: Vec<RowRef> = rows.by_ref().take(SHUFFLED_ANSWERS).collect();
    let mut rng = spec.rng(LegacyFile::Answers, Stream::Order, 0);
    rng.shuffle(&mut head);
    for (number, row) in (1..).zip(&mut head) {
        row.row = number;
    }
    Box::new(head.into_iter().chain(rows))
}

/// Returns the names of the characteristics of a kind of product.
pub(crate) fn characteristic_names(kind: ProductKind) -> &'static [&'static str] {
    match kind {
        ProductKind::Clothing => &["Fit", "Length", "Comfort", "Quality"],
        ProductKind::Shoes => &["Size", "Width", "Comfort", "Quality"],
        ProductKind::Accessories => &["Quality"],
    }
}
