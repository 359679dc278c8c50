//! Tests of how lines are joined to records.

use std::fmt::Write;

use super::*;
use crate::schema::LegacyFile;

/// Returns line, joined lines, shape and fields of each record.
fn read(file: LegacyFile, text: &str) -> Vec<(u64, u64, Shape, Vec<String>)> {
    let mut records = Records::new(file.schema(), text.as_bytes()).expect("a header");
    let mut found = Vec::new();
    while let Some(record) = records.next().expect("readable") {
        let fields = (0..).map_while(|column| record.fields.get(column));
        let fields = fields
            .map(|field| record.text[field.start..field.end].to_owned())
            .collect();
        found.push((record.line, record.joined, record.shape, fields));
    }
    let lines: u64 = found.iter().map(|(_, joined, ..)| joined + 1).sum();
    assert_eq!(
        records.lines(),
        lines + u64::from(records.has_header()),
        "every line belongs to one record"
    );
    found
}

fn shapes(file: LegacyFile, text: &str) -> Vec<(u64, u64, usize)> {
    read(file, text)
        .into_iter()
        .map(|(line, joined, _, fields)| (line, joined, fields.len()))
        .collect()
}

#[test]
fn quoted_text_continues_over_lines_until_its_quote_is_closed() {
    let found = read(
        LegacyFile::Features,
        "1,1,\"a\n\nb, \"\"c\"\"\",\"v\"\n2,1,\"x\",null",
    );
    assert_eq!(
        found[0],
        (
            1,
            2,
            Shape::Complete,
            ["1", "1", "a\n\nb, \"\"c\"\"", "v"]
                .map(str::to_owned)
                .to_vec()
        )
    );
    assert_eq!(found[1].0, 4);
}

#[test]
fn complete_record_on_the_next_line_means_the_quote_was_never_closed() {
    let text = "id,product_id,feature,value\n1,1,\"open,null\n2,1,\"x\",\"y\"\n3,1,\"z\",null";
    assert_eq!(
        shapes(LegacyFile::Features, text),
        [(2, 0, 4), (3, 0, 4), (4, 0, 4)]
    );
}

#[test]
fn complete_record_between_two_unclosed_quotes_is_not_joined() {
    // A reader that follows the quote sees one record of four columns.
    let text = "1,1,\"open\n2,1,Sole,Rubber\n3,1,closing\",null\n";
    assert_eq!(
        shapes(LegacyFile::Features, text),
        [(1, 0, 3), (2, 0, 4), (3, 0, 3)]
    );
}

#[test]
fn quote_that_is_never_closed_leaves_the_first_line_alone() {
    // The end of the file; a record that ends with too few columns; a quote where none may stand.
    for rest in [
        "more\nand more",
        "more\"\nand more",
        "more\" x\nand more",
        "more\"\n,\"x\"",
    ] {
        let text = format!("1,1,\"open\n{rest}");
        let found = read(LegacyFile::Features, &text);
        assert_eq!(
            (found.len(), found[0].1, found[0].2),
            (3, 0, Shape::WrongColumns),
            "{text}"
        );
    }
}

#[test]
fn at_most_fifty_lines_are_joined() {
    for (lines, joined) in [(50, 50), (51, 0)] {
        let text = format!("1,1,\"{}\",null\n", "text\n".repeat(lines));
        assert_eq!(read(LegacyFile::Features, &text)[0].1, joined, "{lines}");
    }
}

#[test]
fn record_of_a_photo_file_is_one_line_despite_open_quotes() {
    // Two pairs of unclosed quotes: a reader that follows quotes across lines would silently lose four records.
    let mut text = String::from("id,styleId,url,thumbnail_url\n");
    for id in 1..=10 {
        let end = if [2, 4, 7, 10].contains(&id) {
            ""
        } else {
            "\""
        };
        writeln!(
            text,
            "{id},1,\"https://img.test/{id}?w=1\",\"https://img.test/{id}?w=3{end}"
        )
        .expect("a text takes it");
    }
    let found = read(LegacyFile::Photos, &text);
    assert_eq!(found.len(), 10);
    for (at, (line, joined, shape, fields)) in found.into_iter().enumerate() {
        assert_eq!((line, joined, shape), (at as u64 + 2, 0, Shape::Complete));
        assert_eq!(fields[3], format!("https://img.test/{}?w=3", at + 1));
    }
}

#[test]
fn record_of_a_photo_file_is_not_joined_where_others_would_be() {
    let text = "1,1,\"https://img.test/1\",\"https://img.test/1?w=3\nis no record\"\n";
    let found = read(LegacyFile::Photos, text);
    assert_eq!(
        (found.len(), found[0].1, found[0].2),
        (2, 0, Shape::Complete)
    );
    assert_eq!(found[1].2, Shape::WrongColumns);
}

#[test]
fn blank_lines_are_records_of_their_own() {
    let found = read(LegacyFile::Related, "1,2,3\n \t\u{A0}\r\n\n2,2");
    assert_eq!(
        found.iter().map(|record| record.2).collect::<Vec<_>>(),
        [
            Shape::Complete,
            Shape::Blank,
            Shape::Blank,
            Shape::WrongColumns
        ]
    );
}

#[test]
fn encoding_is_detected_line_by_line() {
    let mut records = Records::new(
        LegacyFile::Features.schema(),
        &b"1,1,\"a\n\xE9\",null\n2,1,\"b\",null"[..],
    )
    .expect("data");
    let first = records.next().expect("readable").expect("a record");
    assert_eq!((first.text, first.repaired), ("1,1,\"a\né\",null", true));
    let second = records.next().expect("readable").expect("a record");
    assert_eq!(
        (second.offset, second.repaired, second.id()),
        (15, false, "2")
    );
}
