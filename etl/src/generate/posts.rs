//! Writes the files of reviews, questions and answers.

use std::io;

use fastrand::Rng;

use crate::generate::characteristic_ratings::for_each_rating;
use crate::generate::csv_writer::CsvFileWriter;
use crate::generate::dataset_spec::{DatasetSpec, Stream};
use crate::generate::defect::{Mutation, ParentState};
use crate::generate::defect_placement::PlacedDefect;
use crate::generate::expected::ExpectedRow;
use crate::generate::image_urls::ImageUrls;
use crate::generate::known_defects::swap_neighbours;
use crate::generate::rows::{RowRef, rows};
use crate::generate::vocabulary::Phrase;
use crate::rules::outcome::RejectReason;
use crate::schema::LegacyFile;

/// First and last millisecond of dates: May 2020 to March 2021.
const FIRST_DATE: u64 = 1_588_291_200_000;
const LAST_DATE: u64 = 1_617_235_199_999;

/// Months of the early format, May 2018 to April 2019, with their days.
#[rustfmt::skip]
const EARLY_MONTHS: [(&str, u8); 12] = [
    ("2018-05", 31), ("2018-06", 30), ("2018-07", 31), ("2018-08", 31), ("2018-09", 30), ("2018-10", 31),
    ("2018-11", 30), ("2018-12", 31), ("2019-01", 31), ("2019-02", 28), ("2019-03", 31), ("2019-04", 30),
];

/// In the early format, booleans of reviews are words in the first part of the file, and digits later.
const EARLY_WORD_REVIEWS: u64 = 1_000;

/// Bits of columns of dates, and of the booleans of reviews.
const DATE: u16 = 1 << 3;
const FLAGS: u16 = 1 << 6 | 1 << 7;

/// Writes names, email addresses and dates.
struct Author<'s> {
    spec: &'s DatasetSpec,
    given_name: Phrase,
    family_name: Phrase,
    initial: Phrase,
}

impl<'s> Author<'s> {
    fn new(spec: &'s DatasetSpec) -> Self {
        Self {
            spec,
            given_name: Phrase::load("given name"),
            family_name: Phrase::load("family name"),
            initial: Phrase::load("initial"),
        }
    }

    /// Writes a name and an email address, which is the same in all rows of the hand-made products.
    fn write(&self, row: &RowRef, is_seller: bool, rng: &mut Rng, out: &mut CsvFileWriter<'_>) {
        let number = rng.u64(..1_000);
        out.quoted(|out| match number {
            _ if is_seller => out.push_str("Seller"),
            0..600 => {
                out.push_str(self.given_name.word(rng));
                out.push_str(" ");
                out.push_str(self.initial.word(rng));
                out.push_str(".");
            }
            _ => {
                out.push_str(self.given_name.word(rng));
                out.push_number(number % 100);
            }
        });
        if self.spec.head_product(row.product).is_some() {
            return out.text("first.last@mail.example");
        }
        out.quoted(|out| {
            out.push_str(self.family_name.word(rng));
            out.push_str(".");
            out.push_number(number);
            out.push_str("@mail.example");
        });
    }

    /// Writes a date in milliseconds, or in the early format a day in quotes.
    fn write_date(&self, rng: &mut Rng, out: &mut CsvFileWriter<'_>, row: &mut ExpectedRow) {
        if self.spec.is_early {
            let (month, days) = EARLY_MONTHS[rng.usize(..12)];
            out.text(&format!("{month}-{:02}", rng.u8(1..=days)));
            row.repaired_columns |= DATE;
        } else {
            out.number(rng.u64(FIRST_DATE..=LAST_DATE));
        }
    }
}

pub(crate) fn reviews(spec: &DatasetSpec, out: &mut CsvFileWriter<'_>) -> io::Result<()> {
    let (author, summary) = (Author::new(spec), Phrase::load("summary"));
    let (body, response) = (Phrase::load("review"), Phrase::load("response"));
    for row in rows(spec, LegacyFile::Reviews) {
        let rng = &mut spec.rng(LegacyFile::Reviews, Stream::Values, row.row);
        let mut expected = ExpectedRow::of(&row);
        out.begin(row.row);
        out.number(row.parent);
        out.number(rng.u64(1..=5));
        author.write_date(rng, out, &mut expected);
        out.quoted(|out| summary.write(rng, out));
        let sentences = rng.u8(2..=5);
        out.quoted(|out| body.write_sentences(sentences, rng, out));
        let is_digits = spec.is_early && row.row > EARLY_WORD_REVIEWS;
        if is_digits {
            expected.repaired_columns |= FLAGS;
        }
        for flag in [rng.u8(..100) < 78, rng.u8(..100) < 5] {
            out.word(match (is_digits, flag) {
                (true, true) => "1",
                (true, false) => "0",
                (false, true) => "true",
                (false, false) => "false",
            });
        }
        author.write(&row, false, rng, out);
        match rng.u8(..100) {
            0..11 => out.quoted(|out| response.write(rng, out)),
            _ => out.word("null"),
        }
        out.number(rng.u64(..=20));
        out.end(&expected)?;
    }
    Ok(())
}

/// Writes the photos of reviews or of answers.
pub(crate) fn photos(
    spec: &DatasetSpec,
    file: LegacyFile,
    out: &mut CsvFileWriter<'_>,
) -> io::Result<()> {
    let urls = ImageUrls::new(spec, file);
    swap_neighbours(rows(spec, file), false, |row| {
        let [url, _] = urls.pick(&mut spec.rng(file, Stream::Values, row.row));
        out.begin(row.row);
        out.number(row.parent);
        out.text(url);
        out.end(&ExpectedRow::of(row))
    })
}

pub(crate) fn characteristic_reviews(
    spec: &DatasetSpec,
    out: &mut CsvFileWriter<'_>,
) -> io::Result<()> {
    for_each_rating(spec, |rating| {
        let mut rng = spec.rng(
            LegacyFile::CharacteristicReviews,
            Stream::Values,
            rating.row,
        );
        out.begin(rating.row);
        out.number(rating.characteristic);
        out.number(rating.review.row);
        out.number(rng.u64(1..=5));
        let mut expected =
            ExpectedRow::new(rating.row, rating.characteristic_loaded, rating.defect);
        expected.parents[1] = ParentState::of(rating.review.loaded);
        let is_cross = PlacedDefect::is(rating.defect, Mutation::OtherProduct);
        expected.reject = is_cross.then_some(RejectReason::Cross);
        out.end(&expected)
    })
}

/// Writes questions or answers, which have the same columns.
pub(crate) fn questions_or_answers(
    spec: &DatasetSpec,
    file: LegacyFile,
    out: &mut CsvFileWriter<'_>,
) -> io::Result<()> {
    let is_answers = file == LegacyFile::Answers;
    let author = Author::new(spec);
    let body = Phrase::load(if is_answers { "answer" } else { "question" });
    for row in rows(spec, file) {
        let rng = &mut spec.rng(file, Stream::Values, row.row);
        let mut expected = ExpectedRow::of(&row);
        out.begin(row.row);
        out.number(row.parent);
        let sentences = if is_answers { rng.u8(1..=3) } else { 1 };
        out.quoted(|out| body.write_sentences(sentences, rng, out));
        author.write_date(rng, out, &mut expected);
        let is_seller = is_answers && rng.u8(..100) < 3;
        author.write(&row, is_seller, rng, out);
        out.number(u64::from(rng.u8(..100) < 5));
        out.number(rng.u64(..=25));
        out.end(&expected)?;
    }
    Ok(())
}
