use super::*;
use crate::generate::{Generate, Set, Vintage, marks, streams};

const ROWS_AT_FULL_SIZE: [(LegacyFile, u64); 14] = [
    (LegacyFile::Product, 1_000_011),
    (LegacyFile::Features, 2_219_279),
    (LegacyFile::Styles, 1_958_102),
    (LegacyFile::Photos, 5_655_656),
    (LegacyFile::Skus, 11_323_917),
    (LegacyFile::Related, 4_508_263),
    (LegacyFile::Cart, 9),
    (LegacyFile::Reviews, 5_774_952),
    (LegacyFile::Characteristics, 3_347_679),
    (LegacyFile::ReviewsPhotos, 2_742_540),
    (LegacyFile::CharacteristicReviews, 19_327_575),
    (LegacyFile::Questions, 3_518_963),
    (LegacyFile::Answers, 6_879_306),
    (LegacyFile::AnswersPhotos, 2_063_759),
];

fn set(products: u64) -> Set {
    Set::new(&Generate {
        dir: "nowhere".into(),
        products,
        seed: 5,
        dirt: 0.0,
        vintage: Vintage::Late,
        no_features_header: false,
        url_length: None,
    })
}

#[test]
fn the_full_size_has_the_counts_of_the_data_set() {
    let plan = Plan::new(FULL);
    for (file, rows) in ROWS_AT_FULL_SIZE {
        assert_eq!(plan.rows(file), rows, "{file:?}");
    }
    let goods: [u64; 3] = [0, 1, 2].map(|kind| {
        let head = plan
            .head
            .iter()
            .chain(&plan.last)
            .filter(|goods| **goods as usize == kind);
        plan.between[kind] + head.count() as u64
    });
    assert_eq!(goods, [565_179, 217_377, 217_455]);
    assert_eq!(
        plan.skus.surplus, 0,
        "six and eleven skus come to the total"
    );
    assert_eq!(plan.zero_relations, 58);
    let styles: Vec<u64> = HAND.iter().map(|hand| hand.styles).collect();
    assert_eq!(styles, [6, 4, 6, 9, 4, 2, 5, 9, 1, 6, 0]);
    assert_eq!(plan.styles.head, styles);
    assert_eq!(plan.photos.head[6..10], [0; 4]);
    assert_eq!(plan.reviews.last, Some((FULL, 11)));
    assert_eq!(plan.questions.last, Some((FULL, 10)));
}

/// The rows that the streams give for a file.
fn streamed(set: &Set, file: LegacyFile) -> u64 {
    let rows = match file {
        LegacyFile::Product => streams::Products::new(set).count(),
        LegacyFile::Features => streams::features(set).count(),
        LegacyFile::Styles => streams::styles(set).count(),
        LegacyFile::Photos => streams::photos(set).count(),
        LegacyFile::Skus => streams::skus(set).count(),
        LegacyFile::Related => streams::related(set).count(),
        LegacyFile::Cart => 9,
        LegacyFile::Reviews => streams::reviews(set).count(),
        LegacyFile::Characteristics => marks::characteristics(set).count(),
        LegacyFile::ReviewsPhotos => streams::reviews_photos(set).count(),
        LegacyFile::Questions => streams::questions(set).count(),
        LegacyFile::Answers => streams::answers(set).count(),
        LegacyFile::AnswersPhotos => streams::answers_photos(set).count(),
        LegacyFile::CharacteristicReviews => {
            let mut rows = 0;
            marks::marks(set, |_| {
                rows += 1;
                Ok(())
            })
            .expect("nothing can fail");
            rows
        }
    };
    rows as u64
}

#[test]
fn every_size_has_as_many_rows_as_planned() {
    for products in (1..=100).chain([333, 1_000, 5_000]) {
        let set = set(products);
        for (file, full) in ROWS_AT_FULL_SIZE {
            let rows = set.plan.rows(file);
            assert_eq!(
                streamed(&set, file),
                rows,
                "{file:?} of {products} products"
            );
            let exact = !matches!(
                file,
                LegacyFile::Cart | LegacyFile::Characteristics | LegacyFile::CharacteristicReviews
            );
            assert!(
                !exact || rows == scaled(full, products),
                "{file:?} of {products}"
            );
        }
    }
}

#[test]
fn the_largest_set_can_be_planned() {
    let plan = Plan::new(crate::generate::MOST_PRODUCTS);
    let most = LAST_ID / plan.rows(LegacyFile::CharacteristicReviews);
    assert_eq!(most, 1, "the ids fit, and not twice");
}

const LAST_ID: u64 = 2_147_483_647;
