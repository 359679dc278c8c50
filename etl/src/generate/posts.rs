//! The files of reviews, questions and answers, row by row.

use std::io;

use super::dirt::Act;
use super::line::Line;
use super::marks;
use super::out::Out;
use super::random::Random;
use super::row::{Row, state};
use super::streams::{self, Node};
use super::urls::Urls;
use super::words::{ANSWERS, FAMILY, GIVEN, INITIALS, QUESTIONS, RESPONSES, REVIEWS, SUMMARIES};
use super::{Set, damage};
use crate::rules::outcome::Reason;
use crate::schema::LegacyFile;

/// The first millisecond of May 2020, and the days from there to the end of March 2021.
const MAY_2020: u64 = 1_588_291_200_000;
const DAYS: u64 = 335;
const DAY: u64 = 86_400_000;

/// Columns of dates and of the booleans of reviews, as bits.
const DATE: u16 = 1 << 3;
const FLAGS: u16 = 1 << 6 | 1 << 7;

pub(super) fn reviews(set: &Set, out: &mut Out) -> io::Result<()> {
    let seed = set.text_seed(LegacyFile::Reviews);
    // In the early files the words come first, the digits later.
    let words = set.plan.rows(LegacyFile::Reviews) / 5;
    for node in streams::reviews(set) {
        let random = &mut Random::of(seed, node.row);
        let mut row = Row::new(node.row, node.parent_loaded, node.spot);
        let line = &mut out.line;
        line.begin();
        line.number(node.row);
        line.number(node.parent);
        line.number(1 + random.below(5));
        date(set, line, random, &mut row);
        line.text([random.word(&SUMMARIES[0]), random.word(&SUMMARIES[1])]);
        line.open();
        for sentence in 0..2 + random.below(4) {
            if sentence > 0 {
                line.add(" ");
            }
            for words in &REVIEWS {
                line.add(random.word(words));
            }
            line.add(".");
        }
        line.close();
        let digits = set.early && node.row > words;
        if digits {
            row.repaired |= FLAGS;
        }
        for flag in [random.chance(780), random.chance(50)] {
            line.word(match (digits, flag) {
                (true, true) => "1",
                (true, false) => "0",
                (false, true) => "true",
                (false, false) => "false",
            });
        }
        person(line, random, &node, false);
        if random.chance(110) {
            line.text([random.word(&RESPONSES[0]), random.word(&RESPONSES[1])]);
        } else {
            line.word("null");
        }
        line.number(random.below(21));
        out.end(&row)?;
    }
    Ok(())
}

pub(super) fn reviews_photos(set: &Set, out: &mut Out) -> io::Result<()> {
    pictures(
        set,
        out,
        LegacyFile::ReviewsPhotos,
        streams::reviews_photos(set),
    )
}

pub(super) fn answers_photos(set: &Set, out: &mut Out) -> io::Result<()> {
    pictures(
        set,
        out,
        LegacyFile::AnswersPhotos,
        streams::answers_photos(set),
    )
}

fn pictures(
    set: &Set,
    out: &mut Out,
    file: LegacyFile,
    nodes: impl Iterator<Item = Node>,
) -> io::Result<()> {
    let seed = set.text_seed(file);
    let urls = Urls::new(seed, set.url_length);
    damage::swapped(nodes, damage::swaps, |node| {
        let (url, _) = urls.pick(&mut Random::of(seed, node.row));
        out.line.begin();
        out.line.number(node.row);
        out.line.number(node.parent);
        out.line.text([url]);
        out.end(&Row::new(node.row, node.parent_loaded, node.spot))
    })
}

pub(super) fn characteristic_reviews(set: &Set, out: &mut Out) -> io::Result<()> {
    let seed = set.text_seed(LegacyFile::CharacteristicReviews);
    marks::marks(set, |mark| {
        let (characteristic, loaded) = mark.characteristic;
        out.line.begin();
        out.line.number(mark.row);
        out.line.number(characteristic);
        out.line.number(mark.review.row);
        out.line.number(1 + Random::of(seed, mark.row).below(5));
        let mut row = Row::new(mark.row, loaded, mark.spot);
        row.parents[1] = state(mark.review.loaded);
        let crosses = mark
            .spot
            .is_some_and(|spot| spot.dirt.act == Act::OtherProduct);
        row.defect = crosses.then_some(Reason::Cross);
        out.end(&row)
    })
}

pub(super) fn questions(set: &Set, out: &mut Out) -> io::Result<()> {
    let seed = set.text_seed(LegacyFile::Questions);
    for node in streams::questions(set) {
        let random = &mut Random::of(seed, node.row);
        let mut row = Row::new(node.row, node.parent_loaded, node.spot);
        let line = &mut out.line;
        line.begin();
        line.number(node.row);
        line.number(node.parent);
        line.open();
        for words in &QUESTIONS {
            line.add(random.word(words));
        }
        line.close();
        date(set, line, random, &mut row);
        person(line, random, &node, false);
        line.number(u64::from(random.chance(50)));
        line.number(random.below(26));
        out.end(&row)?;
    }
    Ok(())
}

pub(super) fn answers(set: &Set, out: &mut Out) -> io::Result<()> {
    let seed = set.text_seed(LegacyFile::Answers);
    for node in streams::answers(set) {
        let random = &mut Random::of(seed, node.row);
        let mut row = Row::new(node.row, node.parent_loaded, node.spot);
        let line = &mut out.line;
        line.begin();
        line.number(node.row);
        line.number(node.parent);
        line.open();
        for sentence in 0..=random.below(3) {
            if sentence > 0 {
                line.add(" ");
            }
            for words in &ANSWERS {
                line.add(random.word(words));
            }
        }
        line.close();
        date(set, line, random, &mut row);
        let is_seller = random.chance(30);
        person(line, random, &node, is_seller);
        line.number(u64::from(random.chance(50)));
        line.number(random.below(26));
        out.end(&row)?;
    }
    Ok(())
}

/// Milliseconds, or in the early files a day in quotes.
fn date(set: &Set, line: &mut Line, random: &mut Random, row: &mut Row) {
    if set.early {
        let day: &String = random.pick(&set.early_days);
        line.text([day]);
        row.repaired |= DATE;
    } else {
        line.number(MAY_2020 + random.below(DAYS * DAY));
    }
}

/// A name and an e-mail address, which is one and the same on all rows of the hand-made products.
fn person(line: &mut Line, random: &mut Random, node: &Node, is_seller: bool) {
    let given = random.word(&GIVEN);
    let family = random.word(&FAMILY);
    let number = random.below(1_000);
    if is_seller {
        line.text(["Seller"]);
    } else {
        line.open();
        line.add(given);
        if number < 600 {
            line.add(" ");
            line.add(random.word(&INITIALS));
            line.add(".");
        } else {
            line.digits(number % 100);
        }
        line.close();
    }
    if node.product <= 11 {
        line.text(["first.last@mail.example"]);
    } else {
        line.open();
        line.add(family);
        line.add(".");
        line.digits(number);
        line.add("@mail.example");
        line.close();
    }
}
