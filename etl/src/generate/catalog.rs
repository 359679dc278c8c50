//! Writes the files of the product side.

use std::io;

use crate::generate::characteristic_ratings::characteristics;
use crate::generate::csv_writer::CsvFileWriter;
use crate::generate::dataset_spec::{DatasetSpec, ProductKind, Stream};
use crate::generate::defect::{Mutation, ParentState};
use crate::generate::defect_placement::{DefectPlacement, PlacedDefect};
use crate::generate::expected::ExpectedRow;
use crate::generate::image_urls::ImageUrls;
use crate::generate::known_defects::{
    UNCLOSED_QUOTES, WRONG_SCHEME, has_zero_relation, photo_id, swap_neighbours,
};
use crate::generate::rows::{RowRef, rows};
use crate::generate::vocabulary::{Phrase, pick};
use crate::rules::outcome::RejectReason;
use crate::schema::LegacyFile;

/// Bit of `photos.thumbnail_url` in a set of columns.
const THUMBNAIL: u16 = 1 << 3;

pub(crate) fn products(spec: &DatasetSpec, out: &mut CsvFileWriter<'_>) -> io::Result<()> {
    let (category, name) = (Phrase::load("category"), Phrase::load("given name"));
    let (number, slogan) = (Phrase::load("model number"), Phrase::load("slogan"));
    let description = Phrase::load("description");
    for row in rows(spec, LegacyFile::Product) {
        let rng = &mut spec.rng(LegacyFile::Product, Stream::Values, row.row);
        out.begin(row.row);
        if let Some(head) = spec.head_product(row.row) {
            for text in head.texts {
                out.text(text);
            }
        } else {
            let category = pick(rng, category.part(row.kind as usize));
            let name = name.word(rng);
            match rng.u8(..10) {
                0 => out.text(&format!("{name} {} {category}", number.word(rng))),
                _ => out.text(&format!("{name} {category}")),
            }
            out.quoted(|out| slogan.write(rng, out));
            let sentences = rng.u8(2..=3);
            out.quoted(|out| description.write_sentences(sentences, rng, out));
            out.text(category);
        }
        out.number(spec.price(row.row));
        out.end(&ExpectedRow::of(&row))?;
    }
    Ok(())
}

pub(crate) fn features(spec: &DatasetSpec, out: &mut CsvFileWriter<'_>) -> io::Result<()> {
    let (feature, label) = (Phrase::load("feature"), Phrase::load("label"));
    for row in rows(spec, LegacyFile::Features) {
        let rng = &mut spec.rng(LegacyFile::Features, Stream::Values, row.row);
        out.begin(row.row);
        out.number(row.parent);
        if rng.u8(..100) < 46 {
            out.text(label.word(rng));
            out.word("null");
        } else if let [name, values @ ..] = feature.pick_part(rng) {
            out.text(name);
            out.text(pick(rng, values));
        }
        out.end(&ExpectedRow::of(&row))?;
    }
    Ok(())
}

pub(crate) fn styles(spec: &DatasetSpec, out: &mut CsvFileWriter<'_>) -> io::Result<()> {
    let colour = Phrase::load("colour");
    let mut product_with_default = 0;
    for row in rows(spec, LegacyFile::Styles) {
        let rng = &mut spec.rng(LegacyFile::Styles, Stream::Values, row.row);
        let is_default =
            is_default(spec, &row) || PlacedDefect::is(row.defect, Mutation::TwoDefaults);
        let original_price = match rng.u8(..100) {
            0..9 => rng.u64(2..=1_250),
            _ => spec.price(row.product),
        };
        out.begin(row.row);
        out.number(row.parent);
        let name = colour.word(rng);
        match rng.u8(..100) {
            0..15 => out.text(&format!("{name} & {}", colour.word(rng))),
            _ => out.text(name),
        }
        match rng.u8(..100) {
            0..11 if original_price > 1 => out.number(rng.u64(1..original_price)),
            _ => out.word("null"),
        }
        out.number(original_price);
        out.number(u64::from(is_default));
        if is_default && row.loaded {
            if product_with_default == row.product {
                out.warn_two_defaults();
            }
            product_with_default = row.product;
        }
        out.end(&ExpectedRow::of(&row))?;
    }
    Ok(())
}

/// Whether a style is the default: the first of nearly all products, rarely the second, or none.
fn is_default(spec: &DatasetSpec, row: &RowRef) -> bool {
    let mut rng = spec.rng(LegacyFile::Styles, Stream::DefaultStyles, row.product);
    match rng.u16(..1_000) {
        _ if matches!(row.product, 7 | 9) => false,
        0..980 => row.index == 0,
        980..985 if row.siblings > 1 => row.index == 1,
        _ => false,
    }
}

pub(crate) fn photos(spec: &DatasetSpec, out: &mut CsvFileWriter<'_>) -> io::Result<()> {
    let urls = ImageUrls::new(spec, LegacyFile::Photos);
    swap_neighbours(rows(spec, LegacyFile::Photos), true, |row| {
        let id = photo_id(row.row);
        let mut rng = spec.rng(LegacyFile::Photos, Stream::Values, row.row);
        let [url, thumbnail] = urls.pick(&mut rng);
        let mut expected = ExpectedRow::new(id, row.parent_loaded, row.defect);
        out.begin(id);
        out.number(row.parent);
        out.text(url);
        out.open_quote();
        if id == WRONG_SCHEME {
            out.push_str("u");
            expected.known_defect = Some("U_PREFIX");
        }
        out.push_str(thumbnail);
        if UNCLOSED_QUOTES.contains(&id) {
            expected.known_defect = Some("UNTERMINATED_QUOTE_EOL");
        } else {
            out.push_str("\"");
        }
        if expected.known_defect.is_some() {
            expected.repaired_columns = THUMBNAIL;
        }
        out.end(&expected)
    })
}

pub(crate) fn skus(spec: &DatasetSpec, out: &mut CsvFileWriter<'_>) -> io::Result<()> {
    let (sizes, shoe_sizes) = (Phrase::load("size"), Phrase::load("shoe size"));
    swap_neighbours(rows(spec, LegacyFile::Skus), false, |row| {
        let mut rng = spec.rng(LegacyFile::Skus, Stream::Values, row.row);
        let index = usize::try_from(row.index).unwrap_or(0);
        let size = match row.kind {
            ProductKind::Shoes => shoe_sizes.part(0)[index],
            // Known defect: style 1 has the size XL twice.
            _ if row.row == 6 => "XL",
            _ => sizes.part(0)[index],
        };
        out.begin(row.row);
        out.number(row.parent);
        out.text(size);
        out.number(rng.u64(..66));
        out.end(&ExpectedRow::of(row))
    })
}

pub(crate) fn related(spec: &DatasetSpec, out: &mut CsvFileWriter<'_>) -> io::Result<()> {
    let product_defects = DefectPlacement::new(spec, LegacyFile::Product);
    for row in rows(spec, LegacyFile::Related) {
        let mut rng = spec.rng(LegacyFile::Related, Stream::Values, row.row);
        let mut expected = ExpectedRow::of(&row);
        let target = if row.index == 0 && has_zero_relation(row.product, spec.options.products) {
            expected.defect = None;
            expected.known_defect = Some("ZERO_RELATED");
            expected.parents[1] = ParentState::Zero;
            0
        } else {
            let target = if PlacedDefect::is(row.defect, Mutation::SelfRelation) {
                row.product
            } else {
                rng.u64(1..=spec.options.products)
            };
            let is_loaded = !product_defects
                .at(target)
                .is_some_and(PlacedDefect::rejects);
            expected.parents[1] = ParentState::of(is_loaded);
            target
        };
        out.begin(row.row);
        out.number(row.parent);
        out.number(target);
        out.end(&expected)?;
    }
    Ok(())
}

/// Writes the cart of the original site: sessions, and their products at the head.
pub(crate) fn cart(spec: &DatasetSpec, out: &mut CsvFileWriter<'_>) -> io::Result<()> {
    const SESSIONS: [(u64, &[u64]); 3] =
        [(2201, &[1, 4, 6]), (2202, &[2, 5, 8, 1]), (2203, &[2, 2])];
    let items = SESSIONS.iter();
    let items = items.flat_map(|(session, products)| products.iter().map(move |it| (session, it)));
    for (row, (session, product)) in (1..).zip(items) {
        out.begin(row);
        out.number(*session);
        out.number((product - 1) % spec.options.products + 1);
        out.number(1);
        out.end(&ExpectedRow::new(row, true, out.defect(row)))?;
    }
    Ok(())
}

pub(crate) fn write_characteristics(
    spec: &DatasetSpec,
    out: &mut CsvFileWriter<'_>,
) -> io::Result<()> {
    for characteristic in characteristics(spec) {
        let row = characteristic.row;
        out.begin(row.row);
        out.number(row.parent);
        out.text(characteristic.name);
        let mut expected = ExpectedRow::of(&row);
        expected.reject = characteristic.is_duplicate.then_some(RejectReason::DupName);
        out.end(&expected)?;
    }
    Ok(())
}
